import type { Box } from '../../domain/geometry.js';
import type { IncidentPhase, Reason, Severity, Verdict } from '../../domain/incident.js';
import type { StreetFrame } from '../../domain/street.js';
import type { OpenIncident, RuleFinding } from '../contract.js';

/** What a rule knows of one incident at one moment. */
export interface IncidentState {
  readonly verdict: Verdict;
  /** 0..1. */
  readonly confidence: number;
  readonly reasons: readonly Reason[];
  /** Milliseconds on the stream's clock. */
  readonly startPtsMs: number;
  readonly endPtsMs: number;
  readonly box: Box;
  readonly zone: string | null;
  readonly labels: readonly string[];
}

export interface IncidentBookOptions {
  readonly severity: Readonly<Record<Verdict, Severity>>;
  /** How long after its end a key raises no further incident, milliseconds. */
  readonly coolDownMs: number;
}

/** The incidents of one rule by a key of its own (an object, a place, a line): numbers, phases and cool-down. */
export interface IncidentBook<K> {
  isOpen(key: K): boolean;
  /** What was last said of it; `null` when it is not open. */
  state(key: K): IncidentState | null;
  /** Keys of what is open. */
  keys(): readonly K[];
  /** Begins an incident; `null` while the key cools down or is open already. */
  begin(key: K, state: IncidentState, nowPtsMs: number): RuleFinding | null;
  /** Goes on with one that an earlier stream left open; tells nobody. */
  resume(key: K, number: number, state: IncidentState): void;
  /** Tells what has changed: a suspicion that is confirmed, other labels, a new number of objects. @throws {RangeError} when it is not open. */
  update(key: K, state: IncidentState): RuleFinding;
  /** Notes how an open incident stands now, telling nobody until it is updated or ended; what was confirmed stays so. @throws {RangeError} when it is not open. */
  note(key: K, state: IncidentState): void;
  /** The same, but tells of what was suspected and is confirmed now. @throws {RangeError} when it is not open. */
  follow(key: K, state: IncidentState): RuleFinding | null;
  /** Ends it as it was last noted, or as it stands now. @throws {RangeError} when it is not open. */
  end(key: K, nowPtsMs: number, state?: IncidentState): RuleFinding;
  /** Ends everything. */
  finish(nowPtsMs: number): readonly RuleFinding[];
}

/** Keys that cool down at most: of the oldest nobody is reminded any more. */
const MAX_COOLING = 1_000;

export function createIncidentBook<K>({ severity, coolDownMs }: IncidentBookOptions): IncidentBook<K> {
  const open = new Map<K, { readonly number: number; state: IncidentState }>();
  const coolUntil = new Map<K, number>();
  let count = 0;
  const entryOf = (key: K): { readonly number: number; state: IncidentState } => {
    const entry = open.get(key);
    if (entry === undefined) throw new RangeError(`no incident is open for ${String(key)}`);
    return entry;
  };
  const finding = (number: number, phase: IncidentPhase, state: IncidentState): RuleFinding => ({
    ...state,
    number,
    phase,
    severity: severity[state.verdict],
    throw: null,
  });
  const end = (key: K, nowPtsMs: number, state?: IncidentState): RuleFinding => {
    const entry = entryOf(key);
    open.delete(key);
    if (coolDownMs > 0) coolUntil.set(key, nowPtsMs + coolDownMs);
    return finding(entry.number, 'end', state ?? entry.state);
  };
  function update(key: K, state: IncidentState): RuleFinding {
    const entry = entryOf(key);
    entry.state = state;
    return finding(entry.number, 'update', state);
  }

  function note(key: K, state: IncidentState): void {
    const entry = entryOf(key);
    entry.state = entry.state.verdict === 'confirmed' ? { ...state, verdict: 'confirmed' } : state;
  }

  return {
    isOpen: (key) => open.has(key),
    state: (key) => open.get(key)?.state ?? null,
    keys: () => [...open.keys()],
    begin(key, state, nowPtsMs) {
      if (open.has(key) || nowPtsMs < (coolUntil.get(key) ?? Number.NEGATIVE_INFINITY)) return null;
      coolUntil.delete(key);
      while (coolUntil.size >= MAX_COOLING) coolUntil.delete(coolUntil.keys().next().value as K);
      const number = ++count;
      open.set(key, { number, state });
      return finding(number, 'new', state);
    },
    resume(key, number, state) {
      count = Math.max(count, number);
      open.set(key, { number, state });
    },
    update,
    note,
    follow(key, state) {
      const rises = entryOf(key).state.verdict === 'suspected' && state.verdict === 'confirmed';
      if (rises) return update(key, state);
      note(key, state);
      return null;
    },
    end,
    finish: (nowPtsMs) => [...open.keys()].map((key) => end(key, nowPtsMs)),
  };
}

/** An incident as an earlier stream left it, on the clock of the stream that runs now. */
export function asLeft(open: OpenIncident, { ptsMs, capturedAtMs }: Pick<StreetFrame, 'ptsMs' | 'capturedAtMs'>): IncidentState {
  const { verdict, confidence, reasons, box, zone, labels, startedAtMs, seenAtMs } = open;
  const offsetMs = capturedAtMs - ptsMs;
  return {
    ...{ verdict, confidence, reasons, box, zone, labels },
    startPtsMs: startedAtMs - offsetMs,
    endPtsMs: Math.max(startedAtMs, seenAtMs) - offsetMs,
  };
}
