import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import type { IncidentState } from '../common/incident-book.js';
import { IN_VIEW_MS, type Place } from '../common/place.js';
import { createVehicleWatch } from '../common/vehicle-watch.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { IllegalParkingConfig } from './config.js';

/** Share of its time that a vehicle must have been seen to stand when a case begins while a bus hides it: less, and it may have left behind it. */
const SEEN_SHARE = 0.5;

/** Tells of vehicles that stand in the zone for longer than `after`, each once, until it has left. */
export function createIllegalParkingRule(config: IllegalParkingConfig, context: RuleContext): Rule<StreetFrame> {
  const isOn = createSchedule(config.schedule, context.timeZone);
  const watch = createVehicleWatch(config, context);
  const { book, leastScore } = watch;
  /** Since when nobody may park, on the stream's clock; `null`: one may. */
  let forbiddenSincePtsMs: number | null = null;
  let begun = false;

  const stateOf = (place: Place, named: boolean): IncidentState => {
    const startPtsMs = Math.max(place.sincePtsMs, forbiddenSincePtsMs ?? place.sincePtsMs);
    return {
      // Without a model it may be a stall on wheels.
      verdict: named ? 'confirmed' : 'suspected',
      confidence: place.score,
      reasons: [
        { criterion: 'seconds_parked', value: (place.seenPtsMs - startPtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
        { criterion: 'score', value: place.score, threshold: leastScore, unit: '' },
      ],
      startPtsMs,
      endPtsMs: place.seenPtsMs,
      box: place.box,
      zone: config.zone,
      labels: [place.label],
    };
  };

  const isSurelyThere = ({ hiddenSincePtsMs }: Place, seenMs: number): boolean =>
    hiddenSincePtsMs !== null && seenMs >= SEEN_SHARE * config.after;

  /** Who turns out to have left behind a bus was not seen to stand for so long. */
  const lastOf = (state: IncidentState): IncidentState =>
    state.endPtsMs - state.startPtsMs >= config.after ? state : { ...state, verdict: 'suspected' };

  return {
    step(frame) {
      const { ptsMs, capturedAtMs, named } = frame;
      const { standing, ended } = watch.step(frame, lastOf);
      const findings: RuleFinding[] = [...ended];
      if (!isOn(capturedAtMs)) {
        begun = true;
        forbiddenSincePtsMs = null;
        return [...findings, ...book.finish(ptsMs)];
      }
      // It was forbidden all along when the stream begins.
      forbiddenSincePtsMs ??= begun ? ptsMs : Number.NEGATIVE_INFINITY;
      begun = true;
      if (frame.scene.unsettled) return findings;
      for (const place of standing) {
        if (book.isOpen(place.key)) {
          book.note(place.key, stateOf(place, named));
          continue;
        }
        if (place.toldMs !== null && capturedAtMs - place.toldMs < config.cool_down) continue;
        if (place.atStart && config.present_at_start === 'ignore') continue;
        const now = stateOf(place, named);
        const seenMs = now.endPtsMs - now.startPtsMs;
        const isHidden = ptsMs - place.seenPtsMs > IN_VIEW_MS;
        if (ptsMs - now.startPtsMs < config.after || (isHidden ? !isSurelyThere(place, seenMs) : seenMs < config.after)) continue;
        const finding = book.begin(place.key, now, ptsMs);
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
