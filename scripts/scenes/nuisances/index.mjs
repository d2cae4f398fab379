import { birds } from './birds.mjs';
import { drops, exposure, infrared, repeats, shake } from './camera-faults.mjs';
import { leaves } from './foliage.mjs';
import { curtains, lamps, laundry } from './household.mjs';
import { insects } from './insects.mjs';
import { headlights, reflections, shadows } from './light-patches.mjs';
import { aircraft, drone, gondola, lift } from './machines.mjs';
import { balls, cars, drips, people } from './street-life.mjs';
import { rain, snow } from './weather.mjs';

/**
 * Something that moves or changes and is no throw.
 *
 * @typedef {object} Nuisance
 * @property {string} kind
 * @property {number} strength 0..1, or more
 * @property {readonly (readonly [number, number])[]} spans seconds during which it may be seen
 * @property {'facade' | 'air' | 'lens' | 'camera'} layer
 * @property {(shot: import('../mover.mjs').Shot) => void} draw
 * @property {(t: number, state: object) => void} [camera] changes the camera's state at a time
 * @property {(frame: number, t: number) => 'repeat' | 'drop' | undefined} [fate] what becomes of a frame
 */

/** Each maker takes its spec, the world and random numbers. */
const makers = {
  aircraft,
  balls,
  birds,
  cars,
  curtains,
  drips,
  drone,
  drops,
  exposure,
  gondola,
  headlights,
  infrared,
  insects,
  lamps,
  laundry,
  leaves,
  lift,
  people,
  rain,
  reflections,
  repeats,
  shadows,
  shake,
  snow,
};

export const nuisanceKinds = Object.keys(makers);

/** @returns {Nuisance} */
export function createNuisance(spec, world, rng) {
  const maker = makers[spec.kind];
  if (maker === undefined) throw new RangeError(`unknown nuisance '${spec.kind}'; known: ${nuisanceKinds.join(', ')}`);
  return { kind: spec.kind, strength: spec.strength ?? 0.5, draw: () => undefined, ...maker({ strength: 0.5, ...spec }, world, rng) };
}
