import type { CaseNotice, CentreState } from '../../domain/wire/case-file.js';
import type { EventMessage } from '../../domain/wire/event.js';

/** A case: what the centre makes of an event. */
export interface CaseRecord {
  /** That of the event which opened it. */
  readonly eventId: string;
  readonly site: string;
  readonly agent: string;
  readonly camera: string;
  readonly type: string;
  readonly severity: EventMessage['severity'];
  readonly verdict: EventMessage['verdict'];
  readonly state: CentreState;
  /** The city's own code; `null` where its table has none. */
  readonly category: string | null;
  /** UTC milliseconds since 1970. */
  readonly openedAtMs: number;
  /** When the state or the hold last changed; later than any earlier change. */
  readonly changedAtMs: number;
  /** Whether its evidence must stay at the agent whatever the state is; `null`: nobody has ever said. */
  readonly hold: boolean | null;
  /** JSON of the event's message with the highest number. */
  readonly lastEvent: string;
}

/** A line of a case's history: it was opened (`from` is null), moved, or held, let go or noted something of (`from` and `to` are the same). */
export interface CaseChange {
  readonly eventId: string;
  /** Counts per case from 1. */
  readonly number: number;
  readonly from: CentreState | null;
  readonly to: CentreState;
  readonly atMs: number;
  readonly by: string;
  readonly note: string | null;
  /** Id of the picture that goes with it. */
  readonly evidence: string | null;
  /** What was said of the hold; `null` for nothing. */
  readonly hold: boolean | null;
}

export interface CaseFilter {
  readonly states?: readonly CentreState[];
  readonly site?: string;
  readonly agent?: string;
  readonly camera?: string;
  readonly type?: string;
  /** Changed then or later, UTC milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Sites whose cases may be seen; without it all. */
  readonly sites?: readonly string[];
}

/** Where a page of cases ended. */
export interface CaseCursor {
  readonly openedAtMs: number;
  readonly eventId: string;
}

export interface CaseWord {
  readonly by: string;
  readonly note: string | null;
  readonly atMs: number;
  readonly evidence?: string | null;
  /** The state that the speaker believes the case to be in: from any other it is not moved. */
  readonly from?: CentreState;
  /** Names what is said, so that it counts once, however often it comes. */
  readonly reference?: string;
}

/** A move, or a word on the hold, that the agent has not been told of. */
export interface UntoldMove {
  readonly site: string;
  readonly agent: string;
  readonly eventId: string;
  readonly number: number;
  readonly to: CentreState;
  readonly atMs: number;
  /** As it is by now, so that no word that is kept for an agent takes back what it has missed. */
  readonly hold: boolean | null;
}

/** Cases with their history. A call that changes something is on the disk when its promise resolves. All throw AgentError when the store fails. */
export interface CaseStore {
  get(eventId: string): Promise<CaseRecord | null>;
  /** Newest first. @param limit at least 1. */
  list(filter: CaseFilter, limit: number, after: CaseCursor | null): Promise<readonly CaseRecord[]>;
  /** Oldest first. */
  history(eventId: string): Promise<readonly CaseChange[]>;
  /**
   * Moves a case, at a time that is later than all before. To the state that it is in already: nothing happens.
   *
   * @throws {AgentError} CASE_UNKNOWN, CASE_NOT_MOVED.
   */
  move(eventId: string, to: CentreState, word: CaseWord): Promise<CaseRecord>;
  /**
   * Has the agent keep the evidence of a case whatever becomes of it, or lets it go again. Said twice, nothing happens.
   *
   * @throws {AgentError} CASE_UNKNOWN; CASE_NOT_MOVED for a case that is new, since agents hear of a hold with a state.
   */
  hold(eventId: string, hold: boolean, word: Pick<CaseWord, 'by' | 'note' | 'atMs'>): Promise<CaseRecord>;
  /** Adds a line to the history. @throws {AgentError} CASE_UNKNOWN. */
  note(eventId: string, word: CaseWord): Promise<void>;
  /** How many cases are in each state. */
  counts(): Promise<Readonly<Partial<Record<CentreState, number>>>>;
  /**
   * Moves that their agents have not been told of, in the order in which they were made. They are lent: nobody else gets them, nor later ones
   * of the same case, before `lentUntilMs`.
   *
   * @param limit at least 1.
   */
  untold(nowMs: number, lentUntilMs: number, limit: number): Promise<readonly UntoldMove[]>;
  told(move: Pick<UntoldMove, 'eventId' | 'number'>): Promise<void>;
  /** It could not be told, and nobody shall try before then. */
  putOff(move: Pick<UntoldMove, 'eventId' | 'number'>, untilMs: number): Promise<void>;
}

/** What makes a case of an event, and who is told; the store asks it inside its transactions, so all of it is pure. */
export interface CaseRules {
  /** Whether an event opens a case. */
  opens(event: EventMessage): boolean;
  /** The city's code for it. */
  category(event: EventMessage): string | null;
  /** URLs that get a notice of each opening and move. */
  readonly webhooks: readonly string[];
  notice(record: CaseRecord, change: CaseChange): CaseNotice;
}

/** A notice that waits for its delivery. */
export interface WaitingNotice {
  readonly id: number;
  readonly url: string;
  /** The same however often it is sent. */
  readonly key: string;
  readonly body: string;
  readonly createdAtMs: number;
  /** Tries that failed. */
  readonly failures: number;
}

/** Notices to webhooks. They are queued by what changes a case, in its transaction. */
export interface WebhookQueue {
  /**
   * Notices to `url` whose time has come, oldest first. They are lent: nobody else gets them before `lentUntilMs`.
   *
   * @param limit at least 1.
   */
  due(url: string, nowMs: number, lentUntilMs: number, limit: number): Promise<readonly WaitingNotice[]>;
  /** It was delivered, or given up. */
  done(id: number): Promise<void>;
  failed(id: number, nextAtMs: number, error: string): Promise<void>;
  /** Notices that wait, by URL. */
  waiting(): Promise<ReadonlyMap<string, number>>;
  /** Forgets notices to URLs that are no longer configured, and says how many. */
  forgetOthers(urls: readonly string[]): Promise<number>;
}
