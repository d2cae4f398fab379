/**
 * Light and tone. All drawing is in linear light, 0..1 where 1 is the brightest that the sensor holds; `encodeTone` makes
 * the limited-range luma (16..235) that a camera sends.
 *
 * @typedef {object} Light
 * @property {readonly [number, number, number]} sun unit vector towards the sun
 * @property {number} sunPower irradiance of a surface that faces the sun
 * @property {number} ambient irradiance from the sky on a wall
 * @property {number} bounce irradiance from below
 * @property {readonly [number, number, number]} tint colour of the ambient light
 * @property {readonly [number, number, number]} skyLow radiance at the horizon
 * @property {readonly [number, number, number]} skyHigh
 * @property {number} clouds 0..1
 * @property {number} litWindows share of windows with light behind
 * @property {number} lampPower irradiance by street lamps at the foot of the facade
 * @property {{fullWell: number, readE: number}} sensor electrons at white and read noise at the gain in use
 */

const DAY_SENSOR = { fullWell: 9000, readE: 14 };

/** @type {Record<string, Light>} */
export const lights = {
  day: {
    sun: unit(-0.45, 0.62, -0.62),
    sunPower: 0.85,
    ambient: 0.24,
    bounce: 0.16,
    tint: [0.94, 0.99, 1.1],
    skyLow: [0.72, 0.78, 0.86],
    skyHigh: [0.3, 0.44, 0.72],
    clouds: 0.45,
    litWindows: 0.02,
    lampPower: 0,
    sensor: DAY_SENSOR,
  },
  overcast: {
    sun: unit(-0.2, 0.9, -0.3),
    sunPower: 0.05,
    ambient: 0.5,
    bounce: 0.18,
    tint: [0.98, 1, 1.04],
    skyLow: [0.86, 0.88, 0.92],
    skyHigh: [0.7, 0.73, 0.79],
    clouds: 0.25,
    litWindows: 0.05,
    lampPower: 0,
    sensor: { fullWell: 7000, readE: 14 },
  },
  dusk: {
    sun: unit(-0.9, 0.12, -0.2),
    sunPower: 0.05,
    ambient: 0.16,
    bounce: 0.05,
    tint: [1.02, 0.98, 1.06],
    skyLow: [0.62, 0.44, 0.34],
    skyHigh: [0.16, 0.19, 0.32],
    clouds: 0.35,
    litWindows: 0.25,
    lampPower: 0.05,
    sensor: { fullWell: 2200, readE: 12 },
  },
  night: {
    sun: unit(0.3, 0.8, -0.5),
    sunPower: 0,
    ambient: 0.03,
    bounce: 0.015,
    tint: [0.98, 0.97, 1.02],
    skyLow: [0.017, 0.013, 0.011],
    skyHigh: [0.003, 0.003, 0.0045],
    clouds: 0.15,
    litWindows: 0.3,
    lampPower: 0.3,
    sensor: { fullWell: 2200, readE: 6 },
  },
};

function unit(x, y, z) {
  const n = Math.hypot(x, y, z);
  return /** @type {const} */ ([x / n, y / n, z / n]);
}

/** Irradiance on something in the open in front of the facade, by its height: what a falling object is lit by. */
export function irradianceAt(light, y) {
  return light.sunPower * 0.55 + light.ambient + light.bounce * 0.5 + lampGlow(light, y);
}

/** Street lamps light the lower floors. */
export function lampGlow(light, y) {
  return light.lampPower / (1 + (Math.max(0, y - 4) / 12) ** 2);
}

const GAMMA = 2.2;

/** Linear 0..1 to luma 16..235, with fractions. */
export function encodeTone(linear) {
  return 16 + 219 * Math.min(1, Math.max(0, linear)) ** (1 / GAMMA);
}

/** Linear red, green, blue to [linear luma, u, v]; u and v in 16..240 around 128. Writes into `out`. */
export function encodeColour(r, g, b, out) {
  const er = Math.min(1, Math.max(0, r)) ** (1 / GAMMA);
  const eg = Math.min(1, Math.max(0, g)) ** (1 / GAMMA);
  const eb = Math.min(1, Math.max(0, b)) ** (1 / GAMMA);
  const y = 0.2126 * er + 0.7152 * eg + 0.0722 * eb; // BT.709
  out[0] = y ** GAMMA;
  out[1] = 128 + (224 * (eb - y)) / 1.8556;
  out[2] = 128 + (224 * (er - y)) / 1.5748;
}
