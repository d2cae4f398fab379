import { colourIn } from './colour.mjs';

const STEPS = 256;

/**
 * The still scene in the light of the moment.
 *
 * @param {number} width @param {number} height
 */
export function createBackdrop(width, height) {
  const linear = new Uint16Array(width * height);
  const u = new Uint8Array((width * height) / 4);
  const v = new Uint8Array((width * height) / 4);
  const colour = Float32Array.from({ length: STEPS * 2 }, (_, i) => colourIn(i / STEPS));
  const factors = new Float32Array(4096).fill(1);
  let key = '';
  return {
    linear,
    u,
    v,
    /**
     * @param {ReturnType<import('./still.mjs').renderStill>} still
     * @param {{ambient: number, sunPower: number, saturation: number, wet: number, key: string}} light `key`: what tells one light from another
     * @param {Float32Array} lamps light of all lamps on every pixel
     * @param {{places: Uint16Array, factorAt: (place: number) => number, count: number} | null} cloud the share of the sun that each pixel keeps
     */
    put(still, light, lamps, cloud) {
      if (cloud === null && light.key === key) return;
      key = cloud === null ? light.key : '';
      const { albedo, open, sunlit } = still;
      const { ambient, sunPower, saturation } = light;
      // Wet ground is darker; fronts (which see less of the sky) keep their colour.
      const ground = 1 - 0.42 * light.wet;
      if (cloud !== null) for (let k = 0; k < cloud.count; k++) factors[k] = cloud.factorAt(k);
      else factors[0] = 1;
      const places = cloud?.places ?? null;
      for (let i = 0; i < linear.length; i++) {
        const sun = sunPower * sunlit[i] * factors[places === null ? 0 : places[i]];
        linear[i] = Math.min(65535, albedo[i] * (open[i] === 1 ? ground : 1) * (open[i] * ambient + sun + lamps[i]) * 65535);
      }
      const half = width >> 1;
      for (let y = 0, k = 0; y < height; y += 2) {
        for (let x = 0; x < half; x++, k++) {
          const i = y * width + 2 * x;
          const level = (open[i] * ambient + sunPower * sunlit[i] + lamps[i]) * STEPS;
          const c = saturation * colour[level >= 2 * STEPS ? 2 * STEPS - 1 : level | 0];
          u[k] = 128 + still.u[k] * c;
          v[k] = 128 + still.v[k] * c;
        }
      }
    },
  };
}
