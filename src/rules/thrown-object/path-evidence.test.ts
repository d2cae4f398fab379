import { describe, expect, it } from 'vitest';
import type { PathPoint } from '../../core/tracking/linker.js';
import { sightOf, verticalMotion, withoutLoneEnd } from './path-evidence.js';

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
