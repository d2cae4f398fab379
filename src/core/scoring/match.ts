import type { EventMessage } from '../../domain/wire/event.js';
import { median } from '../median.js';
import type { TruthClip, TruthPosition, TruthThrow } from './truth.js';

/**
 * Farthest that a trajectory may lie from the true path and still be the same thing, pixels; an object larger than this may
 * be off by its own size. From the evaluation protocol in docs/adr/0005-scoring.md: smaller punishes good alarms for
 * the uncertain centre of a blurred streak, larger lets a bird that flies past a throw pass for it.
 */
const MATCH_DISTANCE_PX = 8;

/** An event that found a throw. */
export interface Match {
  readonly thrown: TruthThrow;
  readonly event: EventMessage;
  /** Median distance of its trajectory from the true path, pixels. */
  readonly distancePx: number;
  /** Overlap in time ÷ union in time of the event and the span in which the object can be seen, 0..1. */
  readonly temporalIou: number;
  /** The delays of its messages; each `null` when they do not say how new their newest picture was. */
  readonly delays: Delays;
}

export interface Delays {
  /** From the last picture that shows the object to the one at which it was first told of as confirmed, seconds; below 0: before it landed. */
  readonly alarmS: number | null;
  /** From the picture at which it could first be confirmed to the first message of either verdict, seconds; below 0: earlier. */
  readonly newS: number | null;
}

/** One clip's events set against its truth. */
export interface ClipMatch {
  readonly clip: TruthClip;
  readonly matches: readonly Match[];
  /** Throws that can be seen and have no event of any verdict. */
  readonly missed: readonly TruthThrow[];
  /** Throws that cannot be seen in any picture: they count neither way. */
  readonly unseen: readonly TruthThrow[];
  /** Events without a throw of their own, second events of one throw included. */
  readonly falseEvents: readonly EventMessage[];
  /** Those of `falseEvents` that fit a throw which another event has already found. */
  readonly duplicates: readonly EventMessage[];
}

/**
 * The last state of every thrown object: of several phases of one id the last line wins, other types are left out.
 *
 * @example latestThrows([newPhase, endPhase]) // [endPhase]
 */
export function latestThrows(events: readonly EventMessage[]): readonly EventMessage[] {
  const byId = new Map<string, EventMessage>();
  for (const event of events) if (event.type === 'thrown_object') byId.set(event.id, event);
  return [...byId.values()];
}

/**
 * Sets events against truth: one event to one throw, closest pairs first, confirmed events before suspected ones. A pair
 * fits when it overlaps in time and the median distance between trajectory and true path is at most
 * max(8 px, one object size).
 *
 * @param events every line of the clip, all phases.
 */
export function matchClip(clip: TruthClip, events: readonly EventMessage[]): ClipMatch {
  const alarms = latestThrows(events);
  const seen = clip.throws.filter((t) => t.positions.length > 0);
  const pairs = alarms
    .flatMap((event) =>
      seen.flatMap((thrown) =>
        pairOf(clip, thrown, event).map((pair) => ({
          ...pair,
          delays: delaysOf(
            thrown,
            events.filter((e) => e.id === event.id),
          ),
        })),
      ),
    )
    .sort((a, b) => rank(a.event) - rank(b.event) || a.distancePx - b.distancePx);
  const takenThrows = new Set<TruthThrow>();
  const takenEvents = new Set<EventMessage>();
  const matches = pairs.filter((pair) => {
    if (takenThrows.has(pair.thrown) || takenEvents.has(pair.event)) return false;
    takenThrows.add(pair.thrown);
    takenEvents.add(pair.event);
    return true;
  });
  const falseEvents = alarms.filter((event) => !takenEvents.has(event));
  return {
    clip,
    matches,
    missed: seen.filter((t) => !takenThrows.has(t)),
    unseen: clip.throws.filter((t) => t.positions.length === 0),
    falseEvents,
    duplicates: falseEvents.filter((event) => pairs.some((pair) => pair.event === event)),
  };
}

const rank = (event: EventMessage): number => (event.verdict === 'confirmed' ? 0 : 1);

function delaysOf(thrown: TruthThrow, messages: readonly EventMessage[]): Delays {
  const told = messages.map((m) => m.stream_time.told ?? Number.POSITIVE_INFINITY);
  const alarm = Math.min(...told.filter((_, i) => messages[i]?.verdict === 'confirmed'));
  const first = Math.min(...told);
  const lastSeen = thrown.positions[thrown.positions.length - 1]?.t ?? null;
  const since = (at: number, from: number | null): number | null => (from === null || !Number.isFinite(at) ? null : at - from);
  return { alarmS: since(alarm, lastSeen), newS: since(first, thrown.confirmableS) };
}

function pairOf(clip: TruthClip, thrown: TruthThrow, event: EventMessage): readonly Omit<Match, 'delays'>[] {
  const first = thrown.positions[0];
  const last = thrown.positions[thrown.positions.length - 1];
  if (first === undefined || last === undefined) return [];
  const { start, end } = event.stream_time;
  const overlap = Math.min(end, last.t) - Math.max(start, first.t);
  if (overlap <= 0) return [];
  const distances = (event.throw?.trajectory ?? []).flatMap(([t, x, y]) => {
    const at = positionAt(thrown.positions, t);
    return at === null ? [] : [Math.hypot((x - at.x) * clip.widthPx, (y - at.y) * clip.heightPx)];
  });
  if (distances.length === 0) return [];
  const distancePx = median(distances);
  const objectPx = median(thrown.positions.map((p) => Math.max(p.wPx, p.hPx)));
  if (distancePx > Math.max(MATCH_DISTANCE_PX, objectPx)) return [];
  const union = Math.max(end, last.t) - Math.min(start, first.t);
  return [{ thrown, event, distancePx, temporalIou: overlap / union }];
}

/** The true centre at a time, straight between pictures; `null` before the first and after the last. */
function positionAt(positions: readonly TruthPosition[], t: number): { readonly x: number; readonly y: number } | null {
  const after = positions.findIndex((p) => p.t >= t - 1e-6);
  const b = positions[after];
  if (b === undefined) return null;
  const a = positions[after - 1];
  if (a === undefined) return Math.abs(b.t - t) < 1e-6 ? b : null;
  const part = b.t === a.t ? 1 : Math.min(1, (t - a.t) / (b.t - a.t));
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}
