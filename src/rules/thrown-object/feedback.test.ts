import { describe, expect, it } from 'vitest';
import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import { FEEDBACK_CRITERION, type Lesson, lessonOf } from '../../domain/lesson.js';
import type { CaseState } from '../../domain/wire/case.js';
import { stageFrames, type Thing, type TowerView, thrown, towerFacade } from '../../testing/candidate-scene.js';
import { makeIncident } from '../../testing/delivery-fixtures.js';
import { ThrownObjectRule } from './rule.js';
import type { ThrowFinding } from './throw-finding.js';

const view: TowerView = { width: 1920, height: 1080, fps: 25 };
const DAY_MS = 86_400_000;
const HALF_LIFE_MS = 14 * DAY_MS;
const NOW_MS = Date.UTC(2026, 2, 1);

function find(
  thing: Thing,
  given: { lessons?: readonly Lesson[]; atMs?: number; seed?: number; calibrated?: boolean; suspected?: boolean } = {},
) {
  const calibrated = given.calibrated ?? true;
  const rule = new ThrownObjectRule({
    ...view,
    plane: calibrated ? createFacadePlane(towerFacade(view), view.width, view.height) : null,
    floorHeightM: calibrated ? 3 : null,
    minDropFloors: 2,
    minDropShare: 0.15,
    reportSuspected: given.suspected ?? true,
    falseAlarmHalfLifeMs: HALF_LIFE_MS,
  });
  rule.learn({ lessons: given.lessons ?? [], nowMs: given.atMs ?? NOW_MS });
  const findings = stageFrames(view, [thing], { seconds: 8, seed: given.seed ?? 1 }).flatMap((frame) => rule.step(frame));
  return [...findings, ...rule.finish()];
}

/** What the centre teaches when it says `state` of what was found. */
function lesson(findings: readonly ThrowFinding[], state: CaseState, learntAtMs = NOW_MS): Lesson {
  const last = findings.at(-1) as ThrowFinding;
  const incident = makeIncident({ phase: 'end', verdict: last.verdict, reasons: last.reasons, throw: last.details });
  return lessonOf(incident, state, learntAtMs) as Lesson;
}

const verdicts = (findings: readonly ThrowFinding[]): string[] => findings.map(({ phase, verdict }) => `${phase} ${verdict}`);
const CONFIRMED = ['new confirmed', 'end confirmed'];
const SUSPECTED = ['new suspected', 'end suspected'];

const brick = thrown(2, [7, 40, 0.3], [0, 0, 0.5], 46);
const can = thrown(2, [3, 25.3, 0.3], [-1, 0.5, 1], 7);

describe('after a false alarm', () => {
  const falseAlarm = lesson(find(brick), 'false_alarm');

  it('the same again is only suspected, less sure, and says why', () => {
    const found = find(brick, { lessons: [falseAlarm], seed: 7 });
    expect(verdicts(found)).toEqual(SUSPECTED);
    for (const { reasons, confidence } of found) {
      const [first] = reasons;
      expect(first).toMatchObject({ criterion: FEEDBACK_CRITERION, event: falseAlarm.incident.id });
      expect(first?.value).toBeLessThan(first?.threshold ?? 0);
      expect(confidence).toBeLessThan(0.5);
    }
  });

  it.each<[string, Thing]>([
    ['from the other side of the facade', thrown(2, [19, 40, 0.3], [0, 0, 0.5], 46)],
    ['from six floors higher', thrown(2, [7, 58, 0.3], [0, 0, 0.5], 46)],
    ['from six floors lower', thrown(2, [7, 22, 0.3], [0, 0, 0.5], 46)],
    ['thrown far aside', thrown(2, [7, 40, 0.3], [6, 1, 0.5], 46)],
  ])('what falls %s is confirmed as before', (_how, thing) => {
    expect(verdicts(find(thing))).toEqual(CONFIRMED);
    expect(verdicts(find(thing, { lessons: [falseAlarm] }))).toEqual(CONFIRMED);
  });

  it('a far lighter thing from the same place is told apart by its end', () => {
    const light = thrown(2, [7, 40, 0.3], [0, 0, 0.5], 8);
    expect(verdicts(find(light, { lessons: [falseAlarm] })).at(-1)).toBe('end confirmed');
  });

  it('doubt fades with its half-life, and ends', () => {
    const reasonAfter = (halfLives: number) =>
      find(brick, { lessons: [falseAlarm], atMs: NOW_MS + halfLives * HALF_LIFE_MS, seed: 7 })
        .at(-1)
        ?.reasons.find(({ criterion }) => criterion === FEEDBACK_CRITERION);
    const thresholds = [0, 0.5, 1].map((halfLives) => reasonAfter(halfLives)?.threshold ?? 0);
    expect(thresholds[0]).toBeGreaterThan(thresholds[1] as number);
    expect(thresholds[1]).toBeGreaterThan(thresholds[2] as number);
    expect(reasonAfter(3)).toBeUndefined();
    expect(verdicts(find(brick, { lessons: [falseAlarm], atMs: NOW_MS + 3 * HALF_LIFE_MS }))).toEqual(CONFIRMED);
  });

  it('a real one like it speaks against the doubt; one that was only accepted, half', () => {
    const known = (state: CaseState) => [falseAlarm, lesson(find(brick, { seed: 3 }), state)];
    expect(verdicts(find(brick, { lessons: known('verified'), seed: 7 }))).toEqual(CONFIRMED);
    const doubted = find(brick, { lessons: known('accepted'), seed: 7 }).at(-1)?.reasons[0];
    const alone = find(brick, { lessons: [falseAlarm], seed: 7 }).at(-1)?.reasons[0];
    expect(doubted?.threshold).toBeLessThan(alone?.threshold ?? 0);
  });

  it('one with far more evidence than it had is confirmed, and names it', () => {
    const weak = {
      ...falseAlarm,
      incident: { ...falseAlarm.incident, reasons: falseAlarm.incident.reasons.map((r) => ({ ...r, value: r.threshold })) },
    };
    const found = find(brick, { lessons: [weak], seed: 7 });
    expect(verdicts(found).at(-1)).toBe('end confirmed');
    expect(found.at(-1)?.reasons.at(-1)).toMatchObject({ criterion: FEEDBACK_CRITERION, event: weak.incident.id });
  });

  it('where suspected ones are not wanted, a light thing like it is silent and a heavy fall is not', () => {
    expect(verdicts(find(brick, { lessons: [falseAlarm], suspected: false, seed: 7 }))).toEqual(SUSPECTED);
    const light = lesson(find(can), 'false_alarm');
    expect(find(can, { suspected: false, seed: 3 })).toHaveLength(2);
    expect(find(can, { lessons: [light], suspected: false, seed: 3 })).toEqual([]);
    // What only its end tells apart was held back at first: it begins and ends at once.
    const lighter = thrown(2, [7, 40, 0.3], [0, 0, 0.5], 8);
    expect(verdicts(find(lighter, { lessons: [falseAlarm], suspected: false }))).toEqual(CONFIRMED);
  });

  it('it works without a facade too', () => {
    const uncalibrated = lesson(find(brick, { calibrated: false }), 'false_alarm');
    expect(verdicts(find(brick, { calibrated: false, lessons: [uncalibrated], seed: 7 }))).toEqual(SUSPECTED);
    expect(verdicts(find(thrown(2, [19, 40, 0.3], [0, 0, 0.5], 46), { calibrated: false, lessons: [uncalibrated] }))).toEqual(CONFIRMED);
    // How heavy it is, nobody knows there: it is never silent.
    expect(verdicts(find(brick, { calibrated: false, lessons: [uncalibrated], suspected: false, seed: 7 }))).toEqual(SUSPECTED);
  });
});

it('lessons of things that are alike add up', () => {
  const once = lesson(find(brick), 'false_alarm', NOW_MS - 1.5 * HALF_LIFE_MS);
  const again = lesson(find(brick, { seed: 2 }), 'false_alarm', NOW_MS - 1.5 * HALF_LIFE_MS);
  const asked = (lessons: readonly Lesson[]) =>
    find(brick, { lessons, seed: 7 })
      .at(-1)
      ?.reasons.find((r) => r.criterion === FEEDBACK_CRITERION)?.threshold;
  expect(asked([once, again])).toBeGreaterThan(asked([once]) ?? 1);
});

it('without lessons, and with a half-life of nothing, it changes nothing', () => {
  const plain = find(brick);
  const other = new ThrownObjectRule({
    ...view,
    plane: createFacadePlane(towerFacade(view), view.width, view.height),
    floorHeightM: 3,
    minDropFloors: 2,
    minDropShare: 0.15,
    reportSuspected: true,
    falseAlarmHalfLifeMs: 0,
  });
  other.learn({ lessons: [lesson(plain, 'false_alarm')], nowMs: NOW_MS });
  const findings = stageFrames(view, [brick], { seconds: 8 }).flatMap((frame) => other.step(frame));
  expect([...findings, ...other.finish()]).toEqual(plain);
});

it.each<CaseState>(['filed', 'dispatched', 'solved', 'closed'])('%s teaches nothing', (state) => {
  expect(lessonOf(makeIncident(), state, 0)).toBeNull();
});
