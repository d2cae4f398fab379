import type { Incident } from '../domain/incident.js';
import type { RuleFinding } from '../rules/contract.js';
import type { RuleConfig } from '../rules/registry.js';

/** When a finding was made. */
export interface FindingTime {
  /** UTC milliseconds of stream time 0, as last mapped. */
  readonly wallOffsetMs: number;
  /** Stream time of the newest picture, milliseconds. */
  readonly newestPtsMs: number;
}

/**
 * Makes incidents of one rule's findings: an id that stays from `new` to `end`, and times on the wall clock as it was mapped when the incident
 * began, so that they stay when the mapping is corrected.
 */
export function createIncidentMaker(
  cameraId: string,
  rule: Pick<RuleConfig, 'name' | 'type'>,
  createId: (startedAtMs: number) => string,
): (finding: RuleFinding, time: FindingTime) => Incident {
  const open = new Map<number, { readonly id: string; readonly offsetMs: number }>();
  return (finding, { wallOffsetMs, newestPtsMs }) => {
    const { number, startPtsMs, endPtsMs, ...told } = finding;
    const known = open.get(number);
    const offsetMs = known?.offsetMs ?? wallOffsetMs;
    const startedAtMs = Math.round(offsetMs + startPtsMs);
    const id = known?.id ?? createId(startedAtMs);
    if (finding.phase === 'end') open.delete(number);
    else open.set(number, { id, offsetMs });
    return {
      ...told,
      id,
      cameraId,
      rule: rule.name,
      type: rule.type,
      startedAtMs,
      endedAtMs: finding.phase === 'end' ? Math.round(offsetMs + endPtsMs) : null,
      streamTime: { start: startPtsMs / 1000, end: endPtsMs / 1000, told: newestPtsMs / 1000 },
    };
  };
}
