import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Redaction } from '../../domain/redaction.js';
import { cutOut } from '../drawing/picture.js';
import { coarsen, coarsenCut, coarsenPlanes, coarsePlan, planarPlan } from './coarse.js';

const size = { width: 96, height: 80 };
const quad = (x1: number, y1: number, x2: number, y2: number) => [
  { x: x1, y: y1 },
  { x: x2, y: y1 },
  { x: x2, y: y2 },
  { x: x1, y: y2 },
];
/** The left half, in blocks of 16 px. */
const redaction: Redaction = { black: [], coarse: { parts: [quad(0, 0, 0.5, 1)], blockShare: 0.01, leavesOrigin: false } };
const plan = coarsePlan(redaction, size) as NonNullable<ReturnType<typeof coarsePlan>>;
const noise = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 3 * size.width * size.height }, (_, i) => ((i + seed * 977) * 2_654_435_761) >>> 24);
const at = (data: Uint8Array, x: number, y: number): number[] => [...data.subarray(3 * (y * size.width + x), 3 * (y * size.width + x) + 3)];

describe('showing windows in blocks', () => {
  it('leaves one colour a block, their mean, and everything else as it was', () => {
    const before = noise(1);
    const picture = { ...size, data: Uint8Array.from(before) };
    coarsen(picture, plan, []);
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        const expected = x < 48 ? at(picture.data, 16 * Math.floor(x / 16), 16 * Math.floor(y / 16)) : at(before, x, y);
        expect(at(picture.data, x, y)).toEqual(expected);
      }
    }
    let sum = 0;
    for (let y = 0; y < 16; y++) for (let x = 0; x < 16; x++) sum += at(before, x, y)[0] ?? 0;
    expect(at(picture.data, 3, 3)[0]).toBe(Math.round(sum / 256));
  });

  it('cannot be undone: pictures that differ within blocks alone become the same', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 15 }), (seed, dx, dy) => {
        const one = noise(seed);
        const other = Uint8Array.from(one);
        // Every block's hidden pixels turned round within the block.
        for (let y = 0; y < size.height; y++) {
          for (let x = 0; x < 48; x++) {
            const [fromX, fromY] = [(x & ~15) + ((x + dx) & 15), (y & ~15) + ((y + dy) & 15)];
            other.set(one.subarray(3 * (fromY * size.width + fromX), 3 * (fromY * size.width + fromX) + 3), 3 * (y * size.width + x));
          }
        }
        coarsen({ ...size, data: one }, plan, []);
        coarsen({ ...size, data: other }, plan, []);
        expect(other).toEqual(one);
      }),
      { numRuns: 30 },
    );
  });

  it('shows no sliver at the edge of what is hidden: a block of which little is hidden takes its neighbour’s colour', () => {
    const narrow = coarsePlan({ ...redaction, coarse: { parts: [quad(0, 0, 0.51, 1)], blockShare: 0, leavesOrigin: false } }, size);
    const data = noise(2);
    coarsen({ ...size, data }, narrow as typeof plan, []);
    expect(at(data, 48, 20)).toEqual(at(data, 47, 20));
  });

  it('leaves clear what is to be seen, and forgets it with the next picture', () => {
    const before = noise(3);
    const data = Uint8Array.from(before);
    coarsen({ ...size, data }, plan, [{ x1: 5, y1: 30, x2: 12, y2: 41 }]);
    expect(at(data, 5, 30)).toEqual(at(before, 5, 30));
    expect(at(data, 11, 40)).toEqual(at(before, 11, 40));
    expect(at(data, 12, 40)).not.toEqual(at(before, 12, 40));
    const next = Uint8Array.from(before);
    coarsen({ ...size, data: next }, plan, []);
    expect(at(next, 5, 30)).not.toEqual(at(before, 5, 30));
  });

  it('never lightens what is black', () => {
    const both = coarsePlan({ ...redaction, black: [quad(0.1, 0.1, 0.3, 0.9)] }, size) as typeof plan;
    const data = new Uint8Array(noise(4).length).fill(200);
    for (let y = 8; y < 72; y++) data.fill(0, 3 * (y * size.width + 10), 3 * (y * size.width + 29));
    coarsen({ ...size, data }, both, []);
    expect([at(data, 10, 40), at(data, 28, 40), at(data, 40, 40)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [200, 200, 200],
    ]);
  });

  it('does the same to a part that is cut out', () => {
    const data = noise(5);
    const cut = cutOut({ ...size, data }, { x1: 30, y1: 20, x2: 66, y2: 60 });
    const before = Uint8Array.from(cut.data);
    coarsenCut(cut, plan, [{ x1: 32, y1: 22, x2: 36, y2: 26 }]);
    const inCut = (bytes: Uint8Array, x: number, y: number): number[] => [
      ...bytes.subarray(3 * ((y - 20) * 36 + x - 30), 3 * ((y - 20) * 36 + x - 30) + 3),
    ];
    expect(inCut(cut.data, 33, 23)).toEqual(inCut(before, 33, 23));
    expect(inCut(cut.data, 40, 40)).not.toEqual(inCut(before, 40, 40));
    expect(inCut(cut.data, 40, 40)).toEqual(inCut(cut.data, 41, 41));
    expect(inCut(cut.data, 50, 40)).toEqual(inCut(before, 50, 40));
  });

  it.each([
    [96, 80],
    [95, 79],
    [17, 5],
  ])('does it to luma and chroma of %d × %d', (width, height) => {
    const planar = planarPlan(redaction, { width, height }) as NonNullable<ReturnType<typeof planarPlan>>;
    const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    const pixels = width * height;
    const planes = Uint8Array.from({ length: pixels + 2 * halfWidth * halfHeight }, (_, i) => (i * 2_654_435_761) >>> 24);
    const before = Uint8Array.from(planes);
    coarsenPlanes(planes, planar, []);
    const changed = (from: number, rowBytes: number, rows: number, upTo: number): boolean[] =>
      Array.from({ length: rows * rowBytes }, (_, i) => i % rowBytes < upTo && planes[from + i] === before[from + i]);
    // Noise that stays what it was in the hidden half is chance: one in 256 a sample.
    const share = (flags: boolean[], of: number): number => flags.filter(Boolean).length / of;
    expect(share(changed(0, width, height, Math.floor(width / 2)), pixels / 2)).toBeLessThan(0.05);
    for (const i of [0, 1]) {
      const from = pixels + i * halfWidth * halfHeight;
      expect(share(changed(from, halfWidth, halfHeight, Math.floor(width / 4)), (halfWidth * halfHeight) / 2)).toBeLessThan(0.2);
    }
    expect(planes.subarray(pixels - 1, pixels)).toEqual(before.subarray(pixels - 1, pixels));
  });

  it('does nothing where nothing is hidden', () => {
    expect(coarsePlan({ black: [quad(0, 0, 1, 1)], coarse: null }, size)).toBeNull();
  });
});
