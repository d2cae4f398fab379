import { describe, expect, it } from 'vitest';
import { road } from '../../testing/street-ground.js';
import { paintedPicture } from '../../testing/street-picture.js';
import { context, inShort, leftOpen, type Moment, object, play, standing, stillThing } from '../../testing/street-script.js';
import { type ScriptedVehicle, unnamedAt, vehiclesAt } from '../../testing/street-vehicles.js';
import { roadObstructionConfigSchema } from './config.js';
import { createRoadObstructionRule } from './rule.js';

/** 0.3 of the picture wide, and leads away. */
const lane = context({
  zones: new Map([
    [
      'lane',
      [
        [0.35, 0.2],
        [0.65, 0.2],
        [0.65, 1],
        [0.35, 1],
      ].map(([x, y]) => ({ x: x as number, y: y as number })),
    ],
  ]),
});
const rule = (given: object = {}) =>
  createRoadObstructionRule(roadObstructionConfigSchema.parse({ type: 'road_obstruction', zone: 'lane', after: '10 s', ...given }), lane);
const car: ScriptedVehicle = { id: 7, x: 0.45, y: 0.7, stops: 10, leaves: 40 };
const street =
  (...vehicles: readonly ScriptedVehicle[]) =>
  (s: number): Moment =>
    vehiclesAt(vehicles, s);
/** A heap that somebody has left. */
const heap =
  (width: number, from = 10, to = 40, height = 0.12) =>
  (s: number): Moment => {
    const box = standing(0.5, 0.7, width, height);
    const there = s >= from && s < to;
    return {
      picture: paintedPicture(there ? [{ box, seed: 5 }] : [], { seed: 1 + Math.round(s * 10) }),
      still: there ? [stillThing({ id: 3, box, sincePtsMs: from * 1000 }, s * 1000)] : [],
    };
  };
const slow = { to: 60, fps: 2 };

describe('a road obstruction', () => {
  it('is told when a vehicle has blocked the lane for so long, and ends when it drives on', () => {
    const findings = play(rule(), slow, street(car));
    expect(inShort(findings)).toBe('1 new 10-20, 1 end 10-40');
    expect(findings[0]).toMatchObject({ severity: 'critical', verdict: 'confirmed', zone: 'lane', labels: ['car'] });
    expect(findings[0]?.reasons[0]).toMatchObject({ criterion: 'width_covered', threshold: 0.3 });
  });

  it('is told of a heap, with a model and without', () => {
    expect(play(rule(), slow, heap(0.2))).toMatchObject([
      { phase: 'new', startPtsMs: 10_000, verdict: 'confirmed', labels: ['object'] },
      { phase: 'end', endPtsMs: 39_500 },
    ]);
    expect(play(rule(), slow, (s) => ({ ...heap(0.2)(s), named: false }))).toMatchObject([{ verdict: 'suspected' }, {}]);
    expect(play(rule(), slow, (s) => unnamedAt([car], s)).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });

  it.each([
    ['is confirmed without a model where metres tell that it is wider than people', 0.2, 0.12, 'confirmed'],
    ['is suspected when it is higher than wide: people who stand in the sun beside their shadows', 0.12, 0.35, 'suspected'],
  ])('%s', (_, width, height, verdict) => {
    const metric = createRoadObstructionRule(roadObstructionConfigSchema.parse({ type: 'road_obstruction', zone: 'lane', after: '10 s' }), {
      ...lane,
      ground: road,
    });
    expect(play(metric, slow, (s) => ({ ...heap(width, 10, 40, height)(s), named: false }))).toMatchObject([{ verdict }, {}]);
  });

  it('is told of two that block it together, since the second came', () => {
    const narrow = { ...car, width: 0.08, x: 0.4 };
    expect(inShort(play(rule(), slow, street(narrow)))).toBe('');
    expect(inShort(play(rule(), slow, street(narrow, { ...narrow, id: 8, x: 0.5, stops: 15 })))).toMatch(/^1 new 15-25, 1 end 1[05]-40$/);
  });

  it.each<[string, object, (s: number) => Moment]>([
    ['who drives on in time', {}, street({ ...car, leaves: 19 })],
    ['who stands beside it', {}, street({ ...car, x: 0.85 })],
    ['what leaves room enough', {}, heap(0.07)],
    ['what is narrow enough for this lane', { blocks: 0.8 }, street(car)],
    ['things, where only vehicles count', { things: false }, heap(0.2)],
    ['when it is allowed', { schedule: [{ from: '08:00', to: '09:00' }] }, street(car)],
    ['light that changes', {}, (s) => ({ ...street(car)(s), scene: { unsettled: true } })],
    [
      'people who stand about',
      {},
      (s) => {
        const { still, picture } = heap(0.2)(s) as Required<Pick<Moment, 'still' | 'picture'>>;
        return {
          still,
          picture,
          objects: still.map(({ box }) => object({ id: 1, box, stillSincePtsMs: 10_000, stillBox: box }, s * 1000)),
        };
      },
    ],
  ])('is not told of: %s', (_, options, show) => {
    expect(inShort(play(rule(options), slow, show))).toBe('');
  });

  it('is not told of the same vehicle again when the stream begins anew', () => {
    const first = rule();
    play(first, { to: 35, fps: 2 }, street(car));
    const second = rule();
    second.recall?.(JSON.parse(JSON.stringify(first.memory?.())));
    expect(inShort(play(second, { to: 30, fps: 2, startMs: 40_000 }, street({ ...car, stops: -50, leaves: 99 })))).toBe('');
  });

  it('goes on with an incident that was open when the stream broke off, until the way is free', () => {
    const two = [
      { ...car, width: 0.08, x: 0.4 },
      { ...car, id: 8, width: 0.08, x: 0.5, stops: 12 },
    ];
    const first = rule();
    const [begun] = play(first, { to: 35, fps: 2 }, street(...two));
    const again = (show: (s: number) => Moment): string => {
      const second = rule();
      second.recall?.(JSON.parse(JSON.stringify(first.memory?.())));
      second.resume?.([leftOpen(begun, 0)]);
      return inShort(play(second, { to: 30, fps: 2, startMs: 40_000 }, show));
    };
    expect(again(street(...two.map((one) => ({ ...one, stops: -50, leaves: 99 }))))).toBe('1 end -30-29.5');
    expect(again((s) => vehiclesAt([], s))).toMatch(/^1 end -30--\d+(\.\d)?$/);
  });
});
