import { fillTone } from './colour.mjs';

const NOISE_LENGTH = 1 << 16;

/**
 * From light to what the camera sends: gain, tone curve, noise, and what befalls lens and pole.
 *
 * @param {number} width @param {number} height
 * @param {import('../scenes/random.mjs').Random} rng
 */
export function createSensor(width, height, rng) {
  const noise = Int8Array.from({ length: NOISE_LENGTH + width }, () => Math.max(-127, Math.min(127, Math.round(rng.gauss() * 32))));
  const tone = new Uint8Array(65536);
  const strengths = new Float32Array(256);
  const size = width * height;
  const plain = new Uint8Array(size);
  const scratch = new Uint8Array(size);
  const sums = new Float32Array(Math.max(width, height) + 1);
  let gain = 0;
  let sigma = -1;

  return {
    /**
     * @param {import('./canvas.mjs').Canvas} canvas
     * @param {{gain: number, noise: number, grey: boolean, warm: number, shift: readonly [number, number] | null, blurPx: number, cover: number, black: boolean}} state
     *   `shift`: pixels by which the pole has moved the picture; `blurPx`: defocus; `warm`: 0 to 1, evening light; `cover`: share of the picture that something on the lens hides
     * @param {Uint8Array} out yuv420p
     */
    expose(canvas, state, out) {
      if (state.gain !== gain) {
        gain = state.gain;
        fillTone(tone, gain);
      }
      if (state.noise !== sigma) {
        sigma = state.noise;
        // Photon noise through the tone curve: most in the dark grey, little at white and at black.
        for (let level = 0; level < 256; level++) {
          const e = Math.max(0.02, (level - 16) / 219);
          strengths[level] = (sigma / 32) * Math.min(1.5, (0.5 / e) ** 0.45);
        }
      }
      const { linear } = canvas;
      const sent = new Uint8ClampedArray(out.buffer, out.byteOffset, size);
      const target = state.shift === null ? plain : scratch;
      for (let i = 0; i < size; i++) target[i] = tone[linear[i]];
      if (state.shift !== null) shifted(scratch, plain, width, height, state.shift);
      if (state.blurPx > 0.5) blur(plain, width, height, state.blurPx, sums);
      const chroma = size / 4;
      if (state.cover > 0) hide(plain, canvas, width, height, state.cover);
      if (state.black) plain.fill(16);
      for (let y = 0; y < height; y++) {
        let k = (rng.next() * NOISE_LENGTH) | 0;
        const end = (y + 1) * width;
        for (let i = y * width; i < end; i++, k++) {
          const level = plain[i];
          sent[i] = level + noise[k] * strengths[level];
        }
      }
      if (state.grey || state.black) {
        out.fill(128, size);
        return;
      }
      out.set(canvas.u, size);
      out.set(canvas.v, size + chroma);
      if (state.shift !== null) {
        const [dx, dy] = state.shift.map((c) => c / 2);
        shifted(canvas.u, out.subarray(size, size + chroma), width / 2, height / 2, [dx, dy]);
        shifted(canvas.v, out.subarray(size + chroma), width / 2, height / 2, [dx, dy]);
      }
      if (state.warm > 0) {
        const [du, dv] = [Math.round(-11 * state.warm), Math.round(9 * state.warm)];
        for (let k = size; k < size + chroma; k++) {
          out[k] = Math.max(16, out[k] + du);
          out[k + chroma] = Math.min(240, out[k + chroma] + dv);
        }
      }
    },
  };
}

/** Moves a plane by a part of a pixel too; edges are repeated. */
function shifted(from, to, width, height, [dx, dy]) {
  const ix = Math.floor(-dx);
  const iy = Math.floor(-dy);
  const fx = -dx - ix;
  const fy = -dy - iy;
  for (let y = 0; y < height; y++) {
    const a = Math.min(height - 1, Math.max(0, y + iy)) * width;
    const b = Math.min(height - 1, Math.max(0, y + iy + 1)) * width;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const p = Math.min(width - 1, Math.max(0, x + ix));
      const q = Math.min(width - 1, Math.max(0, x + ix + 1));
      const upper = from[a + p] * (1 - fx) + from[a + q] * fx;
      const lower = from[b + p] * (1 - fx) + from[b + q] * fx;
      to[i] = upper * (1 - fy) + lower * fy + 0.5;
    }
  }
}

/** Two box blurs each way: near enough to a lens out of focus. */
function blur(plane, width, height, radiusPx, sums) {
  const r = Math.round(radiusPx);
  const run = (start, step, length) => {
    sums[0] = 0;
    for (let k = 0; k < length; k++) sums[k + 1] = sums[k] + plane[start + k * step];
    for (let k = 0; k < length; k++) {
      const a = Math.max(0, k - r);
      const b = Math.min(length, k + r + 1);
      plane[start + k * step] = (sums[b] - sums[a]) / (b - a);
    }
  };
  for (let pass = 0; pass < 2; pass++) {
    for (let y = 0; y < height; y++) run(y * width, 1, width);
    for (let x = 0; x < width; x++) run(x, width, height);
  }
}

/** A hand or a cloth comes over the lens from above: dark, without detail, a little lighter at its rim. */
function hide(plane, canvas, width, height, share) {
  const edge = height * share * 1.15;
  for (let y = 0; y < height; y++) {
    const a = Math.min(1, Math.max(0, (edge - y) / (0.15 * height)));
    if (a === 0) break;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const level = 34 + 10 * Math.sin((3 * x) / width) + (8 * y) / height;
      plane[i] += (level - plane[i]) * a;
    }
    if ((y & 1) === 1) continue;
    const row = (y >> 1) * (width >> 1);
    for (let k = row; k < row + (width >> 1); k++) {
      canvas.u[k] += Math.round((126 - canvas.u[k]) * a);
      canvas.v[k] += Math.round((131 - canvas.v[k]) * a);
    }
  }
}
