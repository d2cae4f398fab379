import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate, MotionFrame } from '../motion/candidate.js';
import { CandidateColumns } from './candidate-columns.js';
import { CandidateGrid } from './candidate-grid.js';
import { DescendingOrder } from './descending-order.js';
import { AXIS_NUMBERS, predictAxis, startAxis, updateAxis } from './kalman-axis.js';
import { Linker } from './linker.js';
import { PathLimits } from './path-limits.js';
import { PathPoints } from './path-points.js';

const candidate = (x: number, y: number, moving = true): Candidate => ({
  ...{ x, y, w: 4, h: 5, areaPx: 14, contrast: 35, peak: 50, moving },
});
const frameOf = (seq: number, candidates: readonly Candidate[]): MotionFrame => ({
  ...{ seq, ptsMs: seq * 40, timeS: seq / 25, candidates, flooded: false, shift: { x: 0, y: 0 } },
});

describe('sorting', () => {
  it('orders as Array.sort does, equal keys in their order', () => {
    const order = new DescendingOrder();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 300 }), (keys) => {
        const expected = keys.map((_, i) => i).sort((a, b) => (keys[b] as number) - (keys[a] as number));
        expect(Array.from(order.sort(Float64Array.from(keys), keys.length).subarray(0, keys.length))).toEqual(expected);
      }),
    );
  });
});

describe('the grid', () => {
  const place = fc.tuple(fc.double({ min: 0, max: 900, noNaN: true }), fc.double({ min: 0, max: 500, noNaN: true }));

  it('finds every point in a rectangle, and none more than a cell away', () => {
    const grid = new CandidateGrid();
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), place, place, (points, [x1, y1], [dx, dy]) => {
        const x = Float64Array.from(points, (p) => p[0]);
        const y = Float64Array.from(points, (p) => p[1]);
        grid.fill(x, y, points.length);
        const [left, top] = [x1 - 100, y1 - 100];
        const hits = Array.from(grid.hits.subarray(0, grid.find(left, top, left + dx, top + dy)));
        const within = (margin: number): number[] =>
          points.flatMap(([px, py], i) =>
            px >= left - margin && px <= left + dx + margin && py >= top - margin && py <= top + dy + margin ? [i] : [],
          );
        expect(new Set(hits).size).toBe(hits.length);
        for (const i of within(0)) expect(hits).toContain(i);
        for (const i of hits) expect(within(24)).toContain(i);
      }),
    );
  });

  it('forgets the points of the frame before', () => {
    const grid = new CandidateGrid();
    grid.fill(Float64Array.of(10), Float64Array.of(10), 1);
    grid.fill(new Float64Array(0), new Float64Array(0), 0);
    expect(grid.find(0, 0, 100, 100)).toBe(0);
  });
});

describe('the limits on paths', () => {
  it.each([
    [false, [true, true, true, true, false]],
    [true, [true, true, false, false, false]],
  ])('keep a few of a root, fewer when crowded (%s), and the first of those that share their last two points', (crowded, kept) => {
    const limits = new PathLimits(400);
    limits.begin(crowded);
    expect([1, 2, 3, 4, 5].map((last) => limits.takes(7, last, 100))).toEqual(kept);
    expect(limits.takes(8, 1, 100)).toBe(false);
    expect(limits.takes(8, 1, 101)).toBe(true);
    limits.begin(crowded);
    expect(limits.takes(7, 1, 100)).toBe(true);
  });

  it('agree with sets, whatever comes', () => {
    const limits = new PathLimits(50);
    const small = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small, small), { maxLength: 100 }), (paths) => {
        limits.begin(false);
        const roots = new Map<number, number>();
        const tails = new Set<string>();
        for (const [root, last, before] of paths.slice(0, 50)) {
          const tail = `${last} ${before}`;
          const expected = (roots.get(root) ?? 0) < 4 && !tails.has(tail);
          expect(limits.takes(root, last, before)).toBe(expected);
          if (!expected) continue;
          roots.set(root, (roots.get(root) ?? 0) + 1);
          tails.add(tail);
        }
      }),
    );
  });
});

describe('the store of points', () => {
  it('shares beginnings, and uses what nobody leads through again', () => {
    const points = new PathPoints();
    const seen = new CandidateColumns();
    seen.begin(frameOf(3, []));
    for (let i = 0; i < 4; i++) seen.add(candidate(10 * i, i), i, i + 1);
    const a = points.add(-1, seen, 0);
    const b = points.add(a, seen, 1);
    const c = points.add(a, seen, 2);
    points.release(a);
    expect(points.pathTo(b, 2).map((p) => p.candidate.x)).toEqual([0, 10]);
    expect(points.pathTo(c, 2)[0]).toBe(points.pathTo(b, 2)[0]);
    const kept = points.pathTo(b, 2);
    points.release(b);
    expect(points.add(-1, seen, 3)).toBe(b);
    expect(points.pathTo(c, 2).map((p) => p.candidate.x)).toEqual([0, 20]);
    expect(kept.map((p) => p.candidate.x)).toEqual([0, 10]);
  });

  it('grows when all points are in use', () => {
    const points = new PathPoints();
    const seen = new CandidateColumns();
    seen.begin(frameOf(0, []));
    for (let i = 0; i < 3000; i++) seen.add(candidate(i, 0), i, i);
    let last = -1;
    for (let i = 0; i < 3000; i++) last = points.add(last, seen, i);
    expect(points.pathTo(last, 3000).map((p) => p.candidate.x)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });
});

describe('the filter of an axis', () => {
  it('predicts steady acceleration exactly, and learns it from measurements', () => {
    const state = new Float64Array(AXIS_NUMBERS);
    const at = (t: number): number => 5 + 20 * t + 60 * t * t;
    startAxis(state, 0, at(0), at(0.04), 0.04, 0.25, 100, 200);
    for (let n = 2; n < 40; n++) {
      predictAxis(state, 0, state, 0, 0.04, 1000);
      updateAxis(state, 0, at(n * 0.04), 0.25);
    }
    predictAxis(state, 0, state, 0, 0.04, 1000);
    expect(state[0]).toBeCloseTo(at(1.6), 1);
    expect(state[2]).toBeCloseTo(120, 0);
  });
});

describe('the linker', () => {
  const options = { maxAccelerationPx: 800, maxSpeedPx: 4000, coastS: 0.45 };
  const fallAt = (n: number): number => 20 + 2 * n + 0.4 * n * n;

  it('follows a fall, keeps what was read of it, and branches where two candidates fit', () => {
    const linker = new Linker(options);
    let early: readonly { readonly seq: number }[] = [];
    for (let n = 0; n < 30; n++) {
      const fork = n === 20 ? [candidate(303, fallAt(n) + 2)] : [];
      const seen = n % 7 === 6 ? [] : [candidate(300, fallAt(n)), ...fork];
      linker.step(frameOf(n, [candidate(40, 40, false), ...seen]), () => 5e-7);
      if (n === 12) early = linker.paths[0]?.points ?? [];
    }
    const [best] = linker.paths;
    expect(best?.points.map((p) => p.seq)).toEqual(Array.from({ length: 30 }, (_, n) => n).filter((n) => n % 7 !== 6));
    expect(best?.points.every((p) => p.candidate.x === 300)).toBe(true);
    expect(best).toMatchObject({ length: 26, firstY: 20, lastX: 300, lastY: fallAt(29), lastSeq: 29, missed: 0, frames: 30 });
    expect(early.map((p) => p.seq)).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]);
    const marks = new Uint8Array(2);
    linker.markOnPaths(5, marks);
    expect(Array.from(marks)).toEqual([0, 1]);
  });

  it('begins a path with what only a path worse than clutter would take', () => {
    const linker = new Linker({ ...options, maxAccelerationPx: 400 });
    const junk = [candidate(100, 100), candidate(100, 102), candidate(100, 104.5)];
    const fall = [candidate(101, 111), candidate(103.5, 114.8), candidate(106, 119)];
    for (const [n, seen] of [...junk, null, ...fall].entries()) linker.step(frameOf(n, seen === null ? [] : [seen]), () => 0.03);
    expect(linker.paths.map((path) => path.points.map(({ seq }) => seq))).toContainEqual([4, 5, 6]);
  });

  it('forgets roots that are dropped, while the list that was read stays', () => {
    const linker = new Linker(options);
    for (let n = 0; n < 8; n++) linker.step(frameOf(n, [candidate(300, fallAt(n))]), () => 5e-7);
    const before = linker.paths;
    const { rootId } = before[0] as (typeof before)[number];
    const count = before.length;
    linker.drop(new Set([rootId]));
    expect(before).toHaveLength(count);
    expect(before[0]?.points).toHaveLength(8);
    expect(linker.paths.some((path) => path.rootId === rootId)).toBe(false);
    linker.step(frameOf(8, [candidate(300, fallAt(8))]), () => 5e-7);
    expect(linker.paths.some((path) => path.rootId === rootId)).toBe(false);
  });
});
