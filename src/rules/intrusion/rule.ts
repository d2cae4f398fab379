import type { Box } from '../../domain/geometry.js';
import type { StreetFrame } from '../../domain/street.js';
import { stepsApart } from '../common/boxes.js';
import { createIncidentBook, type Standing } from '../common/incident-book.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createPresence, type Spell } from '../common/presence.js';
import { createSchedule } from '../common/schedule.js';
import { createSubjects, type Subject, travelled } from '../common/subjects.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { IntrusionConfig } from './config.js';

/** Who steps out of the zone for so long has left it, milliseconds: boxes tremble, and so do feet on a zone's border. */
const INERTIA_MS = 1_500;
/** Looks farther apart than this are no observation, milliseconds: the slowest cameras show a picture every two seconds. */
const LONGEST_GAP_MS = 2_500;
/** Who is not seen for so long has left, milliseconds: behind a van, or not known by the detector, he may still be there. */
const UNSEEN_MS = 4_000;
/** Within so many own sizes of where an incident ended it is the same place. */
const SAME_PLACE = 1.5;
/** Places that cool down at most. */
const MAX_PLACES = 200;
/** Without a model, what has come less far, in its own sizes, may be a shadow or a light. */
const LEAST_TRAVELLED = 2;

/** Tells who stands inside the zone, each once, until he has left. */
export function createIntrusionRule(config: IntrusionConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const subjects = createSubjects();
  const inside = createPresence<number>({ inertiaMs: INERTIA_MS, longestGapMs: Math.max(LONGEST_GAP_MS, UNSEEN_MS) });
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: 0 });
  /** Where incidents have ended of late: who is told of there again is who was told of. */
  let cooling: { readonly box: Box; readonly untilPtsMs: number }[] = [];
  let lastPtsMs = 0;

  const standingOf = ({ key, object }: Subject, spell: Spell, named: boolean): Standing => ({
    verdict: named || travelled(object) >= LEAST_TRAVELLED || book.standing(key)?.verdict === 'confirmed' ? 'confirmed' : 'suspected',
    confidence: object.score,
    reasons: [
      { criterion: 'seconds_inside', value: spell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'score', value: object.score, threshold: leastScore, unit: '' },
    ],
    startPtsMs: spell.sincePtsMs,
    endPtsMs: spell.lastPtsMs,
    box: object.box,
    zone: config.zone,
    labels: [object.label],
  });

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      lastPtsMs = ptsMs;
      // What moves cannot be told from light that changes: what was known stands.
      if (frame.scene.unsettled) return [];
      const findings: RuleFinding[] = [];
      const on = isOn(frame.capturedAtMs);
      cooling = cooling.filter(({ untilPtsMs }) => ptsMs < untilPtsMs);
      for (const subject of subjects.step(counting(frame, config.labels, leastScore), ptsMs)) {
        const { key, object } = subject;
        const spell = inside.look(key, ptsMs, on && inZone(zone, object.foot));
        if (spell === null || spell.observedMs < config.after) continue;
        const now = standingOf(subject, spell, named);
        const before = book.standing(key);
        if (before !== null && before.verdict === now.verdict) book.note(key, now);
        else if (before !== null) findings.push(book.update(key, now));
        else if (!cooling.some(({ box }) => stepsApart(object.box, box) <= SAME_PLACE)) {
          findings.push(...[book.begin(key, now, ptsMs)].filter((finding) => finding !== null));
        }
      }
      inside.prune(ptsMs - UNSEEN_MS);
      for (const key of book.keys()) {
        if (inside.spell(key) !== null) continue;
        const finding = book.end(key, ptsMs);
        findings.push(finding);
        if (config.cool_down > 0) cooling = [...cooling, { box: finding.box, untilPtsMs: ptsMs + config.cool_down }].slice(-MAX_PLACES);
      }
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
  };
}
