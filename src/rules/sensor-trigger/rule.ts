import { createSchedule } from '../../domain/option/schedule.js';
import type { SensorMoment, SensorReading } from '../../domain/sensor.js';
import { asLeft, createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { zoneOf } from '../common/matching.js';
import { boxAround } from '../common/zone-pixels.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import { fits, numberOf, type Told, tell, wordOf } from './condition.js';
import type { SensorTriggerConfig } from './config.js';

/** Alarm messages that must have come, by sensitivity: a cheap contact chatters once, and nobody wants to miss a fire panel's only word. */
const LEAST_MESSAGES = { low: 2, normal: 1, high: 1 } as const;

/** What a sensor was last heard to say while it was in alarm. */
interface Alarm {
  readonly sinceMs: number;
  lastMs: number;
  /** Since when its silence counts: while the agent was away nobody could hear it. `null`: from the next moment on. */
  silentFromMs: number | null;
  messages: number;
  told: Told;
  /** How an earlier agent left its incident; `null` once the sensor has said more. */
  left: IncidentState | null;
}

/** Tells of one incident at a time: from a sensor's alarm until it is cleared or has been silent for long. Times are UTC milliseconds. */
export function createSensorTriggerRule(config: SensorTriggerConfig, context: RuleContext): Rule<SensorMoment> {
  const box = boxAround(zoneOf(config.zone, context));
  const isOn = createSchedule(config.schedule, context.timeZone);
  const book = createIncidentBook<'sensor'>({ severity: config.severity, coolDownMs: config.cool_down });
  // A high sensitivity believes at once what the others let stand for `after`.
  const afterMs = config.sensitivity === 'high' ? 0 : config.after;
  let alarm: Alarm | null = null;
  let nowMs = 0;

  const stateOf = ({ sinceMs, lastMs, messages, told, left }: Alarm): IncidentState => {
    if (left !== null) return left;
    const word = wordOf(told);
    const { equals, above, below } = config.when;
    const value = numberOf(told) ?? (told === true ? 1 : 0);
    const threshold = above ?? below ?? (typeof equals === 'number' ? equals : equals === true ? 1 : 0);
    const measured = { value, threshold, unit: config.unit ?? '' };
    return {
      verdict: 'confirmed',
      confidence: 1,
      reasons: [
        ...(word !== ''
          ? []
          : [below === null ? { criterion: 'sensor_value', ...measured } : { criterion: 'sensor_value_low', ...measured }]),
        { criterion: 'seconds_in_alarm', value: (nowMs - sinceMs) / 1000, threshold: afterMs / 1000, unit: 's' },
        { criterion: 'sensor_messages', value: messages, threshold: LEAST_MESSAGES[config.sensitivity], unit: 'messages' },
      ],
      startPtsMs: sinceMs,
      endPtsMs: lastMs,
      box,
      zone: config.zone,
      labels: word === '' ? [config.kind] : [config.kind, word],
    };
  };

  /** What a message says of the alarm; `null`: nothing. */
  function hear(reading: SensorReading): 'alarm' | 'clear' | null {
    if (fits(config.when, tell(reading, config.when.field)) === true) return 'alarm';
    if (config.clear !== null) return fits(config.clear, tell(reading, config.clear.field)) === true ? 'clear' : null;
    return fits(config.when, tell(reading, config.when.field)) === false ? 'clear' : null;
  }

  function end(endMs: number): readonly RuleFinding[] {
    const last = alarm;
    alarm = null;
    if (!book.isOpen('sensor')) return [];
    if (last !== null) book.note('sensor', { ...stateOf(last), endPtsMs: Math.max(last.lastMs, endMs) });
    return [book.end('sensor', nowMs)];
  }

  return {
    step({ atMs, reading }) {
      // Wall clocks are set back now and then; an incident must not end before it began.
      nowMs = Math.max(nowMs, atMs);
      const said = reading === null ? null : hear(reading);
      if (said === 'clear') return end(nowMs);
      if (said === 'alarm' && reading !== null && (isOn(atMs) || alarm !== null)) {
        alarm ??= { sinceMs: nowMs, lastMs: nowMs, silentFromMs: nowMs, messages: 0, told: null, left: null };
        alarm.lastMs = nowMs;
        alarm.silentFromMs = nowMs;
        alarm.messages++;
        alarm.told = tell(reading, config.when.field);
        alarm.left = null;
      }
      if (alarm === null) return [];
      alarm.silentFromMs ??= nowMs;
      if (nowMs - alarm.silentFromMs >= config.end_after) return end(alarm.lastMs);
      if (book.isOpen('sensor')) {
        book.note('sensor', stateOf(alarm));
        return [];
      }
      if (nowMs - alarm.sinceMs < afterMs || alarm.messages < LEAST_MESSAGES[config.sensitivity]) return [];
      const begun = book.begin('sensor', stateOf(alarm), nowMs);
      return begun === null ? [] : [begun];
    },
    finish: () => book.finish(nowMs),
    resume(open) {
      // A sensor has one alarm at a time.
      const last = open.at(-1);
      if (last === undefined) return;
      const left = asLeft(last, { ptsMs: 0, capturedAtMs: 0 });
      const messages = last.reasons.find(({ criterion }) => criterion === 'sensor_messages')?.value ?? 0;
      alarm = { sinceMs: left.startPtsMs, lastMs: left.endPtsMs, silentFromMs: null, messages, told: null, left };
      book.resume('sensor', last.number, left);
    },
  };
}
