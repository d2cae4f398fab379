import { describe, expect, it } from 'vitest';
import type { TrackedObject } from '../../domain/street.js';
import { road as ground } from '../../testing/street-ground.js';
import { context, inShort, leftHalf, type Moment, object, play, standing } from '../../testing/street-script.js';
import { personOnRoadConfigSchema } from './config.js';
import { createPersonOnRoadRule } from './rule.js';

const crossing = [0.2, 0.3, 0.3, 0.2].map((x, i) => ({ x, y: i < 2 ? 0 : 1 }));
const road = context({
  zones: new Map([
    ['road', leftHalf],
    ['crossing', crossing],
  ]),
});
const rule = (given: object = {}, where = road) =>
  createPersonOnRoadRule(personOnRoadConfigSchema.parse({ type: 'person_on_road', zone: 'road', ...given }), where);

const walker =
  (x: (s: number) => number, label = 'person') =>
  (s: number): TrackedObject[] =>
    s >= 5 && s < 15 ? [object({ id: 1, label, box: standing(x(s), 0.8) }, s * 1000)] : [];
const beside =
  (label: string, box: (person: TrackedObject) => TrackedObject['box']) =>
  (person: TrackedObject): TrackedObject =>
    object({ id: 50, label, box: box(person) }, person.seenPtsMs);
const street =
  (who: (s: number) => TrackedObject[], ...others: readonly ((person: TrackedObject) => TrackedObject)[]) =>
  (s: number): Moment => ({ objects: who(s).flatMap((person) => [person, ...others.map((other) => other(person))]) });
const slowly = (s: number): number => 0.05 + (s - 5) * 0.01;

describe('a person on the road', () => {
  it('is told once, and ends when he has left it', () => {
    const findings = play(rule(), { to: 25 }, street(walker(slowly)));
    expect(inShort(findings)).toBe('1 new 5-7, 1 end 5-14.8');
    expect(findings[0]).toMatchObject({ verdict: 'confirmed', severity: 'warning', zone: 'road', labels: ['person'] });
  });

  it('is told of who stands before a car, and of who walks past a bicycle', () => {
    const car = beside('car', ({ box }) => ({ x1: box.x1 - 0.1, x2: box.x2 + 0.1, y1: box.y1 - 0.02, y2: box.y2 - 0.01 }));
    expect(inShort(play(rule(), { to: 25 }, street(walker(slowly), car)))).toBe('1 new 5-7, 1 end 5-14.8');
    const bicycle = object({ id: 9, label: 'bicycle', box: standing(0.12, 0.8, 0.06, 0.1) }, 0);
    const past = (s: number): Moment => ({ objects: [...walker((at) => 0.01 + (at - 5) * 0.045)(s), bicycle] });
    expect(play(rule(), { to: 25 }, past).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['who walks beside it', {}, street(walker((s) => 0.6 + s * 0.01))],
    ['who crosses quickly', {}, street((s) => (s < 6.5 ? walker(slowly)(s) : []))],
    ['who keeps to the crossing', { except_zones: ['crossing'] }, street(walker((s) => 0.21 + (s - 5) * 0.008))],
    [
      'who rides a bicycle',
      {},
      street(
        walker(slowly),
        beside('bicycle', ({ box }) => ({ ...box, y1: box.y1 + 0.07, x1: box.x1 - 0.02, x2: box.x2 + 0.02 })),
      ),
    ],
    [
      'who rides what is seen now and then',
      {},
      (s) => {
        const rides = street(
          walker(slowly),
          beside('motorcycle', ({ box }) => ({ ...box, y1: box.y1 + 0.07 })),
        )(s);
        return Math.round(s * 5) % 3 === 0 ? rides : { objects: (rides.objects ?? []).slice(0, 1) };
      },
    ],
    [
      'who sits in a bus',
      {},
      street(
        walker(slowly),
        beside('bus', ({ box }) => ({ x1: box.x1 - 0.1, x2: box.x2 + 0.1, y1: box.y1 - 0.1, y2: box.y2 + 0.08 })),
      ),
    ],
    ['what does not count', {}, street(walker(slowly, 'dog'))],
    ['outside the hours', { schedule: [{ from: '08:00', to: '09:00' }] }, street(walker(slowly))],
    ['light that changes', {}, (s) => ({ ...street(walker(slowly))(s), scene: { unsettled: true } })],
  ])('is not told of: %s', (_, options, show) => {
    expect(inShort(play(rule(options), { to: 25 }, show))).toBe('');
  });

  it('is not told of who is faster than people are, where there are metres', () => {
    const goes =
      (mps: number) =>
      (s: number): TrackedObject[] => {
        const y = 20 + mps * (s - 5);
        if (s < 5 || y > 55) return [];
        const place = (t: number) => ground.pictureAt({ x: -2, y: 20 + mps * (t - 5) });
        const path = Array.from({ length: Math.round((s - 5) * 5) + 1 }, (_, i) => ({
          ptsMs: Math.round((5 + i / 5) * 1000),
          ...place(5 + i / 5),
        }));
        return [object({ id: 1, box: standing(place(s).x, place(s).y, 0.8 / y, 2.4 / y), path, firstPtsMs: 5_000 }, s * 1000)];
      };
    const metric = { ...road, ground };
    expect(play(rule({}, metric), { to: 40 }, street(goes(8)))).toEqual([]);
    expect(play(rule({}, metric), { to: 40 }, street(goes(2))).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is suspected without a model, of what has the shape of a person', () => {
    const unnamed =
      (show: (s: number) => Moment) =>
      (s: number): Moment => ({ ...show(s), named: false });
    const findings = play(rule(), { to: 25 }, unnamed(street(walker(slowly, 'object'))));
    expect(findings.map(({ phase, verdict, severity }) => `${verdict} ${severity} ${phase}`)).toEqual([
      'suspected info new',
      'suspected info end',
    ]);
    const wide = (s: number): Moment => ({
      objects: walker(slowly)(s).map((one) => ({ ...one, box: standing(one.foot.x, 0.8, 0.2, 0.15) })),
    });
    expect(play(rule(), { to: 25 }, unnamed(wide))).toEqual([]);
  });
});
