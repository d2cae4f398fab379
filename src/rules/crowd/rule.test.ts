import { describe, expect, it } from 'vitest';
import { createGroundPlane } from '../../core/geometry/ground-plane.js';
import { context, inShort, leftHalf, type Moment, object, play, standing } from '../../testing/street-script.js';
import { crowdConfigSchema } from './config.js';
import { createCrowdRule } from './rule.js';

const square = context({ zones: new Map([['square', leftHalf]]) });
/** The picture shows 10 by 10 metres from above. */
const ground = createGroundPlane({
  picture: [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ],
  metres: [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 10 },
    { x: 0, y: 10 },
  ],
});
const rule = (given: object = {}, where = square) =>
  createCrowdRule(crowdConfigSchema.parse({ type: 'crowd', zone: 'square', at_least: 5, after: '10 s', ...given }), where);

/** So many people side by side, from one second to another. */
const people =
  (count: number, from: number, to: number, { x = 0.05, label = 'person', id = 1 } = {}) =>
  (s: number): Moment => ({
    objects:
      s >= from && s < to
        ? Array.from({ length: count }, (_, i) => object({ id: id + i, box: standing(x + 0.06 * i, 0.8, 0.04), label }, s * 1000))
        : [],
  });
const both =
  (...shows: readonly ((s: number) => Moment)[]) =>
  (s: number): Moment => ({ objects: shows.flatMap((show) => show(s).objects ?? []) });

describe('a crowd', () => {
  it('is told once it has been one for so long, and ends when it has gone', () => {
    const [begun, end] = play(rule(), { to: 60 }, people(6, 5, 30));
    expect(begun).toMatchObject({ phase: 'new', verdict: 'confirmed', severity: 'warning', zone: 'square', labels: ['person'] });
    expect(begun?.reasons[0]).toMatchObject({ criterion: 'people', value: 6, threshold: 5 });
    expect(begun?.endPtsMs).toBeLessThanOrEqual(16_500);
    expect(end).toMatchObject({ phase: 'end' });
    expect((end?.endPtsMs ?? 0) / 1000).toBeCloseTo(30, -1);
  });

  it('goes on while most of it is there, though some are hidden', () => {
    const findings = play(rule(), { to: 60 }, both(people(4, 5, 50), people(2, 5, 30, { x: 0.35, id: 20 })));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[1]?.endPtsMs).toBeGreaterThan(48_000);
  });

  it('is one through boxes that are missing now and then', () => {
    const findings = play(rule(), { to: 60 }, (s) => {
      const { objects = [] } = people(6, 5, 40)(s);
      return { objects: objects.filter((_, i) => (Math.round(s * 5) + i) % 5 > 1) };
    });
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is told anew when it has grown by half', () => {
    const findings = play(rule(), { to: 60 }, both(people(5, 5, 50), people(3, 30, 50, { x: 0.36, id: 20 })));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'update', 'end']);
  });

  it('is told of by its density, however few', () => {
    const where = context({ zones: square.zones, ground });
    // Three on 50 square metres.
    expect(play(rule({ density: 0.055 }, where), { to: 40 }, people(3, 5, 30)).map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(play(rule({ density: 0.065 }, where), { to: 40 }, people(3, 5, 30))).toEqual([]);
  });

  it('is suspected without a model', () => {
    const walked = (s: number): Moment => ({
      named: false,
      objects: (people(6, 5, 30, { label: 'object' })(s).objects ?? []).map((one) => ({
        ...one,
        path: [{ ptsMs: s * 1000 - 200, x: 0.02, y: 0.2 }, ...one.path],
      })),
    });
    expect(play(rule(), { to: 50 }, walked).map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual(['new suspected', 'end suspected']);
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['too few', {}, people(4, 5, 30)],
    ['who walk through within the time', {}, people(8, 5, 13)],
    ['who are outside', {}, people(6, 5, 30, { x: 0.6 })],
    ['what does not count', {}, people(6, 5, 30, { label: 'car' })],
    ['when the rule rests', { schedule: [{ from: '08:00', to: '09:00' }] }, people(6, 5, 30)],
    ['light that changes', {}, (s) => ({ ...people(6, 5, 30)(s), scene: { unsettled: true } })],
    [
      'half of whom one is not sure',
      { sensitivity: 'low' },
      (s) => ({
        objects: (people(6, 5, 30)(s).objects ?? []).map((one, i) => ({ ...one, score: i % 2 === 0 ? 0.5 : 0.9 })),
      }),
    ],
  ])('is not told of: %s', (_, options, show) => {
    expect(inShort(play(rule(options), { to: 50 }, show))).toBe('');
  });

  it('counts whom nobody sees because of a lamp that goes on as there', () => {
    const findings = play(rule(), { to: 60 }, (s) => (s > 20 && s < 30 ? { scene: { unsettled: true } } : people(6, 5, 45)(s)));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[1]?.endPtsMs).toBeGreaterThan(44_000);
  });

  it('tells how many, and how densely', () => {
    const crowd = rule({}, context({ zones: square.zones, ground }));
    play(crowd, { to: 10 }, people(6, 5, 11));
    expect(crowd.figures?.()).toEqual([
      { name: 'people', kind: 'gauge', of: { zone: 'square' }, value: 6 },
      { name: 'density_per_m2', kind: 'gauge', of: { zone: 'square' }, value: expect.closeTo(0.12, 5) },
    ]);
  });
});
