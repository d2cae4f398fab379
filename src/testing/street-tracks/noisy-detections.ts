import type { Detection } from '../../core/detection/detection.js';
import type { Box } from '../../domain/geometry.js';
import { UNKNOWN_OBJECT } from '../../domain/street.js';
import type { Kind } from './movers.js';
import type { TrueObject, TruePicture } from './true-pictures.js';

/** How badly a detector sees. */
export interface DetectorFaults {
  /** Chance that a thing in full view is not found in a picture. */
  readonly miss: number;
  /** Spells in which a thing is not found at all: how many a second, and how long on average. */
  readonly spellsPerS: number;
  readonly spellS: number;
  /** Standard deviation of each edge, share of the side. */
  readonly jitter: number;
  /** False boxes a picture, anywhere; and places at which one flickers every now and then. */
  readonly falseBoxes: number;
  readonly falsePlaces: number;
  /** Moving regions instead of a model: without names, what touches becomes one box, and some fall into parts. */
  readonly regions: boolean;
}

/** What a nano model does on the shared clips, roughly. */
export const USUAL_FAULTS: DetectorFaults = {
  ...{ miss: 0.05, spellsPerS: 0.03, spellS: 1.5, jitter: 0.03, falseBoxes: 0.1, falsePlaces: 2, regions: false },
};

const LABELS: Record<Kind, readonly [string, string]> = {
  person: ['person', 'person'],
  bicycle: ['bicycle', 'person'],
  car: ['car', 'truck'],
  bus: ['bus', 'truck'],
  pillar: ['', ''],
};
/** Chance that a thing is called by its second name; that regions that touch become one; that a region falls apart. */
const RENAME = 0.1;
const MERGE = 0.85;
const SPLIT = 0.06;
/** Less is never found. */
const LEAST_VISIBLE = 0.25;

/** What a faulty detector would find in pictures; the same for the same random numbers. @param random uniform in 0..1. */
export function noisyDetections(pictures: readonly TruePicture[], faults: DetectorFaults, random: () => number): Detection[][] {
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const blindUntilMs = new Map<number, number>();
  const places = Array.from({ length: faults.falsePlaces }, () => falseBox(random));
  let beforeMs = 0;

  const find = ({ id, kind, visible, visibleBox }: TrueObject, ptsMs: number): Detection[] => {
    if (random() < faults.spellsPerS * ((ptsMs - beforeMs) / 1000))
      blindUntilMs.set(id, ptsMs - 1000 * faults.spellS * Math.log(1 - random()));
    const { x1, y1, x2, y2 } = visibleBox;
    const [sx, sy] = [faults.jitter * (x2 - x1), faults.jitter * (y2 - y1)];
    const box = { x1: x1 + sx * gauss(), y1: y1 + sy * gauss(), x2: x2 + sx * gauss(), y2: y2 + sy * gauss() };
    const score = 0.1 + 0.7 * visible + 0.1 * gauss();
    const label = LABELS[kind][random() < RENAME ? 1 : 0];
    const missed = random() < faults.miss + 0.4 * (1 - visible);
    if (kind === 'pillar' || visible < LEAST_VISIBLE || missed || score < 0.1 || ptsMs < (blindUntilMs.get(id) ?? 0)) return [];
    return [{ box: inside(box), label: faults.regions ? UNKNOWN_OBJECT : label, score: Math.min(0.99, score) }];
  };

  return pictures.map(({ ptsMs, objects }) => {
    const found = objects.flatMap((object) => find(object, ptsMs));
    beforeMs = ptsMs;
    const scored = (box: Box): Detection => ({ box, label: faults.regions ? UNKNOWN_OBJECT : 'person', score: 0.15 + 0.4 * random() });
    if (random() < faults.falseBoxes) found.push(scored(falseBox(random)));
    for (const place of places) if (random() < 0.1) found.push(scored(place));
    return faults.regions ? merged(found, random).flatMap((region) => (random() < SPLIT ? parts(region, random) : [region])) : found;
  });
}

/** Regions that touch as one, mostly. */
function merged(found: readonly Detection[], random: () => number): Detection[] {
  const regions: Detection[] = [];
  for (const one of found) {
    const i = regions.findIndex(({ box }) => touch(box, one.box) && random() < MERGE);
    const other = regions[i];
    if (other === undefined) regions.push(one);
    else regions[i] = { ...other, box: around(other.box, one.box) };
  }
  return regions;
}

function parts({ box, ...rest }: Detection, random: () => number): Detection[] {
  const y = box.y1 + (0.3 + 0.4 * random()) * (box.y2 - box.y1);
  return [
    { ...rest, box: { ...box, y2: y } },
    { ...rest, box: { ...box, y1: y } },
  ];
}

const touch = (a: Box, b: Box): boolean => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
const around = (a: Box, b: Box): Box => ({
  x1: Math.min(a.x1, b.x1),
  y1: Math.min(a.y1, b.y1),
  x2: Math.max(a.x2, b.x2),
  y2: Math.max(a.y2, b.y2),
});
const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const inside = ({ x1, y1, x2, y2 }: Box): Box => ({
  x1: clamp(Math.min(x1, x2)),
  y1: clamp(Math.min(y1, y2)),
  x2: clamp(Math.max(x1, x2)),
  y2: clamp(Math.max(y1, y2)),
});

function falseBox(random: () => number): Box {
  const [x, y, w, h] = [random(), random(), 0.02 + 0.08 * random(), 0.05 + 0.15 * random()];
  return inside({ x1: x - w / 2, y1: y - h / 2, x2: x + w / 2, y2: y + h / 2 });
}
