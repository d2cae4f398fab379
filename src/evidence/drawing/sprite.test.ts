import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSprite, lay, type Region, type Size } from './sprite.js';

const tv = { matrix: 'bt709', fullRange: false } as const;

function uniform(region: Region, rgba: readonly [number, number, number, number]): Uint8Array {
  return Uint8Array.from({ length: 4 * region.width * region.height }, (_, i) => rgba[i % 4] as number);
}

/** A picture of one grey. */
function picture({ width, height }: Size, luma: number): Uint8Array {
  const data = new Uint8Array(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)).fill(128);
  data.fill(luma, 0, width * height);
  return data;
}

describe('a sprite', () => {
  it.each([
    ['white', [255, 255, 255, 255], tv, [235, 128, 128]],
    ['black', [0, 0, 0, 255], tv, [16, 128, 128]],
    ['red', [255, 0, 0, 255], tv, [63, 102, 240]],
    ['blue, BT.601', [0, 0, 255, 255], { matrix: 'bt601', fullRange: false }, [41, 240, 110]],
    ['red, full range', [255, 0, 0, 255], { matrix: 'bt601', fullRange: true }, [76, 85, 255]],
    ['half white', [255, 255, 255, 128], tv, [168, 128, 128]],
    ['nothing', [255, 0, 0, 0], tv, [100, 128, 128]],
  ] as const)('lays %s as it is meant', (_, rgba, colours, wanted) => {
    const size = { width: 8, height: 6 };
    const region = { left: 2, top: 2, width: 4, height: 2 };
    const data = picture(size, 100);
    lay(createSprite(uniform(region, rgba), region, size, colours), data);
    const got = [data[2 * 8 + 2], data[48 + 1 * 4 + 1], data[48 + 12 + 1 * 4 + 1]];
    for (const [i, value] of got.entries()) expect(Math.abs((value ?? 0) - (wanted[i] ?? 0))).toBeLessThanOrEqual(1);
  });

  it('touches what lies inside region and picture, and nothing else, wherever it lies', () => {
    const side = fc.integer({ min: 1, max: 12 });
    const place = fc.integer({ min: -8, max: 14 });
    fc.assert(
      fc.property(side, side, place, place, side, side, (width, height, left, top, w, h) => {
        const size = { width, height };
        const region = { left, top, width: w, height: h };
        const data = picture(size, 100);
        lay(createSprite(uniform(region, [255, 255, 255, 255]), region, size, tv), data);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const inside = x >= left && x < left + w && y >= top && y < top + h;
            expect(data[y * width + x]).toBe(inside ? 235 : 100);
          }
        }
        expect([...data.subarray(width * height)].every((chroma) => chroma === 128)).toBe(true);
      }),
    );
  });

  it('colours a chroma sample by the share of its pixels that is drawn', () => {
    const size = { width: 4, height: 4 };
    const data = picture(size, 100);
    const region = { left: 1, top: 1, width: 1, height: 1 };
    lay(createSprite(uniform(region, [255, 0, 0, 255]), region, size, tv), data);
    expect(data[16 + 4]).toBe(128 + Math.round((240 - 128) / 4));
  });
});
