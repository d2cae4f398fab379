import { describe, expect, it } from 'vitest';
import { driverAt, road } from '../../testing/street-ground.js';
import { context, inShort, leftHalf, type Moment, object, play, standing } from '../../testing/street-script.js';
import { type ScriptedVehicle, unnamedAt, vehiclesAt } from '../../testing/street-vehicles.js';
import { congestionConfigSchema } from './config.js';
import { createCongestionRule } from './rule.js';

const lanes = context({
  zones: new Map([['lanes', leftHalf]]),
  lines: new Map([['count', { from: { x: 0.25, y: 0.2 }, to: { x: 0.25, y: 1 } }]]),
});
const rule = (given: object = {}, where = lanes) =>
  createCongestionRule(
    congestionConfigSchema.parse({ type: 'congestion', zone: 'lanes', after: '10 s', clears_after: '5 s', ...given }),
    where,
  );
/** Cars that come to stand one behind the other. */
const queue = (count: number, given: Partial<ScriptedVehicle> = {}): ScriptedVehicle[] =>
  Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    x: 0.35,
    y: 0.3 + 0.13 * i,
    width: 0.12,
    height: 0.1,
    stops: 10 + i,
    leaves: 40 + i,
    ...given,
  }));
const street =
  (...vehicles: readonly ScriptedVehicle[]) =>
  (s: number): Moment =>
    vehiclesAt(vehicles, s);
const slow = { to: 70, fps: 2 };
const figure = (under: ReturnType<typeof rule>, name: string): number | undefined =>
  under.figures?.().find((one) => one.name === name)?.value;

describe('congestion', () => {
  it('is told once the queue has lasted, and ends when it has flowed off', () => {
    const findings = play(rule(), slow, street(...queue(5)));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ verdict: 'confirmed', severity: 'warning', startPtsMs: 13_000, zone: 'lanes' });
    expect(findings[1]?.endPtsMs).toBeGreaterThan(40_000);
    expect(findings[1]?.endPtsMs).toBeLessThan(46_000);
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['too few', {}, street(...queue(3))],
    ['a red light', {}, street(...queue(5, { leaves: 20 }))],
    ['parked beside the lanes', {}, street(...queue(5, { x: 0.8 }))],
    [
      'traffic that flows',
      {},
      street(...Array.from({ length: 30 }, (_, i) => ({ id: i + 1, x: 0.3, y: 0.7, stops: 2 * i, leaves: 2 * i }))),
    ],
    ['when it is expected', { schedule: [{ from: '08:00', to: '09:00' }] }, street(...queue(5))],
    ['light that changes', {}, (s) => ({ ...street(...queue(5))(s), scene: { unsettled: true } })],
  ])('is not told of: %s', (_, options, show) => {
    expect(inShort(play(rule(options), slow, show))).toBe('');
  });

  it('goes on while the queue halts and moves by turns', () => {
    const findings = play(rule(), slow, (s) => {
      const { objects = [], ...shown } = vehiclesAt(queue(5), s);
      const moves = s > 15 && s < 40 && Math.floor(s / 4) % 2 === 0;
      return { ...shown, objects: moves ? objects.map((one) => ({ ...one, stillSincePtsMs: null, stillBox: null })) : objects };
    });
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it('is suspected without a model', () => {
    const findings = play(rule(), slow, (s) => unnamedAt(queue(5), s));
    expect(findings.map(({ phase, verdict }) => `${verdict} ${phase}`)).toEqual(['suspected new', 'suspected end']);
  });

  it('measures flow, by zone and by line', () => {
    const cars = Array.from({ length: 10 }, (_, i) => ({ id: i + 1, x: 0.3, y: 0.7, stops: 4 + 5 * i, leaves: 4 + 5 * i }));
    for (const options of [{}, { line: 'count' }]) {
      const measured = rule(options);
      play(measured, { to: 60, fps: 5 }, street(...cars));
      expect(figure(measured, 'vehicles_counted')).toBe(10);
      expect(figure(measured, 'flow_per_minute')).toBeCloseTo(10, 0);
      expect(figure(measured, 'congestion_level')).toBe(0);
    }
  });

  it('without a model counts what is as large as a vehicle, and not who walks', () => {
    const walker = (s: number): Moment => ({
      ...{ named: false },
      objects: [{ box: standing(0.2 + 0.02 * s, 0.9, 0.02, 0.08), id: 1 + Math.floor(s / 5) }].map((one) =>
        object({ ...one, label: 'object' }, s * 1000),
      ),
    });
    const lorry = (s: number): Moment => ({
      ...walker(s),
      objects: (walker(s).objects ?? []).map((one) => ({ ...one, box: standing(one.foot.x, one.foot.y, 0.12, 0.1) })),
    });
    for (const options of [{}, { line: 'count' }]) {
      const [people, lorries] = [rule(options), rule(options)];
      play(people, { to: 10 }, walker);
      expect(figure(people, 'vehicles_counted')).toBe(0);
      play(lorries, { to: 10 }, lorry);
      expect(figure(lorries, 'vehicles_counted')).toBeGreaterThan(0);
    }
  });

  it('forgets the speed of the last car of the evening after half a minute', () => {
    const measured = rule(
      {},
      context({ ...lanes, ground: road, zones: new Map([['lanes', [0.4, 0.6, 1, 0].map((x, i) => ({ x, y: i < 2 ? 0.3 : 1 }))]]) }),
    );
    const cars = (kmh: number, first: number) => (s: number) => ({
      objects: Array.from({ length: 10 }, (_, i) => driverAt({ id: first + i, kmh, at: i + (first === 1 ? -4 : 96) }, s)).flatMap(
        (one) => one ?? [],
      ),
    });
    play(measured, { to: 10 }, cars(40, 1));
    play(measured, { from: 10, to: 32 }, () => ({}));
    expect(Math.abs((figure(measured, 'speed_kmh') ?? 0) - 40)).toBeLessThan(4);
    play(measured, { from: 32, to: 100 }, () => ({}));
    expect(figure(measured, 'speed_kmh')).toBeUndefined();
    expect(figure(measured, 'vehicles')).toBeLessThan(1);
    // And what comes then is not mixed with it.
    play(measured, { from: 100, to: 103 }, cars(20, 101));
    expect(Math.abs((figure(measured, 'speed_kmh') ?? 0) - 20)).toBeLessThan(3);
  });

  it('measures speed and density where there are metres', () => {
    const measured = rule(
      {},
      context({ ...lanes, ground: road, zones: new Map([['lanes', [0.4, 0.6, 1, 0].map((x, i) => ({ x, y: i < 2 ? 0.3 : 1 }))]]) }),
    );
    play(measured, { to: 40 }, (s) => ({
      objects: Array.from({ length: 40 }, (_, i) => driverAt({ id: i + 1, kmh: 40, at: i - 4 }, s)).flatMap((one) => one ?? []),
    }));
    expect(Math.abs((figure(measured, 'speed_kmh') ?? 0) - 40)).toBeLessThan(3);
    // One a second at 11 m/s on 51 m: four at once.
    expect(Math.abs((figure(measured, 'vehicles') ?? 0) - 4)).toBeLessThan(1);
    expect(Math.abs((figure(measured, 'density_per_km') ?? 0) - 78)).toBeLessThan(15);
  });
});
