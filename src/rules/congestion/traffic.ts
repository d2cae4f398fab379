import { intersectionOverUnion } from '../../core/geometry/box.js';
import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { Box, Line, Point, Polygon } from '../../domain/geometry.js';
import { type StreetFrame, type TrackedObject, UNKNOWN_OBJECT } from '../../domain/street.js';
import { footOf } from '../common/boxes.js';
import type { Footing } from '../common/footing.js';
import { inZone } from '../common/matching.js';
import { isVehicleSized } from '../common/vehicle-sights.js';

/** One vehicle in the zone. */
export interface TrafficVehicle {
  readonly box: Box;
  readonly label: string;
  readonly score: number;
  /** Over ground, averaged over the last seconds; `null` where metres are unknown. */
  readonly mps: number | null;
  /** It stands or creeps. */
  readonly queued: boolean;
}

export interface TrafficOptions {
  readonly zone: Polygon | null;
  readonly ground: GroundPlane | null;
  readonly footing: Footing;
  readonly aspect: number;
  /** What is slower creeps, m/s. */
  readonly slowMps: number;
}

/** Pace is averaged over so long, milliseconds: in a jam cars stop and go by turns of some seconds. */
const PACE_MS = 8_000;
/** And needs so much; until then the tracker's own speed counts. */
const LEAST_MS = 2_000;
/** Over so short a step, seconds, since the same speed looks ever slower farther away. */
const STEP_S = 0.1;
/** What goes fewer of its own sizes a second creeps, where metres are unknown. */
const SLOW_SIZES_PER_S = 0.3;
/** Still things that overlap an object by so much are that object. */
const SAME = 0.3;
/** What has stood for so long is parked, and no part of the traffic, milliseconds. */
const PARKED_MS = 900_000;

/**
 * The vehicles in the zone and how fast they go. Without a model, what the background found to stand there, too, where it is as large as one.
 *
 * @param counted objects that are, or are as large as, vehicles.
 */
export function trafficIn(frame: StreetFrame, counted: readonly TrackedObject[], options: TrafficOptions): readonly TrafficVehicle[] {
  const { ptsMs, named } = frame;
  const { zone, ground, aspect } = options;
  const isParked = (since: number | null): boolean => since !== null && ptsMs - since > PARKED_MS;
  const objects = counted.filter(
    ({ box, label, stillSincePtsMs, state }) =>
      inZone(zone, options.footing(box, label)) &&
      !isParked(stillSincePtsMs) &&
      // What is lost while it moves may have left. Without a model, the background knows better what stands where.
      (named ? state === 'confirmed' || stillSincePtsMs !== null : state === 'confirmed' && stillSincePtsMs === null),
  );
  const vehicles = objects.map((object): TrafficVehicle => {
    const pace = paceOf(object, ptsMs, ground);
    const queued = pace.mps === null ? pace.sizesPerS < SLOW_SIZES_PER_S : pace.mps < options.slowMps;
    return { box: object.box, label: object.label, score: object.score, mps: pace.mps, queued };
  });
  if (named) return vehicles;
  const still = frame.still.filter(
    ({ kind, state, box, sincePtsMs }) =>
      kind === 'added' &&
      state !== 'gone' &&
      !isParked(sincePtsMs) &&
      inZone(zone, footOf(box)) &&
      isVehicleSized(box, ground, aspect) &&
      !objects.some((one) => intersectionOverUnion(one.box, box) >= SAME),
  );
  return [
    ...vehicles,
    ...still.map(({ box, confidence }) => ({
      box,
      label: UNKNOWN_OBJECT,
      score: confidence,
      mps: ground === null ? null : 0,
      queued: true,
    })),
  ];
}

function paceOf({ path, foot, box, velocity, stillSincePtsMs }: TrackedObject, ptsMs: number, ground: GroundPlane | null) {
  const from = path.find((point) => point.ptsMs >= ptsMs - PACE_MS);
  const seconds = from === undefined ? 0 : (ptsMs - from.ptsMs) / 1000;
  const settled = from !== undefined && seconds >= LEAST_MS / 1000;
  const before: Point = settled ? from : { x: foot.x - STEP_S * velocity.x, y: foot.y - STEP_S * velocity.y };
  const took = settled ? seconds : STEP_S;
  const [a, b] = [ground?.metresAt(before) ?? null, ground?.metresAt(foot) ?? null];
  const mps = a === null || b === null ? null : Math.hypot(a.x - b.x, a.y - b.y) / took;
  const sizes = Math.hypot((foot.x - before.x) / Math.max(1e-6, box.x2 - box.x1), (foot.y - before.y) / Math.max(1e-6, box.y2 - box.y1));
  // What stands now may have come fast: it is part of the queue at once.
  return stillSincePtsMs === null ? { mps, sizesPerS: sizes / took } : { mps: mps === null ? null : 0, sizesPerS: 0 };
}

/** Counts vehicles as they come into the zone, or across the line, each once. */
export function createFlowCounter(zone: Polygon | null, line: Line | null) {
  /** By object: where it was last, when, and when it was counted. */
  const known = new Map<number, { foot: Point; ptsMs: number; inside: boolean; countedPtsMs: number }>();
  return {
    /** @returns how many came with this picture. */
    step(objects: readonly TrackedObject[], ptsMs: number): number {
      let count = 0;
      for (const { id, foot, state } of objects) {
        if (state !== 'confirmed') continue;
        const inside = inZone(zone, foot);
        const before = known.get(id);
        const came = line === null ? inside && before?.inside !== true : before !== undefined && crosses(before.foot, foot, line);
        const counts = came && ptsMs - (before?.countedPtsMs ?? Number.NEGATIVE_INFINITY) > AGAIN_MS;
        if (counts) count++;
        known.set(id, { foot, ptsMs, inside, countedPtsMs: counts ? ptsMs : (before?.countedPtsMs ?? Number.NEGATIVE_INFINITY) });
      }
      for (const [id, { ptsMs: seen }] of known) if (ptsMs - seen > FORGET_MS) known.delete(id);
      return count;
    },
  };
}

/** Who trembles on the line is one vehicle, milliseconds. */
const AGAIN_MS = 10_000;
const FORGET_MS = 30_000;

function crosses(a: Point, b: Point, { from, to }: Line): boolean {
  const side = (p: Point, q: Point, r: Point): number => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(from, to, a) !== side(from, to, b) && side(a, b, from) !== side(a, b, to);
}
