import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IdentifiedBox, TrackingPicture, TrueBox } from './tracking-pictures.js';
import { scoreTracking, type TrackingScore } from './tracking-score.js';

/** A box of 1 × 1 at (x, 0). */
const at = (id: number, x: number): IdentifiedBox => ({ id, box: { x1: x, y1: 0, x2: x + 1, y2: 1 } });
/** One object that stands at 0 for as many pictures as there are answers to it. */
const standing = (...answers: readonly (readonly IdentifiedBox[])[]): TrackingPicture[] =>
  answers.map((found) => ({ truth: [at(1, 0)], found }));

const zero = { misses: 0, falseBoxes: 0, switches: 0, fragmentations: 0 };

describe('scores by hand', () => {
  it.each<[string, TrackingPicture[], Partial<TrackingScore>]>([
    [
      'found in all four pictures',
      standing([at(7, 0)], [at(7, 0)], [at(7, 0)], [at(7, 0)]),
      { hota: 1, detA: 1, assA: 1, mota: 1, idf1: 1, objects: 1, truthBoxes: 4, foundBoxes: 4, ...zero },
    ],
    [
      'a second id for the second half: together in 2 of the 4 pictures of either',
      standing([at(7, 0)], [at(7, 0)], [at(8, 0)], [at(8, 0)]),
      { hota: Math.sqrt(0.5), detA: 1, assA: 0.5, mota: 0.75, idf1: 0.5, ...zero, switches: 1 },
    ],
    [
      'found in the first half only',
      standing([at(7, 0)], [at(7, 0)], [], []),
      { hota: 0.5, detA: 0.5, assA: 0.5, mota: 0.5, idf1: 4 / 6, ...zero, misses: 2 },
    ],
    [
      'a false box in each picture: 2 found of 4 boxes in all, and IDF1 2 · 2 ÷ (2 + 4)',
      standing([at(7, 0), at(8, 5)], [at(7, 0), at(8, 5)]),
      { hota: Math.sqrt(0.5), detA: 0.5, assA: 1, mota: 0, idf1: 2 / 3, ...zero, falseBoxes: 2 },
    ],
    [
      'broken off once, and taken up under the same id: together in 3 of 4',
      standing([at(7, 0)], [], [at(7, 0)], [at(7, 0)]),
      { hota: 0.75, detA: 0.75, assA: 0.75, mota: 0.75, idf1: 6 / 7, ...zero, misses: 1, fragmentations: 1 },
    ],
    [
      'taken up under another id: a switch too',
      standing([at(7, 0)], [], [at(8, 0)], [at(8, 0)]),
      { mota: 0.5, idf1: 4 / 7, ...zero, misses: 1, fragmentations: 1, switches: 1 },
    ],
    [
      // Overlap 0.75 ÷ 1.25 = 0.6: found at 0.05 … 0.6, which are 12 of 19 overlaps.
      'boxes a quarter off',
      standing([at(7, 0.25)], [at(7, 0.25)]),
      { hota: 12 / 19, detA: 12 / 19, assA: 12 / 19, mota: 1, idf1: 1, ...zero },
    ],
    [
      // Overlap 1/3: found at 0.05 … 0.3, 6 of 19; for the others not the object at all.
      'boxes half off',
      standing([at(7, 0.5)], [at(7, 0.5)]),
      { hota: 6 / 19, detA: 6 / 19, mota: -1, idf1: 0, ...zero, misses: 2, falseBoxes: 2 },
    ],
    [
      'two that swap ids in the middle: each together in 1 of 3',
      [
        { truth: [at(1, 0), at(2, 5)], found: [at(7, 0), at(8, 5)] },
        { truth: [at(1, 0), at(2, 5)], found: [at(8, 0), at(7, 5)] },
      ],
      { hota: Math.sqrt(1 / 3), detA: 1, assA: 1 / 3, mota: 0.5, idf1: 0.5, ...zero, switches: 2 },
    ],
    ['nothing to find and nothing found', [{ truth: [], found: [] }], { hota: null, mota: null, idf1: null, ...zero }],
  ])('%s', (_, pictures, wanted) => {
    const score = scoreTracking([pictures]);
    for (const [name, value] of Object.entries(wanted)) {
      if (value === null) expect(score[name as keyof TrackingScore]).toBeNull();
      else expect(score[name as keyof TrackingScore], name).toBeCloseTo(value, 9);
    }
  });

  it('stays with the id of the picture before while that fits, though another fits better', () => {
    const score = scoreTracking([standing([at(7, 0)], [at(7, 0.2), at(8, 0)])]);
    expect(score.switches).toBe(0);
    expect(score.falseBoxes).toBe(1);
  });

  it('counts neither an ignored object nor what lies on it, unless another object lies there', () => {
    const ignored: TrueBox = { ...at(9, 5), ignored: true };
    const area: TrueBox = { id: 0, box: { x1: -4, y1: -4, x2: 2, y2: 4 }, ignored: true };
    const pictures = [
      { truth: [at(1, 0), area, ignored], found: [at(7, 0), at(8, 5.1), at(6, -3)] },
      { truth: [at(1, 0), area, ignored], found: [at(7, 0)] },
    ];
    expect(scoreTracking([pictures])).toMatchObject({ hota: 1, mota: 1, idf1: 1, truthBoxes: 2, foundBoxes: 2, objects: 1 });
  });

  it('sums clips up box by box, and takes no id of one clip for that of another', () => {
    const good = standing([at(7, 0)], [at(7, 0)], [at(7, 0)]);
    const bad = standing([], [], []);
    expect(scoreTracking([good, bad])).toMatchObject({ mota: 0.5, detA: 0.5, assA: 1, objects: 2 });
    expect(scoreTracking([good, standing([at(8, 0)], [at(8, 0)], [at(8, 0)])]).switches).toBe(0);
  });
});

describe('any tracks', () => {
  const box = fc.record({ id: fc.integer({ min: 1, max: 4 }), x: fc.integer({ min: 0, max: 12 }) });
  const boxes = fc.uniqueArray(box, { maxLength: 4, selector: ({ id }) => id }).map((list) => list.map(({ id, x }) => at(id, x / 4)));
  const pictures = fc.array(fc.record({ truth: boxes, found: boxes }), { minLength: 1, maxLength: 8 });

  it('score 1 when they are the truth', () => {
    fc.assert(
      fc.property(fc.array(boxes, { minLength: 1, maxLength: 8 }), (truths) => {
        fc.pre(truths.some((t) => t.length > 0));
        // Two objects at the very same place cannot be told apart: the pair that goes together must be unlike any other.
        fc.pre(truths.every((t) => new Set(t.map((b) => b.box.x1)).size === t.length));
        const score = scoreTracking([truths.map((truth) => ({ truth, found: truth.map(({ id, box: b }) => ({ id: id + 10, box: b })) }))]);
        expect(score.hota).toBeCloseTo(1, 9);
        expect(score).toMatchObject({ mota: 1, idf1: 1, ...zero, fragmentations: score.fragmentations });
      }),
    );
  });

  it('score the same under other ids', () => {
    fc.assert(
      fc.property(pictures, fc.shuffledSubarray([11, 12, 13, 14], { minLength: 4 }), (clip, ids) => {
        const renamed = clip.map(({ truth, found }) => ({
          truth,
          found: found.map(({ id, box: b }) => ({ id: ids[id - 1] as number, box: b })),
        }));
        expect(scoreTracking([renamed])).toEqual(scoreTracking([clip]));
      }),
    );
  });

  it('score 0 to 1, never better for a box that is missing', () => {
    fc.assert(
      fc.property(pictures, (clip) => {
        const { hota, detA, assA, mota, idf1 } = scoreTracking([clip]);
        for (const share of [hota, detA, assA, idf1]) {
          expect(share ?? 0).toBeGreaterThanOrEqual(0);
          expect(share ?? 0).toBeLessThanOrEqual(1 + 1e-9);
        }
        expect(mota ?? 0).toBeLessThanOrEqual(1);
        const blind = scoreTracking([clip.map(({ truth }) => ({ truth, found: [] }))]);
        expect(blind.hota ?? 0).toBe(0);
        expect(idf1 ?? 0).toBeGreaterThanOrEqual(blind.idf1 ?? 0);
      }),
    );
  });
});
