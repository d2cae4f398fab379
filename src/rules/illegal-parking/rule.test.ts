import { describe, expect, it } from 'vitest';
import { context, inShort, leftHalf, leftOpen, type Moment, play } from '../../testing/street-script.js';
import { type ScriptedVehicle, unnamedAt, vehiclesAt } from '../../testing/street-vehicles.js';
import { illegalParkingConfigSchema } from './config.js';
import { createIllegalParkingRule } from './rule.js';

const kerb = context({ zones: new Map([['kerb', leftHalf]]) });
const rule = (given: object = {}) =>
  createIllegalParkingRule(illegalParkingConfigSchema.parse({ type: 'illegal_parking', zone: 'kerb', after: '10 s', ...given }), kerb);

const car: ScriptedVehicle = { id: 7, x: 0.3, y: 0.7, stops: 10, leaves: 40 };
/** Stands before the car, in front of the zone. */
const bus: ScriptedVehicle = { id: 9, x: 0.6, y: 0.95, width: 0.75, height: 0.5, stops: 14, leaves: 32, label: 'bus' };
const street =
  (...vehicles: readonly ScriptedVehicle[]) =>
  (s: number): Moment =>
    vehiclesAt(vehicles, s);
const slow = { to: 60, fps: 2 };
const DAY_MS = 86_400_000;

describe('illegal parking', () => {
  it('is told once, when a vehicle has stood for so long, and ends when it leaves', () => {
    const findings = play(rule(), { to: 60 }, street(car));
    expect(inShort(findings)).toBe('1 new 10-20, 1 end 10-40');
    expect(findings[0]).toMatchObject({ severity: 'warning', verdict: 'confirmed', zone: 'kerb', labels: ['car'] });
  });

  it.each([0.5, 1, 2, 5, 10])('at %d pictures a second', (fps) => {
    const [begun, over] = play(rule(), { to: 60, fps }, street(car));
    expect(begun).toMatchObject({ phase: 'new', startPtsMs: 10_000 });
    expect(over?.phase).toBe('end');
    expect(Math.abs((over?.endPtsMs ?? 0) - 40_000)).toBeLessThanOrEqual(2_000);
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['who drives on in time', {}, street({ ...car, leaves: 19 })],
    ['who stands outside', {}, street({ ...car, x: 0.8 })],
    ['what does not count', { labels: ['truck'] }, street(car)],
    ['what a model is not sure of', { sensitivity: 'low' }, street({ ...car, score: 0.5 })],
    ['when it is allowed', { schedule: [{ from: '08:00', to: '09:00' }] }, street(car)],
    ['what stood there before, if that is to be ignored', { present_at_start: 'ignore' }, street({ ...car, stops: -60 })],
    ['who has left behind a bus', {}, street({ ...car, leaves: 14.5, unseen: [[14, 30]] }, { ...bus, stops: 12, leaves: 50 })],
    ['light that changes', {}, (s) => ({ ...street(car)(s), scene: { unsettled: true } })],
  ])('is not told of: %s', (_, options, show) => {
    expect(inShort(play(rule(options), slow, show))).toBe('');
  });

  it('is told of who stood there before, counted from then on', () => {
    expect(inShort(play(rule(), slow, street({ ...car, stops: -60 })))).toBe('1 new 0-10, 1 end 0-40');
  });

  it('counts from when it is forbidden', () => {
    const show = street({ ...car, stops: 5 });
    const findings = play(rule({ schedule: [{ from: '08:00', to: '09:00' }] }), { ...slow, startMs: 8 * 3_600_000 - 15_000 }, show);
    expect(inShort(findings)).toBe('1 new 15-25, 1 end 15-40');
  });

  describe('survives', () => {
    it.each<[string, readonly ScriptedVehicle[]]>([
      ['a bus that stands before it', [{ ...car, unseen: [[15, 31]] }, bus]],
      ['a tracker that loses it behind the bus and calls it otherwise', [{ ...car, unseen: [[15, 33]], renamed: { at: 33, id: 12 } }, bus]],
      [
        'a detector that does not see it',
        [
          {
            ...car,
            unseen: [
              [12, 18],
              [22, 39],
            ],
          },
        ],
      ],
      [
        'a car that passes',
        [
          { ...car, unseen: [[25, 26]] },
          { ...bus, y: 0.75, width: 0.2, height: 0.15, x: 0.3, stops: 25.5, leaves: 25.5 },
        ],
      ],
    ])('%s', (_, vehicles) => {
      const findings = play(rule(), slow, street(...vehicles));
      expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
      expect(findings[0]?.startPtsMs).toBe(10_000);
      expect(findings[1]?.endPtsMs).toBe(40_000);
    });

    it('light that fades', () => {
      const findings = play(rule(), slow, (s) => vehiclesAt([{ ...car, unseen: [[12, 39]] }], s, { light: 1 - s / 100 }));
      expect(inShort(findings)).toBe('1 new 10-20, 1 end 10-40');
    });
  });

  it('is told in time of who is hidden by then, and taken back when he turns out to have left', () => {
    const hidden = { ...bus, stops: 18, leaves: 32 };
    expect(inShort(play(rule(), slow, street({ ...car, unseen: [[18, 32]] }, hidden)))).toMatch(/^1 new 10-1\d(\.5)?, 1 end 10-40$/);
    const gone = play(rule(), slow, (s) => street(...(s < 19 ? [car] : []), hidden)(s));
    expect(gone.map(({ phase, verdict }) => `${verdict} ${phase}`)).toEqual(['confirmed new', 'suspected end']);
  });

  it('ends when it has left although the tracker still expects it', () => {
    const gone = { ...car, leaves: 26 };
    const expected = vehiclesAt([{ ...car, leaves: 99, unseen: [[0, 99]] }], 12).objects ?? [];
    const show = (s: number): Moment => (s < 26 ? vehiclesAt([gone], s) : { ...vehiclesAt([], s), objects: expected });
    expect(inShort(play(rule(), slow, show))).toBe('1 new 10-20, 1 end 10-25.5');
  });

  it('tells of two that stand side by side, and of one that comes when another has left its place', () => {
    const beside = play(rule(), slow, street(car, { ...car, id: 8, x: 0.1, stops: 12 }));
    expect(inShort(beside)).toBe('1 new 10-20, 2 new 12-22, 1 end 10-40, 2 end 12-40');
    const after = play(rule(), slow, street({ ...car, leaves: 25 }, { ...car, id: 8, stops: 30, leaves: 50 }));
    expect(inShort(after)).toBe('1 new 10-20, 1 end 10-25, 2 new 30-40, 2 end 30-50');
  });

  it('tells of who takes a place while nobody looks', () => {
    const unseen = street({ ...car, unseen: [[24, 40]], leaves: 24 }, { ...car, id: 8, seed: 99, stops: 24, leaves: 50 });
    const findings = play(rule(), slow, (s) => (s < 24 ? vehiclesAt([car], s) : unseen(s)));
    expect(findings.map(({ number, phase }) => `${number} ${phase}`)).toEqual(['1 new', '1 end', '2 new', '2 end']);
  });

  describe('after the stream began anew', () => {
    const again = (given: object, pauseMs: number, vehicle: ScriptedVehicle): string => {
      const first = rule(given);
      play(first, { to: 35, fps: 2, startMs: DAY_MS }, street(car));
      const memory: unknown = JSON.parse(JSON.stringify(first.memory?.()));
      const second = rule(given);
      second.recall?.(memory);
      return inShort(play(second, { to: 30, fps: 2, startMs: DAY_MS + 35_000 + pauseMs }, street(vehicle)));
    };
    const stillThere: ScriptedVehicle = { ...car, id: 1, seed: 7, stops: -100, leaves: 99 };

    it.each([1_000, 60_000, 3_600_000, 20 * 3_600_000])('is silent of the same vehicle: %d ms later', (pauseMs) => {
      expect(again({}, pauseMs, stillThere)).toBe('');
    });

    it('tells of another', () => {
      expect(again({}, 60_000, { ...stillThere, seed: 77 })).toBe('1 new 0-10, 1 end 0-29.5');
    });

    it('tells of the same after a day', () => {
      expect(again({}, 25 * 3_600_000, stillThere)).toBe('1 new 0-10, 1 end 0-29.5');
    });

    it('goes on counting what it had not told of yet', () => {
      expect(again({ after: '40 s' }, 1_000, stillThere)).toBe('1 new -26-14, 1 end -26-29.5');
    });

    it.each([null, 'nothing', 7, [], { version: 2 }, { version: 1, at: 0, places: [{ box: [0, 0, 1, 1] }] }])('ignores %j', (memory) => {
      const fresh = rule();
      fresh.recall?.(memory);
      expect(inShort(play(fresh, slow, street(car)))).toBe('1 new 10-20, 1 end 10-40');
    });
  });

  describe('with its case open when the stream broke off', () => {
    const elsewhere = context({ zones: new Map([['kerb', leftHalf.map(({ x, y }) => ({ x: x + 0.5, y }))]]) });
    /** 25 s of the first stream after it stopped there, a minute without any, and a second stream. */
    function again(show: (s: number) => Moment, { remembered = true, zones = kerb } = {}): string {
      const first = rule();
      const [begun] = play(first, { to: 35, fps: 2, startMs: DAY_MS }, street(car));
      const second = createIllegalParkingRule(
        illegalParkingConfigSchema.parse({ type: 'illegal_parking', zone: 'kerb', after: '10 s' }),
        zones,
      );
      if (remembered) second.recall?.(JSON.parse(JSON.stringify(first.memory?.())));
      second.resume?.([leftOpen(begun, DAY_MS, 3)]);
      return inShort(play(second, { to: 30, fps: 2, startMs: DAY_MS + 95_000 }, show));
    }
    const stillThere: ScriptedVehicle = { ...car, id: 1, seed: 7, stops: -100, leaves: 99 };
    const empty = (s: number): Moment => vehiclesAt([], s);

    it('goes on with it until it leaves', () => {
      expect(again(street(stillThere))).toBe('3 end -85-29.5');
      expect(again(street({ ...stillThere, leaves: 20 }))).toBe('3 end -85-20');
    });

    it('goes on with it by its look alone, where no model names it and the background has taken it in', () => {
      const parked = (s: number): Moment => ({ ...vehiclesAt([stillThere], s), objects: [], named: false });
      expect(again(parked)).toBe('3 end -85-29.5');
      expect(again((s) => (s < 20 ? parked(s) : { ...empty(s), named: false }))).toBe('3 end -85-19.5');
    });

    it('goes on with it although nothing was remembered: the agent was killed before', () => {
      expect(again(street(stillThere), { remembered: false })).toBe('3 end -85-29.5');
    });

    it('ends it when the vehicle left meanwhile, and tells of another in its place', () => {
      expect(again(empty)).toBe('3 end -85--75');
      expect(again(street({ ...stillThere, seed: 77 }))).toBe('3 end -85--75, 4 new 0-10, 4 end 0-29.5');
    });

    it('ends it where the zone was drawn elsewhere meanwhile', () => {
      expect(again(street(stillThere), { zones: elsewhere })).toBe('3 end -85--75');
    });
  });

  describe('without a model', () => {
    const unnamed =
      (...vehicles: readonly ScriptedVehicle[]) =>
      (s: number): Moment =>
        unnamedAt(vehicles, s);

    it('is suspected of what drove in and is as large as a vehicle', () => {
      const findings = play(rule(), slow, unnamed(car));
      expect(inShort(findings)).toBe('1 new 10-20, 1 end 10-40');
      expect(findings[0]).toMatchObject({ verdict: 'suspected', severity: 'info', labels: ['object'] });
    });

    it('is not told of what is too small, or upright', () => {
      expect(inShort(play(rule(), slow, unnamed({ ...car, width: 0.04, height: 0.03 })))).toBe('');
      expect(inShort(play(rule(), slow, unnamed({ ...car, width: 0.05, height: 0.2 })))).toBe('');
    });

    it.each<[string, object]>([
      ['by night', { brightness: 50 }],
      ['by infrared', { night: true, saturation: 0 }],
      ['under lamps, where the camera lifts the night', { brightness: 96, saturation: 1.2 }],
    ])('is not told of the patch that headlights throw before it %s', (_, scene) => {
      const patch = { ...car, id: 8, x: 0.42, y: 0.72, width: 0.07, height: 0.05, stops: 9.8 };
      const show = unnamed(car, patch);
      expect(inShort(play(rule(), slow, (s) => ({ ...show(s), scene })))).toBe('1 new 10-20, 1 end 10-40');
    });

    it('is not told of what only appears', () => {
      const show = unnamed({ ...car, stops: 4 });
      expect(inShort(play(rule(), slow, (s) => ({ ...show(s), objects: [] })))).toBe('');
    });
  });
});
