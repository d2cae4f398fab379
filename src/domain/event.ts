import type { EvidencePlan } from './evidence.js';
import type { Box, Point } from './geometry.js';
import type { Incident, ThrowDetails } from './incident.js';
import { EVENT_SCHEMA, type EventMessage } from './wire/event.js';

/** Evidence of an incident as its event names it: planned (no bytes yet) or finished. */
export type EvidenceRef = EvidencePlan & { readonly bytes?: number; readonly sha256?: string };

/**
 * Makes the message of section "Events" from an incident.
 *
 * @param seq number of the event within its camera, from 1, without gaps.
 * @example buildEvent(incident, { site: 'estate', agent: 'box-01' }, 412, plans).phase // 'end'
 */
export function buildEvent(
  incident: Incident,
  from: { site: string; agent: string },
  seq: number,
  evidence: readonly EvidenceRef[],
): EventMessage {
  return {
    schema: EVENT_SCHEMA,
    id: incident.id,
    seq,
    phase: incident.phase,
    type: incident.type,
    rule: incident.rule,
    severity: incident.severity,
    verdict: incident.verdict,
    confidence: round(incident.confidence, 3),
    site: from.site,
    agent: from.agent,
    camera: incident.cameraId,
    started_at: new Date(incident.startedAtMs).toISOString(),
    ended_at: incident.endedAtMs === null ? null : new Date(incident.endedAtMs).toISOString(),
    stream_time: {
      start: round(incident.streamTime.start, 3),
      end: round(incident.streamTime.end, 3),
      ...(incident.streamTime.told === undefined ? {} : { told: round(incident.streamTime.told, 3) }),
    },
    box: boxTuple(incident.box),
    zone: incident.zone,
    labels: [...incident.labels],
    throw: incident.throw === null ? null : throwMessage(incident.throw),
    reasons: incident.reasons.map((r) => ({ ...r, value: round(r.value, 3), threshold: round(r.threshold, 3) })),
    evidence: evidence.map((e) => ({
      id: e.id,
      kind: e.kind,
      bytes: e.bytes ?? 0,
      sha256: e.sha256 ?? '',
      status: e.sha256 === undefined ? 'pending' : 'sent',
    })),
  };
}

/** The opposite of {@link buildEvent}, to the digits that an event has; the strength of gravity that a fall showed is not in it. */
export function incidentOf(event: EventMessage): Incident {
  const { id, phase, type, rule, severity, verdict, confidence, camera, stream_time, box, zone, labels, reasons } = event;
  return {
    ...{ id, cameraId: camera, rule, type, phase, severity, verdict, confidence, zone, labels },
    startedAtMs: Date.parse(event.started_at),
    endedAtMs: event.ended_at === null ? null : Date.parse(event.ended_at),
    streamTime: {
      start: stream_time.start,
      end: stream_time.end,
      ...(stream_time.told === undefined ? {} : { told: stream_time.told }),
    },
    box: { x1: box[0], y1: box[1], x2: box[2], y2: box[3] },
    throw: event.throw === null ? null : throwOf(event.throw),
    reasons: reasons.map(({ event: earlier, ...reason }) => ({ ...reason, ...(earlier === undefined ? {} : { event: earlier }) })),
  };
}

function throwOf(t: NonNullable<EventMessage['throw']>): ThrowDetails {
  const { origin, landing, fall } = t;
  return {
    trajectory: t.trajectory.map(([at, x, y, w, h]) => ({ t: at, x, y, w, h })),
    origin: {
      point: pointOf(origin.point),
      floor: origin.floor,
      floorInterval: origin.floor_interval,
      unit: origin.unit,
      heightM: origin.height_m,
    },
    landing: { point: pointOf(landing.point), extrapolated: landing.extrapolated },
    fall: {
      dropM: fall.drop_m,
      dropFloors: fall.drop_floors,
      durationS: fall.duration_s,
      impactSpeedMps: fall.impact_speed_mps,
      impactSpeedIntervalMps: fall.impact_speed_interval_mps ?? null,
    },
    massClass: t.mass_class,
    terminalSpeedMps: t.terminal_speed_mps,
    pathShape: t.path_shape,
    fit: { model: t.fit.model, rmsPx: t.fit.rms_px },
  };
}

function throwMessage(t: ThrowDetails): NonNullable<EventMessage['throw']> {
  return {
    trajectory: t.trajectory.map((p) => [round(p.t, 4), round(p.x, 5), round(p.y, 5), round(p.w, 5), round(p.h, 5)]),
    origin: {
      point: pointTuple(t.origin.point),
      floor: t.origin.floor,
      floor_interval: t.origin.floorInterval === null ? null : [...t.origin.floorInterval],
      unit: t.origin.unit,
      height_m: roundOrNull(t.origin.heightM, 1),
    },
    landing: { point: pointTuple(t.landing.point), extrapolated: t.landing.extrapolated },
    fall: {
      drop_m: roundOrNull(t.fall.dropM, 1),
      drop_floors: roundOrNull(t.fall.dropFloors, 1),
      duration_s: round(t.fall.durationS, 2),
      impact_speed_mps: roundOrNull(t.fall.impactSpeedMps, 1),
      impact_speed_interval_mps: intervalOrNull(t.fall.impactSpeedIntervalMps ?? null),
    },
    mass_class: t.massClass,
    terminal_speed_mps: t.terminalSpeedMps === null ? null : [round(t.terminalSpeedMps[0], 1), roundOrNull(t.terminalSpeedMps[1], 1)],
    path_shape: t.pathShape,
    fit: { model: t.fit.model, rms_px: round(t.fit.rmsPx, 2) },
  };
}

const boxTuple = (b: Box): [number, number, number, number] => [unitRange(b.x1), unitRange(b.y1), unitRange(b.x2), unitRange(b.y2)];
const pointTuple = (p: Point): [number, number] => [round(p.x, 5), round(p.y, 5)];
const pointOf = ([x, y]: readonly [number, number]): Point => ({ x, y });
const unitRange = (value: number): number => round(Math.min(1, Math.max(0, value)), 5);
const roundOrNull = (value: number | null, digits: number): number | null => (value === null ? null : round(value, digits));

const intervalOrNull = (interval: readonly [number, number] | null): [number, number] | null =>
  interval === null ? null : [round(interval[0], 1), round(interval[1], 1)];

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  const rounded = Math.round(value * scale) / scale;
  return rounded === 0 ? 0 : rounded;
}
