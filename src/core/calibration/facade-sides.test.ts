import { describe, expect, test } from 'vitest';
import { createRandom } from '../../testing/random.js';
import { findSides } from './facade-sides.js';
import type { StraightPicture } from './rectification.js';
import { edgeStrips } from './repetition.js';
import type { StoreyComb } from './storey-comb.js';

const storeyPx = 30;
const comb: StoreyComb = { storeyAt: (row) => row / storeyPx, rowAt: (storey) => storey * storeyPx, periodPx: storeyPx };
const columns = 480;
const rows = 12 * storeyPx;

/** Grey levels of a wall from column 100 to 340 before the sky; a window every 40 columns from the first to the last given one. */
function wall(windowFrom: number, windowTo: number): (x: number, y: number) => number {
  return (x, y) => {
    if (x < 100 || x >= 340) return 200;
    const [bay, storey] = [(x - 100) % 40, (y % storeyPx) / storeyPx];
    const isWindow = x >= windowFrom && x < windowTo && bay > 8 && bay < 30 && storey > 0.25 && storey < 0.75;
    return isWindow ? 70 : 140;
  };
}

function straightened(grey: (x: number, y: number) => number): StraightPicture {
  const random = createRandom(5);
  const data = Float32Array.from({ length: columns * rows }, (_, i) => grey(i % columns, Math.floor(i / columns)) + 3 * (random() - 0.5));
  return { columns, rows, data, origin: { x: 0, y: 0 }, step: 1 };
}

/** The sides, where what repeats was found from `x1` to `x2`. */
function sidesOf(grey: (x: number, y: number) => number, x1: number, x2: number): ReturnType<typeof findSides> {
  const straight = straightened(grey);
  return findSides(
    straight,
    edgeStrips(straight, () => 0),
    { x1, x2, y1: 0, y2: rows },
    comb,
  );
}

describe('sides', () => {
  test('lie on the upright edges beyond the last windows', () => {
    const { left, right } = sidesOf(wall(100, 340), 104, 336);
    expect(left).toMatchObject({ by: 'edge', rival: false });
    expect(right).toMatchObject({ by: 'edge', rival: false });
    expect(Math.abs(left.at - 100)).toBeLessThanOrEqual(2);
    expect(Math.abs(right.at - 340)).toBeLessThanOrEqual(2);
  });

  test('a pilaster is none while windows repeat beyond it, however strong it is and wherever the repetition was thought to end', () => {
    const plain = wall(100, 340);
    const { left } = sidesOf((x, y) => (x >= 176 && x < 184 ? 20 : plain(x, y)), 180, 336);
    expect(Math.abs(left.at - 100)).toBeLessThanOrEqual(2);
  });

  test('what repeats in step beyond a plain wall of two storeys is told of', () => {
    const plain = wall(180, 340);
    const { left, right } = sidesOf((x, y) => (x < 100 ? plain(x + 240, y) : plain(x, y)), 184, 336);
    expect(left.beyondStoreys).toBeGreaterThan(0.5);
    expect(right.beyondStoreys).toBe(0);
  });
});
