import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathPoint, TrackedObject } from '../../domain/street.js';
import { paintedPicture } from '../../testing/street-picture.js';
import { context, inShort, leftHalf, leftOpen, type Moment, object, play, standing, stillThing } from '../../testing/street-script.js';
import { streetVendingConfigSchema } from './config.js';
import { createStreetVendingRule } from './rule.js';

const street = context({ zones: new Map([['pavement', leftHalf]]) });
const rule = (given: object = {}) =>
  createStreetVendingRule(streetVendingConfigSchema.parse({ type: 'street_vending', zone: 'pavement', after: '40 s', ...given }), street);

/** Where the stall stands, from the tenth second on. */
const stall = { x1: 0.15, y1: 0.45, x2: 0.35, y2: 0.8 };

interface Way {
  readonly id: number;
  /** Where he stands, and from when to when; he comes from the left and goes to the right, at 0.1 of the picture a second. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly label?: string;
}
const xOf = ({ at, from, to }: Way, s: number): number => (s < from ? at - 0.1 * (from - s) : s > to ? at + 0.1 * (s - to) : at);

/** Somebody 0.2 of the picture high. */
function walker(way: Way, s: number): TrackedObject[] {
  const x = xOf(way, s);
  if (x < 0 || x > 1) return [];
  const path: PathPoint[] = [];
  for (let t = Math.max(0, s - 20); t <= s + 1e-6; t += 0.2) {
    const past = xOf(way, t);
    if (past >= 0 && past <= 1) path.push({ ptsMs: Math.round(t * 1000), x: past, y: 0.82 });
  }
  const velocity = { x: s < way.from || s > way.to ? 0.1 : 0, y: 0 };
  return [object({ id: way.id, box: standing(x, 0.82, 0.05, 0.2), label: way.label ?? 'person', path, velocity }, s * 1000)];
}

const customers = (count: number, { everyS = 10, staysS = 12, first = 25 } = {}): readonly Way[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ id: 10 + i, at: [0.2, 0.3, 0.25][i % 3] as number },
    ...{ from: first + i * everyS, to: first + i * everyS + staysS },
  }));

/** The stall that the background finds, or one with a name; and who walks there. */
const background = (s: number, to = 300): Moment => ({
  still: s >= 14 && s < to ? [stillThing({ id: 1, box: stall, sincePtsMs: 10_000 }, s * 1000)] : [],
});
const named = (s: number, label = 'umbrella', sincePtsMs = 10_000): Moment => ({
  objects:
    s * 1000 < sincePtsMs
      ? []
      : [
          object(
            { id: 1, label, box: stall, stillBox: stall, stillSincePtsMs: sincePtsMs, path: [{ ptsMs: 9_000, x: 0.8, y: 0.8 }] },
            s * 1000,
          ),
        ],
});
const withPeople =
  (show: (s: number) => Moment, people: readonly Way[]) =>
  (s: number): Moment => {
    const shown = show(s);
    return { ...shown, objects: [...(shown.objects ?? []), ...people.flatMap((one) => walker(one, s))] };
  };
const phases = (show: (s: number) => Moment, given: object = {}, to = 120): string =>
  play(rule(given), { to }, show)
    .map(({ phase, verdict }) => `${phase} ${verdict}`)
    .join(', ');

describe('a stall', () => {
  it.each<[string, (s: number) => Moment, string]>([
    ['that the background did not show', background, 'object'],
    ['that has a name', named, 'umbrella'],
    ['that is a van', (s) => named(s, 'truck'), 'truck'],
  ])('%s, at which people stop one after the other, is told once', (_, show, label) => {
    const findings = play(rule(), { to: 120 }, withPeople(show, customers(5)));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ verdict: 'confirmed', severity: 'warning', labels: [label], startPtsMs: 10_000, box: stall });
    // It has stood for 40 s at 50 s; the third customer has stood for 6 s at 51.
    expect(findings[0]?.endPtsMs).toBeGreaterThanOrEqual(50_000);
    expect(findings[0]?.endPtsMs).toBeLessThan(53_000);
    expect(findings[0]?.reasons).toContainEqual({ criterion: 'people_stopped', value: 3, threshold: 3, unit: 'people' });
  });

  it('is over when it has gone', () => {
    const findings = play(
      rule(),
      { to: 140 },
      withPeople((s) => background(s, 100), customers(5)),
    );
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[1]?.endPtsMs).toBeLessThan(101_000);
  });

  it('is one with the cart beside it, and over when both have gone', () => {
    const cart = { x1: 0.37, y1: 0.6, x2: 0.45, y2: 0.82 };
    const show = (s: number): Moment => ({
      still: [
        ...(s >= 14 && s < 80 ? [stillThing({ id: 1, box: stall, sincePtsMs: 10_000 }, s * 1000)] : []),
        ...(s >= 14 && s < 110 ? [stillThing({ id: 2, box: cart, sincePtsMs: 11_000 }, s * 1000)] : []),
      ],
    });
    const people = Array.from({ length: 8 }, (_, i) => ({ id: 10 + i, at: 0.36, from: 25 + 10 * i, to: 37 + 10 * i }));
    const findings = play(rule(), { to: 140 }, withPeople(show, people));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[1]?.endPtsMs).toBeGreaterThan(108_000);
  });

  it('is suspected without a model, where it was seen to come', () => {
    const comes = (s: number): TrackedObject[] =>
      s >= 5 && s < 14
        ? [
            object(
              {
                id: 1,
                label: 'object',
                box: { ...stall, x1: stall.x1 + Math.min(0, s - 10) * 0.03, x2: stall.x2 + Math.min(0, s - 10) * 0.03 },
                velocity: { x: s < 10 ? 0.03 : 0, y: 0 },
              },
              s * 1000,
            ),
          ]
        : [];
    const people = customers(5).map((one) => ({ ...one, label: 'object' }));
    const show = (seen: boolean) => withPeople((s) => ({ ...background(s), named: false, objects: seen ? comes(s) : [] }), people);
    expect(phases(show(true))).toBe('new suspected, end suspected');
    expect(phases(show(false))).toBe('');
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['at which too few stop', {}, withPeople(background, customers(2))],
    ['at which all stop at once', {}, withPeople(background, customers(4, { everyS: 1 }))],
    ['that people only pass', {}, withPeople(background, customers(8, { staysS: 2 }))],
    [
      'who stands there under one name after another',
      {},
      (s) => ({
        ...background(s),
        objects: s < 20 ? [] : [object({ id: 20 + Math.floor(s / 12), box: standing(0.25, 0.82, 0.05, 0.2) }, s * 1000)],
      }),
    ],
    ['that leaves in time', {}, withPeople((s) => background(s, 45), customers(5, { everyS: 5 }))],
    [
      'outside the zone',
      {},
      withPeople(
        (s) => ({ still: s >= 14 ? [stillThing({ id: 1, box: { ...stall, x1: 0.7, x2: 0.9 }, sincePtsMs: 10_000 }, s * 1000)] : [] }),
        customers(5).map((one) => ({ ...one, at: one.at + 0.55 })),
      ),
    ],
    [
      'that was there from the start',
      {},
      withPeople(
        (s) => ({ objects: [object({ id: 1, label: 'truck', box: stall, stillBox: stall, stillSincePtsMs: 0 }, s * 1000)] }),
        customers(5),
      ),
    ],
    [
      'of which only the empty place is there',
      {},
      withPeople((s) => ({ still: background(s).still?.map((one) => ({ ...one, kind: 'removed' as const })) ?? [] }), customers(5)),
    ],
    ['too small', { min_size: 0.1 }, withPeople(background, customers(5))],
    ['outside the hours', { schedule: [{ from: '08:00', to: '09:00' }] }, withPeople(background, customers(5))],
    ['in light that changes', {}, (s) => ({ ...withPeople(background, customers(5))(s), scene: { unsettled: true } })],
  ])('is not told: %s', (_, given, show) => {
    expect(phases(show, given)).toBe('');
  });

  it('is no group of people, who are a still thing themselves', () => {
    const people = [0.17, 0.22, 0.27, 0.32].map((at, i) => ({ id: 10 + i, at, from: 10 + 8 * i, to: 300 }));
    const crowd = { x1: 0.14, y1: 0.6, x2: 0.36, y2: 0.83 };
    const show = (s: number): Moment => ({
      still: s >= 40 ? [stillThing({ id: 1, box: crowd, area: 0.03, sincePtsMs: 12_000 }, s * 1000)] : [],
    });
    expect(phases(withPeople(show, people))).toBe('');
  });

  it('counts those that stand', () => {
    const counted = rule();
    play({ step: counted.step, finish: () => [] }, { to: 80 }, withPeople(background, customers(5)));
    expect(counted.figures?.()).toEqual([{ name: 'stalls', kind: 'gauge', of: { zone: 'pavement' }, value: 1 }]);
  });

  describe('after a restart', () => {
    const picture = paintedPicture([{ box: stall, seed: 7 }]);
    /** Eighty seconds of a first stream, and two minutes of a second one, ten seconds later. */
    function again(open: boolean, gone = 300): string {
      const first = rule();
      const [begun] = play(first, { to: 80 }, (s) => ({ ...withPeople(named, customers(8))(s), picture }));
      const second = rule();
      second.recall?.(JSON.parse(JSON.stringify(first.memory?.())));
      if (open) second.resume?.([leftOpen(begun, 0, 3)]);
      const show = (s: number): Moment => (s < gone ? { ...withPeople((t) => named(t, 'umbrella', 1_000), customers(8))(s), picture } : {});
      return inShort(play(second, { to: 120, startMs: 90_000 }, show));
    }

    it('goes on as the same, until it has gone', () => {
      expect(again(true)).toBe('3 end -80-119.8');
      expect(again(true, 60)).toMatch(/^3 end -80-(59|60)/);
    });

    it('is not told again when it was told and had ended', () => {
      expect(again(false)).toBe('');
    });
  });

  it('is never told of fewer people than asked for, nor sooner', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.record({ from: fc.integer({ min: 25, max: 90 }), staysS: fc.integer({ min: 1, max: 30 }) }), { maxLength: 6 }),
        (people, ways) => {
          const walk = ways.map(({ from, staysS }, i) => ({ id: 10 + i, at: 0.16 + 0.03 * i, from, to: from + staysS }));
          const [told] = play(rule({ people }), { to: 130, fps: 2 }, withPeople(background, walk));
          const stopped = walk.filter(({ from, to }) => to - from >= 5);
          if (stopped.length < people) expect(told).toBeUndefined();
          if (told !== undefined) expect(told.endPtsMs).toBeGreaterThanOrEqual(50_000);
        },
      ),
      { numRuns: 20 },
    );
  });
});
