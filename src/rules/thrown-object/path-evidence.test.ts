import { describe, expect, it } from 'vitest';
import type { PathPoint } from '../../core/tracking/linker.js';
import { fallEnd, sightOf, verticalMotion, withoutLoneEnd } from './path-evidence.js';

const at = (timeS: number, y: number): PathPoint => ({
  ...{ seq: Math.round(25 * timeS), ptsMs: 1000 * timeS, timeS },
  candidate: { x: 100, y, w: 6, h: 6, areaPx: 30, contrast: 30, peak: 50, moving: true },
});

describe('a last sight', () => {
  const path = [0, 0.08, 0.16, 0.24].map((t) => at(t, 500 * t));
  it.each([
    ['right after the others counts', 0.32, 5],
    ['after two pictures unseen of a slow camera counts', 0.48, 5],
    ['alone after half a balcony does not yet', 0.52, 4],
  ])('%s', (_, timeS, count) => {
    expect(withoutLoneEnd([...path, at(timeS, 500 * timeS)])).toHaveLength(count);
  });

  it('counts once another one follows it', () => {
    expect(withoutLoneEnd([...path, at(0.6, 300), at(0.68, 340)])).toHaveLength(6);
  });

  it('may be the only one', () => {
    expect(withoutLoneEnd([at(0, 0)])).toHaveLength(1);
    expect(withoutLoneEnd([])).toEqual([]);
  });
});

describe('vertical motion', () => {
  it('of three sights has a residual in every model', () => {
    const { linePx, cubicPx, projectivePx } = verticalMotion([at(0, 0), at(0.04, 8), at(0.08, 30)].map(sightOf));
    expect(linePx).toBeGreaterThan(1);
    expect([cubicPx, projectivePx].every((px) => px >= 0 && px < 1e-6)).toBe(true);
  });
});

describe('a fall', () => {
  /** Falls for a second from rest, until it is 490 px down at 980 px/s; then goes on as it is told. 25 pictures a second. */
  const falls = (seconds: number, after: (t: number) => { readonly x: number; readonly y: number }): PathPoint[] =>
    Array.from({ length: Math.round(25 * (1 + seconds)) + 1 }, (_, i) => {
      const t = i / 25;
      const point = at(t, Math.min(490, 490 * t * t));
      if (t <= 1) return point;
      const { x, y } = after(t - 1);
      return { ...point, candidate: { ...point.candidate, x: 100 + x, y: 490 + y } };
    });

  it.each([
    ['goes on falling', falls(0.8, (t) => ({ x: 0, y: 980 * t + 490 * t * t })), 46, false],
    ['falls on ever more slowly, as a shirt does', falls(1, (t) => ({ x: 0, y: 500 * t })), 51, false],
    ['ends with its last sight', falls(0, () => ({ x: 0, y: 0 })), 26, false],
    ['has lain for two pictures only', falls(0.08, () => ({ x: 0, y: 0 })), 28, false],
    ['levels out as a bird does', falls(1, (t) => ({ x: 700 * t, y: 60 * t })), 51, true],
    ['rises again at speed', falls(1, (t) => ({ x: 300 * t, y: -500 * t })), 51, true],
  ] as const)('that %s is whole', (_, points, count, fliesOn) => {
    const end = fallEnd(points);
    expect([end.points.length, end.fliesOn]).toEqual([count, fliesOn]);
    expect(end.points).toEqual(points);
  });

  it.each([
    ['lies where it landed', falls(1, () => ({ x: 0, y: 0 }))],
    ['bounces', falls(0.8, (t) => ({ x: 60 * t, y: -Math.abs(180 * Math.sin(8 * t)) }))],
    ['rolls away slowly', falls(1, (t) => ({ x: 150 * t, y: 0 }))],
    ['is followed where it vanished by something that stirs', falls(1.5, (t) => ({ x: 40 * Math.sin(5 * t), y: -20 * Math.sin(7 * t) }))],
  ] as const)('that %s ends where it landed, and flies on nowhere', (_, points) => {
    const end = fallEnd(points);
    expect(end.fliesOn).toBe(false);
    expect(end.points).toEqual(points.slice(0, end.points.length));
    // A bounce that brings it up again makes its landing seem a fifth of a second earlier.
    expect(Math.abs((end.points.at(-1) as PathPoint).timeS - 1)).toBeLessThan(0.21);
  });
});
