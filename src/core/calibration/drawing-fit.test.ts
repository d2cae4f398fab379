import { describe, expect, test } from 'vitest';
import type { Point } from '../../domain/geometry.js';
import { judgeDrawing } from './drawing-fit.js';
import { createLens } from './lens.js';

const [width, height] = [960, 540];
const storeyPx = 27;

/** A facade that fills the picture, seen through a lens; nearer to its foot by `tilt` times from row to row. */
function judged(bend: number, tilt = 0): ReturnType<typeof judgeDrawing> {
  const lens = createLens(bend, width, height);
  const found = {
    rectification: { inward: lens.straightened, outward: lens.bent, nearness: ({ y }: Point) => 1 + tilt * (y / height) },
    located: {
      straight: { columns: width, rows: height, data: new Float32Array(), origin: { x: 0, y: 0 }, step: 1 },
      edges: {
        columns: 0,
        rows: 0,
        down: new Float32Array(),
        across: new Float32Array(),
        seen: new Uint8Array(),
        weights: new Float32Array(),
      },
      periodPx: storeyPx,
      box: { x1: 0, y1: 0, x2: width, y2: height },
      likeness: 1,
    },
    comb: { storeyAt: (row: number) => row / storeyPx, rowAt: (storey: number) => storey * storeyPx, periodPx: storeyPx },
    extent: {
      left: { at: 0, by: 'edge' },
      right: { at: width, by: 'edge' },
      top: { at: 0, by: 'edge' },
      bottom: { at: 20, by: 'edge' },
    },
  } as const;
  const corners = [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ] as const;
  return judgeDrawing(found, { corners, top: 0, bottom: 20 }, width, height);
}

describe('what no drawing of four corners holds', () => {
  test('nothing through a straight lens, far off', () => {
    const { bentStoreys, steepness } = judged(0);
    expect(bentStoreys).toBeLessThan(1e-6);
    expect(steepness).toBe(1);
  });

  test('floor lines that the lens bends: a quarter at the sides is 3.3 storeys in a corner', () => {
    expect(judged(0.25).bentStoreys).toBeCloseTo(3.29, 1);
    expect(judged(0.01).bentStoreys).toBeLessThan(0.35);
  });

  test('a lowest storey that looks three times as large as the highest', () => {
    expect(judged(0, 2).steepness).toBeCloseTo(3);
  });
});
