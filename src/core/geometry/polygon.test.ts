import { describe, expect, it } from 'vitest';
import { fillPolygon, insidePolygon } from './polygon.js';

const l = [
  { x: 0.1, y: 0.1 },
  { x: 0.9, y: 0.1 },
  { x: 0.9, y: 0.4 },
  { x: 0.4, y: 0.4 },
  { x: 0.4, y: 0.9 },
  { x: 0.1, y: 0.9 },
];

describe('polygons', () => {
  it.each([
    [0.2, 0.2, true],
    [0.8, 0.3, true],
    [0.2, 0.8, true],
    [0.8, 0.8, false],
    [0.05, 0.5, false],
  ])('(%d, %d) inside an L: %s', (x, y, inside) => {
    expect(insidePolygon(l, { x, y })).toBe(inside);
  });

  it('fill exactly the pixels whose centres lie inside', () => {
    const [width, height, stride] = [40, 30, 48];
    const plane = new Uint8Array(stride * height);
    fillPolygon(l, plane, width, height, stride, 255);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < stride; x++) {
        const inside = x < width && insidePolygon(l, { x: (x + 0.5) / width, y: (y + 0.5) / height });
        expect(plane[y * stride + x], `pixel ${x},${y}`).toBe(inside ? 255 : 0);
      }
    }
  });
});
