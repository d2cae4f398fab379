import type { MassClass } from '../../domain/incident.js';
import { median } from '../median.js';
import type { ClipMatch, Match } from './match.js';
import { type TruthClip, type TruthThrow, type Visibility, visibilityOf } from './truth.js';

/** Found of how many; `share` is 0..1, `null` of none. */
export interface Ratio {
  readonly count: number;
  readonly of: number;
  readonly share: number | null;
}

/** The figures of some clips. Only confirmed events are alarms; suspected ones are counted apart. */
export interface Figures {
  readonly clips: number;
  /** Camera-hours. */
  readonly hours: number;
  /** Throws found by a confirmed event, of those that can be seen. */
  readonly recall: Ratio;
  /** Confirmed events that found a throw, of all confirmed events. */
  readonly precision: Ratio;
  readonly falseAlarms: number;
  readonly falseAlarmsPerHour: number | null;
  /** Throws found by an event of either verdict. */
  readonly recallWithSuspected: Ratio;
  /** Suspected events without a throw of their own. */
  readonly falseSuspected: number;
}

/** Some values, summed up; `null` of none. */
export interface Spread {
  readonly count: number;
  readonly median: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** What became of one throw that can be seen. */
export interface ThrowOutcome {
  readonly clip: string;
  readonly id: string;
  readonly object: string;
  readonly visibility: Visibility;
  readonly sizePx: number;
  readonly contrast: number;
  /** Median way between one picture and the next, pixels. */
  readonly speedPx: number;
  readonly pictures: number;
  readonly found: 'confirmed' | 'suspected' | null;
}

export interface Score {
  readonly total: Figures;
  /** Every throw, clip by clip: what to look at when recall is not what it should be. */
  readonly throws: readonly ThrowOutcome[];
  /** By tag of the clips: a clip with three tags counts in three conditions. */
  readonly byCondition: Readonly<Record<string, Figures>>;
  readonly recallByVisibility: Readonly<Record<Visibility, Ratio>>;
  /** Confirmed events that report a throw again. They are among the false alarms. */
  readonly duplicates: number;
  /** Clips without a false alarm. */
  readonly cleanClips: Ratio;
  /** Throws that can be seen in no picture: left out of everything. */
  readonly unseen: number;
  /** The rest is measured on confirmed events that found a throw. */
  readonly temporalIou: { readonly mean: number | null; readonly median: number | null };
  readonly distancePx: { readonly median: number | null };
  readonly floorExact: Ratio;
  readonly floorWithin1: Ratio;
  /** True floor inside the reported interval. */
  readonly floorInInterval: Ratio;
  readonly unitExact: Ratio;
  /** Throws whose ground contact is known. Distance between reported and true landing, pixels. */
  readonly landing: { readonly count: number; readonly medianPx: number | null; readonly p90Px: number | null };
  /** Of throws whose speed at the ground is known. True speed inside the reported interval, and reported speed less the true one, as a share of it. */
  readonly impactInInterval: Ratio;
  readonly impactError: { readonly median: number | null; readonly p90: number | null };
  /** `confusion[true class][reported class]`. */
  readonly massConfusion: Readonly<Record<TruthThrow['massClass'], Readonly<Record<MassClass, number>>>>;
  /** Reported classes that are right, of those that are not `undetermined`. */
  readonly massRight: Ratio;
  /** Reported classes that are wrong, of all found throws: `undetermined` is not wrong. */
  readonly massWrong: Ratio;
  /** Delays of found throws, seconds of stream time ({@link Match.delays}). */
  readonly alarmDelay: Spread;
  readonly newDelay: Spread;
}

/** Adds up clips that have been matched. */
export function scoreClips(clips: readonly ClipMatch[]): Score {
  const confirmed = clips.flatMap((c) => c.matches.filter(isConfirmed).map((match) => ({ match, clip: c.clip })));
  const matches = confirmed.map((c) => c.match);
  const tags = [...new Set(clips.flatMap((c) => c.clip.tags))].sort();
  const floors = matches.filter((m) => m.event.throw?.origin.floor != null);
  const units = matches.filter((m) => m.event.throw?.origin.unit != null);
  const landings = confirmed.flatMap(({ match, clip }) => {
    const said = match.event.throw?.landing.point;
    const was = match.thrown.landing;
    return said === undefined || was === null ? [] : [Math.hypot((said[0] - was.x) * clip.widthPx, (said[1] - was.y) * clip.heightPx)];
  });
  const impacts = matches.flatMap(({ event, thrown: { impactMps } }) => {
    const fall = event.throw?.fall;
    if (impactMps === null || fall?.impact_speed_mps == null) return [];
    return [{ was: impactMps, error: Math.abs(fall.impact_speed_mps / impactMps - 1), interval: fall.impact_speed_interval_mps ?? null }];
  });
  const bounded = impacts.flatMap(({ was, interval }) => (interval === null ? [] : [was >= interval[0] && was <= interval[1]]));
  const ious = matches.map((m) => m.temporalIou);
  const classed = matches.filter((m) => massOf(m) !== 'undetermined');
  const floorOff = (m: Match): number => Math.abs((m.event.throw?.origin.floor ?? Number.NaN) - m.thrown.floor);
  return {
    total: figures(clips),
    throws: clips.flatMap(outcomes),
    byCondition: Object.fromEntries(tags.map((tag) => [tag, figures(clips.filter((c) => c.clip.tags.includes(tag)))])),
    recallByVisibility: {
      clear: recallOf(clips, 'clear'),
      small: recallOf(clips, 'small'),
      hard: recallOf(clips, 'hard'),
    },
    duplicates: sum(clips.map((c) => c.duplicates.filter((e) => e.verdict === 'confirmed').length)),
    cleanClips: ratio(clips.filter((c) => falseAlarmsOf(c) === 0).length, clips.length),
    unseen: sum(clips.map((c) => c.unseen.length)),
    temporalIou: { mean: ious.length === 0 ? null : sum(ious) / ious.length, median: orNull(median(ious)) },
    distancePx: { median: orNull(median(matches.map((m) => m.distancePx))) },
    floorExact: ratio(floors.filter((m) => floorOff(m) === 0).length, floors.length),
    floorWithin1: ratio(floors.filter((m) => floorOff(m) <= 1).length, floors.length),
    floorInInterval: ratio(floors.filter(inInterval).length, floors.length),
    unitExact: ratio(units.filter((m) => m.event.throw?.origin.unit === m.thrown.unit).length, units.length),
    landing: { count: landings.length, medianPx: orNull(median(landings)), p90Px: quantile(landings, 0.9) },
    impactInInterval: ratio(bounded.filter(Boolean).length, bounded.length),
    impactError: {
      median: orNull(median(impacts.map(({ error }) => error))),
      p90: quantile(
        impacts.map(({ error }) => error),
        0.9,
      ),
    },
    massConfusion: { light: massRow(matches, 'light'), medium: massRow(matches, 'medium'), heavy: massRow(matches, 'heavy') },
    massRight: ratio(classed.filter((m) => massOf(m) === m.thrown.massClass).length, classed.length),
    massWrong: ratio(classed.filter((m) => massOf(m) !== m.thrown.massClass).length, matches.length),
    alarmDelay: spread(matches.map((m) => m.delays.alarmS)),
    newDelay: spread(matches.map((m) => m.delays.newS)),
  };
}

function outcomes({ clip, matches, missed }: ClipMatch): readonly ThrowOutcome[] {
  const found = new Map(matches.map((m) => [m.thrown, m.event.verdict]));
  return [...found.keys(), ...missed].map((t) => ({
    clip: clip.name,
    id: t.id,
    object: t.object,
    visibility: visibilityOf(t),
    sizePx: t.sizePx,
    contrast: t.contrast,
    speedPx: speedOf(clip, t),
    pictures: t.positions.length,
    found: found.get(t) ?? null,
  }));
}

function speedOf(clip: TruthClip, { positions }: TruthThrow): number {
  const steps = positions.slice(1).map((p, i) => {
    const before = positions[i] ?? p;
    return Math.hypot((p.x - before.x) * clip.widthPx, (p.y - before.y) * clip.heightPx);
  });
  return orNull(median(steps)) ?? 0;
}

function figures(clips: readonly ClipMatch[]): Figures {
  const hours = sum(clips.map((c) => c.clip.durationS)) / 3600;
  const throws = sum(clips.map((c) => c.matches.length + c.missed.length));
  const found = sum(clips.map((c) => c.matches.filter(isConfirmed).length));
  const falseAlarms = sum(clips.map(falseAlarmsOf));
  return {
    clips: clips.length,
    hours,
    recall: ratio(found, throws),
    precision: ratio(found, found + falseAlarms),
    falseAlarms,
    falseAlarmsPerHour: hours > 0 ? falseAlarms / hours : null,
    recallWithSuspected: ratio(sum(clips.map((c) => c.matches.length)), throws),
    falseSuspected: sum(clips.map((c) => c.falseEvents.length)) - falseAlarms,
  };
}

function recallOf(clips: readonly ClipMatch[], visibility: Visibility): Ratio {
  const found = clips.flatMap((c) => c.matches.filter(isConfirmed).map((m) => m.thrown));
  const all = clips.flatMap((c) => [...c.matches.map((m) => m.thrown), ...c.missed]);
  const count = (list: readonly TruthThrow[]): number => list.filter((t) => visibilityOf(t) === visibility).length;
  return ratio(count(found), count(all));
}

const isConfirmed = (match: Match): boolean => match.event.verdict === 'confirmed';
const falseAlarmsOf = (c: ClipMatch): number => c.falseEvents.filter((e) => e.verdict === 'confirmed').length;
const massOf = (match: Match): MassClass => match.event.throw?.mass_class ?? 'undetermined';

function inInterval(match: Match): boolean {
  const interval = match.event.throw?.origin.floor_interval;
  return interval != null && match.thrown.floor >= interval[0] && match.thrown.floor <= interval[1];
}

function massRow(matches: readonly Match[], was: TruthThrow['massClass']): Readonly<Record<MassClass, number>> {
  const of = (said: MassClass): number => matches.filter((m) => m.thrown.massClass === was && massOf(m) === said).length;
  return { light: of('light'), medium: of('medium'), heavy: of('heavy'), undetermined: of('undetermined') };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const ratio = (count: number, of: number): Ratio => ({ count, of, share: of === 0 ? null : count / of });
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function spread(values: readonly (number | null)[]): Spread {
  const known = values.filter((v) => v !== null);
  return { count: known.length, median: orNull(median(known)), p95: quantile(known, 0.95), max: quantile(known, 1) };
}

function quantile(values: readonly number[], q: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null;
}
