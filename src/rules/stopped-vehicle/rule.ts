import type { StreetFrame } from '../../domain/street.js';
import { createFooting } from '../common/footing.js';
import { createIncidentBook, type Standing } from '../common/incident-book.js';
import { inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Place } from '../common/place.js';
import { createSchedule } from '../common/schedule.js';
import { createStandingWatch } from '../common/standing-watch.js';
import { createVehicleSights, withoutLights } from '../common/vehicle-sights.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { StoppedVehicleConfig } from './config.js';

/** An incident begins only while the vehicle is in view, seen within this, milliseconds. */
const IN_VIEW_MS = 2_500;

/** Tells of single vehicles that stand in the lanes, each once, until it has left; of a queue, only of who still stands when it has gone. */
export function createStoppedVehicleRule(config: StoppedVehicleConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const vehicles = createVehicleSights({ labels: config.labels, leastScore, context });
  const footing = createFooting(zone, context.ground);
  const watch = createStandingWatch({
    sights: (frame) => vehicles(frame).filter(({ box, label }) => inZone(zone, footing(box, label))),
    rememberMs: config.cool_down,
  });
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: 0 });
  /** When there was last a queue, or it was allowed to stand. */
  let excusedPtsMs = Number.NEGATIVE_INFINITY;
  let lastPtsMs = 0;

  const standingOf = (place: Place, queue: number, named: boolean): Standing => ({
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
      lastPtsMs = ptsMs;
      const findings: RuleFinding[] = [];
      const { standing: all, left } = watch.step(frame);
      const standing = withoutLights(all, frame);
      for (const { key } of left) if (book.isOpen(key)) findings.push(book.end(key, ptsMs));
      if (!isOn(capturedAtMs)) {
        excusedPtsMs = ptsMs;
        return [...findings, ...book.finish(ptsMs)];
      }
      if (frame.scene.unsettled) return findings;
      if (standing.length >= config.queue_of) excusedPtsMs = ptsMs;
      for (const place of standing) {
        if (book.isOpen(place.key)) {
          book.note(place.key, { ...standingOf(place, 1, named), reasons: book.standing(place.key)?.reasons ?? [] });
          continue;
        }
        if (place.toldMs !== null && capturedAtMs - place.toldMs < config.cool_down) continue;
        // Queues start off one after the other: whoever stands on has as long again.
        const countedMs = place.seenPtsMs - Math.max(place.sincePtsMs, excusedPtsMs);
        if (ptsMs - place.seenPtsMs > IN_VIEW_MS || countedMs < config.after) continue;
        const finding = book.begin(place.key, standingOf(place, standing.length, named), ptsMs);
        if (finding === null) continue;
        place.toldMs = capturedAtMs;
        findings.push(finding);
      }
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
    memory: watch.memory,
    recall: watch.recall,
  };
}
