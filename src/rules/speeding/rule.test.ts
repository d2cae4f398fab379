import { describe, expect, it } from 'vitest';
import { driverAt, road, type ScriptedDriver } from '../../testing/street-ground.js';
import { context, type Moment, play } from '../../testing/street-script.js';
import type { Rule } from '../contract.js';
import { speedingConfigSchema } from './config.js';
import { createSpeedingRule } from './rule.js';

const rule = (given: object = {}, ground: typeof road | null = road) =>
  createSpeedingRule(speedingConfigSchema.parse({ type: 'speeding', ...given }), context({ ground }));
const street =
  (...drivers: readonly ScriptedDriver[]) =>
  (s: number): Moment => ({ objects: drivers.flatMap((driver) => driverAt(driver, s) ?? []) });
const drive = (under: Rule<never>, ...drivers: readonly ScriptedDriver[]) => play(under as never, { to: 20 }, street(...drivers));
const figure = (under: ReturnType<typeof rule>, statistic: string): number =>
  under.figures?.().find(({ of }) => of['statistic'] === statistic)?.value ?? Number.NaN;

describe('speeding', () => {
  it('is told once, with the speed and its interval', () => {
    const findings = drive(rule() as never, { id: 3, kmh: 75, at: 2 });
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[1]).toMatchObject({ verdict: 'confirmed', severity: 'warning', labels: ['car'] });
    const [speed = 0, least = 0, most = 0] = findings[1]?.reasons.map(({ value }) => value) ?? [];
    expect(Math.abs(speed - 75)).toBeLessThan(4);
    expect(least).toBeGreaterThan(53);
    expect(least).toBeLessThanOrEqual(75);
    expect(most).toBeGreaterThanOrEqual(75);
  });

  it.each(Array.from({ length: 20 }, (_, i) => [40 + (i % 5) * 3, i]))('is not told of who keeps to it: %d km/h, %d', (kmh, i) => {
    expect(drive(rule() as never, { id: 10 + i, kmh, at: 1 + i / 10, jitter: 0.004 })).toEqual([]);
  });

  it.each(Array.from({ length: 20 }, (_, i) => [66 + (i % 5) * 6, i]))('is told of who is surely too fast: %d km/h, %d', (kmh, i) => {
    expect(drive(rule() as never, { id: 40 + i, kmh, at: 1 + i / 10 }).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it.each<[string, object, typeof road | null, ScriptedDriver]>([
    ['without metres', {}, null, { id: 3, kmh: 90, at: 2 }],
    ['what does not count', {}, road, { id: 3, kmh: 90, at: 2, label: 'person' }],
    ['when the limit is another', { limit_kmh: 80 }, road, { id: 3, kmh: 75, at: 2 }],
    ['when there is no limit', { schedule: [{ from: '22:00', to: '06:00', days: ['mon'] }] }, road, { id: 3, kmh: 90, at: 2 }],
    ['a bird', {}, road, { id: 3, kmh: 300, at: 2 }],
  ])('is not told: %s', (_, options, ground, driver) => {
    expect(drive(rule(options, ground) as never, driver)).toEqual([]);
  });

  it('asks for more certainty where it is told to', () => {
    const told = (sensitivity: string): number =>
      Array.from(
        { length: 10 },
        (_, i) => drive(rule({ sensitivity }) as never, { id: i + 1, kmh: 57, at: 2, jitter: 0.003 }).length / 2,
      ).reduce((sum, one) => sum + one);
    expect(told('low')).toBeLessThanOrEqual(told('normal'));
    expect(told('normal')).toBeLessThanOrEqual(told('high'));
    expect(told('low')).toBeLessThan(told('high'));
  });

  it('is suspected without a model', () => {
    const show = street({ id: 3, kmh: 80, at: 2, label: 'object' });
    expect(play(rule(), { to: 20 }, (s) => ({ ...show(s), named: false }))[0]?.verdict).toBe('suspected');
  });

  it('measures everybody', () => {
    const measured = rule();
    drive(measured as never, ...[30, 40, 50, 44, 46].map((kmh, i) => ({ id: i + 1, kmh, at: 1 + 2 * i })));
    expect(measured.figures?.().find(({ name }) => name === 'vehicles_measured')?.value).toBe(5);
    expect(Math.abs(figure(measured, 'mean') - 42)).toBeLessThan(2);
    expect(Math.abs(figure(measured, 'p85') - 50)).toBeLessThan(3);
  });
});
