import { dirname, join, resolve } from 'node:path';
import type { EventFormat, FormattedMessage } from '../domain/event-format.js';
import type { Evidence, EvidenceKind, EvidencePlan } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import type { Outbox } from '../domain/outbox.js';
import type { UploadBook } from '../domain/upload.js';
import type { EventMessage } from '../domain/wire/event.js';
import type { Clock } from '../platform/clock.js';
import { openDurableDatabase } from '../platform/database/sqlite.js';
import type { Logger } from '../platform/logger.js';
import { type Cases, caseIsOpen, createCases } from './cases.js';
import {
  absolutePath,
  type EvictableEvidence,
  type EvidenceStatus,
  evictableEvidence,
  evidenceEvicted,
  evidenceGivenUp,
  evidenceOf,
  queueUnsent,
  recordEvidence,
  settleEvidence,
  unaskedEvidence,
  undeliveredEvidence,
  unfinishedEvidence,
} from './evidence.js';
import { type Interruption, interrupted, openIncidents, parseIncident, recordIncident, type StoreContext } from './incidents.js';
import { createLearnt, type Learnt } from './learnt.js';
import { queueFormatted } from './messages.js';
import { createOrders, type Orders } from './orders.js';
import { createOutbox } from './outbox.js';
import { createRecords, type Records } from './record-chain.js';
import { type ProofContext, recordDropped } from './records.js';
import { adoptEvidence, REQUEST_TYPE, type RequestedEvidence, recordRequested, requestTarget } from './requested.js';
import { checkStore, salvageStore } from './salvage.js';
import { migrations } from './schema.js';
import { createUploads } from './uploads.js';

export interface StoreOptions {
  /** The database file; made when missing, with its folder. */
  readonly path: string;
  /** Absolute; the files of evidence lie in it. Default: `evidence` beside the database. */
  readonly evidenceFolder?: string;
  readonly site: string;
  readonly agent: string;
  /** False when no broker is configured: nothing is queued, and evidence may be evicted without having been sent. Default true. */
  readonly deliver?: boolean;
  /** Other forms that events go out in, beside Parapet's own; default none. */
  readonly formats?: readonly EventFormat[];
  /** Events are signed and evidence is recorded in a chain with it; without it they are not. */
  readonly proof?: ProofContext;
  /** Called when no room is left for the database: makes some, or says that it cannot (false). */
  readonly makeRoom?: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Evidence as the console shows it. */
export interface StoredEvidence {
  readonly id: string;
  readonly kind: EvidenceKind;
  readonly status: EvidenceStatus;
  readonly path: string | null;
  readonly mediaType: string | null;
  readonly bytes: number | null;
  /** Why it failed. */
  readonly reason: string | null;
}

export interface StoredIncident {
  readonly incident: Incident;
  readonly evidence: readonly StoredEvidence[];
}

export interface StoreDamage {
  /** Files that were set aside. */
  readonly times: number;
  /** Of the last one, in words; `null` when there was none. */
  readonly last: string | null;
}

/**
 * Incidents, evidence and the outbox in one SQLite file. Every writing call is one transaction that is on the disk when it
 * returns.
 *
 * All calls throw AgentError STORE_FAILED, STORE_CORRUPT or DISK_FULL; what was recorded before stays.
 */
export interface Store {
  /**
   * Records an incident as it now is, takes its camera's next `seq` and queues the event, all in one transaction.
   *
   * @param plans evidence that will follow; with phase `new` or `end`.
   * @throws {RangeError} when the incident has ended already, or begins a second time.
   */
  recordIncident(incident: Incident, plans?: readonly EvidencePlan[]): EventMessage;
  /** Records a planned file that is now on disk, whole, and queues its transfer. @throws {RangeError} when it is not planned. */
  recordEvidence(evidence: Evidence): void;
  /** Records that planned evidence will never be. @throws {RangeError} when it is not planned. */
  evidenceFailed(planId: string, reason: string): void;
  /** Records evidence that was asked for, and queues its transfer. @throws {RangeError} when its event is another camera's. */
  recordRequested(evidence: RequestedEvidence): void;
  /** The camera whose evidence is kept under an id; `null` while the id is free. */
  requestTarget(id: string): { readonly cameraId: string } | null;
  /** An incident as it was last recorded; `null` when there is none with this id, or when it has been forgotten. */
  incident(id: string): Incident | null;
  /** Incidents without an end, oldest first; of one camera or of all. */
  openIncidents(cameraId?: string): readonly Incident[];
  /**
   * Ends open incidents, and queues their events: called at start, when a camera's thread was lost and when a camera is gone, so that no incident stays open for ever.
   * Returns them as ended.
   *
   * @param why becomes one of their reasons.
   * @param which those that are ended; default: all. `plan` says which evidence each will have.
   */
  closeInterrupted(
    why: Interruption,
    which?: { readonly of?: (incident: Incident) => boolean; readonly plan?: (incident: Incident) => readonly EvidencePlan[] },
  ): readonly { readonly incident: Incident; readonly plans: readonly EvidencePlan[] }[];
  /** Evidence that was announced but never made: to be tried again after a restart. */
  unfinishedEvidence(): readonly { readonly incident: Incident; readonly plans: readonly EvidencePlan[] }[];
  /** Open incidents by camera and type; a pair that had incidents once is there with 0. */
  activeCounts(): readonly { readonly cameraId: string; readonly type: string; readonly active: number }[];
  /** The latest incidents, newest first. */
  recentIncidents(limit: number): readonly StoredIncident[];
  /**
   * Files that may be removed, oldest first: those that have been delivered or never can be; where there is nowhere to
   * deliver to, all. Never those of open cases; those of closed ones come first when asked for.
   */
  evictableEvidence(limit: number, closedFirst?: boolean): readonly EvictableEvidence[];
  /**
   * Records that a file has been removed, in the chain too.
   *
   * @param reason `age`, `room`: what retention says of it.
   * @throws {RangeError} when it was not evictable.
   */
  evidenceEvicted(id: string, reason: string): void;
  /**
   * Files that wait for delivery, in the order in which they may be given up where there is no other room: clips first, of the least severe
   * incidents, the oldest. Never those of open cases.
   */
  undeliveredEvidence(limit: number): readonly EvictableEvidence[];
  /** Of these, files that the centre was told of, may ask for and has not, the oldest first; those that show nothing after `beforeMs`. */
  unaskedEvidence(limit: number, beforeMs: number): readonly EvictableEvidence[];
  /**
   * Records that a file was given up before it was delivered: `lost` in the chain, and `failed` in what the centre is told.
   *
   * @throws {RangeError} when it was not undelivered.
   */
  evidenceGivenUp(id: string, reason: string): void;
  /**
   * Takes up a file that is on the disk with its manifest, but that the database has lost, and queues its transfer. Of an incident that is
   * lost too a stand-in is made. False when its row says that the file is not to be there.
   */
  adoptEvidence(evidence: Evidence): boolean;
  /** Records in the chain, signed, that incidents were lost before they were recorded. */
  recordDropped(incidents: readonly Incident[], reason: string): void;
  /** Absolute paths of all files that there are rows for. */
  evidencePaths(): ReadonlySet<string>;
  /**
   * Forgets incidents that began before `beforeMs`, have ended, and have nothing left to deliver and no file on the disk.
   * Returns how many.
   */
  forget(beforeMs: number): number;
  /** Queues messages of a format that speak of no incident: what a camera is like, what is no more. Where there is nowhere to deliver to it does nothing. */
  queue(format: string, messages: readonly FormattedMessage[]): void;
  /**
   * Holds the next so many rows to their sums: a bit may flip on a disk that nobody restarts for a year. Where one is wrong the file is set aside
   * and what can be is saved or mended; what is in files, evidence and the journal of records, is to be taken up again then.
   *
   * @returns false when that was so.
   */
  verify(rows: number): boolean;
  /** What damage the database has had since the store was opened. */
  damage(): StoreDamage;
  readonly outbox: Outbox;
  readonly learnt: Learnt;
  readonly records: Records;
  readonly cases: Cases;
  readonly orders: Orders;
  readonly uploads: UploadBook;
  close(): void;
}

/** Opens the store. @throws {AgentError} STORE_FAILED, DISK_FULL. */
export function openStore(options: StoreOptions): Store {
  const { path, site, agent, deliver = true, clock, logger } = options;
  const evidenceFolder = options.evidenceFolder ?? join(dirname(resolve(path)), 'evidence');
  const context: StoreContext = {
    site,
    agent,
    deliver,
    evidenceFolder,
    formats: options.formats ?? [],
    proof: options.proof ?? null,
    now: () => clock.now(),
  };
  let damage: StoreDamage = { times: 0, last: null };
  const database = openDurableDatabase({
    path,
    migrations,
    check: checkStore,
    ...(options.makeRoom === undefined ? {} : { makeRoom: options.makeRoom }),
    clock,
    logger,
    onSetAside: ({ message }) => {
      damage = {
        times: damage.times + 1,
        last: `${message}; it was set aside at ${new Date(clock.now()).toISOString()}, look at the disk: dmesg, smartctl`,
      };
    },
    onDamaged: (damaged, fresh) => {
      const saved = salvageStore(damaged, fresh, context);
      damage = { ...damage, last: `${damage.last}; ${saved.mended} of its rows were mended, ${saved.lost} lost` };
      logger.warn({ event: 'store-salvaged', ...saved }, `saved from the damaged database: ${JSON.stringify(saved)}`);
    },
  });
  if (deliver) database.write((sql) => queueUnsent(sql, context));

  return {
    recordIncident: (incident, plans = []) => database.write((sql) => recordIncident(sql, context, incident, plans)),
    recordEvidence: (evidence) => database.write((sql) => recordEvidence(sql, context, evidence)),
    evidenceFailed(planId, reason) {
      const settled = database.write((sql) => settleEvidence(sql, context, planId, 'planned', { status: 'failed', reason }));
      if (!settled) throw new RangeError(`evidence ${planId} is not planned`);
    },
    recordRequested: (evidence) => database.write((sql) => recordRequested(sql, context, evidence)),
    requestTarget: (id) => database.read((sql) => requestTarget(sql, id)),
    incident: (id) =>
      database.read((sql) => {
        const row = sql.get<{ json: string }>('SELECT json FROM incident WHERE id = ?', id);
        return row === undefined ? null : parseIncident(row.json);
      }),
    openIncidents: (cameraId) => database.read((sql) => openIncidents(sql, cameraId ?? null)),
    closeInterrupted: (why, { of = () => true, plan = () => [] } = {}) =>
      database.write((sql) =>
        openIncidents(sql, null)
          .filter(of)
          .map((open) => {
            const incident = interrupted(open, why);
            const plans = plan(incident);
            recordIncident(sql, context, incident, plans);
            return { incident, plans };
          }),
      ),
    unfinishedEvidence: () => database.read(unfinishedEvidence),
    activeCounts: () =>
      database.read((sql) =>
        sql.all<{ cameraId: string; type: string; active: number }>(
          `SELECT camera AS cameraId, type, sum(phase <> 'end') AS active FROM incident WHERE type <> '${REQUEST_TYPE}'
           GROUP BY camera, type ORDER BY camera, type`,
        ),
      ),
    recentIncidents: (limit) =>
      database.read((sql) =>
        sql
          .all<{ id: string; json: string }>('SELECT id, json FROM incident ORDER BY started_at_ms DESC, id DESC LIMIT ?', limit)
          .map((row) => ({
            incident: parseIncident(row.json),
            evidence: evidenceOf(sql, row.id).map(({ id, kind, status, path, media_type, bytes, reason }) => {
              return { id, kind, status, path: path === null ? null : absolutePath(context, path), mediaType: media_type, bytes, reason };
            }),
          })),
      ),
    evictableEvidence: (limit, closedFirst = false) => database.read((sql) => evictableEvidence(sql, context, limit, closedFirst)),
    evidenceEvicted: (id, reason) => database.write((sql) => evidenceEvicted(sql, context, id, reason)),
    adoptEvidence: (evidence) => database.write((sql) => adoptEvidence(sql, context, evidence)),
    recordDropped: (incidents, reason) =>
      database.write((sql) => {
        for (const incident of incidents) recordDropped(sql, context, incident, reason);
      }),
    undeliveredEvidence: (limit) => database.read((sql) => undeliveredEvidence(sql, context, limit)),
    unaskedEvidence: (limit, beforeMs) => database.read((sql) => unaskedEvidence(sql, context, limit, beforeMs)),
    evidenceGivenUp: (id, reason) => database.write((sql) => evidenceGivenUp(sql, context, id, reason)),
    evidencePaths: () =>
      database.read((sql) => {
        const rows = sql.all<{ path: string }>('SELECT path FROM evidence WHERE path IS NOT NULL');
        return new Set(rows.map(({ path: stored }) => absolutePath(context, stored)));
      }),
    forget: (beforeMs) =>
      database.write(
        (sql) =>
          sql.run(
            `DELETE FROM incident WHERE started_at_ms < ? AND phase = 'end'
             AND NOT ${caseIsOpen('incident.id')}
             AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.incident = incident.id AND (e.status IN ('planned', 'stored', 'sent') OR e.path IS NOT NULL))
             AND NOT EXISTS (SELECT 1 FROM message m WHERE m.ack_key GLOB 'event/*/' || incident.id || '/*'
                             OR m.ack_key = 'evidence-complete/' || incident.id)`,
            beforeMs,
          ).changes,
      ),
    queue(format, messages) {
      if (!deliver || messages.length === 0) return;
      database.write((sql) => queueFormatted(sql, format, messages, clock.now()));
    },
    verify: (rows) => database.verify(rows),
    damage: () => damage,
    outbox: createOutbox(database, context),
    learnt: createLearnt(database),
    records: createRecords(database, context),
    cases: createCases(database),
    orders: createOrders(database),
    uploads: createUploads(database, context),
    close: () => database.close(),
  };
}
