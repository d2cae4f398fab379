import { scenarios } from './scenarios/index.mjs';

/** How objects are found: by boxes as a small detector makes them, or by what moves alone. */
const EYES = ['model', 'none'];

/**
 * A clip of a set: which scene, by which seed, and who looks.
 *
 * @typedef {{type: string, name: string, seed: number, over?: object, eyes: readonly string[]}} Clip
 */

/** Under a minute on two cores, made on the spot: runs within ./scripts/test. @type {readonly Clip[]} */
const small = [
  ['intrusion', 'walker-day', EYES, 60],
  ['line_crossing', 'both-ways-day', ['model'], 40],
  ['wrong_way', 'car-day', ['model'], 50],
  ['person_on_road', 'walks-along-day', ['model'], 45],
  ['loitering', 'wanders-day', ['model'], 70],
  ['crowd', 'gathers-day', ['model'], 60],
  ['fallen_person', 'along-day', ['model'], 50],
  ['illegal_parking', 'car-day', EYES, 60],
  ['illegal_parking', 'drives-through-day', ['none'], 50],
  ['abandoned_object', 'bag-day', EYES, 70],
  ['abandoned_object', 'shadows-day', ['none'], 60],
  ['removed_object', 'cover-day', ['none'], 60],
  ['street_vending', 'stall-day', ['model'], 90],
  ['smoke_fire', 'bin-day', ['none'], 40],
  ['camera_tamper', 'covered-day', ['none'], 55],
  ['camera_tamper', 'exposure-steps-day', ['none'], 60],
].map(([type, name, eyes, durationS]) => ({ type, name, seed: 1, eyes, over: { durationS } }));

const everything = (seeds) =>
  Object.entries(scenarios)
    .filter(([type]) => type !== 'nothing')
    .flatMap(([type, list]) => list.flatMap(({ name }) => seeds.map((seed) => ({ type, name, seed, eyes: EYES }))));

/** Three hours in which nothing happens. */
const negatives = scenarios.nothing.map(({ name }) => ({ type: 'nothing', name, seed: 1, eyes: EYES }));

/** @type {Record<string, readonly Clip[]>} */
export const sets = {
  small,
  /** One street for each scene. */
  one: everything([1]),
  full: [...everything([1, 2]), ...negatives],
  negatives,
};
