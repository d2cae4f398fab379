import { TONE } from './canvas.mjs';
import { NOISE_LENGTH } from './plain-kernel.mjs';

/**
 * The sensor: shake of the whole picture, gain, shot and read noise (white in space and time, before any encoder), 8 bits.
 *
 * @param {number} width @param {number} height
 * @param {{fullWell: number, readE: number}} sensor electrons
 * @param {import('./random.mjs').Random} rng
 */
export function createSensor(width, height, sensor, rng) {
  const noise = Int8Array.from({ length: NOISE_LENGTH + width }, () => Math.max(-127, Math.min(127, Math.round(rng.gauss() * 32))));
  const sigma = noiseByLevel(sensor);
  const offsets = rng.fork('offsets');
  const shiftedU = new Uint8Array((width * height) / 4);
  const shiftedV = new Uint8Array((width * height) / 4);
  /** The canvas last exposed, and with what: only its changes need the tone curve again. */
  let seen = null;
  let gain = 0;
  let noiseGain = 0;

  const develop = (canvas, state) => {
    const { kernel } = canvas;
    if (seen === canvas && gain === state.gain && noiseGain === state.noiseGain) {
      canvas.forEachChange(kernel.develop);
      return;
    }
    if (seen !== canvas) kernel.noise.set(noise);
    seen = canvas;
    gain = state.gain;
    noiseGain = state.noiseGain;
    for (let i = 0; i < 65536; i++) kernel.tone[i] = TONE[Math.min(65535, i * gain) | 0];
    for (let level = 0; level < 256; level++) kernel.strengths[level] = Math.min(255, Math.round((sigma[level] * noiseGain) / 2));
    canvas.forEachChange(() => undefined);
    kernel.develop(0, width * height);
  };

  const shake = (kernel, shift) => {
    const row = (y) => Math.min(height - 1, Math.max(0, y));
    const weight = (fraction) => Math.min(32767, Math.round(fraction * 32768));
    for (let y = 0; y < height; y++) {
      const [dx, dy] = shift(y);
      const ix = Math.floor(-dx);
      const iy = Math.floor(-dy);
      kernel.shiftRow(y, row(y + iy), row(y + iy + 1), ix, weight(-dx - ix), weight(-dy - iy));
    }
  };

  return {
    /**
     * @param {import('./canvas.mjs').Canvas} canvas
     * @param {{gain: number, noiseGain: number, grey: boolean, shift: ((row: number) => readonly [number, number]) | null}} state
     *   `gain` on the light, `noiseGain` on the noise, `shift` pixels of shake for a row
     * @param {Uint8Array} out yuv420p
     */
    expose(canvas, state, out) {
      const { kernel } = canvas;
      develop(canvas, state);
      const shaken = state.shift !== null;
      if (shaken) shake(kernel, state.shift);
      for (let y = 0; y < height; y++) kernel.addNoise(y, (offsets.next() * NOISE_LENGTH) | 0, shaken);
      const luma = width * height;
      out.set(kernel.out, 0);
      if (state.grey) {
        out.fill(128, luma);
        return;
      }
      let { u, v } = canvas;
      if (shaken) {
        for (let y = 0; y < height >> 1; y++) {
          const [dx, dy] = state.shift(2 * y);
          shiftColour(u, shiftedU, width >> 1, height >> 1, y, Math.round(dx / 2), Math.round(dy / 2));
          shiftColour(v, shiftedV, width >> 1, height >> 1, y, Math.round(dx / 2), Math.round(dy / 2));
        }
        u = shiftedU;
        v = shiftedV;
      }
      out.set(u, luma);
      out.set(v, luma + luma / 4);
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

/** Moves one row of colour by whole samples (two pixels), edges repeated: nobody sees colour move by less. */
function shiftColour(from, to, width, height, y, dx, dy) {
  const source = Math.min(height - 1, Math.max(0, y - dy)) * width;
  const row = y * width;
  const start = Math.max(0, dx);
  const end = Math.min(width, width + dx);
  to.set(from.subarray(source + start - dx, source + end - dx), row + start);
  to.fill(from[source], row, row + start);
  to.fill(from[source + width - 1], row + end, row + width);
}
