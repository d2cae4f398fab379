import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import type { IncidentState } from '../common/incident-book.js';
import { IN_VIEW_MS, type Place } from '../common/place.js';
import { createVehicleWatch } from '../common/vehicle-watch.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { StoppedVehicleConfig } from './config.js';

/** Tells of single vehicles that stand in the lanes, each once, until it has left; of a queue, only of who still stands when it has gone. */
export function createStoppedVehicleRule(config: StoppedVehicleConfig, context: RuleContext): Rule<StreetFrame> {
  const isOn = createSchedule(config.schedule, context.timeZone);
  const watch = createVehicleWatch(config, context);
  const { book, leastScore } = watch;
  /** When there was last a queue, or it was allowed to stand. */
  let excusedPtsMs = Number.NEGATIVE_INFINITY;

  const stateOf = (place: Place, queue: number, named: boolean): IncidentState => ({
    verdict: named ? 'confirmed' : 'suspected',
    confidence: place.score,
    reasons: [
      { criterion: 'seconds_standing', value: (place.seenPtsMs - place.sincePtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'standing_at_once', value: queue, threshold: config.queue_of - 1, unit: 'vehicles' },
      { criterion: 'score', value: place.score, threshold: leastScore, unit: '' },
    ],
    startPtsMs: place.sincePtsMs,
    endPtsMs: place.seenPtsMs,
    box: place.box,
    zone: config.zone,
    labels: [place.label],
  });

  return {
    step(frame) {
      const { ptsMs, capturedAtMs, named } = frame;
      const { standing, ended } = watch.step(frame);
      const findings: RuleFinding[] = [...ended];
      if (!isOn(capturedAtMs)) {
        excusedPtsMs = ptsMs;
        return [...findings, ...book.finish(ptsMs)];
      }
      if (frame.scene.unsettled) return findings;
      if (standing.length >= config.queue_of) excusedPtsMs = ptsMs;
      for (const place of standing) {
        if (book.isOpen(place.key)) {
          book.note(place.key, { ...stateOf(place, 1, named), reasons: book.state(place.key)?.reasons ?? [] });
          continue;
        }
        if (place.toldMs !== null && capturedAtMs - place.toldMs < config.cool_down) continue;
        // Queues start off one after the other: whoever stands on has as long again.
        const countedMs = place.seenPtsMs - Math.max(place.sincePtsMs, excusedPtsMs);
        if (ptsMs - place.seenPtsMs > IN_VIEW_MS || countedMs < config.after) continue;
        const finding = book.begin(place.key, stateOf(place, standing.length, named), ptsMs);
        if (finding === null) continue;
        place.toldMs = capturedAtMs;
        findings.push(finding);
      }
      return findings;
    },
    finish: watch.finish,
    memory: watch.memory,
    recall: watch.recall,
    resume: watch.resume,
  };
}
