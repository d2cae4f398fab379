import { type Incident, lastSeenMs } from '../../domain/incident.js';
import type { OpenIncident, RuleFinding } from '../../rules/contract.js';
import type { RuleConfig } from '../../rules/registry.js';

/** When a finding was made. */
export interface FindingTime {
  /** How the clock of the findings was mapped, oldest first; the last one holds now. At least one. */
  readonly stretches: readonly Stretch[];
  /** Time of the newest picture on that clock, milliseconds. */
  readonly newestPtsMs: number;
  /** What that clock is ahead of the stream's own, milliseconds. */
  readonly aheadMs: number;
}

/** A time over which a clock went on: that of one connection. Between two stretches it stood still. */
export interface Stretch {
  /** Where it begins on that clock, milliseconds. */
  readonly fromPtsMs: number;
  /** UTC milliseconds of that clock's 0, as last mapped. */
  readonly wallOffsetMs: number;
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
  /** The stretch that it began in, as it was mapped then; `null`: in an earlier stream. */
  readonly began: Stretch | null;
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
    make(finding, time) {
      const { number, startPtsMs, endPtsMs, ...told } = finding;
      const known = open.get(number);
      const mapped = (ptsMs: number): Stretch => {
        const stretch = stretchAt(time, ptsMs);
        return known?.began?.fromPtsMs === stretch.fromPtsMs ? known.began : stretch;
      };
      const wallMs = (ptsMs: number): number => Math.round(mapped(ptsMs).wallOffsetMs + ptsMs);
      const startedAtMs = known?.startedAtMs ?? wallMs(startPtsMs);
      const incident: Incident = {
        ...told,
        id: known?.last.id ?? createId(startedAtMs),
        cameraId,
        rule: rule.name,
        type: rule.type,
        startedAtMs,
        endedAtMs: finding.phase === 'end' ? Math.max(startedAtMs, wallMs(endPtsMs)) : null,
        streamTime: { start: streamS(time, startPtsMs), end: streamS(time, endPtsMs), told: streamS(time, time.newestPtsMs) },
      };
      if (finding.phase === 'end') open.delete(number);
      else open.set(number, { startedAtMs, began: known === undefined ? mapped(startPtsMs) : known.began, last: incident });
      return incident;
    },
    resume(last) {
      const number = ++resumed;
      open.set(number, { startedAtMs: last.startedAtMs, began: null, last });
      const { verdict, confidence, reasons, box, zone, labels, startedAtMs } = last;
      return { number, verdict, confidence, reasons, box, zone, labels, startedAtMs, seenAtMs: lastSeenMs(last) };
    },
    open: () => [...open.values()].map(({ last }) => last),
  };
}

function stretchAt({ stretches }: FindingTime, ptsMs: number): Stretch {
  const stretch = stretches.findLast(({ fromPtsMs }) => fromPtsMs <= ptsMs) ?? stretches[0];
  if (stretch === undefined) throw new RangeError('a finding needs a time');
  return stretch;
}

/** On the clock of the stream that runs, seconds: before 0 what was before it, by as much as the clock on the wall says. */
function streamS(time: FindingTime, ptsMs: number): number {
  const gapMs = (time.stretches.at(-1)?.wallOffsetMs ?? 0) - stretchAt(time, ptsMs).wallOffsetMs;
  return (ptsMs - gapMs - time.aheadMs) / 1000;
}
