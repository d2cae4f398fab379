import { z } from 'zod';
import { oneOf, text } from './schema.js';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Day = (typeof days)[number];

const timeOfDay = (about: string) =>
  text({ about, max: 5, pattern: /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, form: 'a time such as "07:30", in quotes' });

/** When something is done: in any of the spans; an empty list is always. @param about what is done then, such as `When the rule works`. */
export const scheduleSchema = (about: string) =>
  z
    .array(
      z
        .strictObject({
          days: z
            .array(oneOf(days, { about: 'A day of the week.' }))
            .min(1)
            .max(7)
            .meta({ description: 'Days on which the span begins.' })
            .default([...days]),
          from: timeOfDay('When it begins, in the local time of `time_zone`.').default('00:00'),
          to: timeOfDay('When it ends; not later than `from`: on the following day.').default('24:00'),
        })
        .meta({ description: 'A span of the week.' }),
    )
    .max(50)
    .meta({ description: `${about}; an empty list: always.` })
    .default([]);

export type Schedule = z.output<ReturnType<typeof scheduleSchema>>;

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * Whether a moment lies within a schedule, by the clock on the wall: where clocks are put forward the hour that is left out is in no span, where
 * they are put back the hour that comes twice is in its span twice.
 *
 * @param timeZone IANA name, such as `Europe/Berlin`.
 * @throws {RangeError} for an unknown time zone.
 * @example createSchedule([{ days: ['fri'], from: '22:00', to: '06:00' }], 'UTC')(Date.UTC(2026, 10, 21, 3)) // true: Saturday, 3 o'clock
 */
export function createSchedule(schedule: Schedule, timeZone: string): (utcMs: number) => boolean {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  if (schedule.length === 0) return () => true;
  const spans = schedule.map((span) => ({ days: new Set<Day>(span.days), from: minutesOf(span.from), to: minutesOf(span.to) }));
  // A picture every 200 ms, and an answer that holds for a minute.
  let minute = Number.NaN;
  let within = false;
  return (utcMs) => {
    const now = Math.floor(utcMs / MINUTE_MS);
    if (now === minute) return within;
    minute = now;
    const parts = format.formatToParts(now * MINUTE_MS);
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? '';
    const day = days.indexOf(part('weekday').toLowerCase() as Day);
    const at = Number(part('hour')) * 60 + Number(part('minute'));
    const today = days[day] as Day;
    const yesterday = days[(day + 6) % 7] as Day;
    within = spans.some(({ days: begins, from, to }) => {
      if (from < to) return begins.has(today) && at >= from && at < to;
      return (begins.has(today) && at >= from) || (begins.has(yesterday) && at < to);
    });
    return within;
  };
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return Math.min(DAY_MINUTES, 60 * hours + minutes);
}
