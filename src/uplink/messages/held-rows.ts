import type { Clock } from '../../platform/clock.js';

/** A row that may be tried again now. */
export interface DueRow {
  readonly id: number;
  /** Whose first row it is; `null` for one that was set aside alone. */
  readonly lane: string | null;
}

/**
 * Numbers of the rows that may not go at present. Only numbers are kept, 8 bytes each, so that any quantity of them
 * takes no place from the rows that may go.
 */
export interface HeldRows {
  /** Adds a row to a lane that is held; false when the lane is free. */
  park(lane: string, id: number): boolean;
  /**
   * The lane was refused: it is held, for twice as long as after the last try, at most `maxWaitMs` (default 5 min).
   *
   * @returns the wait in milliseconds, `null` when it was held already.
   */
  refuse(lane: string, id: number, maxWaitMs?: number): number | null;
  /** A row of the lane was taken: the others follow, in order. */
  release(lane: string): void;
  /** Holds one row for 10 min while its lane goes on. */
  setAside(lane: string, id: number): void;
  /** A row need not be sent any more, whatever comes of its try: another of its lane is tried. */
  spare(lane: string, id: number): void;
  /** The first row that may be tried again now: one of each held lane, all of a released one. */
  due(): DueRow | null;
  /** `due` has been fetched (`true`), or it is gone from the outbox. */
  take(row: DueRow, found: boolean): void;
  /** A new link may be another broker, with other rules: all may be tried at once. */
  linkLost(): void;
}

/** Wait after a refusal, doubled at every further one, milliseconds. */
const FIRST_REFUSAL_WAIT_MS = 1_000;
const MAX_REFUSAL_WAIT_MS = 300_000;
/** A row set aside is tried as seldom as an absent centre is asked, milliseconds: often enough for a limit that was raised. */
const ASIDE_MS = 600_000;

interface Lane {
  untilMs: number;
  waitMs: number;
  /** The one row that is tried while the others wait. */
  probe: number | null;
  released: boolean;
  /** Ascending. */
  readonly parked: number[];
}

export function createHeldRows(clock: Clock): HeldRows {
  const lanes = new Map<string, Lane>();
  /** When each is due, monotonic; in this order, since all wait equally long. */
  const aside = new Map<number, number>();

  function insert(parked: number[], id: number): void {
    let place = parked.length;
    while (place > 0 && (parked[place - 1] ?? 0) > id) place--;
    if (parked[place - 1] !== id) parked.splice(place, 0, id);
  }

  function forgetIfEmpty(name: string, lane: Lane): void {
    if (lane.parked.length === 0 && lane.probe === null) lanes.delete(name);
  }

  function spare(name: string, id: number): void {
    const lane = lanes.get(name);
    if (lane?.probe !== id) return;
    lane.probe = null;
    forgetIfEmpty(name, lane);
  }

  return {
    park(name, id) {
      const lane = lanes.get(name);
      if (lane === undefined) return false;
      insert(lane.parked, id);
      return true;
    },
    refuse(name, id, maxWaitMs = MAX_REFUSAL_WAIT_MS) {
      const lane = lanes.get(name) ?? { untilMs: 0, waitMs: 0, probe: null, released: true, parked: [] };
      lanes.set(name, lane);
      insert(lane.parked, id);
      // The rest of a burst that was in flight together says nothing new.
      if (!lane.released && lane.probe !== id) return null;
      lane.waitMs = Math.min(Math.max(lane.waitMs * 2, FIRST_REFUSAL_WAIT_MS), maxWaitMs);
      lane.untilMs = clock.monotonic() + lane.waitMs;
      lane.probe = null;
      lane.released = false;
      return lane.waitMs;
    },
    release(name) {
      const lane = lanes.get(name);
      if (lane === undefined) return;
      lane.released = true;
      lane.waitMs = 0;
      lane.probe = null;
      forgetIfEmpty(name, lane);
    },
    setAside(name, id) {
      aside.set(id, clock.monotonic() + ASIDE_MS);
      spare(name, id);
    },
    spare,
    due() {
      const nowMs = clock.monotonic();
      for (const [name, lane] of lanes) {
        const [first] = lane.parked;
        if (first !== undefined && lane.probe === null && (lane.released || lane.untilMs <= nowMs)) return { id: first, lane: name };
      }
      for (const [id, dueMs] of aside) return dueMs <= nowMs ? { id, lane: null } : null;
      return null;
    },
    take(row, found) {
      const lane = row.lane === null ? undefined : lanes.get(row.lane);
      if (row.lane === null || lane === undefined) {
        aside.delete(row.id);
        return;
      }
      lane.parked.shift();
      if (found && !lane.released) lane.probe = row.id;
      forgetIfEmpty(row.lane, lane);
    },
    linkLost() {
      for (const lane of lanes.values()) {
        lane.untilMs = 0;
        lane.waitMs = 0;
        lane.probe = null;
      }
      for (const id of aside.keys()) aside.set(id, 0);
    },
  };
}
