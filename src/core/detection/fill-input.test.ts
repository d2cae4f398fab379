import { describe, expect, it } from 'vitest';
import { createRandom } from '../../testing/random.js';
import type { InputSpec } from './detection.js';
import { type ColourPicture, fillInput } from './fill-input.js';

const plain: InputSpec = {
  ...{ width: 32, height: 24, order: 'rgb', fit: 'letterbox', anchor: 'top-left', pad: 114 },
  ...{ mean: [0, 0, 0], scale: [1, 1, 1] },
};

function noise(width: number, height: number, format: ColourPicture['format']): ColourPicture {
  const random = createRandom(3);
  const bytes = format === 'rgb24' ? 3 * width * height : width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return { width, height, format, data: Uint8Array.from({ length: bytes }, () => Math.floor(256 * random())) };
}

/** One place of the input by the book: between the four pixels around it. */
function bilinear(get: (x: number, y: number) => number, x: number, y: number, width: number, height: number): number {
  const [cx, cy] = [Math.max(0, Math.min(width - 1, x)), Math.max(0, Math.min(height - 1, y))];
  const [l, t] = [Math.floor(cx), Math.floor(cy)];
  const [r, b] = [Math.min(l + 1, width - 1), Math.min(t + 1, height - 1)];
  const [wx, wy] = [cx - l, cy - t];
  return (1 - wy) * ((1 - wx) * get(l, t) + wx * get(r, t)) + wy * ((1 - wx) * get(l, b) + wx * get(r, b));
}

describe('the input of a model', () => {
  it.each([
    ['smaller', 64, 40],
    ['larger', 20, 10],
    ['upright', 30, 61],
  ])('is a %s picture, scaled evenly, and the rest is padded', (_, width, height) => {
    const picture = noise(width, height, 'rgb24');
    const out = new Float32Array(3 * 32 * 24).fill(Number.NaN);
    const { scaleX, scaleY, offsetX, offsetY } = fillInput(picture, plain, out);
    expect(scaleX).toBe(scaleY);
    expect([offsetX, offsetY]).toEqual([0, 0]);
    const scale = Math.min(32 / width, 24 / height);
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 24; y++)
        for (let x = 0; x < 32; x++) {
          const inside = x < Math.round(width * scale) && y < Math.round(height * scale);
          const get = (px: number, py: number): number => picture.data[3 * (py * width + px) + c] as number;
          const wanted = inside ? bilinear(get, (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5, width, height) : 114;
          expect(Math.abs((out[c * 32 * 24 + y * 32 + x] as number) - wanted)).toBeLessThan(0.01);
        }
  });

  it('is normalised in the order of its planes', () => {
    const red: ColourPicture = { width: 2, height: 2, format: 'rgb24', data: Uint8Array.from([...Array(4)].flatMap(() => [200, 100, 50])) };
    const out = new Float32Array(3 * 32 * 24);
    fillInput(red, { ...plain, order: 'bgr', fit: 'stretch', mean: [10, 20, 30], scale: [1, 0.5, 0.1] }, out);
    expect([0, 1, 2].map((c) => out[c * 32 * 24 + 77])).toEqual([40, 40, expect.closeTo(17, 5)]);
  });

  it('centres a picture that is to lie in the middle', () => {
    const out = new Float32Array(3 * 32 * 24);
    const placement = fillInput(noise(32, 8, 'rgb24'), { ...plain, anchor: 'centre' }, out);
    expect(placement).toEqual({ scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 8 });
    expect([out[7 * 32], out[16 * 32]]).toEqual([114, 114]);
    expect(out[8 * 32]).not.toBe(114);
  });

  // Studio levels: 16 is black, 235 white; the colours of a test card in BT.601.
  it.each([
    ['black', [16, 128, 128], [0, 0, 0]],
    ['white', [235, 128, 128], [255, 255, 255]],
    ['red', [81, 90, 240], [254, 0, 0]],
    ['blue', [41, 240, 110], [0, 0, 255]],
  ])('takes %s from a camera for %s', (_, [y, u, v], rgb) => {
    const data = Uint8Array.from([...Array(64).fill(y), ...Array(16).fill(u), ...Array(16).fill(v)]);
    const out = new Float32Array(3 * 32 * 24);
    fillInput({ width: 8, height: 8, format: 'yuv420p', data }, { ...plain, fit: 'stretch' }, out);
    rgb.forEach((value, c) => {
      expect(Math.abs((out[c * 32 * 24 + 400] as number) - value)).toBeLessThan(3);
    });
  });

  it('has a camera’s luma where a grey picture has it', () => {
    const luma = noise(40, 30, 'rgb24')
      .data.subarray(0, 1200)
      .map((v) => 16 + Math.round((v * 219) / 255));
    const out = new Float32Array(3 * 32 * 24);
    const { scaleX } = fillInput(
      { width: 40, height: 30, format: 'yuv420p', data: Uint8Array.from([...luma, ...Array(600).fill(128)]) },
      plain,
      out,
    );
    const get = (x: number, y: number): number => luma[y * 40 + x] as number;
    for (const [x, y] of [
      [3, 4],
      [20, 11],
      [30, 23],
    ] as const) {
      const wanted = 1.164383 * (bilinear(get, (x + 0.5) / scaleX - 0.5, (y + 0.5) / scaleX - 0.5, 40, 30) - 16);
      expect(Math.abs((out[y * 32 + x] as number) - wanted)).toBeLessThan(0.01);
    }
  });

  it('must have room, and the picture its bytes', () => {
    expect(() => fillInput(noise(4, 4, 'rgb24'), plain, new Float32Array(7))).toThrow(RangeError);
    expect(() => fillInput({ ...noise(4, 4, 'rgb24'), width: 5 }, plain, new Float32Array(3 * 32 * 24))).toThrow(RangeError);
  });
});
