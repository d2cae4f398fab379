import { createRandom } from '../random.js';
import { createGroundCamera } from './ground-camera.js';
import type { Mover } from './movers.js';
import { type DetectorFaults, USUAL_FAULTS } from './noisy-detections.js';
import { type TruePicture, truePictures } from './true-pictures.js';

/** A street with what happens in it: everything from a seed. */
export interface TrackScene {
  readonly name: string;
  readonly about: string;
  readonly faults: DetectorFaults;
  readonly movers: (random: () => number, seconds: number) => Omit<Mover, 'id'>[];
}

type Draft = Omit<Mover, 'id'>;
const upTo = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const between = (random: () => number, low: number, high: number): number => low + (high - low) * random();

/** Along the pavement at some distance, either way. */
function walker(random: () => number, seconds: number, z: readonly [number, number]): Draft {
  const way = random() < 0.5 ? 1 : -1;
  const at = between(random, ...z);
  const reach = 0.75 * at + 2;
  return {
    kind: random() < 0.12 ? 'bicycle' : 'person',
    way: [
      { x: -way * reach, y: at },
      { x: way * reach, y: at + between(random, -1, 1) },
    ],
    speedMps: between(random, 1, 1.7),
    startS: between(random, -10, seconds - 5),
    stops: random() < 0.2 ? [{ atM: between(random, 0.6, 1.3) * reach, forS: between(random, 2, 10) }] : [],
  };
}

/** Across the street, towards the camera or away. */
function crosser(random: () => number, seconds: number): Draft {
  const x = between(random, -6, 6);
  const ends = [
    { x, y: 20 },
    { x: x + between(random, -2, 2), y: 7 },
  ];
  return {
    kind: 'person',
    way: random() < 0.5 ? ends : ends.reverse(),
    speedMps: between(random, 1, 1.6),
    startS: between(random, 0, seconds - 8),
    stops: [],
  };
}

/** Along a lane, from the left for positive speeds. */
function driver(z: number, startS: number, speedMps: number, stops: Draft['stops'], kind: 'car' | 'bus' = 'car'): Draft {
  const reach = 0.75 * z + 8;
  const way = [
    { x: -reach, y: z },
    { x: reach, y: z },
  ];
  return { kind, way: speedMps > 0 ? way : way.reverse(), speedMps: Math.abs(speedMps), startS, stops };
}

/** Something that stands there from the beginning. */
const standing = (kind: 'pillar' | 'car' | 'person', x: number, z: number): Draft => ({
  kind,
  way: [
    { x, y: z },
    { x: x + 1, y: z },
  ],
  speedMps: 1,
  startS: 0,
  stops: [{ atM: 0, forS: Number.POSITIVE_INFINITY }],
});

/** Cars that come one after the other, wait at a line in a queue, and go on. */
function queue(random: () => number, z: number, fromS: number, count: number): Draft[] {
  const line = 0.75 * z + 8;
  return upTo(count, (i) => {
    const forS = Math.max(2, 16 - 2 * i);
    return driver(z, fromS + 2.5 * i, between(random, 8, 11), [{ atM: line - 6.5 * i, forS }]);
  });
}

function parking(random: () => number, seconds: number): Draft[] {
  const flow = upTo(Math.floor(seconds / 5), (i) => driver(11, 5 * i + between(random, 0, 2), between(random, 7, 12), []));
  const parked = upTo(3, (i) => driver(15, 4 * i, 8, [{ atM: 14 + 5.5 * (2 - i), forS: i === 2 ? 35 : Number.POSITIVE_INFINITY }]));
  const buses = [driver(9, 18, 8, [{ atM: 15, forS: 20 }], 'bus')];
  return [...flow, ...parked, ...buses, ...upTo(6, () => walker(random, seconds, [17, 20]))];
}

function square(random: () => number, seconds: number): Draft[] {
  return upTo(18, (): Draft => {
    const way = upTo(6, () => ({ x: between(random, -9, 9), y: between(random, 9, 22) }));
    const stops = upTo(2, (i) => ({ atM: between(random, 5 + 14 * i, 15 + 14 * i), forS: between(random, 3, 15) }));
    return { kind: 'person', way, speedMps: between(random, 0.8, 1.6), startS: between(random, -20, seconds / 2), stops };
  });
}

/** The scenes that the tracker is judged on. */
export const trackScenes: readonly TrackScene[] = [
  {
    name: 'crossing',
    about: 'people along a pavement both ways, others across the street',
    faults: USUAL_FAULTS,
    movers: (random, seconds) => [...upTo(12, () => walker(random, seconds, [12, 17])), ...upTo(5, () => crosser(random, seconds))],
  },
  {
    name: 'hidden',
    about: 'people behind pillars and a bus',
    faults: USUAL_FAULTS,
    movers: (random, seconds) => [
      ...upTo(10, () => walker(random, seconds, [12, 17])),
      ...[-5, 0, 5].map((x) => standing('pillar', x, 9)),
      driver(10, 20, 7, [{ atM: 15, forS: 12 }], 'bus'),
    ],
  },
  { name: 'parking', about: 'cars that park, behind flowing traffic and a bus at its stop', faults: USUAL_FAULTS, movers: parking },
  {
    name: 'junction',
    about: 'two queues of cars that stop and go, people before them',
    faults: USUAL_FAULTS,
    movers: (random, seconds) => [
      ...queue(random, 12, 2, 5),
      ...queue(random, 15, 8, 5),
      ...queue(random, 12, 34, 4),
      ...upTo(4, () => crosser(random, seconds)),
    ],
  },
  { name: 'square', about: 'eighteen people on a square who turn, stop and go on', faults: USUAL_FAULTS, movers: square },
  {
    name: 'drop-outs',
    about: 'people along a pavement, seen by a detector that loses them for seconds and sees what is not there',
    faults: { ...USUAL_FAULTS, miss: 0.2, spellsPerS: 0.2, spellS: 1.5, jitter: 0.06, falseBoxes: 0.8, falsePlaces: 6 },
    movers: (random, seconds) => [...upTo(10, () => walker(random, seconds, [10, 17])), standing('car', -4, 19), standing('person', 5, 14)],
  },
  {
    name: 'regions',
    about: 'people and cars as moving regions without names, which merge and fall apart',
    faults: { ...USUAL_FAULTS, regions: true },
    movers: (random, seconds) => [
      ...upTo(8, () => walker(random, seconds, [12, 20])),
      ...upTo(6, (i) => driver(10, 9 * i, between(random, 6, 10), [])),
      standing('person', -4, 15),
      standing('person', 3, 14),
    ],
  },
];

/** Share by which the time between two pictures varies, as it does where load is shared. */
const IRREGULAR = 0.2;

/** What truly is in the pictures of a scene. @param fps pictures a second, on average. */
export function renderTruth(scene: TrackScene, seed: number, fps: number, seconds: number): TruePicture[] {
  const random = createRandom(seed);
  const movers = scene.movers(random, seconds).map((mover, i) => ({ ...mover, id: i + 1 }));
  const times = upTo(Math.floor(seconds * fps), (i) => Math.round((1000 * (i + IRREGULAR * random())) / fps));
  return truePictures(createGroundCamera(6, 18, 70), movers, times);
}
