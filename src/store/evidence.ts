import { relative, resolve, sep } from 'node:path';
import type { Evidence, EvidenceKind, EvidencePlan } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import { ackKeys } from '../domain/wire/delivery.js';
import { EVIDENCE_COMPLETE_SCHEMA, type EvidenceCompleteMessage } from '../domain/wire/evidence.js';
import type { Sql } from '../platform/database/sqlite.js';
import { caseIsOpen, caseIsOver } from './cases.js';
import { parseIncident, type StoreContext } from './incidents.js';
import { queueForCentre } from './messages.js';
import { appendRecord, manifestOf, queueRecords, recordGone } from './records.js';

export type EvidenceStatus = 'planned' | 'stored' | 'sent' | 'evicted' | 'failed';

/** A file that retention may remove. */
export interface EvictableEvidence {
  readonly id: string;
  readonly incidentId: string;
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** UTC milliseconds since 1970. */
  readonly toMs: number;
}

export interface EvidenceRow {
  readonly id: string;
  readonly incident: string;
  readonly kind: EvidenceKind;
  readonly status: EvidenceStatus;
  readonly path: string | null;
  readonly media_type: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly from_ms: number | null;
  readonly to_ms: number | null;
  readonly reason: string | null;
}

/** See `Store.recordEvidence`. */
export function recordEvidence(sql: Sql, context: StoreContext, evidence: Evidence): void {
  const { changes } = sql.run(
    `UPDATE evidence SET status = 'stored', path = ?, media_type = ?, bytes = ?, sha256 = ?, from_ms = ?, to_ms = ?
     WHERE id = ? AND incident = ? AND kind = ? AND status = 'planned'`,
    storedPath(context, evidence.path),
    evidence.mediaType,
    evidence.bytes,
    evidence.sha256,
    evidence.fromMs,
    evidence.toMs,
    evidence.id,
    evidence.incidentId,
    evidence.kind,
  );
  if (changes !== 1)
    throw new RangeError(`evidence ${evidence.id} (${evidence.kind} of ${evidence.incidentId}) is not one that is planned`);
  appendRecord(sql, context, manifestOf(evidence));
  if (context.deliver) queueTransfer(sql, context, evidence.id);
}

/** Relative to the evidence folder when it lies there. */
export function storedPath(context: StoreContext, path: string): string {
  const inside = relative(context.evidenceFolder, path);
  return inside === '..' || inside.startsWith(`..${sep}`) ? path : inside;
}

/** The opposite of how paths are stored. */
export function absolutePath(context: StoreContext, stored: string): string {
  return resolve(context.evidenceFolder, stored);
}

/** Queues what was made while there was nowhere to send it. */
export function queueUnsent(sql: Sql, context: StoreContext): void {
  const unsent = sql.all<{ id: string }>(
    `SELECT id FROM evidence WHERE status = 'stored' AND id NOT IN (SELECT evidence FROM transfer) ORDER BY from_ms, id`,
  );
  for (const { id } of unsent) queueTransfer(sql, context, id);
  queueRecords(sql, context);
}

/**
 * What retention may remove; takes 1 when nothing is delivered anywhere: what is on disk is kept for this machine alone. What an open case
 * needs stays.
 */
const evictable = `path IS NOT NULL AND (status IN ('sent', 'failed') OR (status = 'stored' AND ?)) AND NOT ${caseIsOpen('evidence.incident')}`;

/** See `Store.evictableEvidence`. */
export function evictableEvidence(sql: Sql, context: StoreContext, limit: number, closedFirst: boolean): readonly EvictableEvidence[] {
  return sql
    .all<EvictableEvidence>(
      `SELECT id, incident AS incidentId, path, bytes, to_ms AS toMs FROM evidence WHERE ${evictable}
       ORDER BY ${closedFirst ? `${caseIsOver('evidence.incident')} DESC, ` : ''}from_ms, id LIMIT ?`,
      context.deliver ? 0 : 1,
      limit,
    )
    .map((row) => ({ ...row, path: absolutePath(context, row.path) }));
}

/** Undelivered files in the order in which they may be given up: clips first, of the least severe incidents, the oldest; then the rest alike. */
export function undeliveredEvidence(sql: Sql, context: StoreContext, limit: number): readonly EvictableEvidence[] {
  return sql
    .all<EvictableEvidence>(
      `SELECT e.id, e.incident AS incidentId, e.path, e.bytes, e.to_ms AS toMs FROM evidence e JOIN incident i ON i.id = e.incident
       WHERE e.path IS NOT NULL AND e.status = 'stored' AND NOT ${caseIsOpen('e.incident')}
       ORDER BY e.kind <> 'clip', CASE json_extract(i.json, '$.severity') WHEN 'critical' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END, e.from_ms, e.id
       LIMIT ?`,
      limit,
    )
    .map((row) => ({ ...row, path: absolutePath(context, row.path) }));
}

/** See `Store.unaskedEvidence`. What waits to be uploaded has been asked for. */
export function unaskedEvidence(sql: Sql, context: StoreContext, limit: number, beforeMs: number): readonly EvictableEvidence[] {
  return sql
    .all<EvictableEvidence>(
      `SELECT e.id, e.incident AS incidentId, e.path, e.bytes, e.to_ms AS toMs FROM transfer t JOIN evidence e ON e.id = t.evidence
       WHERE t.announced_at_ms IS NOT NULL AND t.wanted_at_ms IS NULL AND e.id NOT IN (SELECT evidence FROM upload)
         AND e.path IS NOT NULL AND e.status = 'stored' AND e.to_ms < ? AND NOT ${caseIsOpen('e.incident')}
       ORDER BY e.from_ms, e.id LIMIT ?`,
      beforeMs,
      limit,
    )
    .map((row) => ({ ...row, path: absolutePath(context, row.path) }));
}

/** See `Store.evidenceGivenUp`. */
export function evidenceGivenUp(sql: Sql, context: StoreContext, id: string, reason: string): void {
  if (!settleEvidence(sql, context, id, 'stored', { status: 'failed', reason })) throw new RangeError(`evidence ${id} is not undelivered`);
  sql.run('UPDATE evidence SET path = NULL WHERE id = ?', id);
}

/** See `Store.evidenceEvicted`. A failure stays a failure. */
export function evidenceEvicted(sql: Sql, context: StoreContext, id: string, reason: string): void {
  const { changes } = sql.run(
    `UPDATE evidence SET status = iif(status = 'failed', 'failed', 'evicted'), path = NULL WHERE id = ? AND ${evictable}`,
    id,
    context.deliver ? 0 : 1,
  );
  if (changes !== 1) throw new RangeError(`evidence ${id} is not evictable`);
  recordGone(sql, context, id, 'removed', reason);
  // Left by a time when there was a broker.
  sql.run('DELETE FROM transfer WHERE evidence = ?', id);
}

export function queueTransfer(sql: Sql, context: StoreContext, evidenceId: string): void {
  sql.run('INSERT INTO transfer (evidence, created_at_ms) VALUES (?, ?)', evidenceId, context.now());
}

/** Moves evidence on from `from` to its last state. False when it was not in `from`. */
export function settleEvidence(
  sql: Sql,
  context: StoreContext,
  id: string,
  from: 'planned' | 'stored',
  to: { readonly status: 'sent' } | { readonly status: 'failed'; readonly reason: string },
): boolean {
  const reason = to.status === 'failed' ? to.reason : null;
  const row = sql.get<{ incident: string }>(
    'UPDATE evidence SET status = ?, reason = ? WHERE id = ? AND status = ? RETURNING incident',
    to.status,
    reason,
    id,
    from,
  );
  if (row === undefined) return false;
  if (from === 'stored' && to.status === 'failed') recordGone(sql, context, id, 'lost', to.reason);
  sql.run('DELETE FROM transfer WHERE evidence = ?', id);
  // What was put, and the answer lost, has come. An order that nothing was done for yet still stands, though the file has come by another
  // way meanwhile: whoever gave it was told that it will be carried out.
  sql.run('DELETE FROM upload WHERE evidence = ? AND (attempts > 0 OR ?)', id, Number(to.status === 'failed'));
  if (context.deliver) queueWhenComplete(sql, context, row.incident);
  return true;
}

/** Queues "evidence complete" once, when nothing of the incident is planned or under way any more. */
export function queueWhenComplete(sql: Sql, context: StoreContext, incidentId: string): void {
  const rows = evidenceOf(sql, incidentId);
  if (rows.some((row) => row.status === 'planned' || row.status === 'stored')) return;
  const marked = sql.get<{ camera: string }>(
    'UPDATE incident SET complete_queued = 1 WHERE id = ? AND complete_queued = 0 RETURNING camera',
    incidentId,
  );
  if (marked === undefined) return;
  const message: EvidenceCompleteMessage = {
    schema: EVIDENCE_COMPLETE_SCHEMA,
    event: incidentId,
    camera: marked.camera,
    evidence: rows
      .filter((row) => row.status !== 'failed')
      .map((row) => ({ id: row.id, kind: row.kind, bytes: row.bytes ?? 0, sha256: row.sha256 ?? '', status: 'sent' })),
    failed: rows.filter((row) => row.status === 'failed').map((row) => ({ id: row.id, kind: row.kind, reason: row.reason ?? '' })),
  };
  queueForCentre(sql, {
    topic: `evidence/${incidentId}/complete`,
    payload: JSON.stringify(context.proof?.signer.sign(message) ?? message),
    schema: message.schema,
    ackKey: ackKeys.evidenceComplete(incidentId),
    createdAtMs: context.now(),
  });
}

export function evidenceOf(sql: Sql, incidentId: string): readonly EvidenceRow[] {
  return sql.all<EvidenceRow>('SELECT * FROM evidence WHERE incident = ? ORDER BY place', incidentId);
}

/** Incidents with evidence that was announced but never made, oldest first. */
export function unfinishedEvidence(sql: Sql): readonly { readonly incident: Incident; readonly plans: readonly EvidencePlan[] }[] {
  const incidents = sql.all<{ id: string; json: string }>(
    `SELECT id, json FROM incident WHERE id IN (SELECT incident FROM evidence WHERE status = 'planned') ORDER BY started_at_ms, id`,
  );
  return incidents.map(({ id, json }) => ({
    incident: parseIncident(json),
    plans: evidenceOf(sql, id)
      .filter((row) => row.status === 'planned')
      .map((row) => ({ id: row.id, kind: row.kind })),
  }));
}
