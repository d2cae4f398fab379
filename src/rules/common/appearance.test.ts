import { describe, expect, it } from 'vitest';
import { paintedPicture } from '../../testing/street-picture.js';
import { greyPicture } from '../../testing/street-script.js';
import { appearanceAt, appearanceSchema, isTelling, likeness, likenessAt, SAME_APPEARANCE, writeAppearance } from './appearance.js';

const box = { x1: 0.3, y1: 0.4, x2: 0.6, y2: 0.7 };
const moved = (by: number) => ({ ...box, x1: box.x1 + by * 0.3, x2: box.x2 + by * 0.3 });
const size = { width: 640, height: 360 };
const shown = paintedPicture([{ box, seed: 7 }], size);
const look = appearanceAt(shown, box);

describe('a look', () => {
  it.each<[string, Parameters<typeof paintedPicture>, boolean]>([
    ['the next picture', [[{ box, seed: 7 }], { ...size, seed: 2 }], true],
    ['half the light', [[{ box, seed: 7 }], { ...size, seed: 2, light: 0.5 }], true],
    ['shifted by a hundredth', [[{ box: moved(0.01), seed: 7 }], { ...size, seed: 2 }], true],
    ['shifted by a tenth', [[{ box: moved(0.1), seed: 7 }], { ...size, seed: 2 }], false],
    ['something else', [[{ box, seed: 8 }], { ...size, seed: 2 }], false],
    [
      'half hidden',
      [
        [
          { box, seed: 7 },
          { box: { ...box, x1: 0.45 }, seed: 9 },
        ],
        { ...size, seed: 2 },
      ],
      false,
    ],
  ])('is compared with %s', (_, painted, same) => {
    expect((likenessAt(look, paintedPicture(...painted), box) ?? 0) >= SAME_APPEARANCE).toBe(same);
  });

  it('cannot be compared where there is nothing to see', () => {
    const flat = appearanceAt(greyPicture(), box);
    expect(isTelling(flat)).toBe(false);
    expect(likeness(look, flat)).toBeNull();
    expect(likenessAt(look, greyPicture(), box)).toBeNull();
  });

  it('goes on beyond the edge of the picture', () => {
    expect(appearanceAt(greyPicture(64, 36, 50), { x1: -1, y1: -1, x2: 2, y2: 2 }).every((value) => value === 50)).toBe(true);
  });

  it('is kept as text', () => {
    expect(appearanceSchema.parse(writeAppearance(look))).toEqual(look);
    expect(appearanceSchema.safeParse(writeAppearance(look.subarray(1))).success).toBe(false);
    expect(appearanceSchema.safeParse('no look').success).toBe(false);
  });
});
