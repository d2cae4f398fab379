import { createRandom } from '../scenes/random.mjs';
import { createCamera } from './camera.mjs';
import { lampPost, tree } from './props.mjs';
import { across, createStreet } from './street.mjs';

/** Where cameras hang: metres along and across the road, degrees. */
export const cameraPlaces = {
  across: { at: [0, -11.5], heightM: 7, headingDeg: 90, pitchDeg: 24, hfovDeg: 70 },
  oblique: { at: [-13, -5.5], heightM: 7, headingDeg: 43, pitchDeg: 24, hfovDeg: 68 },
  along: { at: [-20, 1.2], heightM: 7.5, headingDeg: 9, pitchDeg: 19, hfovDeg: 60 },
  high: { at: [-3, -13], heightM: 10, headingDeg: 84, pitchDeg: 30, hfovDeg: 66 },
  lamps: { at: [2, -12], heightM: 6, headingDeg: 88, pitchDeg: 9, hfovDeg: 70 },
  close: { at: [1.2, -9], heightM: 5.2, headingDeg: 88, pitchDeg: 27, hfovDeg: 70 },
};

/**
 * A scene to be written: who comes when and where, what befalls light and camera, and what is true of it. Places are metres along and across the road.
 *
 * @param {{name: string, seed: number | string, type: string, durationS: number, camera?: keyof typeof cameraPlaces, light?: string, size?: readonly [number, number],
 *   fps?: number, look?: object, trees?: readonly (readonly [number, number])[], lamps?: readonly (readonly [number, number])[],
 *   wind?: number, bitrate?: string}} p
 */
export function createStage(p) {
  const rng = createRandom(`${p.name}/${p.seed}`);
  const [width, height] = p.size ?? [640, 360];
  const placed = cameraPlaces[p.camera ?? 'across'];
  const jitter = rng.fork('camera');
  const place = {
    ...placed,
    width,
    height,
    heightM: placed.heightM + jitter.range(-0.3, 0.3),
    headingDeg: placed.headingDeg + jitter.range(-2.5, 2.5),
    pitchDeg: placed.pitchDeg + jitter.range(-1, 1),
    rollDeg: jitter.range(-0.8, 0.8),
  };
  const camera = createCamera(place);
  const trees = (
    p.trees ?? [
      [-9, 12.6],
      [7.5, 12.6],
      [19, 12.6],
      [34, 12.6],
    ]
  ).map((at, i) => tree(rng.fork(`tree ${i}`), at, { wind: p.wind ?? 0.3 }));
  const lamps = (
    p.lamps ?? [
      [-14, -1],
      [2, 11.9],
      [16, -1],
      [30, 11.9],
    ]
  ).map((at) => lampPost(at, at[1] < 5 ? 1 : -1));
  const look = {
    zebra: rng.chance(0.5) ? rng.range(-2, 12) : null,
    covers: [
      [rng.range(-6, 8), 4.3],
      [rng.range(8, 18), 7],
    ],
    ...p.look,
  };
  const stage = {
    name: p.name,
    seed: p.seed,
    type: p.type,
    light: p.light ?? 'day',
    cameraPlace: p.camera ?? 'across',
    durationS: p.durationS,
    fps: p.fps ?? 5,
    width,
    height,
    bitrate: p.bitrate ?? '400k',
    rng,
    camera,
    /** The camera after somebody has turned it. */
    turned: (by) => createCamera({ ...place, ...Object.fromEntries(Object.entries(by).map(([key, value]) => [key, place[key] + value])) }),
    street: createStreet(rng.fork('street'), look),
    trees,
    lamps,
    actors: [],
    effects: [],
    zones: new Map(),
    lines: new Map(),
    watched: new Map(),
    places: new Map(),
    rules: [],
    incidents: [],

    /**
     * Puts something on the street.
     *
     * @param {object} thing from `things/`
     * @param {ReturnType<import('./paths.mjs').pathOf>} path
     * @param {{look?: object}} [more] `look`: what its pose holds beside its place
     */
    add(thing, path, more = {}) {
      const actor = { id: stage.actors.length + 1, thing, label: thing.label, path, ...more };
      stage.actors.push(actor);
      return actor;
    },
    effect(kind, options) {
      stage.effects.push({ kind, ...options });
    },
    /** A part of the ground, as its corners. */
    zone(name, corners) {
      stage.zones.set(name, corners);
    },
    /** A line on the ground. Who crosses it from its left to its right, seen from `from` towards `to`, goes `right`. */
    line(name, from, to) {
      stage.lines.set(name, { from, to });
    },
    /** Which way something moves in the picture that goes from one place of the ground to another: right and down, of length 1. */
    arrow(from, to) {
      const [x1, y1] = camera.project(from[0], from[1], 0);
      const [x2, y2] = camera.project(to[0], to[1], 0);
      const length = Math.hypot(x2 - x1, y2 - y1);
      return [(x2 - x1) / length, (y2 - y1) / length].map((c) => Math.round(c * 1000) / 1000);
    },
    /** Something that must stay: the box of a thing where it stands, as a zone of its name. */
    watch(name, actor) {
      stage.watched.set(name, actor);
    },
    /** A box of the picture, normalised: a zone of this name. */
    place(name, box) {
      stage.places.set(name, box);
    },
    /** What the camera is to look for: the rule's own options. */
    rule(options) {
      stage.rules.push(options);
    },
    /** What is true: an incident that the rule must tell. */
    incident(what) {
      stage.incidents.push({ type: stage.type, ...what });
    },
  };
  return stage;
}

/** Corners of a stretch of the road or pavement: from s1 to s2, between two distances across. */
export const stretch = (s1, s2, [d1, d2]) => [
  [s1, d1],
  [s2, d1],
  [s2, d2],
  [s1, d2],
];
export { across };
