import { describe, expect, test } from 'vitest';
import { createKernel } from './pixel-kernel.mjs';
import { createPlainKernel, NOISE_LENGTH } from './plain-kernel.mjs';

/** Both kernels with the same pictures in them; sizes that vectors of eight do not divide. */
async function twins(width, height) {
  const kernels = [createPlainKernel(width, height), await createKernel(width, height)];
  for (const k of kernels) {
    k.linear.forEach((_, i) => {
      k.linear[i] = (i * 40_503) % 65_536;
    });
    k.u.forEach((_, i) => {
      k.u[i] = 16 + ((i * 31) % 224);
      k.v[i] = 16 + ((i * 57) % 224);
    });
    k.tone.forEach((_, i) => {
      k.tone[i] = 1024 + Math.floor((i * 14_016) / 65_536);
    });
    k.strengths.forEach((_, i) => {
      k.strengths[i] = (i * 7) % 256;
    });
    k.noise.forEach((_, i) => {
      k.noise[i] = ((i * 7919) % 255) - 127;
    });
  }
  return kernels;
}

describe.each([
  [192, 108],
  [70, 22],
])('the fast kernel gives the same bytes as the plain one at %i×%i', (width, height) => {
  test.each([
    [0, 0, 0],
    [-3, 12_345, 30_000],
    [4, 32_767, 1],
    [-90, 55, 66],
  ])('noise, and shake by %i whole pixels', async (dx, wx, wy) => {
    const kernels = await twins(width, height);
    const [plain, fast] = kernels.map((k) => {
      k.develop(0, width * height);
      for (let y = 0; y < height; y++) k.shiftRow(y, Math.min(height - 1, y + 1), Math.min(height - 1, y + 2), dx, wx, wy);
      for (let y = 0; y < height; y++) k.addNoise(y, (y * 977) % NOISE_LENGTH, y % 3 > 0);
      return Buffer.from(k.out);
    });
    expect(fast.equals(plain)).toBe(true);
    expect(new Set(plain).size).toBeGreaterThan(100);
  });

  test.each([
    [0, 0, 8],
    [20_000, 7000, 8],
    [32_767, 32_767, 6],
  ])('a cut-out bent by %i and %i, %i columns', async (wx, wy, cols) => {
    const kernels = await twins(width, height);
    const [plain, fast] = kernels.map((k) => {
      const stride = 24;
      const alpha = k.allocate(Int16Array, stride * 24);
      const light = k.allocate(Int16Array, stride * 24);
      for (let i = 0; i < alpha.length; i++) {
        alpha[i] = [0, 32_767, (i * 977) % 32_768][i % 3];
        light[i] = (alpha[i] * ((i * 13) % 100)) / 100;
      }
      k.overlay({ alpha, light, stride, u: 118, v: 124 }, 5 * stride + 3, wx, wy, 16, 6, cols, 8);
      return Buffer.concat([Buffer.from(Uint16Array.from(k.linear).buffer), Buffer.from(k.u), Buffer.from(k.v)]);
    });
    expect(fast.equals(plain)).toBe(true);
    const untouched = (await twins(width, height))[0];
    expect(plain.equals(Buffer.concat([Buffer.from(untouched.linear.buffer), Buffer.from(untouched.u), Buffer.from(untouched.v)]))).toBe(
      false,
    );
  });
});
