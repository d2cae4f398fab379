import { shareInside } from '../../core/geometry/box.js';
import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';

/** What people ride on, and sit in, by the models' labels. */
export const RIDDEN = ['bicycle', 'motorcycle'] as const;
export const VEHICLES_WITH_PEOPLE = ['car', 'truck', 'bus'] as const;

/** Share of the lower half of a person that a two-wheeler covers when he rides it; who walks past one is covered for a moment. */
const RIDES = 0.3;
/** Share of a person that a vehicle covers when he sits in it, and how far above its lower edge his box ends, shares of its height. */
const SITS = 0.8;
const SEAT = 0.12;
/** Share of looks that make a rider of somebody: detectors see the bicycle now and then only. */
const RIDER = 0.25;
/** Looks that count: the older half is forgotten when there are so many. */
const MAX_LOOKS = 40;
/** Nobody walks or runs on a road for a second as fast as this, m/s: a rider whose two-wheeler nobody sees. */
const TOO_FAST_MPS = 5;
/** Time over which he must be that fast, milliseconds. */
const FAST_MS = 1_000;
/** Who is not seen for so long is forgotten, milliseconds. */
const FORGET_MS = 10_000;

/** Tells people on foot from those who ride or sit in something: from all looks at them, since one may miss the bicycle. */
export interface OnFoot {
  /** Takes a look at all people of a picture. */
  look(frame: StreetFrame, people: readonly TrackedObject[]): void;
  is(person: TrackedObject): boolean;
}

export function createOnFoot(ground: GroundPlane | null): OnFoot {
  const known = new Map<number, { looks: number; rides: number; fast: boolean; ptsMs: number }>();

  const isFast = ({ path, foot }: TrackedObject, ptsMs: number): boolean => {
    const from = path.findLast((point) => point.ptsMs <= ptsMs - FAST_MS);
    const [a, b] = [from === undefined ? null : (ground?.metresAt(from) ?? null), ground?.metresAt(foot) ?? null];
    if (from === undefined || a === null || b === null) return false;
    return Math.hypot(a.x - b.x, a.y - b.y) / ((ptsMs - from.ptsMs) / 1000) > TOO_FAST_MPS;
  };

  return {
    look({ objects, ptsMs }, people) {
      const others = objects.filter(({ state }) => state !== 'tentative');
      for (const person of people) {
        if (person.state !== 'confirmed') continue;
        const before = known.get(person.id) ?? { looks: 0, rides: 0, fast: false, ptsMs };
        const old = before.looks >= MAX_LOOKS ? 0.5 : 1;
        known.set(person.id, {
          looks: before.looks * old + 1,
          rides: before.rides * old + (others.some((other) => isCarriedBy(person, other)) ? 1 : 0),
          // Who has been that fast once rides, also while he waits.
          fast: before.fast || isFast(person, ptsMs),
          ptsMs,
        });
      }
      for (const [id, { ptsMs: seen }] of known) if (ptsMs - seen > FORGET_MS) known.delete(id);
    },
    is({ id }) {
      const one = known.get(id);
      return one !== undefined && !one.fast && one.rides < RIDER * one.looks;
    },
  };
}

/** Whether somebody rides on something, or sits in it. */
function isCarriedBy({ box }: TrackedObject, { label, box: by }: TrackedObject): boolean {
  if ((RIDDEN as readonly string[]).includes(label)) {
    return shareInside({ ...box, y1: (box.y1 + box.y2) / 2 }, by) >= RIDES;
  }
  if (!(VEHICLES_WITH_PEOPLE as readonly string[]).includes(label)) return false;
  // Who stands before it has his feet as low as its wheels.
  return shareInside(box, by) >= SITS && box.y2 < by.y2 - SEAT * (by.y2 - by.y1);
}
