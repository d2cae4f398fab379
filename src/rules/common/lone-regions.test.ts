import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import { object, standing } from '../../testing/street-script.js';
import { createLoneRegions } from './lone-regions.js';

describe('a region of what moves', () => {
  /** Seconds at which it is not itself, of five looks a second. */
  function mergedAt(heightAt: (s: number) => number, toS = 10): number[] {
    const regions = createLoneRegions();
    const found: number[] = [];
    for (let k = 0; k < 5 * toS; k++) {
      const s = k / 5;
      const seen: Box = standing(0.5, 0.8, 0.2, heightAt(s));
      const path = [{ ptsMs: 1000 * s, x: 0.5, y: 0.8, seen }];
      // The tracker smooths: its box says less than what was seen.
      if (!regions.isLone(object({ id: 1, box: standing(0.5, 0.8, 0.2, 0.2), path }, 1000 * s))) found.push(s);
    }
    return found;
  }

  it.each<[string, (s: number) => number]>([
    ['whose edges tremble', (s) => 0.2 * (1 + 0.08 * Math.sin(37 * s))],
    ['that comes nearer', (s) => 0.1 * Math.exp(s / 4)],
    ['that drives off', (s) => 0.5 * Math.exp(-s / 4)],
  ])('is itself: one %s', (_, heightAt) => {
    expect(mergedAt(heightAt, 8)).toEqual([]);
  });

  it('is not while it is one with what stands farther away, and is again when they have parted', () => {
    const merged = mergedAt((s) => (s >= 2 && s < 4 ? 0.28 : 0.2));
    expect([merged[0], merged.at(-1)]).toEqual([2, 3.8]);
    expect(merged).toHaveLength(10);
  });

  it('is believed when it stays as high as it has become', () => {
    const merged = mergedAt((s) => (s >= 2 ? 0.28 : 0.2));
    expect(merged[0]).toBe(2);
    expect(merged.at(-1)).toBeLessThanOrEqual(6);
  });

  it('is forgotten when nobody has seen it', () => {
    const regions = createLoneRegions();
    const of = (s: number, height: number) => object({ id: 1, box: standing(0.5, 0.8, 0.2, height) }, 1000 * s);
    expect(regions.isLone(of(0, 0.2))).toBe(true);
    expect(regions.isLone(of(1, 0.4))).toBe(false);
    regions.prune(3_000);
    expect(regions.isLone(of(4, 0.4))).toBe(true);
  });
});
