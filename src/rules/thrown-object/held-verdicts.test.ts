import { describe, expect, it } from 'vitest';
import type { LinkedPath, Path, PathPoint } from '../../core/tracking/linker.js';
import { HeldVerdicts } from './held-verdicts.js';
import type { Judgement } from './judgement.js';

const path = (rootId: number, length: number): Path => ({
  rootId,
  points: Array.from({ length }, () => ({}) as PathPoint),
  score: 50,
  frames: length,
  missed: 0,
});
const falling = (floors: number, kinkGain = 15): Judgement => ({
  verdict: 'confirmed',
  confidence: 0.8,
  model: 'drag',
  reasons: [
    { criterion: 'drop_floors', value: floors, threshold: 4, unit: 'floors' },
    { criterion: 'fall_against_kink', value: kinkGain, threshold: 12, unit: 'BIC' },
  ],
  failed: [],
  fit: null,
});
const linked = (rootId: number, lastSeenS: number): LinkedPath => ({ rootId, lastSeenS }) as LinkedPath;

describe('verdicts in precipitation', () => {
  it('wait while the path is seen, or has not been out of sight for long', () => {
    const held = new HeldVerdicts();
    expect(held.hold(path(1, 20), falling(4.5))).toBe(true);
    expect(held.release([linked(1, 10)], 10)).toEqual([]);
    expect(held.release([linked(1, 10)], 10.2)).toEqual([]);
    expect(held.release([linked(1, 10)], 10.31).map((one) => one.path.rootId)).toEqual([1]);
    expect(held.release([], 11)).toEqual([]);
  });

  it('stand when the linker has given the path up, and wait on at the end of the stream', () => {
    const held = new HeldVerdicts();
    held.hold(path(1, 20), falling(4.5));
    held.hold(path(2, 20), falling(5));
    expect(held.release([linked(2, 10)], 10).map((one) => one.path.rootId)).toEqual([1]);
    expect(held.release([linked(2, 10)], 10)).toEqual([]);
    expect([held.has(1), held.has(2)]).toEqual([false, true]);
  });

  it.each([
    [26, 1],
    [27, 0],
  ])(
    'after a doubt at %d points of 20, %d stands: a short tail of clutter is forgiven, a path that flies on is not',
    (length, standing) => {
      const held = new HeldVerdicts();
      held.hold(path(1, 20), falling(4.5));
      held.doubt(path(1, length));
      expect(held.release([], 10)).toHaveLength(standing);
    },
  );

  it.each([
    [29, true],
    [30, false],
  ])('of what beats a kink by %d BIC wait: %s', (kinkGain, waits) => {
    expect(new HeldVerdicts().hold(path(1, 20), falling(2.5, kinkGain))).toBe(waits);
  });

  it('do not wait after a long fall', () => {
    const held = new HeldVerdicts();
    held.hold(path(1, 20), falling(4.5));
    expect(held.hold(path(1, 60), falling(9))).toBe(false);
    expect(held.release([], 10)).toEqual([]);
  });
});
