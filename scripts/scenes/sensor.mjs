import { TONE } from './canvas.mjs';

const TILE = 1 << 18;

/**
 * The sensor: shake of the whole picture, gain, shot and read noise (white in space and time, before any encoder), 8 bits.
 *
 * @param {number} width @param {number} height
 * @param {{fullWell: number, readE: number}} sensor electrons
 * @param {import('./random.mjs').Random} rng
 */
export function createSensor(width, height, sensor, rng) {
  const noise = Int8Array.from({ length: TILE + width }, () => Math.max(-127, Math.min(127, Math.round(rng.gauss() * 32))));
  const sigma = noiseByLevel(sensor);
  const offsets = rng.fork('offsets');
  const shifted = new Uint16Array(width * height);
  const shiftedU = new Uint8Array((width * height) / 4);
  const shiftedV = new Uint8Array((width * height) / 4);
  const graded = new Int16Array(65536);
  let gradedGain = 1;

  return {
    /**
     * @param {import('./canvas.mjs').Canvas} canvas
     * @param {{gain: number, noiseGain: number, grey: boolean, shift: ((row: number) => readonly [number, number]) | null}} state
     *   `gain` on the light, `noiseGain` on the noise, `shift` pixels of shake for a row
     * @param {Uint8Array} out yuv420p
     */
    expose(canvas, state, out) {
      let { linear, u, v } = canvas;
      if (state.shift !== null) {
        for (let y = 0; y < height; y++) shiftRow(linear, shifted, width, height, y, state.shift(y));
        for (let y = 0; y < height >> 1; y++) {
          const [dx, dy] = state.shift(2 * y);
          shiftRow(u, shiftedU, width >> 1, height >> 1, y, [dx / 2, dy / 2]);
          shiftRow(v, shiftedV, width >> 1, height >> 1, y, [dx / 2, dy / 2]);
        }
        linear = shifted;
        u = shiftedU;
        v = shiftedV;
      }
      let tone = TONE;
      if (state.gain !== 1) {
        if (state.gain !== gradedGain) {
          for (let i = 0; i < 65536; i++) graded[i] = TONE[Math.min(65535, i * state.gain) | 0];
          gradedGain = state.gain;
        }
        tone = graded;
      }
      const clamped = new Uint8ClampedArray(out.buffer, out.byteOffset, width * height);
      const strength = Math.round(state.noiseGain * 64);
      for (let y = 0; y < height; y++) {
        let k = (offsets.next() * TILE) | 0;
        for (let i = y * width, end = i + width; i < end; i++) {
          const level = tone[linear[i]];
          // 64ths of a level: level + sigma (1/64 level) × noise (1/32 σ) × strength (1/64)
          clamped[i] = (level + ((sigma[level >> 6] * noise[k++] * strength) >> 11) + 32) >> 6;
        }
      }
      const luma = width * height;
      if (state.grey) out.fill(128, luma);
      else {
        out.set(u, luma);
        out.set(v, luma + luma / 4);
      }
    },
    /** Standard deviation of the noise at a luma level, in levels. */
    sigmaAt: (level) => sigma[Math.round(level)] / 64,
  };
}

/** Standard deviation of the noise for each luma level, in 1/64 levels: photon statistics carried through the tone curve. */
function noiseByLevel({ fullWell, readE }) {
  return Int16Array.from({ length: 256 }, (_, level) => {
    const e = Math.min(1, Math.max(0, (level - 16) / 219));
    const linear = e ** 2.2;
    const electrons = Math.sqrt(linear * fullWell + readE * readE) / fullWell;
    // The curve is infinitely steep at black; cameras flatten it there.
    const slope = (219 / 2.2) * Math.max(linear, 0.008) ** (1 / 2.2 - 1);
    return Math.round(64 * electrons * slope);
  });
}

/** Moves one row by a fraction of a pixel, bilinear, edges repeated; works on 16-bit and 8-bit planes. */
function shiftRow(from, to, width, height, y, [dx, dy]) {
  const iy = Math.floor(-dy);
  const wy = Math.round((-dy - iy) * 128);
  const ix = Math.floor(-dx);
  const wx = Math.round((-dx - ix) * 128);
  const ra = Math.min(height - 1, Math.max(0, y + iy)) * width;
  const rb = Math.min(height - 1, Math.max(0, y + iy + 1)) * width;
  const last = width - 1;
  const w00 = (128 - wx) * (128 - wy);
  const w01 = wx * (128 - wy);
  const w10 = (128 - wx) * wy;
  const w11 = wx * wy;
  const start = Math.max(0, -ix);
  const end = Math.min(width, last - ix);
  const row = y * width;
  for (let x = start, a = ra + start + ix, b = rb + start + ix; x < end; x++, a++, b++) {
    to[row + x] = (from[a] * w00 + from[a + 1] * w01 + from[b] * w10 + from[b + 1] * w11 + 8192) >>> 14;
  }
  for (let x = 0; x < start; x++) to[row + x] = to[row + start];
  for (let x = Math.max(start, end); x < width; x++) to[row + x] = to[row + end - 1];
}
