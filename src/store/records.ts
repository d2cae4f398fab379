import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { ulid } from 'ulid';
import type { Evidence } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import { ackKeys } from '../domain/wire/delivery.js';
import { type ChainRecord, RECORD_SCHEMA, type RecordSubject } from '../domain/wire/proof.js';
import type { Sql } from '../platform/database/sqlite.js';
import { type CheckedRecord, recordText, type Signer } from '../platform/proof/index.js';
import type { StoreContext } from './incidents.js';
import { queueForCentre } from './messages.js';

/** What signs, and what each record says of its maker. */
export interface ProofContext {
  readonly signer: Signer;
  /** Of the program. */
  readonly version: string;
  /** SHA-256 of the resolved config, secrets left out. */
  readonly configSha256: string;
}

/** Adds the next record of the chain, and queues it for delivery. Without a key it does nothing. */
export function appendRecord(sql: Sql, context: StoreContext, subject: RecordSubject): void {
  const { proof } = context;
  if (proof === null) return;
  const head = sql.get<{ chain: string; number: number; sha256: string }>(
    'SELECT chain, number, sha256 FROM record ORDER BY number DESC LIMIT 1',
  );
  const record: ChainRecord = proof.signer.sign({
    schema: RECORD_SCHEMA,
    chain: head?.chain ?? ulid(),
    number: (head?.number ?? 0) + 1,
    previous: head?.sha256 ?? null,
    at: new Date(context.now()).toISOString(),
    site: context.site,
    agent: context.agent,
    version: proof.version,
    config: proof.configSha256,
    ...subject,
  });
  insertRecord(sql, { record, ...recordText(record) });
  if (context.deliver) queueRecords(sql, context);
}

export function insertRecord(sql: Sql, { record, text, hash }: Omit<CheckedRecord, 'key'>): boolean {
  const { changes } = sql.run(
    'INSERT OR IGNORE INTO record (number, chain, what, evidence, sha256, json, queued) VALUES (?, ?, ?, ?, ?, ?, 0)',
    record.number,
    record.chain,
    record.what,
    record.evidence,
    hash,
    text,
  );
  return changes === 1;
}

/** Queues every record that has not been queued yet. */
export function queueRecords(sql: Sql, context: StoreContext): void {
  const waiting = sql.all<{ chain: string; number: number; json: string }>(
    'SELECT chain, number, json FROM record WHERE queued = 0 ORDER BY number',
  );
  for (const { chain, number, json } of waiting) {
    const ackKey = ackKeys.record(chain, number);
    if (sql.get('SELECT 1 FROM message WHERE ack_key = ?', ackKey) === undefined) {
      queueForCentre(sql, { topic: 'records', payload: json, schema: RECORD_SCHEMA, ackKey, createdAtMs: context.now() });
    }
  }
  sql.run('UPDATE record SET queued = 1 WHERE queued = 0');
}

/** What the record of a finished file says. */
export function manifestOf(evidence: Evidence): RecordSubject {
  const { id, incidentId, cameraId, kind, path, mediaType, bytes, sha256, fromMs, toMs, streamTime, redactions } = evidence;
  return {
    what: 'evidence',
    event: incidentId,
    evidence: id,
    sha256,
    file: {
      name: basename(path),
      camera: cameraId,
      kind,
      media_type: mediaType,
      bytes,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      stream_time: streamTime ?? null,
      ...(redactions === undefined ? {} : { redactions }),
    },
    reason: null,
  };
}

/** Records that an event never reached the disk. */
export function recordDropped(sql: Sql, context: StoreContext, incident: Incident, reason: string): void {
  const { id } = incident;
  const sha256 = createHash('sha256').update(JSON.stringify(incident)).digest('hex');
  appendRecord(sql, context, { what: 'dropped', event: id, evidence: id, sha256, file: null, reason });
}

/** Records that a file is gone, when there is a record that it was made. */
export function recordGone(sql: Sql, context: StoreContext, id: string, what: 'removed' | 'lost', reason: string): void {
  const row = sql.get<{ incident: string; sha256: string }>(
    `SELECT e.incident, e.sha256 FROM evidence e JOIN record r ON r.evidence = e.id AND r.what = 'evidence' WHERE e.id = ?`,
    id,
  );
  if (row !== undefined) appendRecord(sql, context, { what, event: row.incident, evidence: id, sha256: row.sha256, file: null, reason });
}
