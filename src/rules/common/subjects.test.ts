import { describe, expect, it } from 'vitest';
import type { TrackedObject } from '../../domain/street.js';
import { object, standing } from '../../testing/street-script.js';
import { createSubjects, isBodily, travelled } from './subjects.js';

const at = (id: number, x: number, ptsMs: number, given: Partial<TrackedObject> = {}) =>
  object({ id, box: standing(x, 0.8), firstPtsMs: ptsMs, ...given }, ptsMs);
const keys = (...steps: readonly (readonly [number, readonly TrackedObject[]])[]): number[][] => {
  const subjects = createSubjects();
  return steps.map(([ptsMs, objects]) => subjects.step(objects, ptsMs).map(({ key }) => key));
};

describe('subjects', () => {
  it('keep their key through another id where they were, or would be', () => {
    expect(keys([0, [at(1, 0.5, 0)]], [3_000, [at(2, 0.51, 3_000)]])).toEqual([[1], [1]]);
    const walks = { velocity: { x: 0.1, y: 0 } };
    expect(keys([0, [at(1, 0.3, 0, walks)]], [2_000, [at(2, 0.5, 2_000, walks)]])).toEqual([[1], [1]]);
  });

  it.each<[string, TrackedObject, number]>([
    ['elsewhere', at(2, 0.7, 3_000), 3_000],
    ['too late', at(2, 0.5, 9_000), 9_000],
    ['of another size', at(2, 0.5, 3_000, { box: standing(0.5, 0.8, 0.2, 0.5) }), 3_000],
    ['something else', at(2, 0.5, 3_000, { label: 'dog' }), 3_000],
  ])('are others: %s', (_, other, ptsMs) => {
    expect(keys([0, [at(1, 0.5, 0)]], [ptsMs, [other]])).toEqual([[1], [2]]);
  });

  it('are two who are seen together, and who stood beside each other', () => {
    expect(keys([0, [at(1, 0.5, 0), at(2, 0.51, 0)]])).toEqual([[1, 2]]);
    expect(keys([0, [at(1, 0.5, 0), at(2, 0.51, 0)]], [1_000, [at(2, 0.51, 0)]])).toEqual([[1, 2], [2]]);
  });
});

it('tells how far somebody has come', () => {
  const walker = at(1, 0.5, 0, {
    path: [
      { ptsMs: 0, x: 0.3, y: 0.8 },
      { ptsMs: 1, x: 0.5, y: 0.8 },
    ],
  });
  expect(travelled(walker)).toBeCloseTo(4);
});

describe('what moves without a name', () => {
  /** Looks five a second; `null`: it is not seen. */
  const path = (heightAt: (k: number) => number | null) =>
    Array.from({ length: 25 }, (_, k) => ({ k, height: heightAt(k) })).flatMap(({ k, height }) =>
      height === null ? [] : [{ ptsMs: 200 * k, x: 0.01 * k, y: 0.8, seen: standing(0.01 * k, 0.8, 0.05, height) }],
    );

  it.each<[string, (k: number) => number | null]>([
    ['who walks', (k) => 0.2 * (1 + 0.1 * Math.sin(2 * k))],
    ['who comes nearer', (k) => 0.2 + 0.002 * k],
    ['who stoops for a moment', (k) => (k > 10 && k < 14 ? 0.12 : 0.2)],
    ['who passes behind a post', (k) => (k > 10 && k < 14 ? null : 0.2)],
  ])('is a body: %s', (_, heightAt) => {
    expect(isBodily({ path: path(heightAt) })).toBe(true);
  });

  it.each<[string, (k: number) => number | null]>([
    ["a shadow's edge that comes and goes", (k) => (k % 4 < 2 ? null : 0.2)],
    ['one that is as high as what it falls on', (k) => [0.2, 0.13, 0.3][Math.floor(k / 3) % 3] as number],
    ['what was hardly seen', (k) => (k < 3 ? 0.2 : null)],
  ])('is none: %s', (_, heightAt) => {
    expect(isBodily({ path: path(heightAt) })).toBe(false);
  });
});
