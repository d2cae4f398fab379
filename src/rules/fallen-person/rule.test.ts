import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import { context, inShort, leftHalf, type Moment, object, play, standing, stillThing } from '../../testing/street-script.js';
import { fallenPersonConfigSchema } from './config.js';
import { createFallenPersonRule } from './rule.js';

const square = context({ zones: new Map([['square', leftHalf]]) });
const rule = (given: object = {}) =>
  createFallenPersonRule(fallenPersonConfigSchema.parse({ type: 'fallen_person', zone: 'square', ...given }), square);

// 36 by 90 pixels of 640 by 360.
const upright = (x: number): Box => standing(x, 0.8, 0.056, 0.25);
const lying = (x: number): Box => standing(x, 0.81, 0.14, 0.07);
const crouching = (x: number): Box => standing(x, 0.8, 0.06, 0.14);
const sitting = (x: number): Box => standing(x, 0.8, 0.08, 0.18);
const dog = (x: number): Box => standing(x, 0.81, 0.07, 0.06);

/** Boxes of somebody by the second at which they begin. */
const script =
  (phases: readonly (readonly [number, Box | null])[], { id = 1, label = 'person', score = 0.8, firstPtsMs = 0 } = {}) =>
  (s: number): Moment => {
    const box = phases.findLast(([from]) => s >= from)?.[1] ?? null;
    return box === null ? {} : { objects: [object({ id, box, label, score, firstPtsMs }, s * 1000)] };
  };
const together =
  (...shows: readonly ((s: number) => Moment)[]) =>
  (s: number): Moment => ({ objects: shows.flatMap((show) => show(s).objects ?? []) });

const falls = script([
  [0, upright(0.2)],
  [5, crouching(0.21)],
  [5.6, lying(0.24)],
]);

describe('somebody who falls', () => {
  it('and lies still is told of once', () => {
    const findings = play(rule(), { to: 40 }, falls);
    expect(findings.map(({ phase, verdict, severity }) => `${phase} ${verdict} ${severity}`)).toEqual([
      'new confirmed critical',
      'end confirmed critical',
    ]);
    expect(findings[0]).toMatchObject({ startPtsMs: 5_600, zone: 'square', labels: ['person'] });
    expect(findings[0]?.endPtsMs).toBe(15_600);
  });

  it('and gets up again later ends it', () => {
    const show = (s: number): Moment => (s < 25 ? falls(s) : script([[0, upright(0.24)]])(s));
    expect(inShort(play(rule(), { to: 40 }, show))).toMatch(/^1 new 5.6-15.6, 1 end 5.6-24.8$/);
  });

  it('is the same while models lose him, and people bend over him', () => {
    const show = (s: number): Moment =>
      s > 18 && s < 40 ? { objects: [object({ id: 9, box: crouching(0.3), score: 0.8 }, s * 1000)] } : falls(s);
    expect(play(rule(), { to: 60 }, show).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is the same under another name', () => {
    const show = (s: number): Moment => (s < 6.5 ? falls(s) : script([[0, lying(0.24)]], { id: 2, firstPtsMs: 6_600 })(s));
    expect(play(rule(), { to: 30 }, show)[0]?.verdict).toBe('confirmed');
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['gets up at once', {}, (s) => (s < 9 ? falls(s) : script([[0, upright(0.24)]])(s))],
    [
      'crouches',
      {},
      script([
        [0, upright(0.2)],
        [5, crouching(0.2)],
      ]),
    ],
    [
      'sits',
      {},
      script([
        [0, upright(0.2)],
        [5, sitting(0.2)],
      ]),
    ],
    [
      'is a child beside a dog',
      {},
      together(script([[0, standing(0.2, 0.8, 0.04, 0.15)]]), script([[0, dog(0.24)]], { id: 2, label: 'dog' })),
    ],
    [
      'passes his name on to a dog',
      {},
      together(
        script([
          [0, upright(0.2)],
          [5, dog(0.22)],
        ]),
        script([[5, upright(0.2)]], { id: 2 }),
      ),
    ],
    [
      'lies outside',
      {},
      script([
        [0, upright(0.7)],
        [5, lying(0.72)],
      ]),
    ],
    [
      'moves on',
      {},
      (s) =>
        script([
          [0, upright(0.1)],
          [5, lying(0.1 + 0.02 * Math.max(0, s - 5))],
        ])(s),
    ],
    [
      'is cut off by the edge',
      {},
      script([
        [0, standing(0.2, 0.9, 0.1, 0.45)],
        [5, { x1: 0.12, y1: 0.88, x2: 0.28, y2: 1 }],
      ]),
    ],
    [
      'is not surely a person',
      { sensitivity: 'low' },
      script(
        [
          [0, upright(0.2)],
          [5, lying(0.22)],
        ],
        { score: 0.5 },
      ),
    ],
    ['is seen in light that changes', {}, (s) => ({ ...falls(s), scene: { unsettled: true } })],
    ['falls when the rule rests', { schedule: [{ from: '08:00', to: '09:00' }] }, falls],
  ])('is not told of who %s', (_, options, show) => {
    expect(inShort(play(rule(options), { to: 60 }, show))).toBe('');
  });
});

describe('where only the shape tells', () => {
  it('somebody who lay there from the start is suspected after three times as long', () => {
    const findings = play(rule(), { to: 60 }, script([[0, lying(0.2)]]));
    expect(inShort(findings)).toMatch(/^1 new 0-30, /);
    expect(findings[0]).toMatchObject({ verdict: 'suspected', severity: 'warning' });
  });

  it('a low, wide thing where somebody stood who is seen no more is suspected', () => {
    const show = (s: number): Moment => ({
      ...(s < 5 ? script([[0, upright(0.2)]])(s) : {}),
      still: s > 12 ? [stillThing({ id: 3, box: lying(0.22), sincePtsMs: 6_000, seenPtsMs: s * 1000 }, s * 1000)] : [],
    });
    const findings = play(rule(), { to: 60 }, show);
    expect(findings.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual(['new suspected', 'end suspected']);
  });

  it('a bag that somebody leaves there is not', () => {
    const show = (s: number): Moment => ({
      ...script([
        [0, upright(0.2)],
        [5, upright(0.3)],
        [8, upright(0.45)],
        [10, null],
      ])(s),
      still: s > 8 ? [stillThing({ id: 3, box: dog(0.22), sincePtsMs: 5_000, seenPtsMs: s * 1000 }, s * 1000)] : [],
    });
    expect(play(rule(), { to: 60 }, show)).toEqual([]);
  });

  it('without a model a fall is suspected', () => {
    const show = (s: number): Moment => ({ named: false, objects: (falls(s).objects ?? []).map((one) => ({ ...one, label: 'object' })) });
    expect(play(rule(), { to: 40 }, show)[0]).toMatchObject({ verdict: 'suspected', labels: ['object'] });
  });
});
