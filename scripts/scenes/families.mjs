import { familyTables } from './family-tables.mjs';
import { mergeSpec } from './spec.mjs';

/**
 * Families of scenes: how a clip's spec is drawn by lot. The tuning families and the reporting families differ in facades,
 * geometry, lenses, light, nuisances and encoders (`family-tables.mjs`), not only in seeds, so that what was tuned on one is
 * tested by the other.
 */

export const setNames = Object.keys(familyTables);

/** Shares of throws by how hard they are to see: mostly what the targets speak of, and enough of the rest to see where it ends. */
const USUAL_MIX = { clear: 0.6, small: 0.25, hard: 0.15 };

/**
 * The spec of one clip of a set.
 *
 * @param {string} set
 * @param {number} index number of the clip; with `rng` it decides everything
 * @param {import('./random.mjs').Random} rng
 * @param {{durationS: number, throws: readonly [number, number], base: object}} p `throws`: fewest and most in a clip
 */
export function familySpec(set, index, rng, p) {
  const family = familyTables[set];
  if (family === undefined) throw new RangeError(`unknown set '${set}'; known: ${setNames.join(', ')}`);
  // Conditions, formats and rates go round, so that even a small set holds them all; the lengths of the rounds have no
  // common divisor, so that a large set holds every combination.
  const condition = family.conditions[index % family.conditions.length];
  const format = family.formats[index % family.formats.length];
  const fps = family.fps[index % family.fps.length];
  const { light, pools, exposureS } = condition;
  const kinds = [...(condition.always ?? [])];
  const pool = pools.flatMap((name) => family.nuisances[name]).filter((kind) => !kinds.includes(kind));
  const wanted = kinds.length + rng.int(2, 5);
  while (kinds.length < wanted && pool.length > 0) kinds.push(pool.splice(rng.int(0, pool.length - 1), 1)[0]);
  const floors = rng.int(...family.floors);
  const floorHeightM = Math.round(rng.range(...family.floorHeightM) * 20) / 20;
  const units = rng.pick(family.unitNames);
  // Most cameras look at a part of a tower: storeys enough that things fall for a second, few enough that they are seen.
  const whole = format.whole && rng.chance(0.35);
  const shown = rng.int(...format.storeys);
  const first = whole ? 0 : rng.int(0, Math.max(0, floors - 1 - shown));
  const throws = rng.int(...p.throws);
  const codec = rng.pick(format.codecs ?? family.codecs);
  return mergeSpec(p.base, {
    name: `${set}-${String(index).padStart(3, '0')}`,
    tags: [condition.name, format.label, `${fps}fps`, codec, ...kinds, ...(throws === 0 ? ['no-throw'] : [])],
    size: format.size,
    fps,
    durationS: p.durationS,
    light,
    noise: rng.range(0.6, 1.5),
    camera: {
      distanceM: floors * floorHeightM * rng.range(...family.distance) + 6,
      heightM: rng.range(...family.heightM),
      lateralM: rng.range(-family.lateral, family.lateral) * 30,
      rollDeg: rng.range(-2, 2),
      cover: whole ? null : [first, Math.min(floors - 1, first + shown - 1)],
      panDeg: rng.range(-2, 2),
      k1: rng.range(...family.k1),
      exposureS: Math.min(0.9 / fps, rng.range(...exposureS)),
      readoutS: rng.pick(family.readoutS),
      psfPx: rng.range(0.45, 0.9),
    },
    building: { floors, floorHeightM, units, widthM: units.length * rng.range(6.5, 9.5), style: rng.pick(family.styles) },
    surroundings: { neighbours: rng.int(0, 4) },
    wind: { meanMps: rng.range(...(condition.windMps ?? [0.2, 3])), gustMps: rng.range(0.1, 1) },
    throws: { count: throws, mix: family.mix ?? USUAL_MIX, fromS: 4, gapS: 8, together: 0.15 },
    nuisances: kinds.map((kind) => ({ kind, strength: rng.range(...(condition.strength ?? [0.2, 0.8])) })),
    encode: {
      codec,
      preset: family.preset[codec],
      bitrate: rng.pick(format.bitrates),
      gop: Math.round(fps * rng.pick(family.gopS)),
    },
    calibrationError: rng.range(0.0003, 0.0015),
  });
}
