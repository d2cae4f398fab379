import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventMessage } from '../../domain/wire/event.js';
import { latestThrows, matchClip } from './match.js';
import { scoreClips } from './score.js';
import { type TruthClip, type TruthThrow, visibilityOf } from './truth.js';

const WIDTH = 1000;
const HEIGHT = 500;

/** A thing that falls straight down from (x, 50) at 100 px/s, seen 10 times a second from `from` to `to`. */
function fall(id: string, x: number, from: number, to: number, over: Partial<TruthThrow> = {}): TruthThrow {
  const count = Math.round((to - from) * 10) + 1;
  const positions = Array.from({ length: count }, (_, i) => {
    const t = from + i / 10;
    return { t, x: x / WIDTH, y: (50 + 100 * (t - from)) / HEIGHT, wPx: 5, hPx: 6 };
  });
  return {
    id,
    object: 'brick',
    massClass: 'heavy',
    floor: 17,
    unit: '02',
    landing: null,
    impactMps: null,
    positions,
    confirmableS: from + 1,
    sizePx: 5,
    contrast: 40,
    ...over,
  };
}

const clipOf = (throws: readonly TruthThrow[], over: Partial<TruthClip> = {}): TruthClip => ({
  name: 'clip',
  tags: ['day'],
  widthPx: WIDTH,
  heightPx: HEIGHT,
  durationS: 36,
  throws,
  ...over,
});

type Throw = NonNullable<EventMessage['throw']>;
let nextId = 0;

/** An event that follows {@link fall}, `off` pixels to the right of it. */
function event(x: number, from: number, to: number, off = 0, over: Partial<EventMessage> = {}, details: Partial<Throw> = {}): EventMessage {
  const count = Math.max(1, Math.round((to - from) * 10) + 1);
  return {
    schema: 'parapet/event/v1',
    id: `01J${String(nextId++).padStart(23, '0')}`,
    seq: 1,
    phase: 'end',
    type: 'thrown_object',
    rule: 'thrown_object',
    severity: 'critical',
    verdict: 'confirmed',
    confidence: 0.9,
    site: 's',
    agent: 'a',
    camera: 'c',
    started_at: '2026-03-01T07:41:12.480Z',
    ended_at: null,
    stream_time: { start: from, end: to },
    box: [0, 0, 1, 1],
    zone: null,
    labels: [],
    throw: {
      trajectory: Array.from({ length: count }, (_, i) => [from + i / 10, (x + off) / WIDTH, (50 + 10 * i) / HEIGHT, 0.005, 0.01]),
      origin: { point: [x / WIDTH, 0.1], floor: 17, floor_interval: [16, 18], unit: '02', height_m: 47 },
      landing: { point: [x / WIDTH, 0.9], extrapolated: true },
      fall: { drop_m: 40, drop_floors: 14, duration_s: 2, impact_speed_mps: 25 },
      mass_class: 'heavy',
      terminal_speed_mps: [22, null],
      path_shape: 'straight',
      fit: { model: 'ballistic', rms_px: 0.5 },
      ...details,
    },
    reasons: [],
    evidence: [],
    ...over,
  };
}

describe('matching', () => {
  test.each([
    ['exactly on the path', event(300, 5, 7), 1, 0],
    ['just under 8 px beside it', event(300, 5, 7, 7.9), 1, 0],
    ['9 px beside it, the object being 6 px', event(300, 5, 7, 9), 0, 1],
    ['no overlap in time', event(300, 9, 11), 0, 1],
    ['touching in time only', event(300, 7, 8), 0, 1],
    ['a different place', event(600, 5, 7), 0, 1],
    ['another type of incident', event(300, 5, 7, 0, { type: 'illegal_parking' }), 0, 0],
  ])('an event %s', (_, given, matches, falseEvents) => {
    const result = matchClip(clipOf([fall('t1', 300, 5, 7)]), [given]);
    expect([result.matches.length, result.falseEvents.length]).toEqual([matches, falseEvents]);
  });

  test('a large object may be off by its own size', () => {
    const large = fall('t1', 300, 5, 7);
    const positions = large.positions.map((p) => ({ ...p, wPx: 20 }));
    expect(matchClip(clipOf([{ ...large, positions }]), [event(300, 5, 7, 15)]).matches).toHaveLength(1);
  });

  test('a trajectory that lags in time is measured at its own times', () => {
    // 0.1 s late at 100 px/s is 10 px off along the path, although the line is the same.
    const late = event(300, 5, 7);
    const shifted = late.throw?.trajectory.map(([t, x, y, w, h]): [number, number, number, number, number] => [t + 0.1, x, y, w, h]) ?? [];
    const result = matchClip(clipOf([fall('t1', 300, 5, 7)]), [event(300, 5, 7, 0, {}, { trajectory: shifted })]);
    expect(result.matches).toHaveLength(0);
  });

  test('of several phases of one id the last counts', () => {
    const first = event(300, 5, 6, 0, { phase: 'new', verdict: 'suspected' });
    const last = event(300, 5, 7, 0, { id: first.id });
    expect(latestThrows([first, last])).toEqual([last]);
    expect(matchClip(clipOf([fall('t1', 300, 5, 7)]), [first, last]).matches[0]?.temporalIou).toBeCloseTo(1);
  });

  test('a second event for one throw is false, and named a duplicate', () => {
    const near = event(300, 5, 7, 1);
    const far = event(300, 5, 7, 4);
    const result = matchClip(clipOf([fall('t1', 300, 5, 7)]), [far, near]);
    expect(result.matches.map((m) => m.event)).toEqual([near]);
    expect(result.falseEvents).toEqual([far]);
    expect(result.duplicates).toEqual([far]);
  });

  test('a confirmed event goes before a closer suspected one', () => {
    const suspected = event(300, 5, 7, 0, { verdict: 'suspected' });
    const confirmed = event(300, 5, 7, 3);
    expect(matchClip(clipOf([fall('t1', 300, 5, 7)]), [suspected, confirmed]).matches[0]?.event).toBe(confirmed);
  });

  test('two throws side by side each get their own event', () => {
    const clip = clipOf([fall('t1', 300, 5, 7), fall('t2', 306, 5, 7)]);
    const result = matchClip(clip, [event(306, 5, 7), event(300, 5, 7)]);
    expect(result.matches.map((m) => [m.thrown.id, Math.round(m.distancePx)])).toEqual([
      ['t2', 0],
      ['t1', 0],
    ]);
  });

  test('never matches an event or a throw twice, whatever is given', () => {
    const spans = fc.record({
      x: fc.integer({ min: 280, max: 320 }),
      from: fc.integer({ min: 0, max: 6 }),
      length: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(spans, { maxLength: 6 }), fc.array(spans, { maxLength: 8 }), (truth, said) => {
        const clip = clipOf(truth.map((t, i) => fall(`t${i}`, t.x, t.from, t.from + t.length)));
        const events = said.map((s) => event(s.x, s.from, s.from + s.length));
        const result = matchClip(clip, events);
        expect(new Set(result.matches.map((m) => m.thrown)).size).toBe(result.matches.length);
        expect(result.matches.length + result.missed.length).toBe(truth.length);
        expect(result.matches.length + result.falseEvents.length).toBe(events.length);
      }),
    );
  });
});

describe('scoring', () => {
  test('adds up a night and a day', () => {
    const day = matchClip(clipOf([fall('t1', 300, 5, 7), fall('t2', 600, 10, 12, { sizePx: 3 })]), [
      event(300, 5.5, 7, 0, {}, { trajectory: [[6, 0.3, 0.3, 0.01, 0.01]] }),
      event(900, 20, 22),
    ]);
    const night = matchClip(clipOf([fall('t3', 300, 5, 7, { contrast: 10 })], { tags: ['night'], durationS: 3564 }), [
      event(300, 5, 7, 0, { verdict: 'suspected' }),
      event(700, 5, 7, 0, { verdict: 'suspected' }),
    ]);
    const score = scoreClips([day, night]);
    expect(score.total.hours).toBeCloseTo(1);
    expect(score.total.recall).toEqual({ count: 1, of: 3, share: 1 / 3 });
    expect(score.total.recallWithSuspected.count).toBe(2);
    expect(score.total.precision).toEqual({ count: 1, of: 2, share: 0.5 });
    expect(score.total.falseAlarmsPerHour).toBeCloseTo(1);
    expect(score.total.falseSuspected).toBe(1);
    expect(score.byCondition['night']?.falseAlarms).toBe(0);
    expect(score.byCondition['day']?.falseAlarmsPerHour).toBeCloseTo(100);
    expect(score.cleanClips).toEqual({ count: 1, of: 2, share: 0.5 });
    expect(score.temporalIou.mean).toBeCloseTo(0.75);
    expect(score.recallByVisibility.clear).toEqual({ count: 1, of: 1, share: 1 });
    expect(score.recallByVisibility.small).toEqual({ count: 0, of: 1, share: 0 });
    expect(score.recallByVisibility.hard).toEqual({ count: 0, of: 1, share: 0 });
  });

  test.each([
    [17, '02', [16, 18], 1, 1, 1, 1],
    [18, '02', [17, 19], 0, 1, 1, 1],
    [15, '03', [14, 16], 0, 0, 0, 0],
  ] as const)('floor %i, unit %s', (floor, unit, interval, exact, within1, inside, unitRight) => {
    const origin = { point: [0.3, 0.1] as [number, number], floor, floor_interval: [...interval] as [number, number], unit, height_m: 40 };
    const score = scoreClips([matchClip(clipOf([fall('t1', 300, 5, 7)]), [event(300, 5, 7, 0, {}, { origin })])]);
    expect([score.floorExact.count, score.floorWithin1.count, score.floorInInterval.count, score.unitExact.count]).toEqual([
      exact,
      within1,
      inside,
      unitRight,
    ]);
  });

  test('an event without a floor counts as a find, but not as a floor', () => {
    const origin = { point: [0.3, 0.1] as [number, number], floor: null, floor_interval: null, unit: null, height_m: null };
    const score = scoreClips([matchClip(clipOf([fall('t1', 300, 5, 7)]), [event(300, 5, 7, 0, {}, { origin })])]);
    expect(score.total.recall.share).toBe(1);
    expect(score.floorExact).toEqual({ count: 0, of: 0, share: null });
  });

  test('landing error in pixels and weight classes', () => {
    const clip = clipOf([fall('t1', 300, 5, 7, { landing: { x: 0.303, y: 0.908 } }), fall('t2', 600, 5, 7, { massClass: 'light' })]);
    const score = scoreClips([matchClip(clip, [event(300, 5, 7), event(600, 5, 7, 0, {}, { mass_class: 'undetermined' })])]);
    expect(score.landing.count).toBe(1);
    expect(score.landing.medianPx).toBeCloseTo(5); // 3 px across, 4 px down
    expect(score.massConfusion.heavy.heavy).toBe(1);
    expect(score.massConfusion.light.undetermined).toBe(1);
    expect(score.massRight).toEqual({ count: 1, of: 1, share: 1 });
    expect(score.massWrong.count).toBe(0);
  });

  test('speed at impact: its error, and whether its interval holds', () => {
    const clip = clipOf([
      fall('t1', 300, 5, 7, { impactMps: 20 }),
      fall('t2', 600, 5, 7, { impactMps: 30 }),
      fall('t3', 900, 5, 7, { impactMps: 25 }),
      fall('t4', 1200, 5, 7),
    ]);
    const said = (x: number, interval?: [number, number] | null): EventMessage => {
      const plain = { drop_m: 40, drop_floors: 14, duration_s: 2, impact_speed_mps: 25 };
      return event(x, 5, 7, 0, {}, { fall: interval === undefined ? plain : { ...plain, impact_speed_interval_mps: interval } });
    };
    const { impactInInterval, impactError } = scoreClips([
      matchClip(clip, [said(300, [19, 26]), said(600, [20, 29]), said(900), said(1200, [24, 26])]),
    ]);
    expect(impactInInterval).toEqual({ count: 1, of: 2, share: 0.5 });
    expect(impactError.median).toBeCloseTo(5 / 30);
  });

  test('delays run from the last picture of it and from when it could be confirmed; messages that do not say when are left out', () => {
    const last = event(300, 5, 7);
    const told = (at: number, over: Partial<EventMessage>) => ({ ...last, ...over, stream_time: { start: 5, end: 7, told: at } });
    const lines = [told(6.2, { phase: 'new', verdict: 'suspected' }), told(6.8, { phase: 'update' }), told(7.5, {})];
    const score = scoreClips([
      matchClip(clipOf([fall('t1', 300, 5, 7)]), lines),
      matchClip(clipOf([fall('t2', 600, 5, 7)]), [event(600, 5, 7)]),
    ]);
    expect(score.alarmDelay.count).toBe(1);
    expect(score.alarmDelay.median).toBeCloseTo(-0.2); // told of as confirmed at 6.8 s, while it still fell
    expect(score.newDelay.max).toBeCloseTo(0.2); // it could be confirmed at 6 s
  });

  test('every throw is listed with what became of it and how fast it went', () => {
    const clip = clipOf([fall('t1', 300, 5, 7), fall('t2', 600, 5, 7, { sizePx: 3 })]);
    const { throws } = scoreClips([matchClip(clip, [event(300, 5, 7, 0, { verdict: 'suspected' })])]);
    expect(throws.map((t) => [t.id, t.visibility, t.found, Math.round(t.speedPx)])).toEqual([
      ['t1', 'clear', 'suspected', 10],
      ['t2', 'small', null, 10],
    ]);
  });

  test('a throw that no picture shows counts neither way', () => {
    const score = scoreClips([matchClip(clipOf([{ ...fall('t1', 300, 5, 7), positions: [] }]), [])]);
    expect(score.unseen).toBe(1);
    expect(score.total.recall).toEqual({ count: 0, of: 0, share: null });
  });
});

test.each([
  [5, 40, 20, 'clear'],
  [4, 25, 8, 'clear'],
  [3.9, 25, 8, 'small'],
  [2, 25, 8, 'small'],
  [1.9, 60, 30, 'hard'],
  [9, 24, 30, 'hard'],
  [9, 60, 7, 'hard'],
] as const)('%f px, %i grey, %i pictures are %s to see', (sizePx, contrast, count, expected) => {
  const positions = Array.from({ length: count }, () => ({ t: 0, x: 0, y: 0, wPx: 1, hPx: 1 }));
  expect(visibilityOf({ sizePx, contrast, positions })).toBe(expected);
});
