import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../testing/random.js';
import type { InputSpec } from './detection.js';
import { type ColourPicture, fillInput, type Region, wholeOf } from './fill-input.js';
import { createInputFiller } from './input-filler.js';

const module = new WebAssembly.Module(readFileSync(new URL('../kernels/input.wasm', import.meta.url)));
const plain: InputSpec = {
  ...{ width: 64, height: 48, order: 'bgr', fit: 'letterbox', anchor: 'top-left', pad: 114 },
  ...{ mean: [0, 0, 0], scale: [1, 1, 1] },
};

function noise(width: number, height: number, format: ColourPicture['format'] = 'yuv420p', seed = 3): ColourPicture {
  const random = createRandom(seed);
  const bytes = format === 'rgb24' ? 3 * width * height : width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return { width, height, format, data: Uint8Array.from({ length: bytes }, () => Math.floor(256 * random())) };
}

/** The kernel's largest difference from plain TypeScript, in grey levels. */
function worst(picture: ColourPicture, input: InputSpec, region: Region = wholeOf(picture)): number {
  const wanted = new Float32Array(3 * input.width * input.height);
  const placement = fillInput(picture, input, wanted, region);
  const filler = createInputFiller(module, input);
  expect(filler.fill(picture, region)).toEqual(placement);
  const found = filler.planes();
  expect(found).toHaveLength(wanted.length);
  const plane = input.width * input.height;
  let most = 0;
  for (let i = 0; i < wanted.length; i++) {
    const scale = input.scale[Math.floor(i / plane) as 0];
    most = Math.max(most, Math.abs((found[i] as number) - (wanted[i] as number)) / scale);
  }
  return most;
}

describe('the kernel that writes a model’s input', () => {
  it.each([
    ['a large picture', noise(320, 180), plain],
    ['a small one', noise(20, 14), plain],
    ['an upright one', noise(90, 161), plain],
    ['one of odd sides', noise(101, 57), plain],
    ['one as large as the input', noise(64, 48), plain],
    ['one in the middle', noise(320, 100), { ...plain, anchor: 'centre' }],
    ['one that is stretched', noise(100, 300), { ...plain, fit: 'stretch', order: 'rgb' }],
    ['one whose colours are normalised', noise(200, 120), { ...plain, mean: [103.53, 116.28, 123.675], scale: [1 / 57, 1 / 58, 1 / 59] }],
    ['rows of red, green and blue', noise(50, 30, 'rgb24'), plain],
    ['a strip too narrow for four places', noise(4, 200), plain],
  ] as const)('does with %s what plain code does', (_, picture, input) => {
    expect(worst(picture, input as InputSpec)).toBeLessThan(0.05);
  });

  it('does so whatever the sizes and the part of the picture', () => {
    const side = fc.integer({ min: 2, max: 150 });
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(side, side, side, side, fc.tuple(share, share, share, share), (width, height, w, h, [left, top, across, down]) => {
        const [x, y] = [Math.floor(left * width), Math.floor(top * height)];
        const region = { x, y, width: 1 + Math.floor(across * (width - x)), height: 1 + Math.floor(down * (height - y)) };
        const input: InputSpec = { ...plain, width: 32 + w, height: 32 + h, anchor: 'centre' };
        expect(worst(noise(width, height), input, region)).toBeLessThan(0.05);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('makes room for a larger picture, and leaves nothing of the one before', () => {
    const filler = createInputFiller(module, plain);
    const fresh = createInputFiller(module, plain);
    for (const picture of [noise(64, 48), noise(640, 360, 'yuv420p', 4), noise(48, 64, 'yuv420p', 5)])
      filler.fill(picture, wholeOf(picture));
    const last = noise(48, 64, 'yuv420p', 5);
    fresh.fill(last, wholeOf(last));
    expect(filler.planes()).toEqual(fresh.planes());
  });

  it('must have the picture’s bytes, and a part that lies in it', () => {
    const filler = createInputFiller(module, plain);
    const picture = noise(40, 40);
    expect(() => filler.fill({ ...picture, width: 42 }, wholeOf(picture))).toThrow(RangeError);
    expect(() => filler.fill(picture, { x: 30, y: 0, width: 11, height: 40 })).toThrow('no part of 40 × 40: 11 × 40 at 30, 0');
  });
});
