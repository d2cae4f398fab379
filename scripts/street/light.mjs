/**
 * Daylight and lamps. Irradiances are relative: 1 on a white surface nearly saturates the sensor at gain 1.
 *
 * @typedef {object} Light
 * @property {readonly [number, number, number]} sun unit vector towards it
 * @property {number} sunPower on a surface that faces it
 * @property {number} ambient from the sky on level ground
 * @property {number} lampPower under a lamp that is lit
 * @property {number} gain of the camera
 * @property {number} saturation share of the colour that the camera shows; 0 with infrared
 * @property {number} [warm] how red the sky makes everything, 0..1
 * @property {number} noise standard deviation at mid grey, levels
 */

/** @type {Record<string, Light>} */
export const lights = {
  day: { sun: unit(-0.5, -0.55, 0.75), sunPower: 0.8, ambient: 0.3, lampPower: 0, gain: 1, saturation: 1, noise: 1.1 },
  // The houses' shadow lies over half the road.
  shaded: { sun: unit(0.35, 0.75, 0.62), sunPower: 0.8, ambient: 0.28, lampPower: 0, gain: 1.05, saturation: 1, noise: 1.2 },
  overcast: { sun: unit(0, 0, 1), sunPower: 0, ambient: 0.85, lampPower: 0, gain: 1, saturation: 0.9, noise: 1.2 },
  dusk: { sun: unit(-0.95, -0.15, 0.12), sunPower: 0.22, ambient: 0.16, lampPower: 0.25, gain: 1.9, saturation: 0.85, noise: 2, warm: 1 },
  night: { sun: unit(0, 0, 1), sunPower: 0, ambient: 0.03, lampPower: 0.42, gain: 2.2, saturation: 0.55, noise: 3 },
  // The camera's own lamps light what is near; there is no colour.
  infrared: { sun: unit(0, 0, 1), sunPower: 0, ambient: 0.035, lampPower: 0.3, infraredPower: 0.4, gain: 2, saturation: 0, noise: 3.2 },
};

function unit(x, y, z) {
  const n = Math.hypot(x, y, z);
  return [x / n, y / n, z / n];
}
