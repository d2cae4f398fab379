import { describe, expect, it } from 'vitest';
import type { Figure } from '../../domain/figure.js';
import { context, leftHalf, type Moment, object, play, standing } from '../../testing/street-script.js';
import { occupancyConfigSchema } from './config.js';
import { createOccupancyRule } from './rule.js';

const shop = context({ zones: new Map([['shop', leftHalf]]) });
const rule = (given: object = {}) => createOccupancyRule(occupancyConfigSchema.parse({ type: 'occupancy', zone: 'shop', ...given }), shop);

const somebody = (id: number, x: number, from: number, to: number, label = 'person') => ({ id, x, from, to, label });
/** Who is where, and when. */
const shows =
  (...all: readonly ReturnType<typeof somebody>[]) =>
  (s: number): Moment => ({
    objects: all
      .filter(({ from, to }) => s >= from && s < to)
      .map(({ id, x, label, from }) => object({ id, box: standing(x, 0.8), label, firstPtsMs: from * 1000 }, s * 1000)),
  });
const inFigures = (figures: readonly Figure[] | undefined) => Object.fromEntries((figures ?? []).map(({ name, value }) => [name, value]));

describe('occupancy', () => {
  it('counts who is inside, who came, and how long they stayed', () => {
    const counted = rule();
    const findings = play(counted, { to: 40 }, shows(somebody(1, 0.1, 2, 12), somebody(2, 0.3, 5, 25), somebody(3, 0.7, 5, 25)));
    expect(findings).toEqual([]);
    expect(inFigures(counted.figures?.())).toEqual({
      occupancy: 0,
      entries: 2,
      dwell_seconds_sum: expect.closeTo(29.6, 3),
      dwell_seconds_count: 2,
    });
  });

  it('is told when more are inside than may be, and ends when they are fewer', () => {
    const three = shows(somebody(1, 0.1, 2, 40), somebody(2, 0.25, 5, 25), somebody(3, 0.4, 10, 25));
    const findings = play(rule({ limit: 2 }), { to: 60 }, three);
    expect(findings.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual(['new confirmed', 'end confirmed']);
    expect(findings[0]?.reasons[0]).toMatchObject({ criterion: 'inside', value: 3, threshold: 3 });
    expect((findings[0]?.startPtsMs ?? 0) / 1000).toBeCloseTo(10.8, 0);
    expect((findings[1]?.endPtsMs ?? 0) / 1000).toBeGreaterThan(24);
    expect((findings[1]?.endPtsMs ?? 0) / 1000).toBeLessThan(30);
  });

  it('tells each stay where that is wished', () => {
    const findings = play(rule({ report_stays: true }), { to: 40 }, shows(somebody(1, 0.1, 2, 12), somebody(2, 0.3, 5, 40)));
    expect(findings.map(({ phase, labels }) => `${phase} ${labels.join(' ')}`)).toEqual([
      'new person stay',
      'end person stay',
      'new person stay',
      'end person stay',
    ]);
    expect(findings[0]?.reasons).toEqual([{ criterion: 'seconds_inside', value: expect.closeTo(9.8, 3), threshold: 0, unit: 's' }]);
  });

  it.each<[string, (s: number) => Moment, number, number]>([
    ['steps out for three seconds', shows(somebody(1, 0.4, 2, 10), somebody(1, 0.6, 10, 13), somebody(1, 0.4, 13, 20)), 1, 17.8],
    ['comes back under another name', shows(somebody(1, 0.3, 2, 10), somebody(2, 0.3, 13, 20)), 1, 17.8],
    ['goes and comes again much later', shows(somebody(1, 0.3, 2, 10), somebody(1, 0.3, 30, 35)), 2, 12.6],
    ['is seen for a moment only', shows(somebody(1, 0.3, 2, 2.5)), 0, 0],
  ])('takes one who %s as it is', (_, show, entries, seconds) => {
    const counted = rule();
    play(counted, { to: 50 }, show);
    expect(inFigures(counted.figures?.())).toMatchObject({
      entries,
      dwell_seconds_count: entries,
      dwell_seconds_sum: expect.closeTo(seconds, 3),
    });
  });

  it('counts the way before the tracker was sure', () => {
    const counted = rule();
    play(counted, { to: 20 }, (s) => {
      const box = standing(0.3, 0.8);
      const path = [1, 2, 3].map((at) => ({ ptsMs: at * 1000, x: 0.3, y: 0.8 }));
      return { objects: s >= 4 && s < 10 ? [object({ id: 1, box, path: [...path, { ptsMs: s * 1000, x: 0.3, y: 0.8 }] }, s * 1000)] : [] };
    });
    expect(inFigures(counted.figures?.())['dwell_seconds_sum']).toBeCloseTo(8.8, 3);
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['as many as may be', { limit: 2 }, shows(somebody(1, 0.1, 2, 30), somebody(2, 0.3, 2, 30))],
    ['those outside', { limit: 0 }, shows(somebody(1, 0.7, 2, 30))],
    ['one too many for a moment', { limit: 0 }, shows(somebody(1, 0.3, 2, 5))],
    ['what does not count', { limit: 0 }, shows(somebody(1, 0.3, 2, 30, 'dog'))],
    ['light that changes', { limit: 0 }, (s) => ({ ...shows(somebody(1, 0.3, 2, 30))(s), scene: { unsettled: true } })],
    [
      'who is not surely a person',
      { limit: 0, sensitivity: 'low' },
      (s) => ({
        objects: (shows(somebody(1, 0.3, 2, 30))(s).objects ?? []).map((one) => ({ ...one, score: 0.5 })),
      }),
    ],
  ])('is not told of: %s', (_, options, show) => {
    expect(play(rule(options), { to: 40 }, show)).toEqual([]);
  });

  it('knows without a model that who stopped is still there', () => {
    const counted = rule();
    const path = [{ ptsMs: 0, x: 0.02, y: 0.4 }];
    const box = standing(0.3, 0.8);
    play(counted, { to: 40 }, (s) => ({
      named: false,
      objects: s >= 2 && s < 6 ? [object({ id: 1, box, label: 'object', path }, s * 1000)] : [],
      still:
        s >= 8 && s < 30
          ? [{ id: 4, box, core: box, area: 0.01, sincePtsMs: 6000, seenPtsMs: s * 1000, kind: 'added', confidence: 0.8, state: 'present' }]
          : [],
    }));
    expect(inFigures(counted.figures?.())).toMatchObject({ entries: 1, dwell_seconds_sum: expect.closeTo(29.8, 0) });
  });
});
