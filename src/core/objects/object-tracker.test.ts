import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import type { TrackedObject } from '../../domain/street.js';
import { createRandom } from '../../testing/random.js';
import type { Detection } from '../detection/detection.js';
import { createObjectTracker } from './object-tracker.js';

/** A person of 0.04 × 0.2 or a car of 0.16 × 0.12, by its foot. */
const person = (x: number, y: number, score = 0.8): Detection => ({ label: 'person', score, box: boxAt(x, y, 0.04, 0.2) });
const car = (x: number, y: number, score = 0.8): Detection => ({ label: 'car', score, box: boxAt(x, y, 0.16, 0.12) });
const bus = (x: number, y: number): Detection => ({ label: 'bus', score: 0.9, box: boxAt(x, y, 0.5, 0.4) });
const boxAt = (x: number, y: number, w: number, h: number): Box => ({ x1: x - w / 2, x2: x + w / 2, y1: y - h, y2: y });
const object = (x: number, y: number, w: number, h: number): Detection => ({ label: 'object', score: 0.8, box: boxAt(x, y, w, h) });

/** Where a motorcycle at 75 km/h is that drives off from before a camera, by picture: x, y, width, height. */
function offAt(k: number): [number, number, number, number] {
  const near = 0.78 ** k;
  return [0.15 + 0.82 * (1 - near), 0.94 - 0.72 * (1 - near), 0.12 * near, 0.24 * near];
}

interface Run {
  readonly seconds: number;
  /** Pictures a second. */
  readonly fps?: number;
  readonly named?: boolean;
  readonly at: (t: number) => readonly Detection[] | null;
}

/** What a tracker says after every picture. */
function follow({ seconds, fps = 5, named = true, at }: Run): { readonly t: number; readonly objects: readonly TrackedObject[] }[] {
  const tracker = createObjectTracker({ named });
  return Array.from({ length: Math.round(seconds * fps) + 1 }, (_, i) => ({
    t: i / fps,
    objects: tracker.step((1000 * i) / fps, at(i / fps)),
  }));
}

const last = <T>(list: readonly T[]): T => list[list.length - 1] as T;
const confirmedIds = (run: ReturnType<typeof follow>): number[] => [
  ...new Set(run.flatMap(({ objects }) => objects.filter((o) => o.state === 'confirmed').map((o) => o.id))),
];

describe('an object that moves', () => {
  it.each([1, 2, 5, 10])('at %d pictures a second keeps its id, and its path and speed are its own', (fps) => {
    const run = follow({ seconds: 5, fps, at: (t) => [person(0.1 + 0.12 * t, 0.6)] });
    expect(confirmedIds(run)).toHaveLength(1);
    const { objects } = last(run);
    expect(objects).toHaveLength(1);
    const [walker] = objects;
    expect(walker).toMatchObject({
      label: 'person',
      state: 'confirmed',
      stillSincePtsMs: null,
      stillBox: null,
      firstPtsMs: 0,
      seenPtsMs: 5000,
    });
    expect(walker?.velocity.x).toBeCloseTo(0.12, 1);
    expect(walker?.velocity.y).toBeCloseTo(0, 2);
    expect(walker?.foot.x).toBeCloseTo(0.7, 2);
    expect(walker?.path).toHaveLength(5 * fps + 1);
    expect(walker?.path[0]).toMatchObject({ ptsMs: 0, x: expect.closeTo(0.1, 6), y: expect.closeTo(0.6, 6) });
  });

  it('is tentative at first, and a flicker never counts', () => {
    const run = follow({
      seconds: 4,
      at: (t) => [person(0.2 + 0.1 * t, 0.6), ...(Math.round(t * 5) === 7 ? [person(0.8, 0.9, 0.6)] : [])],
    });
    expect(run[0]?.objects.map((o) => o.state)).toEqual(['tentative']);
    expect(run[1]?.objects.map((o) => o.state)).toEqual(['tentative']);
    expect(run[2]?.objects.map((o) => o.state)).toEqual(['confirmed']);
    expect(confirmedIds(run)).toEqual([1]);
    expect(last(run).objects.map((o) => o.id)).toEqual([1]);
  });

  it('is one when it goes on by four of its lengths from picture to picture, and drives off along the view', () => {
    const rider = (k: number): Detection => ({ label: 'motorcycle', score: 0.8, box: boxAt(...offAt(k)) });
    const run = follow({ seconds: 2, at: (t) => (t > 1.5 ? [] : [rider(Math.round(5 * t))]) });
    expect(confirmedIds(run)).toEqual([1]);
    const [third] = run.slice(2);
    expect(third?.objects).toMatchObject([{ id: 1, state: 'confirmed', firstPtsMs: 0 }]);
    expect(third?.objects[0]?.path).toHaveLength(3);
    expect(run.slice(2, 8).every(({ objects }) => objects.length === 1 && objects[0]?.state === 'confirmed')).toBe(true);
  });

  it.each<[string, (k: number) => Detection]>([
    ['to and fro', (k) => person(k === 1 ? 0.75 : 0.4, 0.6)],
    ['under other names', (k) => ({ ...person(0.2 + 0.2 * k, 0.6), label: ['person', 'car', 'bicycle'][k] as string })],
    ['in other sizes', (k) => ({ label: 'person', score: 0.8, box: boxAt(0.2 + 0.2 * k, 0.6, 0.04 * (k + 1), 0.1 * (k + 1)) })],
    ['too far apart for anything', (k) => ({ label: 'person', score: 0.8, box: boxAt(0.05 + 0.4 * k, 0.6, 0.02, 0.06) })],
  ])('is none when something is seen three times, %s', (_, at) => {
    expect(confirmedIds(follow({ seconds: 2, at: (t) => (t > 0.5 ? [] : [at(Math.round(5 * t))]) }))).toEqual([]);
  });

  it('keeps its id when two cross', () => {
    const run = follow({ seconds: 6, at: (t) => [person(0.1 + 0.13 * t, 0.6), person(0.9 - 0.13 * t, 0.62)] });
    expect(confirmedIds(run)).toEqual([1, 2]);
    const { objects } = last(run);
    expect(objects.find((o) => o.id === 1)?.foot.x).toBeCloseTo(0.88, 1);
    expect(objects.find((o) => o.id === 2)?.foot.x).toBeCloseTo(0.12, 1);
  });

  it('keeps its id behind a pillar for two seconds, lost the while', () => {
    const run = follow({ seconds: 7, at: (t) => (t > 2.5 && t < 4.5 ? [] : [person(0.1 + 0.1 * t, 0.6)]) });
    expect(confirmedIds(run)).toEqual([1]);
    const hidden = run.find(({ t }) => t === 4) as (typeof run)[number];
    expect(hidden.objects).toMatchObject([{ id: 1, state: 'lost', seenPtsMs: 2400 }]);
    expect(last(run).objects).toMatchObject([{ id: 1, state: 'confirmed' }]);
  });

  it('is kept by weak detections, but not begun by them', () => {
    const run = follow({ seconds: 6, at: (t) => [person(0.1 + 0.1 * t, 0.6, t < 2 ? 0.8 : 0.2), person(0.9, 0.9, 0.3)] });
    expect(confirmedIds(run)).toEqual([1]);
    expect(last(run).objects).toMatchObject([{ id: 1, state: 'confirmed', seenPtsMs: 6000 }]);
  });

  it('that leaves the picture is forgotten within two seconds', () => {
    const run = follow({ seconds: 10, at: (t) => (0.5 + 0.1 * t < 1 ? [person(0.5 + 0.1 * t, 0.6)] : []) });
    expect(run.find(({ t }) => t === 7)?.objects).toEqual([]);
  });

  it('misses nothing where nobody looked', () => {
    const run = follow({ seconds: 6, at: (t) => (Math.round(t * 5) % 5 === 0 ? [person(0.1 + 0.1 * t, 0.6)] : null) });
    expect(confirmedIds(run)).toEqual([1]);
    expect(run.slice(10).every(({ objects }) => objects.length === 1 && objects[0]?.state === 'confirmed')).toBe(true);
    expect(last(run.slice(0, -2)).objects[0]?.foot.x).toBeCloseTo(0.1 + 0.1 * 5.6, 1);
  });

  it('is called what it is called most, weighted by score', () => {
    const run = follow({
      seconds: 4,
      at: (t) => [{ ...car(0.2 + 0.1 * t, 0.6), ...(Math.round(t * 5) % 3 === 0 ? { label: 'truck', score: 0.5 } : {}) }],
    });
    expect(confirmedIds(run)).toEqual([1]);
    expect(last(run).objects[0]).toMatchObject({ label: 'car' });
    expect(last(run).objects[0]?.score).toBeCloseTo((0.8 * 2) / 3, 1);
  });

  it('is one when a model gives it two names at once', () => {
    const run = follow({ seconds: 3, at: (t) => [car(0.2 + 0.1 * t, 0.6), { ...car(0.201 + 0.1 * t, 0.6, 0.5), label: 'truck' }] });
    expect(confirmedIds(run)).toEqual([1]);
  });
});

describe('a thing that stands', () => {
  const stop = (t: number): number => Math.min(0.5, 0.1 + 0.1 * t);

  it('tells since when, and where', () => {
    const { objects } = last(follow({ seconds: 20, at: (t) => [car(stop(t), 0.7)] }));
    expect(objects[0]?.stillSincePtsMs).toBeGreaterThanOrEqual(3000);
    expect(objects[0]?.stillSincePtsMs).toBeLessThanOrEqual(4400);
    expect(objects[0]?.stillBox?.x1).toBeCloseTo(0.42, 2);
    expect(objects[0]?.velocity).toEqual({ x: 0, y: 0 });
  });

  it.each([1, 2, 5, 10])('at %d pictures a second, keeps its id and its time behind a bus for half a minute', (fps) => {
    const busAt = (t: number): number => (t < 30 ? -0.3 + 0.4 * Math.max(0, t - 20) : t < 50 ? 0.5 : 0.5 + 0.4 * (t - 50));
    const at = (t: number): Detection[] => {
      const x = Math.min(busAt(t), t < 50 ? 0.5 : 9);
      const there = bus(x, 0.85);
      const covers = Math.abs(x - 0.5) < 0.3;
      return [...(covers ? [] : [car(stop(t), 0.7)]), ...(Math.abs(x - 0.5) < 0.7 ? [there] : [])];
    };
    const run = follow({ seconds: 60, fps, at });
    const before = run.find(({ t }) => t === 19)?.objects.find((o) => o.label === 'car') as TrackedObject;
    const behind = run.find(({ t }) => t === 40)?.objects.find((o) => o.label === 'car') as TrackedObject;
    const after = last(run).objects.find((o) => o.label === 'car') as TrackedObject;
    expect(behind).toMatchObject({ id: before.id, state: 'lost', stillSincePtsMs: before.stillSincePtsMs });
    expect(after).toMatchObject({ id: before.id, state: 'confirmed', stillSincePtsMs: before.stillSincePtsMs });
  });

  it('keeps its id and its time when the detector loses it for many seconds', () => {
    const run = follow({ seconds: 80, at: (t) => (t > 15 && t < 50 ? [] : [car(stop(t), 0.7)]) });
    expect(confirmedIds(run)).toEqual([1]);
    expect(last(run).objects[0]?.stillSincePtsMs).toBeLessThanOrEqual(4400);
  });

  it('stands through jitter and a box that is somebody else’s, and moves when it moves', () => {
    const random = createRandom(7);
    const jitter = (): number => (random() - 0.5) * 0.02;
    const leave = (t: number): number => (t < 30 ? stop(t) : 0.5 + 0.1 * (t - 30));
    const run = follow({
      seconds: 33,
      at: (t) => (t === 20 ? [car(0.56, 0.7)] : [car(leave(t) + jitter(), 0.7 + jitter())]),
    });
    const standing = run.filter(({ t }) => t >= 10 && t < 30).map(({ objects }) => objects[0]?.stillSincePtsMs);
    expect(new Set(standing).size).toBe(1);
    expect(standing[0]).not.toBeNull();
    expect(last(run).objects).toMatchObject([{ id: 1, stillSincePtsMs: null, stillBox: null }]);
    const moved = run.find(({ t, objects }) => t >= 30 && objects[0]?.stillSincePtsMs === null);
    expect(moved?.t).toBeLessThanOrEqual(31.6);
  });

  it('keeps its time while only its half is seen for minutes', () => {
    const half = boxAt(0.54, 0.7, 0.08, 0.12);
    const run = follow({ seconds: 180, at: (t) => [t > 20 && t < 160 ? { ...car(0.5, 0.7), box: half } : car(stop(t), 0.7)] });
    expect(confirmedIds(run)).toEqual([1]);
    expect(last(run).objects[0]?.stillSincePtsMs).toBeLessThanOrEqual(4400);
    expect(run.find(({ t }) => t === 150)?.objects[0]).toMatchObject({ state: 'confirmed' });
    expect(run.find(({ t }) => t === 150)?.objects[0]?.stillBox?.x1).toBeCloseTo(0.42, 2);
  });

  it('is not taken along by a passer of its size whom the detector saw in its stead', () => {
    const passer = (t: number): number => 0.35 + 0.1 * (t - 20);
    const run = follow({
      seconds: 26,
      at: (t) => {
        const passes = t >= 20 && t < 24;
        const hidden = passes && Math.abs(passer(t) - 0.5) < 0.08;
        return [...(hidden ? [] : [person(0.5, 0.7)]), ...(passes && passer(t) > 0.48 ? [person(passer(t), 0.71)] : [])];
      },
    });
    const stands = last(run).objects.filter((o) => o.stillSincePtsMs === 0);
    expect(stands).toMatchObject([{ id: 1, state: 'confirmed' }]);
    expect(stands[0]?.foot.x).toBeCloseTo(0.5, 2);
  });

  it('does not lend its id to what pulls up behind it', () => {
    // Three cars in a queue, a car length and a half apart, that go on one place at once.
    const at = (t: number): Detection[] => {
      const gone = Math.max(0, Math.min(0.24, 0.06 * (t - 10)));
      return [0.66, 0.42, 0.18].map((x) => car(x + gone, 0.7));
    };
    const run = follow({ seconds: 20, at });
    expect(confirmedIds(run)).toEqual([1, 2, 3]);
    const places = last(run).objects.map((o) => [o.id, Math.round(100 * o.foot.x)]);
    expect(places).toEqual([
      [1, 90],
      [2, 66],
      [3, 42],
    ]);
    expect(last(run).objects.every((o) => (o.stillSincePtsMs ?? 0) > 12_000)).toBe(true);
  });

  it('is forgotten a minute after it went unseen', () => {
    const run = follow({ seconds: 90, at: (t) => (t < 22 ? [car(stop(t), 0.7)] : []) });
    expect(run.find(({ t }) => t === 80)?.objects).toHaveLength(1);
    expect(run.find(({ t }) => t === 85)?.objects).toHaveLength(0);
  });

  it('does not stand while it walks slowly away along the view', () => {
    const run = follow({
      seconds: 8,
      at: (t) => [{ ...person(0.5, 0.9), box: boxAt(0.5, 0.9 - 0.025 * t, 0.05 - 0.002 * t, 0.25 - 0.01 * t) }],
    });
    expect(run.every(({ objects }) => objects.every((o) => o.stillSincePtsMs === null))).toBe(true);
  });
});

describe('objects without names', () => {
  it('that stand keep their ids when a passer merges with them', () => {
    const at = (t: number): Detection[] => {
      const x = 0.1 + 0.1 * (t - 10);
      const [a, b] = [object(0.4, 0.7, 0.05, 0.2), object(0.6, 0.7, 0.05, 0.2)];
      if (t < 10) return [a, b];
      const passer = object(x, 0.72, 0.05, 0.2);
      const union = (p: Detection, q: Detection): Detection => ({
        ...p,
        box: {
          x1: Math.min(p.box.x1, q.box.x1),
          y1: Math.min(p.box.y1, q.box.y1),
          x2: Math.max(p.box.x2, q.box.x2),
          y2: Math.max(p.box.y2, q.box.y2),
        },
      });
      if (Math.abs(x - 0.4) < 0.06) return [union(a, passer), b];
      if (Math.abs(x - 0.6) < 0.06) return [a, union(b, passer)];
      return [a, b, passer];
    };
    const run = follow({ seconds: 18, named: false, at });
    const placed = last(run).objects.filter((o) => o.state === 'confirmed');
    expect(placed.find((o) => o.id === 1)?.foot.x).toBeCloseTo(0.4, 2);
    expect(placed.find((o) => o.id === 2)?.foot.x).toBeCloseTo(0.6, 2);
    expect(placed.find((o) => o.id === 1)?.stillSincePtsMs).toBe(0);
    expect(placed.find((o) => o.id === 2)?.stillSincePtsMs).toBe(0);
    expect(placed.find((o) => o.id === 3)?.foot.x).toBeCloseTo(0.9, 1);
    expect(placed).toHaveLength(3);
  });

  it('that stand and are seen by an arm that moves now and then stay one, and go as they came', () => {
    const at = (t: number): Detection[] => {
      if (t < 4) return [object(0.3 + 0.1 * t, 0.8, 0.08, 0.2)];
      if (t < 8) return [object(0.7, 0.8, 0.08, 0.2)];
      if (t < 20) return Math.round(t) % 3 === 0 ? [object(0.71, 0.7, 0.02, 0.07)] : [];
      // What the background took in while it stood there is seen as a hole when it goes.
      return [object(0.7 - 0.1 * (t - 20), 0.8, 0.08, 0.2), object(0.72, 0.78, 0.02, 0.05)];
    };
    const run = follow({ seconds: 22, named: false, at });
    expect(run.filter(({ t }) => t >= 1 && t < 20).every(({ objects }) => objects.map((o) => o.id).join() === '1')).toBe(true);
    expect(run.find(({ t }) => t === 19)?.objects[0]?.stillSincePtsMs).toBeLessThanOrEqual(4400);
    expect(last(run).objects.map((o) => o.id)).toEqual([1]);
    const gone = last(run).objects[0];
    expect(gone).toMatchObject({ state: 'confirmed', stillSincePtsMs: null });
    expect(gone?.foot.x).toBeCloseTo(0.5, 1);
  });

  it('that fall into parts stay one', () => {
    const at = (t: number): Detection[] => {
      const x = 0.1 + 0.1 * t;
      return Math.round(t * 5) % 4 === 3 ? [object(x, 0.55, 0.05, 0.08), object(x, 0.7, 0.05, 0.1)] : [object(x, 0.7, 0.05, 0.24)];
    };
    const run = follow({ seconds: 7, named: false, at });
    expect(confirmedIds(run)).toEqual([1]);
  });
});

describe('any pictures', () => {
  it('give unique ids, boxes of sense, bounded paths and order of time', () => {
    const detection = fc.record({
      x: fc.double({ min: 0, max: 1, noNaN: true }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
      w: fc.double({ min: 0, max: 0.5, noNaN: true }),
      h: fc.double({ min: 0, max: 0.5, noNaN: true }),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      label: fc.constantFrom('person', 'car'),
    });
    const picture = fc.record({ dt: fc.integer({ min: 0, max: 3000 }), found: fc.option(fc.array(detection, { maxLength: 6 })) });
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 40 }), fc.boolean(), (pictures, named) => {
        const tracker = createObjectTracker({ named });
        let ptsMs = 0;
        for (const { dt, found } of pictures) {
          ptsMs += dt;
          const objects = tracker.step(
            ptsMs,
            found?.map(({ x, y, w, h, score, label }) => ({ label, score, box: boxAt(x, y, w, h) })) ?? null,
          );
          expect(new Set(objects.map((o) => o.id)).size).toBe(objects.length);
          for (const o of objects) {
            for (const value of [...Object.values(o.box), o.foot.x, o.foot.y, o.velocity.x, o.velocity.y, o.score])
              expect(value).toSatisfy(Number.isFinite);
            expect(o.box.x2).toBeGreaterThanOrEqual(o.box.x1);
            expect(o.stillSincePtsMs === null).toBe(o.stillBox === null);
            expect(o.firstPtsMs).toBeLessThanOrEqual(o.stillSincePtsMs ?? o.seenPtsMs);
            expect(o.seenPtsMs).toBeLessThanOrEqual(ptsMs);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('of an hour leave a path of at most 200 points, its first among them, and all of the last ten seconds', () => {
    const { objects } = last(follow({ seconds: 3600, at: (t) => [car(0.5 + 0.4 * Math.sin(t / 8), 0.7)] }));
    const path = objects[0]?.path ?? [];
    expect(path.length).toBeLessThanOrEqual(200);
    expect(path[0]?.ptsMs).toBe(0);
    expect(path.filter((p) => p.ptsMs > 3_590_000)).toHaveLength(50);
    expect(path.every((p, i) => i === 0 || p.ptsMs > (path[i - 1]?.ptsMs ?? 0))).toBe(true);
  });

  it('begin anew when the clock goes back', () => {
    const tracker = createObjectTracker({ named: true });
    tracker.step(5000, [person(0.5, 0.5)]);
    expect(tracker.step(1000, [person(0.5, 0.5)])).toMatchObject([{ id: 2, firstPtsMs: 1000 }]);
  });
});
