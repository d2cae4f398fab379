import type { Box } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { SceneState, StreetFrame } from '../../domain/street.js';
import { createIncidentBook, type Standing } from '../common/incident-book.js';
import { createPresence, type Spell } from '../common/presence.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { CameraTamperConfig } from './config.js';
import { type Diagnosis, diagnose, LIMITS } from './fault.js';

/** A good picture now and then, such as a flash of headlights through a cover, does not end it, milliseconds. */
const INERTIA_MS = 3_000;
const LONGEST_GAP_MS = 4_000;
/** How fast what is usual follows, seconds: faster than dusk, slower than a hand before the lens. */
const USUAL_S = 60;
/** How long a camera must have been watched before anything is said of it, milliseconds: exposure and focus settle after a start. */
const WARM_UP_MS = 10_000;
/**
 * How long after a switch to or from infrared another view is no tampering, milliseconds: by infrared light edges lie elsewhere. The analyser takes the
 * new view for the usual one within that time.
 */
const SWITCH_MS = 330_000;
/** How long a view must have been as usual before it can be another, milliseconds; who begins in a crowd, or in a storm of birds, has no usual view. */
const KNOWN_MS = 10_000;
/** Share of the usual edges from which a view is as usual. */
const AS_USUAL = 0.6;
const WHOLE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Tells when a camera no longer shows its scene, once, until it does again. */
export function createCameraTamperRule(config: CameraTamperConfig, context: RuleContext): Rule<StreetFrame> {
  const isOn = createSchedule(config.schedule, context.timeZone);
  const limits = LIMITS[config.sensitivity];
  const blind = createPresence<'camera'>({ inertiaMs: INERTIA_MS, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<'camera'>({ severity: config.severity, coolDownMs: config.cool_down });
  let firstPtsMs: number | null = null;
  let lastPtsMs = 0;
  let usualContrast = 0;
  let night = false;
  /** For how long the view has been as usual. */
  let knownMs = 0;
  let switchedPtsMs = Number.NEGATIVE_INFINITY;
  /** What was wrong for most of the present spell, by how often. */
  let votes = new Map<string, { readonly diagnosis: Diagnosis; count: number }>();

  function watch(scene: SceneState, ptsMs: number): Diagnosis | null {
    if (firstPtsMs === null) {
      firstPtsMs = ptsMs;
      night = scene.night;
      usualContrast = scene.contrast;
    }
    if (scene.night !== night) {
      night = scene.night;
      switchedPtsMs = ptsMs;
    }
    const found = diagnose(scene, { contrast: usualContrast }, limits);
    if (found === null) usualContrast += (1 - Math.exp(-(ptsMs - lastPtsMs) / 1000 / USUAL_S)) * (scene.contrast - usualContrast);
    if (scene.edgesKept >= AS_USUAL) knownMs += Math.min(LONGEST_GAP_MS, Math.max(0, ptsMs - lastPtsMs));
    if (ptsMs - firstPtsMs < WARM_UP_MS || found === null) return null;
    const byView = found.fault === 'moved' || found.fault === 'covered' || found.fault === 'defocused';
    if (byView && knownMs < KNOWN_MS) return null;
    return found.fault !== 'covered' && byView && ptsMs - switchedPtsMs < SWITCH_MS ? null : found;
  }

  function vote(diagnosis: Diagnosis): Diagnosis {
    const { fault } = diagnosis;
    votes.set(fault, { diagnosis, count: (votes.get(fault)?.count ?? 0) + 1 });
    return [...votes.values()].reduce((best, one) => (one.count > best.count ? one : best)).diagnosis;
  }

  const standingOf = ({ fault, reasons }: Diagnosis, spell: Spell): Standing => ({
    verdict: 'confirmed',
    confidence: Math.min(0.99, 0.8 + 0.02 * (spell.observedMs / 1000)),
    reasons: [{ criterion: 'seconds_blind', value: spell.observedMs / 1000, threshold: config.after / 1000, unit: 's' }, ...reasons],
    startPtsMs: spell.sincePtsMs,
    endPtsMs: spell.lastPtsMs,
    box: WHOLE,
    zone: null,
    labels: [fault],
  });

  return {
    // Light that has just changed counts here: what blinds a camera changes it.
    step({ scene, ptsMs, capturedAtMs }) {
      const findings: RuleFinding[] = [];
      const found = watch(scene, ptsMs);
      lastPtsMs = ptsMs;
      const spell = blind.look('camera', ptsMs, found !== null && isOn(capturedAtMs));
      if (spell === null) {
        votes = new Map();
        if (book.isOpen('camera')) findings.push(book.end('camera', ptsMs));
        return findings;
      }
      if (found === null) return findings;
      const standing = standingOf(vote(found), spell);
      if (book.isOpen('camera')) book.note('camera', standing);
      else if (spell.observedMs >= config.after) findings.push(...[book.begin('camera', standing, ptsMs)].filter((one) => one !== null));
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
  };
}
