/**
 * A scene spec is plain JSON. This file holds its defaults, merges what a preset or a file says over them, and resolves
 * "three throws somewhere" into exact ones. docs/scenes.md describes every key.
 */

/** What a scene's `variant` may be. */
export const variants = ['reversed', 'rotated', 'constant'];

export const defaultSpec = {
  name: 'scene',
  /** Conditions that the score is broken down by, for example `day`, `rain`, `1080p`. */
  tags: [],
  size: [1920, 1080],
  fps: 25,
  durationS: 60,
  /** Everything periodic fits the duration, so that the end meets the start. */
  loop: false,
  light: 'day',
  /** Multiplies the noise of the light's sensor. */
  noise: 1,
  camera: {
    distanceM: 46,
    heightM: 4,
    lateralM: 3,
    rollDeg: 0.6,
    /** First and last floor, from 0, that fill the picture; null: all. */
    cover: null,
    marginTop: 0.03,
    marginBottom: 0.07,
    marginSide: 0.03,
    /** Extra turn to the side, degrees. */
    panDeg: 0,
    principal: [0.503, 0.496],
    k1: -0.06,
    k2: 0.012,
    exposureS: 0.01,
    readoutS: 0.012,
    psfPx: 0.55,
    vignette: 0.22,
  },
  building: {
    floors: 24,
    firstFloor: 1,
    floorHeightM: 2.9,
    widthM: 30,
    depthM: 14,
    units: ['01', '02', '03', '04'],
    style: 'concrete-bands',
  },
  surroundings: { neighbours: 3, trees: 'random' },
  wind: { meanMps: 0.6, gustMps: 0.4 },
  throws: {
    count: 0,
    objects: ['brick'],
    fromS: 4,
    toS: null,
    gapS: 6,
    reflects: 0.3,
    albedo: null,
    /** Shares of `clear`, `small` and `hard` throws; objects and albedo are then chosen to look so. */
    mix: null,
    /** Things of an exact size and contrast, for measurements: {atS, floor, unit, across, sizePx, contrast} each. */
    probes: null,
    /** With a mix: chance that a throw comes with the one before it. */
    together: 0,
  },
  /**
   * A hard negative of the scene, without a throw in its truth: `reversed` (time runs backwards), `rotated` (the picture is
   * turned by 90°) or `constant` (what is thrown goes straight from release to landing at one speed). `null`: the scene itself.
   */
  variant: null,
  nuisances: [],
  encode: { codec: 'h264', bitrate: '4M', gop: 50, preset: 'veryfast' },
  /** How far the installer's corners lie from the true ones, as a fraction of the picture (standard deviation). */
  calibrationError: 0.001,
};

/** `over` laid over `base`, object by object; arrays and plain values are replaced. */
export function mergeSpec(base, over) {
  if (!isObject(base) || !isObject(over)) return structuredClone(over);
  const merged = structuredClone(base);
  for (const [key, value] of Object.entries(over)) merged[key] = key in merged ? mergeSpec(merged[key], value) : structuredClone(value);
  return merged;
}
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Sets one key by its path; the value is JSON where it parses as such, otherwise text.
 *
 * @example setPath(spec, 'camera.exposureS=0.02')
 */
export function setPath(spec, assignment) {
  const at = assignment.indexOf('=');
  if (at < 1) throw new RangeError(`--set wants path=value, not '${assignment}'`);
  const keys = assignment.slice(0, at).split('.');
  const text = assignment.slice(at + 1);
  let value = text;
  try {
    value = JSON.parse(text);
  } catch {
    value = text; // plain words need no quotes
  }
  let node = spec;
  for (const key of keys.slice(0, -1)) {
    if (typeof node[key] !== 'object' || node[key] === null) node[key] = {};
    node = node[key];
  }
  node[keys[keys.length - 1]] = value;
}

/**
 * Exact throws from a request without a mix, spread over the clip, each with room before the next.
 *
 * @param {object} spec a whole spec
 * @param {import('./random.mjs').Random} rng
 * @returns {readonly object[]}
 */
export function resolveThrows(spec, rng) {
  if (Array.isArray(spec.throws)) return spec.throws;
  const { count, objects, fromS, gapS, reflects, albedo } = spec.throws;
  const toS = spec.throws.toS ?? spec.durationS - 5;
  const { floors, units } = spec.building;
  const from = spec.camera.cover?.[0] ?? 0;
  const to = Math.min(floors - 1, spec.camera.cover?.[1] ?? floors - 1);
  const slots = Math.max(1, Math.floor((toS - fromS) / gapS));
  const list = [];
  const free = Array.from({ length: slots }, (_, i) => i);
  for (let i = 0; i < Math.min(count, slots); i++) {
    const slot = free.splice(rng.int(0, free.length - 1), 1)[0];
    const thrown = rng.chance(0.5);
    list.push({
      atS: fromS + gapS * slot + rng.range(0, gapS * 0.3),
      object: rng.pick(objects),
      floor: rng.int(Math.min(to, from + 4), to),
      unit: rng.int(0, units.length - 1),
      across: rng.range(0.1, 0.9),
      riseM: rng.range(0.9, 1.7),
      velocity: thrown ? [rng.range(-3.5, 3.5), rng.range(-1, 4), rng.range(1, 6)] : [rng.range(-0.3, 0.3), 0, rng.range(0.2, 0.8)],
      reflects: rng.chance(reflects),
      ...(albedo === null ? {} : { albedo: rng.range(...albedo) }),
    });
  }
  return list.sort((a, b) => a.atS - b.atS);
}
