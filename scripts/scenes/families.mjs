import { mergeSpec } from './spec.mjs';

/**
 * Families of scenes: how a clip's spec is drawn by lot. The tuning families and the reporting families differ in facades,
 * geometry, lenses, nuisances and encoders, not only in seeds, so that what was tuned on one is tested by the other.
 */

const heavy = ['brick', 'full_bottle', 'glass_bottle', 'flower_pot', 'apple'];
const medium = ['phone', 'box', 'full_bag', 'shoe'];
const light = ['can', 'empty_bottle', 'paper_ball', 't_shirt', 'cigarette_pack', 'empty_bag', 'sheet_of_paper'];

const sets = {
  tuning: {
    styles: ['concrete-bands', 'white-render', 'brick-punched', 'glass-loggias'],
    floors: [16, 28],
    floorHeightM: [2.8, 3],
    unitNames: [
      ['01', '02', '03', '04'],
      ['A', 'B', 'C'],
    ],
    distance: [0.45, 0.85],
    heightM: [2.5, 5],
    lateral: 0.3,
    k1: [-0.1, 0],
    codecs: ['h264', 'h264', 'h264', 'h265'],
    gopS: [2, 2, 4],
    nuisances: {
      day: [
        'birds',
        'shadows',
        'leaves',
        'laundry',
        'curtains',
        'reflections',
        'gondola',
        'cars',
        'people',
        'drips',
        'balls',
        'shake',
        'exposure',
      ],
      night: ['lamps', 'insects', 'headlights', 'cars', 'shake', 'lift', 'aircraft'],
      wet: ['rain', 'drips', 'leaves', 'shake', 'people', 'birds', 'lamps'],
    },
  },
  reporting: {
    styles: ['prefab-panels', 'curtain-wall', 'dark-galleries', 'tiled-court'],
    floors: [12, 33],
    floorHeightM: [2.7, 3.3],
    unitNames: [
      ['1', '2', '3', '4', '5', '6'],
      ['W', 'E'],
    ],
    distance: [0.4, 1],
    heightM: [3.5, 9],
    lateral: 0.5,
    k1: [-0.16, 0.02],
    codecs: ['h264', 'h265'],
    gopS: [1, 2, 5],
    nuisances: {
      day: [
        'birds',
        'drone',
        'shadows',
        'reflections',
        'headlights',
        'lift',
        'gondola',
        'insects',
        'leaves',
        'laundry',
        'balls',
        'shake',
        'repeats',
        'drops',
        'exposure',
        'aircraft',
        'curtains',
        'people',
      ],
      night: ['lamps', 'insects', 'headlights', 'drips', 'drone', 'infrared', 'shake', 'aircraft', 'cars', 'repeats'],
      wet: ['snow', 'rain', 'birds', 'shake', 'drips', 'curtains', 'leaves', 'drops', 'cars'],
    },
  },
};

export const setNames = Object.keys(sets);

/**
 * The spec of one clip of a set.
 *
 * @param {'tuning' | 'reporting'} set
 * @param {number} index number of the clip; with `rng` it decides everything
 * @param {import('./random.mjs').Random} rng
 * @param {{durationS: number, throws: readonly [number, number], base: object}} p `throws`: fewest and most in a clip
 */
export function familySpec(set, index, rng, p) {
  const family = sets[set];
  if (family === undefined) throw new RangeError(`unknown set '${set}'; known: ${setNames.join(', ')}`);
  // Conditions go round in a fixed order, so that even a small set holds them all.
  const condition = ['day', 'night', 'wet', 'day', 'dusk', 'day', 'overcast'][index % 7];
  const [width, height, label] = [
    [1920, 1080, '1080p'],
    [1280, 720, '720p'],
    [1920, 1080, '1080p'],
  ][index % 3];
  const fps = [25, 25, 15, 25, 12.5, 20][index % 6];
  const nuisanceKey = condition === 'night' || condition === 'wet' ? condition : 'day';
  const pool = [...family.nuisances[nuisanceKey]];
  const kinds = nuisanceKey === 'wet' ? [pool.shift()] : [];
  const wanted = rng.int(3, 6);
  while (kinds.length < wanted && pool.length > 0) kinds.push(pool.splice(rng.int(0, pool.length - 1), 1)[0]);
  const floors = rng.int(...family.floors);
  const floorHeightM = Math.round(rng.range(...family.floorHeightM) * 20) / 20;
  const units = rng.pick(family.unitNames);
  const whole = rng.chance(0.35); // most cameras look at a part of a tower
  const first = whole ? 0 : rng.int(0, Math.floor(floors / 2));
  const throws = rng.int(...p.throws);
  const objects = rng.chance(0.7) ? [...heavy, ...medium] : [...heavy, ...medium, ...light];
  const codec = rng.pick(family.codecs);
  return mergeSpec(p.base, {
    name: `${set}-${String(index).padStart(3, '0')}`,
    tags: [condition, label, `${fps}fps`, ...kinds, ...(throws === 0 ? ['no-throw'] : [])],
    size: [width, height],
    fps,
    durationS: p.durationS,
    light: condition === 'wet' ? 'overcast' : condition,
    noise: rng.range(0.6, 1.5),
    camera: {
      distanceM: floors * floorHeightM * rng.range(...family.distance) + 6,
      heightM: rng.range(...family.heightM),
      lateralM: rng.range(-family.lateral, family.lateral) * 30,
      rollDeg: rng.range(-2, 2),
      cover: whole ? null : [first, Math.min(floors - 1, first + rng.int(6, 12))],
      panDeg: rng.range(-2, 2),
      k1: rng.range(...family.k1),
      exposureS: condition === 'night' ? rng.range(0.02, 0.033) : condition === 'dusk' ? rng.range(0.01, 0.025) : rng.range(0.002, 0.012),
      readoutS: rng.pick([0, 0.01, 0.02]),
      psfPx: rng.range(0.45, 0.9),
    },
    building: { floors, floorHeightM, units, widthM: units.length * rng.range(6.5, 9.5), style: rng.pick(family.styles) },
    surroundings: { neighbours: rng.int(0, 4) },
    wind: { meanMps: rng.range(0.2, 3), gustMps: rng.range(0.1, 1) },
    throws: { count: throws, objects, fromS: 5, gapS: 8, albedo: condition === 'night' ? [0.35, 0.85] : null },
    nuisances: kinds.map((kind) => ({ kind, strength: rng.range(0.2, 0.8) })),
    encode: {
      codec,
      preset: codec === 'h265' ? 'ultrafast' : 'veryfast', // x265 is slow
      bitrate: label === '720p' ? '2M' : rng.pick(['3M', '4M', '6M']),
      gop: Math.round(fps * rng.pick(family.gopS)),
    },
    calibrationError: rng.range(0.0003, 0.0015),
  });
}
