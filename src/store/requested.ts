import type { Evidence } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import { ackKeys } from '../domain/wire/delivery.js';
import type { Sql } from '../platform/database/sqlite.js';
import { queueTransfer, recordEvidence, storedPath } from './evidence.js';
import { putIncident, type StoreContext } from './incidents.js';

/** What stands in for an incident where evidence was asked for of which no rule has reported anything. It has no event. */
export const REQUEST_TYPE = 'request';

/** A file that a command has had made; it is on disk, whole and synced. */
export interface RequestedEvidence extends Evidence {
  /** The centre's own reference. */
  readonly reference: string | null;
}

/** Whose evidence may be asked for under an id: `free` when there is none yet. */
export function requestTarget(sql: Sql, id: string): { readonly cameraId: string } | null {
  return sql.get<{ cameraId: string }>('SELECT camera AS cameraId FROM incident WHERE id = ?', id) ?? null;
}

/**
 * Records evidence that was asked for beside what was planned, and queues it. When it has been delivered, "evidence complete" is
 * told of its event, once more where it has been told before.
 *
 * @throws {RangeError} when the id is another camera's.
 */
export function recordRequested(sql: Sql, context: StoreContext, requested: RequestedEvidence): void {
  const { incidentId, cameraId } = requested;
  const known = requestTarget(sql, incidentId);
  if (known === null) insertRequest(sql, requested);
  else if (known.cameraId !== cameraId) throw new RangeError(`${incidentId} belongs to camera ${known.cameraId}, not ${cameraId}`);
  sql.run(
    `INSERT INTO evidence (id, incident, place, kind, status)
     SELECT ?, ?, coalesce(max(place) + 1, 0), ?, 'planned' FROM evidence WHERE incident = ?`,
    requested.id,
    incidentId,
    requested.kind,
    incidentId,
  );
  recordEvidence(sql, context, requested);
  sql.run('UPDATE incident SET complete_queued = 0 WHERE id = ?', incidentId);
  // What it said is not the whole any more; the centre's acknowledgement of it finds the new one, or none.
  sql.run('DELETE FROM message WHERE ack_key = ?', ackKeys.evidenceComplete(incidentId));
}

/** See `Store.adoptEvidence`. */
export function adoptEvidence(sql: Sql, context: StoreContext, evidence: Evidence): boolean {
  const { id, incidentId, path, mediaType, bytes, sha256, fromMs, toMs, kind } = evidence;
  if (requestTarget(sql, incidentId) === null) insertRequest(sql, { ...evidence, reference: null });
  const known = sql.get<{ status: string }>('SELECT status FROM evidence WHERE id = ?', id);
  if (known?.status === 'evicted' || known?.status === 'failed') return false;
  if (known === undefined) {
    sql.run(
      `INSERT INTO evidence (id, incident, place, kind, status)
       SELECT ?, ?, coalesce(max(place) + 1, 0), ?, 'planned' FROM evidence WHERE incident = ?`,
      id,
      incidentId,
      kind,
      incidentId,
    );
  }
  sql.run(
    `UPDATE evidence SET status = 'stored', path = ?, media_type = ?, bytes = ?, sha256 = ?, from_ms = ?, to_ms = ? WHERE id = ?`,
    storedPath(context, path),
    mediaType,
    bytes,
    sha256,
    fromMs,
    toMs,
    id,
  );
  sql.run('DELETE FROM transfer WHERE evidence = ?', id);
  if (context.deliver) queueTransfer(sql, context, id);
  return true;
}

function insertRequest(sql: Sql, { incidentId, cameraId, fromMs, toMs, reference }: RequestedEvidence): void {
  const stand: Incident = {
    id: incidentId,
    cameraId,
    rule: REQUEST_TYPE,
    type: REQUEST_TYPE,
    phase: 'end',
    severity: 'info',
    verdict: 'suspected',
    confidence: 0,
    startedAtMs: fromMs,
    endedAtMs: toMs,
    streamTime: { start: 0, end: (toMs - fromMs) / 1000 },
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
    zone: null,
    labels: reference === null ? [] : [reference],
    throw: null,
    reasons: [],
  };
  putIncident(sql, stand);
}
