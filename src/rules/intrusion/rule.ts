import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { createIncidentBook, type Standing } from '../common/incident-book.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createPresence, type Spell } from '../common/presence.js';
import { createSchedule } from '../common/schedule.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { IntrusionConfig } from './config.js';

/** Who steps out of the zone for so long has left it, milliseconds: boxes tremble, and so do feet on a zone's border. */
const INERTIA_MS = 1_500;
/** Looks farther apart than this are no observation, milliseconds: the slowest cameras show a picture every two seconds. */
const LONGEST_GAP_MS = 2_500;

/** Tells who stands inside the zone, each once, until he has left. */
export function createIntrusionRule(config: IntrusionConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const inside = createPresence<number>({ inertiaMs: INERTIA_MS, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: config.cool_down });
  let lastPtsMs = 0;

  const standingOf = (object: TrackedObject, spell: Spell): Standing => ({
    verdict: 'confirmed',
    confidence: object.score,
    reasons: [
      { criterion: 'seconds_inside', value: spell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'score', value: object.score, threshold: LEAST_SCORE[config.sensitivity], unit: '' },
    ],
    startPtsMs: spell.sincePtsMs,
    endPtsMs: spell.lastPtsMs,
    box: object.box,
    zone: config.zone,
    labels: [object.label],
  });

  return {
    step(frame) {
      const { ptsMs } = frame;
      lastPtsMs = ptsMs;
      // What moves cannot be told from light that changes: what was known stands.
      if (frame.scene.unsettled) return [];
      const findings: RuleFinding[] = [];
      const on = isOn(frame.capturedAtMs);
      for (const object of counting(frame, config.labels, LEAST_SCORE[config.sensitivity])) {
        const spell = inside.look(object.id, ptsMs, on && object.state === 'confirmed' && inZone(zone, object.foot));
        if (spell === null || spell.observedMs < config.after) continue;
        if (book.isOpen(object.id)) book.note(object.id, standingOf(object, spell));
        else findings.push(...[book.begin(object.id, standingOf(object, spell), ptsMs)].filter((finding) => finding !== null));
      }
      inside.prune(ptsMs - INERTIA_MS);
      for (const id of book.keys()) if (inside.spell(id) === null) findings.push(book.end(id, ptsMs));
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
  };
}
