import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLens } from './lens.js';

test('bending undoes straightening, within a hundredth of a pixel, for every lens that is tried', () => {
  const bend = fc.double({ min: -0.06, max: 0.6, noNaN: true });
  const side = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(bend, side, side, (k, x, y) => {
      const lens = createLens(k, 1920, 1080);
      const p = { x: 1920 * x, y: 1080 * y };
      const back = lens.bent(lens.straightened(p));
      expect(Math.hypot(back.x - p.x, back.y - p.y)).toBeLessThan(0.01);
    }),
  );
});
