import { expect, test } from 'vitest';
import type { InputSpec } from '../../core/detection/detection.js';
import { fillInput } from '../../core/detection/fill-input.js';
import { asCamerasGive } from './picture.js';

const input: InputSpec = {
  ...{ width: 33, height: 35, order: 'rgb', fit: 'stretch', anchor: 'top-left', pad: 0 },
  ...{ mean: [0, 0, 0], scale: [1, 1, 1] },
};

// Its colours come back out of the planes, to the rounding of luma and chroma; squares of two by two of one colour lose nothing else.
test.each([
  ['red', [255, 0, 0]],
  ['a blue', [20, 60, 200]],
  ['a green', [30, 180, 90]],
  ['grey', [128, 128, 128]],
  ['white', [255, 255, 255]],
  ['black', [0, 0, 0]],
] as const)('a picture of odd sides is %s as a camera gives it too', (_, colour) => {
  const data = Uint8Array.from({ length: 3 * 33 * 35 }, (_, i) => colour[i % 3] as number);
  const out = new Float32Array(3 * 33 * 35);
  fillInput(asCamerasGive({ width: 33, height: 35, data }), input, out);
  for (const [c, value] of colour.entries())
    for (const at of [0, 500, 33 * 35 - 1]) expect(Math.abs((out[c * 33 * 35 + at] as number) - value)).toBeLessThanOrEqual(2);
});
