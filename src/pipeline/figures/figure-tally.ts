import type { CameraConfig } from '../../config/camera-schema.js';
import { timeZoneOf } from '../../config/camera-time.js';
import type { Figure, RuleTotals, ToldFigure } from '../../domain/figure.js';
import { countsSchema, type KeptCounts } from './kept-counts.js';
import { keyOf, type RuleFigures } from './rule-figures.js';

/**
 * The figures of one camera over all its connections, and over restarts of the agent: what one has counted is added to what those before it had. What is measured holds
 * as long as the connection that measures it.
 */
export interface FigureTally {
  /** The figures of the connection, or pipeline, that runs. */
  take(figures: RuleFigures): void;
  /** It is over: what it counted stays, what it measured is not known any more. */
  close(): void;
  /** Forgets all rules but the camera's, and goes by its time zone. */
  configure(camera: Pick<CameraConfig, 'rules' | 'time_zone'>): void;
  /** Counters never go back. */
  now(): Readonly<Record<string, RuleTotals>>;
  /** What is to be kept for the agent's next start, JSON by rule. */
  kept(): Readonly<Record<string, string>>;
}

export interface FigureTallyOptions {
  readonly camera: Pick<CameraConfig, 'rules' | 'time_zone'>;
  /** What an earlier one wanted to be kept. What is damaged, or of a rule of another type, is as good as nothing. */
  readonly known: Readonly<Record<string, string>>;
  /** UTC milliseconds since 1970. */
  readonly now: () => number;
}

/** Figures of one rule at most that are added up: names, lines, directions and labels are few. Beyond, new ones are not counted on. */
const MAX_FIGURES = 500;

/** Counters of one rule. */
interface Counters {
  readonly type: string;
  readonly sinceMs: number;
  /** Of connections that are over, by figure. */
  past: ReadonlyMap<string, Figure>;
  /** The day and the hour that run, and how much had been counted when they began. */
  day: string;
  hour: string;
  atDay: ReadonlyMap<string, number>;
  atHour: ReadonlyMap<string, number>;
}

export function createFigureTally({ camera, known, now: nowMs }: FigureTallyOptions): FigureTally {
  const rules = new Map<string, Counters>();
  let running: RuleFigures = {};
  let clock = createDayClock(timeZoneOf(camera));

  /** Its counters as they are now. */
  function totals({ past }: Counters, rule: string): ReadonlyMap<string, Figure> {
    const all = new Map(past);
    for (const figure of running[rule] ?? []) {
      if (figure.kind !== 'counter') continue;
      const key = keyOf(figure);
      const before = past.get(key)?.value ?? 0;
      if (all.has(key) || all.size < MAX_FIGURES) all.set(key, { ...figure, value: before + figure.value });
    }
    return all;
  }

  /** Another day or hour begins with what has been counted by now. */
  function turn(): void {
    const { day, hour } = clock(nowMs());
    for (const [rule, counters] of rules) {
      if (counters.hour === hour && counters.day === day) continue;
      const values = new Map([...totals(counters, rule)].map(([key, { value }]) => [key, value]));
      if (counters.day !== day) counters.atDay = values;
      Object.assign(counters, { day, hour, atHour: values });
    }
  }

  function toldOf(rule: string, counters: Counters): readonly ToldFigure[] {
    const counted = [...totals(counters, rule)].map(([key, figure]): ToldFigure => {
      const { value } = figure;
      return { ...figure, today: value - (counters.atDay.get(key) ?? 0), hour: value - (counters.atHour.get(key) ?? 0) };
    });
    return [...counted, ...(running[rule] ?? []).filter(({ kind }) => kind === 'gauge')];
  }

  function configure({ rules: present, time_zone }: FigureTallyOptions['camera']): void {
    clock = createDayClock(timeZoneOf({ time_zone }));
    const types = new Map(present.map(({ name, type }) => [name, type as string]));
    for (const [rule, { type }] of rules) if (types.get(rule) !== type) rules.delete(rule);
    running = Object.fromEntries(Object.entries(running).filter(([rule]) => rules.has(rule)));
    for (const [rule, type] of types) {
      if (rules.has(rule)) continue;
      const sinceMs = nowMs();
      rules.set(rule, { type, sinceMs, past: new Map(), ...clock(sinceMs), atDay: new Map(), atHour: new Map() });
    }
  }

  for (const [rule, text] of Object.entries(known)) {
    const kept = read(text);
    if (kept === null) continue;
    const by = <T>(value: (counter: KeptCounts['counters'][number]) => T): Map<string, T> =>
      new Map(kept.counters.map((counter) => [keyOf(counter), value(counter)]));
    rules.set(rule, {
      ...{ type: kept.type, sinceMs: kept.since, day: kept.day, hour: kept.hour },
      past: by(({ name, of, value }): Figure => ({ name, kind: 'counter', of, value })),
      atDay: by(({ at_day }) => at_day),
      atHour: by(({ at_hour }) => at_hour),
    });
  }
  configure(camera);

  return {
    take(figures) {
      // What came up to now belongs to the day and hour that were.
      turn();
      running = figures;
    },
    close() {
      turn();
      for (const [rule, counters] of rules) counters.past = totals(counters, rule);
      running = {};
    },
    configure,
    now() {
      turn();
      const all: Record<string, RuleTotals> = {};
      for (const [rule, counters] of rules) {
        const figures = toldOf(rule, counters);
        if (figures.length > 0) all[rule] = { sinceMs: counters.sinceMs, figures };
      }
      return all;
    },
    kept() {
      turn();
      const all: Record<string, string> = {};
      for (const [rule, counters] of rules) {
        const { type, sinceMs, day, hour, atDay, atHour } = counters;
        const told = [...totals(counters, rule)].map(([key, { name, of, value }]) => ({
          ...{ name, of, value },
          at_day: atDay.get(key) ?? 0,
          at_hour: atHour.get(key) ?? 0,
        }));
        if (told.length > 0)
          all[rule] = JSON.stringify({ version: 1, type, since: sinceMs, day, hour, counters: told } satisfies KeptCounts);
      }
      return all;
    },
  };
}

function read(text: string): KeptCounts | null {
  try {
    return countsSchema.parse(JSON.parse(text));
  } catch {
    // Of a later version, or damaged: counting begins anew, and says since when.
    return null;
  }
}

/** @returns the day, and the hour within it, of a moment by the clock on the wall. */
function createDayClock(timeZone: string): (utcMs: number) => { readonly day: string; readonly hour: string } {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
  const zone = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (utcMs) => {
    const [day = '', time = ''] = format.format(utcMs).split(', ');
    // Where clocks are put back the hour comes twice, and is two.
    const offset = zone.formatToParts(utcMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return { day, hour: `${time.slice(0, 2)} ${offset}` };
  };
}
