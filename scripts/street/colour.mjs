/** Colour and tone. Light is linear, 0..1; a camera's luma is limited range, 16..235, with a gamma of 2.2. */
const GAMMA = 2.2;

/**
 * What a surface reflects, from its reflectance in red, green and blue.
 *
 * @returns {{albedo: number, u: number, v: number}} albedo 0..1; u and v: distance from grey when fully lit, −112..112
 */
export function paintOf([r, g, b]) {
  const [er, eg, eb] = [r, g, b].map((c) => Math.min(1, Math.max(0, c)) ** (1 / GAMMA));
  const y = 0.2126 * er + 0.7152 * eg + 0.0722 * eb; // BT.709
  return { albedo: y ** GAMMA, u: (224 * (eb - y)) / 1.8556, v: (224 * (er - y)) / 1.5748 };
}

/** How much of its full colour a thing shows in `light` (1: full). */
export const colourIn = (light) => Math.min(1.2, Math.max(0, light)) ** (1 / GAMMA);

/** Luma of each of 65536 levels of light at a gain. @param {Uint8Array} table 65536 entries @param {number} gain */
export function fillTone(table, gain) {
  for (let i = 0; i < 65536; i++) table[i] = Math.round(16 + 219 * Math.min(1, (i / 65535) * gain) ** (1 / GAMMA));
}
