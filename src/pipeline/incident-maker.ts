import { type Incident, lastSeenMs } from '../domain/incident.js';
import type { OpenIncident, RuleFinding } from '../rules/contract.js';
import type { RuleConfig } from '../rules/registry.js';

/** When a finding was made. */
export interface FindingTime {
  /** UTC milliseconds of stream time 0, as last mapped. */
  readonly wallOffsetMs: number;
  /** Stream time of the newest picture, milliseconds. */
  readonly newestPtsMs: number;
}

/** Makes incidents of one rule's findings, and knows which are open. */
export interface IncidentMaker {
  /**
   * An id that stays from `new` to `end`, and times on the wall clock as it was mapped when the incident began, so that they stay when the mapping is
   * corrected.
   */
  make(finding: RuleFinding, time: FindingTime): Incident;
  /** Goes on with an incident that an earlier stream left open. Its beginning stays; it lies before that of the stream's own clock. */
  resume(incident: Incident): OpenIncident;
  /** As they were last told. */
  open(): readonly Incident[];
}

interface Known {
  readonly startedAtMs: number;
  /** UTC milliseconds of stream time 0 when it began; `null`: in an earlier stream. */
  readonly offsetMs: number | null;
  readonly last: Incident;
}

export function createIncidentMaker(
  cameraId: string,
  rule: Pick<RuleConfig, 'name' | 'type'>,
  createId: (startedAtMs: number) => string,
): IncidentMaker {
  const open = new Map<number, Known>();
  let resumed = 0;
  return {
    make(finding, { wallOffsetMs, newestPtsMs }) {
      const { number, startPtsMs, endPtsMs, ...told } = finding;
      const known = open.get(number);
      const offsetMs = known?.offsetMs ?? wallOffsetMs;
      const startedAtMs = known?.startedAtMs ?? Math.round(offsetMs + startPtsMs);
      const incident: Incident = {
        ...told,
        id: known?.last.id ?? createId(startedAtMs),
        cameraId,
        rule: rule.name,
        type: rule.type,
        startedAtMs,
        endedAtMs: finding.phase === 'end' ? Math.max(startedAtMs, Math.round(offsetMs + endPtsMs)) : null,
        streamTime: { start: startPtsMs / 1000, end: endPtsMs / 1000, told: newestPtsMs / 1000 },
      };
      if (finding.phase === 'end') open.delete(number);
      else open.set(number, { startedAtMs, offsetMs: known === undefined ? offsetMs : known.offsetMs, last: incident });
      return incident;
    },
    resume(last) {
      const number = ++resumed;
      open.set(number, { startedAtMs: last.startedAtMs, offsetMs: null, last });
      const { verdict, confidence, reasons, box, zone, labels, startedAtMs } = last;
      return { number, verdict, confidence, reasons, box, zone, labels, startedAtMs, seenAtMs: lastSeenMs(last) };
    },
    open: () => [...open.values()].map(({ last }) => last),
  };
}
