import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import { createLane } from './lane.js';

const polygon = (...corners: readonly (readonly [number, number])[]) => corners.map(([x, y]) => ({ x, y }));
/** Leads away from the camera, and across the picture. */
const away = createLane(polygon([0.4, 0.2], [0.6, 0.2], [0.7, 1], [0.3, 1]), 1);
const across = createLane(polygon([0, 0.5], [1, 0.5], [1, 0.7], [0, 0.7]), 1);
const box = (x1: number, y1: number, x2: number, y2: number): Box => ({ x1, y1, x2, y2 });

describe('a lane', () => {
  it.each<[string, typeof away, Box[], number]>([
    ['nothing', away, [], 0],
    ['beside it', away, [box(0, 0.5, 0.2, 0.6)], 0],
    ['a quarter of it', away, [box(0.35, 0.5, 0.43, 0.61)], 0.25],
    ['all of it', away, [box(0.2, 0.4, 0.8, 0.6)], 1],
    ['two halves side by side', away, [box(0.3, 0.5, 0.5, 0.61), box(0.5, 0.5, 0.7, 0.61)], 1],
    ['two halves one after the other', away, [box(0.3, 0.2, 0.5, 0.4), box(0.5, 0.5, 0.7, 0.8)], 0.5],
    ['what hangs over it, and stands beside', away, [box(0.3, 0.1, 0.7, 1.3)], 0],
    ['half of it, across the picture', across, [box(0.4, 0.5, 0.65, 0.6)], 0.5],
    ['a heap, across the picture', across, [box(0.4, 0.5, 0.45, 0.6)], 0.1],
  ])('is covered by %s', (_, lane, boxes, share) => {
    expect(Math.abs(lane.covered(boxes) - share)).toBeLessThan(0.06);
  });
});
