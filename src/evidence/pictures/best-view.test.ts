import { expect, it } from 'vitest';
import { largestPosition } from './best-view.js';

it('the largest position is none that the picture’s edge cuts', () => {
  const at = (x: number, w: number) => ({ t: x, x, y: 0.5, w, h: 0.1 });
  expect(largestPosition([at(0.2, 0.1), at(0.5, 0.2), at(0.95, 0.4)])?.x).toBe(0.5);
  expect(largestPosition([at(1.5, 0.1)])).toBeNull();
});
