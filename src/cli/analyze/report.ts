import { buildEvent, type EvidenceRef } from '../../domain/event.js';
import { describeEvent } from '../../domain/event-words.js';
import type { Incident } from '../../domain/incident.js';
import type { EventMessage } from '../../domain/wire/event.js';
import { formatStreamTime, plural } from '../shared/words.js';

/**
 * The events of one analysis, numbered from 1 as they are written.
 *
 * @param reports every report of the camera's thread, in its order.
 * @param phases false: one event an incident, its `end`, by start. True: every phase, as it was reported.
 * @param evidence what was made of an incident; named with its `end`.
 */
export function eventsOf(
  reports: readonly Incident[],
  phases: boolean,
  from: { readonly site: string; readonly agent: string },
  evidence: (incidentId: string) => readonly EvidenceRef[],
): readonly EventMessage[] {
  const chosen = phases
    ? reports
    : reports.filter(({ phase }) => phase === 'end').toSorted((a, b) => a.startedAtMs - b.startedAtMs || (a.id < b.id ? -1 : 1));
  return chosen.map((incident, i) => buildEvent(incident, from, i + 1, incident.phase === 'end' ? evidence(incident.id) : []));
}

/** One JSON object a line. */
export function formatEvents(events: readonly EventMessage[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** What was found, in words: a line an event, its files below it, and the sum. */
export function summarise(
  events: readonly EventMessage[],
  work: { readonly frames: number; readonly videoS: number; readonly tookS: number },
  filesOf: (incidentId: string) => readonly string[],
): string {
  const ends = events.filter(({ phase }) => phase === 'end');
  const confirmed = ends.filter(({ verdict }) => verdict === 'confirmed').length;
  const lines = ends
    .map((event) => {
      const files = filesOf(event.id).map((path) => `  ${path}\n`);
      return `${formatStreamTime(event.stream_time.start)} ${describeEvent(event)}\n${files.join('')}`;
    })
    .join('');
  const sum = `${confirmed} confirmed, ${ends.length - confirmed} suspected`;
  return `${lines}${sum}; ${plural(work.frames, 'picture')}, ${work.videoS.toFixed(1)} s of video in ${work.tookS.toFixed(1)} s\n`;
}
