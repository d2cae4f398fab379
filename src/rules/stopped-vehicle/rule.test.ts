import { describe, expect, it } from 'vitest';
import { context, inShort, leftHalf, type Moment, play } from '../../testing/street-script.js';
import { type ScriptedVehicle, unnamedAt, vehiclesAt } from '../../testing/street-vehicles.js';
import { stoppedVehicleConfigSchema } from './config.js';
import { createStoppedVehicleRule } from './rule.js';

const lanes = context({ zones: new Map([['lanes', leftHalf]]) });
const rule = (given: object = {}) =>
  createStoppedVehicleRule(stoppedVehicleConfigSchema.parse({ type: 'stopped_vehicle', zone: 'lanes', after: '8 s', ...given }), lanes);
const car: ScriptedVehicle = { id: 7, x: 0.3, y: 0.7, stops: 10, leaves: 40 };
const another = (id: number, given: Partial<ScriptedVehicle>): ScriptedVehicle => ({ ...car, id, y: 0.7 - id / 50, ...given });
const street =
  (...vehicles: readonly ScriptedVehicle[]) =>
  (s: number): Moment =>
    vehiclesAt(vehicles, s);
const slow = { to: 60, fps: 2 };

describe('a stopped vehicle', () => {
  it('is told once, and ends when it drives on', () => {
    const findings = play(rule(), slow, street(car));
    expect(inShort(findings)).toBe('1 new 10-18, 1 end 10-40');
    expect(findings[0]).toMatchObject({ severity: 'critical', verdict: 'confirmed', zone: 'lanes', labels: ['car'] });
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['who drives on in time', {}, street({ ...car, leaves: 17 })],
    ['who stands outside', {}, street({ ...car, x: 0.8 })],
    ['a queue', {}, street(car, another(15, { stops: 12 }), another(25, { stops: 14 }))],
    ['the last of a queue that starts off', {}, street(car, another(15, { leaves: 42 }), another(25, { leaves: 44 }))],
    ['when it is allowed', { schedule: [{ from: '08:00', to: '09:00' }] }, street(car)],
    ['light that changes', {}, (s) => ({ ...street(car)(s), scene: { unsettled: true } })],
  ])('is not told of: %s', (_, options, show) => {
    expect(inShort(play(rule(options), slow, show))).toBe('');
  });

  it('is told of who still stands when the queue has gone', () => {
    const show = street({ ...car, leaves: 59 }, another(15, { leaves: 30 }), another(25, { leaves: 32 }));
    expect(inShort(play(rule(), { ...slow, to: 70 }, show))).toBe('1 new 10-38.5, 1 end 10-59');
  });

  it('is told of two, where three are a queue', () => {
    expect(inShort(play(rule(), slow, street(car, another(15, {}))))).toBe('1 new 10-18, 2 new 10-18, 1 end 10-40, 2 end 10-40');
  });

  it('is one through passers and lost tracks', () => {
    const show = street({
      ...car,
      unseen: [
        [14, 16],
        [22, 27],
      ],
      renamed: { at: 27, id: 99 },
    });
    expect(inShort(play(rule(), slow, show))).toBe('1 new 10-18, 1 end 10-40');
  });

  it('is suspected without a model', () => {
    const findings = play(rule(), slow, (s) => unnamedAt([car], s));
    expect(inShort(findings)).toBe('1 new 10-18, 1 end 10-40');
    expect(findings[0]?.verdict).toBe('suspected');
  });
});
