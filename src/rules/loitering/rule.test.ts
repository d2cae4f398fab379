import { describe, expect, it } from 'vitest';
import type { TrackedObject } from '../../domain/street.js';
import { context, inShort, leftHalf, type Moment, object, play, standing, stillThing } from '../../testing/street-script.js';
import { loiteringConfigSchema } from './config.js';
import { createLoiteringRule } from './rule.js';

const yard = context({ zones: new Map([['yard', leftHalf]]) });
const rule = (given: object = {}) =>
  createLoiteringRule(loiteringConfigSchema.parse({ type: 'loitering', zone: 'yard', after: '20 s', away: '6 s', ...given }), yard);

interface Somebody {
  readonly id?: number;
  readonly x: (s: number) => number;
  readonly from?: number;
  readonly to?: number;
  readonly label?: string;
}
const at = ({ id = 1, x, from = 5, to = 45, label = 'person' }: Somebody, s: number): TrackedObject[] =>
  s >= from && s < to ? [object({ id, label, box: standing(x(s), 0.8), firstPtsMs: from * 1000 }, s * 1000)] : [];
const street =
  (...people: readonly Somebody[]) =>
  (s: number): Moment => ({ objects: people.flatMap((one) => at(one, s)) });
const wanders = (s: number): number => 0.25 + 0.1 * Math.sin(s / 3);
const phases = (given: object, show: (s: number) => Moment, to = 70): string => inShort(play(rule(given), { to }, show));

describe('loitering', () => {
  it('is told once somebody has stayed so long, and ends when he has left', () => {
    const findings = play(rule(), { to: 70 }, street({ x: wanders }));
    expect(inShort(findings)).toBe('1 new 5-25, 1 end 5-44.8');
    expect(findings[0]).toMatchObject({ verdict: 'confirmed', severity: 'info', zone: 'yard', labels: ['person'] });
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['who walks through', {}, street({ x: (s) => (s - 5) * 0.04 })],
    [
      'many who walk through, one after the other',
      {},
      street(...Array.from({ length: 12 }, (_, i) => ({ id: i + 1, x: (s: number) => (s - 4 * i) * 0.06, from: 4 * i, to: 4 * i + 16 }))),
    ],
    ['who stays outside', {}, street({ x: (s) => 0.5 + wanders(s) })],
    ['who leaves in time', {}, street({ x: wanders, to: 24 })],
    ['who comes back after a while', {}, street({ x: wanders, to: 18 }, { id: 2, x: wanders, from: 40, to: 55 })],
    ['what does not count', {}, street({ x: wanders, label: 'car' })],
    ['outside the hours', { schedule: [{ from: '08:00', to: '09:00' }] }, street({ x: wanders })],
    ['light that changes', {}, (s) => ({ ...street({ x: wanders })(s), scene: { unsettled: true } })],
  ])('is not told of: %s', (_, options, show) => {
    expect(phases(options, show)).toBe('');
  });

  it('goes on where somebody was who steps out for a moment, or is called otherwise', () => {
    expect(phases({}, street({ x: (s) => (s > 15 && s < 19 ? 0.52 : 0.45) }))).toMatch(/^1 new 5-2[89](\.\d)?, 1 end 5-44.8$/);
    expect(phases({}, street({ x: () => 0.3, to: 15 }, { id: 2, x: () => 0.31, from: 18 }))).toBe('1 new 5-25, 1 end 5-44.8');
  });

  it('is one of a group', () => {
    const group = [0, 1, 2].map((i) => ({ id: i + 1, x: () => 0.2 + i * 0.05, from: 5 + i, to: 45 + i }));
    const findings = play(rule(), { to: 70 }, street(...group));
    expect(inShort(findings)).toBe('1 new 5-25, 1 end 5-46.8');
    expect(findings[1]?.reasons.find(({ criterion }) => criterion === 'people_together')?.value).toBe(3);
  });

  it('is two of two who stand apart', () => {
    expect(phases({}, street({ x: () => 0.1 }, { id: 2, x: () => 0.4 }))).toBe('1 new 5-25, 2 new 5-25, 1 end 5-44.8, 2 end 5-44.8');
  });

  it('tells how many stay', () => {
    const counted = rule();
    for (let s = 0; s < 30; s += 0.2) play({ step: counted.step, finish: () => [] }, { from: s, to: s + 0.2 }, street({ x: wanders }));
    expect(counted.figures?.()[0]).toMatchObject({ name: 'people_staying', value: 1 });
  });

  it('is suspected without a model, of who comes to stand too', () => {
    const show = (s: number): Moment => {
      const stands = s > 10 && s < 40;
      const box = standing(0.3, 0.8);
      return {
        named: false,
        objects: stands ? [] : at({ x: () => 0.3, label: 'object' }, s),
        still: stands ? [stillThing({ id: 4, box, sincePtsMs: 10_000 }, s * 1000)] : [],
      };
    };
    const findings = play(rule(), { to: 70 }, show);
    expect(inShort(findings)).toBe('1 new 5-25, 1 end 5-44.8');
    expect(findings[0]?.verdict).toBe('suspected');
  });
});
