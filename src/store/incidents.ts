import { buildEvent, type EvidenceRef } from '../domain/event.js';
import type { EventFormat } from '../domain/event-format.js';
import type { EvidencePlan } from '../domain/evidence.js';
import { type Incident, lastSeenMs } from '../domain/incident.js';
import { ackKeys } from '../domain/wire/delivery.js';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';
import type { Sql } from '../platform/database/sqlite.js';
import { logEvent } from './event-log.js';
import { queueForCentre, queueFormatted } from './messages.js';
import type { ProofContext } from './records.js';

/** What the tables' writers need to know of their agent. */
export interface StoreContext {
  readonly site: string;
  readonly agent: string;
  /** Whether there is anywhere to deliver to. */
  readonly deliver: boolean;
  /** Absolute. Paths of files in it are stored relative to it, so that it may be moved with the database. */
  readonly evidenceFolder: string;
  /** Other forms that events go out in, beside Parapet's own. */
  readonly formats: readonly EventFormat[];
  /** `null`: nothing is signed. */
  readonly proof: ProofContext | null;
  now(): number;
}

/** Why incidents are ended that nobody watches any more: the agent or the camera's thread was lost, or the camera is not in the config any more. */
export type Interruption = 'agent_restart' | 'camera_thread_lost' | 'camera_removed';

const interruptionUnits: Readonly<Record<Interruption, string>> = {
  agent_restart: 'restarts',
  camera_thread_lost: 'threads',
  camera_removed: 'cameras',
};

/** One call makes one event; see `Store.recordIncident`. */
export function recordIncident(sql: Sql, context: StoreContext, incident: Incident, plans: readonly EvidencePlan[]): EventMessage {
  if (plans.length > 0 && incident.phase === 'update') {
    throw new RangeError(`incident ${incident.id}: evidence is planned with phase new or end, not ${incident.phase}`);
  }
  const known = sql.get<{ phase: string; camera: string; json: string }>(
    'SELECT phase, camera, json FROM incident WHERE id = ?',
    incident.id,
  );
  if (known?.phase === 'end') throw new RangeError(`incident ${incident.id} has ended already, and phase ${incident.phase} came`);
  if (known !== undefined && incident.phase === 'new')
    throw new RangeError(`incident ${incident.id} has begun already, and phase new came`);
  if (known !== undefined && known.camera !== incident.cameraId) {
    throw new RangeError(`incident ${incident.id} belongs to camera ${known.camera}, not ${incident.cameraId}`);
  }
  putIncident(sql, incident);
  const evidence = evidenceRefs(sql, incident.id);
  for (const [i, plan] of plans.entries()) {
    sql.run(
      `INSERT INTO evidence (id, incident, place, kind, status) VALUES (?, ?, ?, ?, 'planned')`,
      plan.id,
      incident.id,
      evidence.length + i,
      plan.kind,
    );
  }
  const plain = buildEvent(incident, context, nextSeq(sql, incident.cameraId), [...evidence, ...plans]);
  const event = context.proof?.signer.sign(plain) ?? plain;
  if (context.deliver) {
    const [topic, payload] = [`events/${event.camera}/${event.type}`, JSON.stringify(event)];
    logEvent(sql, event, topic, payload);
    queueForCentre(sql, {
      topic,
      payload,
      schema: event.schema,
      ackKey: ackKeys.event(event.camera, event.id, event.seq),
      createdAtMs: context.now(),
    });
    const before = known === undefined ? null : parseIncident(known.json);
    for (const format of context.formats) {
      const others = openIncidents(sql, incident.cameraId).filter(({ id, rule }) => id !== incident.id && rule === incident.rule);
      queueFormatted(sql, format.name, format.messages({ incident, before, others }), context.now());
    }
  }
  return event;
}

/** Writes the row of an incident, new or as it now is. */
export function putIncident(sql: Sql, incident: Incident): void {
  sql.run(
    `INSERT INTO incident (id, camera, type, phase, started_at_ms, json) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET type = excluded.type, phase = excluded.phase, started_at_ms = excluded.started_at_ms, json = excluded.json`,
    incident.id,
    incident.cameraId,
    incident.type,
    incident.phase,
    Math.round(incident.startedAtMs),
    JSON.stringify(incident),
  );
}

/** Evidence of an incident as its next event names it: what was delivered, and what is still to come. */
function evidenceRefs(sql: Sql, incidentId: string): readonly EvidenceRef[] {
  return sql
    .all<EvidencePlan & { readonly status: string; readonly bytes: number | null; readonly sha256: string | null }>(
      `SELECT id, kind, status, bytes, sha256 FROM evidence WHERE incident = ? AND status <> 'failed' ORDER BY place`,
      incidentId,
    )
    .map(({ id, kind, status, bytes, sha256 }) =>
      bytes === null || sha256 === null || status === 'stored' ? { id, kind } : { id, kind, bytes, sha256 },
    );
}

/** Takes the camera's next number: from 1, without gaps, since it is taken in the event's own transaction. */
function nextSeq(sql: Sql, cameraId: string): number {
  const row = sql.get<{ seq: number }>(
    'INSERT INTO camera (id, seq) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET seq = seq + 1 RETURNING seq',
    cameraId,
  );
  if (row === undefined) throw new TypeError('a number for the event was asked for and none came');
  return row.seq;
}

export function openIncidents(sql: Sql, cameraId: string | null): readonly Incident[] {
  const rows = sql.all<{ json: string }>(
    `SELECT json FROM incident WHERE phase <> 'end' AND camera = coalesce(?, camera) ORDER BY started_at_ms, id`,
    cameraId,
  );
  return rows.map((row) => parseIncident(row.json));
}

/** The incident as it stands when nobody watches it any more: its end is the last moment that was seen. */
export function interrupted(incident: Incident, why: Interruption): Incident {
  return {
    ...incident,
    phase: 'end',
    endedAtMs: incident.endedAtMs ?? lastSeenMs(incident),
    reasons: [...incident.reasons, { criterion: why, value: 1, threshold: 1, unit: interruptionUnits[why] }],
  };
}

/** Written by this store alone, so its shape is known. */
export function parseIncident(json: string): Incident {
  return JSON.parse(json) as Incident;
}

/** An incident whose row is not as it was written, if it still looks like one, with that as a reason. */
export function damagedIncident(json: string, from: Pick<StoreContext, 'site' | 'agent'>): Incident | null {
  try {
    const incident = parseIncident(json);
    if (!eventSchema.safeParse(buildEvent(incident, from, 1, [])).success) return null;
    return { ...incident, reasons: [...incident.reasons, { criterion: 'row_damaged', value: 1, threshold: 1, unit: 'rows' }] };
  } catch (error) {
    // A field that is missing, or a time that is none.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}
