import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { context, inShort, leftHalf } from '../../testing/street-script.js';
import type { RuleFinding } from '../contract.js';
import { fits, numberOf, tell, wordOf } from './condition.js';
import { sensorTriggerConfigSchema } from './config.js';
import { createSensorTriggerRule } from './rule.js';

type Given = Record<string, unknown>;
const base = { type: 'sensor_trigger', sensor: 'manhole-17', kind: 'manhole' };
const tilt = { when: { field: 'tilt', above: 15 }, unit: '°' };

/** Takes a rule through messages at seconds, with a tick every second, and to the end. */
function play(given: Given, toS: number, messages: Readonly<Record<number, Given>>, startMs = 0): RuleFinding[] {
  const rule = createSensorTriggerRule(
    sensorTriggerConfigSchema.parse({ ...base, ...given }),
    context({ zones: new Map([['gate', leftHalf]]) }),
  );
  const findings: RuleFinding[] = [];
  for (let s = 0; s <= toS; s++) {
    const fields = messages[s];
    if (fields !== undefined) findings.push(...rule.step({ atMs: startMs + 1000 * s, reading: { fields } }));
    findings.push(...rule.step({ atMs: startMs + 1000 * s, reading: null }));
  }
  return [...findings, ...rule.finish()];
}

describe('a sensor', () => {
  it.each<[string, Given, Readonly<Record<number, Given>>, string]>([
    ['tells its alarm and its end', tilt, { 5: { tilt: 40 }, 20: { tilt: 2 } }, '1 new 5-5, 1 end 5-20'],
    [
      'tells of one alarm once, however often it says so',
      tilt,
      { 5: { tilt: 40 }, 6: { tilt: 41 }, 7: { tilt: 42 }, 30: { tilt: 0 } },
      '1 new 5-5, 1 end 5-30',
    ],
    ['is over when it falls silent', { ...tilt, end_after: '30 s' }, { 5: { tilt: 40 }, 10: { tilt: 40 } }, '1 new 5-5, 1 end 5-10'],
    ['is over when the agent ends', tilt, { 5: { tilt: 40 } }, '1 new 5-5, 1 end 5-5'],
    ['is believed when the alarm stands', { ...tilt, after: '10 s' }, { 5: { tilt: 40 }, 30: { tilt: 0 } }, '1 new 5-5, 1 end 5-30'],
    ['is not told of when the alarm is cleared at once', { ...tilt, after: '10 s' }, { 5: { tilt: 40 }, 9: { tilt: 0 } }, ''],
    ['is not told of outside its hours', { ...tilt, schedule: [{ from: '08:00', to: '09:00' }] }, { 5: { tilt: 40 } }, ''],
    ['is not told of by what is no alarm', tilt, { 5: { tilt: 15 }, 6: { tilt: -3 } }, ''],
    ['is not told of by another field', tilt, { 5: { tip: 40 }, 6: {}, 7: { tilt: null }, 8: { tilt: [40] }, 9: { tilt: 'steep' } }, ''],
    [
      'rests after its end',
      { ...tilt, cool_down: '60 s' },
      { 5: { tilt: 40 }, 6: { tilt: 0 }, 20: { tilt: 40 }, 21: { tilt: 0 } },
      '1 new 5-5, 1 end 5-6',
    ],
    [
      'is told of again when it still stands after that rest',
      { ...tilt, cool_down: '60 s' },
      { 5: { tilt: 40 }, 6: { tilt: 0 }, 50: { tilt: 40 } },
      '1 new 5-5, 1 end 5-6, 2 new 50-50, 2 end 50-50',
    ],
    [
      'is cleared by its own word alone where it has one',
      { ...tilt, clear: { field: 'cover', equals: 'shut' } },
      { 5: { tilt: 40 }, 9: { tilt: 0 }, 15: { cover: 'Shut' } },
      '1 new 5-5, 1 end 5-15',
    ],
    ['needs two words when it chatters', { ...tilt, sensitivity: 'low' }, { 5: { tilt: 40 } }, ''],
    ['is heard at the second word then', { ...tilt, sensitivity: 'low' }, { 5: { tilt: 40 }, 8: { tilt: 40 } }, '1 new 5-8, 1 end 5-8'],
    [
      'does not wait when nothing may be missed',
      { ...tilt, after: '1 h', sensitivity: 'high' },
      { 5: { tilt: 40 } },
      '1 new 5-5, 1 end 5-5',
    ],
    ['runs low', { when: { field: 'level', below: 0.2 } }, { 5: { level: 0.1 }, 9: { level: 0.5 } }, '1 new 5-5, 1 end 5-9'],
    ['says a word', { when: { equals: 'OPEN' } }, { 5: { value: 'open' }, 9: { value: 'closed' } }, '1 new 5-5, 1 end 5-9'],
    ['says true', { when: { field: 'a.b', equals: true } }, { 5: { a: { b: true } }, 9: { a: { b: false } } }, '1 new 5-5, 1 end 5-9'],
  ])('%s', (_, given, messages, told) => {
    expect(inShort(play(given, 150, messages))).toBe(told);
  });

  it('says what it measured, where it is, and what it is', () => {
    const [begun] = play({ ...tilt, zone: 'gate', after: '2 s' }, 10, { 5: { tilt: 40.5 } });
    expect(begun).toMatchObject({
      verdict: 'confirmed',
      severity: 'warning',
      zone: 'gate',
      box: { x1: 0, y1: 0, x2: 0.5, y2: 1 },
      labels: ['manhole'],
    });
    expect(begun?.reasons).toEqual([
      { criterion: 'sensor_value', value: 40.5, threshold: 15, unit: '°' },
      { criterion: 'seconds_in_alarm', value: 2, threshold: 2, unit: 's' },
      { criterion: 'sensor_messages', value: 1, threshold: 1, unit: 'messages' },
    ]);
    const [word] = play({ when: { equals: 'open' } }, 10, { 5: { value: 'OPEN\nnow' }, 6: { value: ' Open ' } });
    expect(word).toMatchObject({ labels: ['manhole', 'Open'], box: { x1: 0, y1: 0, x2: 1, y2: 1 } });
    expect(word?.reasons.map(({ criterion }) => criterion)).toEqual(['seconds_in_alarm', 'sensor_messages']);
  });

  it('takes whatever it is told, and whatever the clock does', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.jsonValue());
    const step = fc.record({
      gapMs: fc.integer({ min: -5_000, max: 40_000 }),
      fields: fc.option(fc.dictionary(fc.constantFrom('tilt', 'cover', '__proto__'), value)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const config = { ...base, ...tilt, after: '5 s', cool_down: '20 s', end_after: '60 s' };
        const rule = createSensorTriggerRule(sensorTriggerConfigSchema.parse(config), context());
        let atMs = 1_000_000;
        const phases = new Map<number, string[]>();
        const findings = steps.flatMap(({ gapMs, fields }) => {
          atMs += gapMs;
          return rule.step({ atMs, reading: fields === null ? null : { fields } });
        });
        for (const { number, phase, startPtsMs, endPtsMs } of [...findings, ...rule.finish()]) {
          phases.set(number, [...(phases.get(number) ?? []), phase]);
          expect(startPtsMs).toBeLessThanOrEqual(endPtsMs);
        }
        for (const told of phases.values()) expect(told).toEqual(['new', 'end']);
      }),
    );
  });
});

describe('a condition', () => {
  const above = { field: 'value', equals: null, above: 15, below: null };
  it.each([
    [above, 16, true],
    [above, '16.5', true],
    [above, '1e3', true],
    [above, '16 m', null],
    [above, '', null],
    [above, true, null],
    [above, null, null],
    [{ ...above, above: null, equals: 1 }, '1.0', true],
    [{ ...above, above: null, equals: 1 }, true, false],
    [{ ...above, above: null, equals: 'on' }, ' ON ', true],
    [{ ...above, above: null, equals: true }, 'true', true],
    [{ ...above, above: null, equals: true }, false, false],
    [{ ...above, above: null, below: 0 }, -1, true],
  ])('%j of %j', (condition, told, expected) => {
    expect(fits(condition, told)).toBe(expected);
  });

  it('reads fields inside fields, and only what is there', () => {
    expect(tell({ fields: { a: { b: 3 } } }, 'a.b')).toBe(3);
    expect(tell({ fields: { a: [3] } }, 'a.0')).toBeNull();
    expect(tell({ fields: {} }, 'constructor.name')).toBeNull();
    expect(numberOf('0x10')).toBeNull();
    expect(wordOf('a\u202eb\n c')).toBe('a b c');
  });

  it.each([
    [{}, 'say what it must be'],
    [{ above: 1, below: 2 }, 'only one of'],
  ])('%j is refused', (when, why) => {
    expect(sensorTriggerConfigSchema.safeParse({ ...base, when }).error?.issues[0]?.message).toContain(why);
  });
});
