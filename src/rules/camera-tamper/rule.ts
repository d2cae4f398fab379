import type { Box } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { SceneState, StreetFrame } from '../../domain/street.js';
import { createDwellTracker, type Dwell } from '../common/dwell.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { CameraTamperConfig } from './config.js';
import { type Diagnosis, diagnose, LIMITS } from './fault.js';
import { createKnownView } from './known-view.js';

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
/** And from which one that was another is back: by another light some edges have moved with the shadows. A view that was turned keeps 0.2 by chance. */
const BACK = 0.45;
/** A remembered view that is not to be seen, nor surely gone, for so long has changed, milliseconds: hours of weather may lie between. */
const DOUBTED_MS = 60_000;
/** Contrast below which a picture shows nothing, whatever is usual; and what a street has, where nothing else is known yet; grey. */
const FLAT_GREY = 6;
const STREET_GREY = 40;
const WHOLE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Tells when a camera no longer shows its scene, once, until it does again. */
export function createCameraTamperRule(config: CameraTamperConfig, context: RuleContext): Rule<StreetFrame> {
  const isOn = createSchedule(config.schedule, context.timeZone);
  const limits = LIMITS[config.sensitivity];
  const blind = createDwellTracker<'camera'>({ inertiaMs: INERTIA_MS, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<'camera'>({ severity: config.severity, coolDownMs: config.cool_down });
  let firstPtsMs: number | null = null;
  let lastPtsMs = 0;
  const view = createKnownView();
  /** `null`: nothing has been seen yet. */
  let usualContrast: number | null = null;
  /** What was wrong with the last picture. */
  let latest: Diagnosis | null = null;
  let doubtedMs = 0;
  /** When the centre last called something a false alarm, UTC milliseconds; `null`: it has not been asked yet. */
  let taughtAtMs: number | null = null;
  let night = false;
  /** For how long the view has been as usual. */
  let knownMs = 0;
  let switchedPtsMs = Number.NEGATIVE_INFINITY;
  /** And since the last switch: then it is known by that light, too. */
  let knownSinceSwitchMs = 0;
  /** What was wrong for most of the present dwell, by how often. */
  let votes = new Map<string, { readonly diagnosis: Diagnosis; count: number }>();

  /**
   * The scene as it is against the view that it should be, where that is known: the analyser gets used to any view that stands, and then takes the right one for
   * another.
   */
  function againstKnown(frame: StreetFrame, left: number, held: boolean): SceneState {
    const { scene } = frame;
    // What it measures detail by lies elsewhere then.
    const own = scene.edgesKept >= AS_USUAL ? scene.sharpness : null;
    const detail = held || own === null ? view.detailLeft(frame) : null;
    return { ...scene, edgesKept: left, sharpness: Math.min(own ?? 1, detail ?? own ?? scene.sharpness) };
  }

  function watch(frame: StreetFrame): Diagnosis | null {
    const { scene, ptsMs } = frame;
    const stepMs = Math.max(0, ptsMs - lastPtsMs);
    if (firstPtsMs === null) {
      firstPtsMs = ptsMs;
      night = scene.night;
    }
    if (scene.night !== night) {
      night = scene.night;
      switchedPtsMs = ptsMs;
      knownSinceSwitchMs = 0;
    }
    if (scene.contrast > FLAT_GREY) usualContrast ??= scene.contrast;
    const isOpen = book.isOpen('camera');
    const held = isOpen || latest !== null;
    const remembered = !view.isMet(night);
    const usual = { contrast: (remembered ? view.contrast(night) : null) ?? usualContrast ?? STREET_GREY };
    const alone = diagnose(scene, usual, limits);
    const left = held || remembered || byView(alone) ? view.edgesLeft(frame, held) : null;
    // By a light in which the view was never seen nobody can tell that it is back.
    const cannotTell = isOpen && byView(latest) && left === null && view.isKnown();
    const found = cannotTell
      ? latest
      : left === null
        ? alone
        : diagnose(againstKnown(frame, left, held), usual, { ...limits, edges: held ? Math.max(limits.edges, BACK) : limits.edges });
    if (found === null) settle(frame, left, stepMs);
    if (scene.edgesKept >= AS_USUAL) {
      knownMs += Math.min(LONGEST_GAP_MS, stepMs);
      knownSinceSwitchMs += Math.min(LONGEST_GAP_MS, stepMs);
    }
    latest = found;
    if (ptsMs - firstPtsMs < WARM_UP_MS || found === null) return null;
    if (byView(found) && knownMs < KNOWN_MS && !remembered && !isOpen) return null;
    const switches = ptsMs - switchedPtsMs < SWITCH_MS && knownSinceSwitchMs < KNOWN_MS;
    return switches && found.fault !== 'covered' && byView(found) && !isOpen ? null : found;
  }

  /** Nothing is wrong with a picture: it says what is usual. */
  function settle(frame: StreetFrame, left: number | null, stepMs: number): void {
    const { scene } = frame;
    if (usualContrast !== null) usualContrast += (1 - Math.exp(-stepMs / 1000 / USUAL_S)) * (scene.contrast - usualContrast);
    doubtedMs = left === null || left >= AS_USUAL ? 0 : doubtedMs + Math.min(LONGEST_GAP_MS, stepMs);
    const isIt = left === null || left >= AS_USUAL || doubtedMs >= DOUBTED_MS;
    if (isIt && !scene.unsettled && scene.edgesKept >= AS_USUAL && knownMs >= KNOWN_MS) view.see(frame);
  }

  function vote(diagnosis: Diagnosis): Diagnosis {
    const { fault } = diagnosis;
    votes.set(fault, { diagnosis, count: (votes.get(fault)?.count ?? 0) + 1 });
    return [...votes.values()].reduce((best, one) => (one.count > best.count ? one : best)).diagnosis;
  }

  const stateOf = ({ fault, reasons }: Diagnosis, dwell: Dwell): IncidentState => ({
    // Against what is only remembered of before the stream began, weather may have come between.
    verdict: byView({ fault, reasons }) && !view.isMet(night) ? 'suspected' : 'confirmed',
    confidence: Math.min(0.99, 0.8 + 0.02 * (dwell.observedMs / 1000)),
    reasons: [{ criterion: 'seconds_blind', value: dwell.observedMs / 1000, threshold: config.after / 1000, unit: 's' }, ...reasons],
    startPtsMs: dwell.sincePtsMs,
    endPtsMs: dwell.lastPtsMs,
    box: WHOLE,
    zone: null,
    labels: [fault],
  });

  return {
    // Light that has just changed counts here: what blinds a camera changes it.
    step(frame) {
      const { ptsMs, capturedAtMs } = frame;
      const findings: RuleFinding[] = [];
      const found = watch(frame);
      lastPtsMs = ptsMs;
      const sameMs = found?.fault === 'frozen' ? frame.scene.frozenMs : 0;
      const dwell = blind.look('camera', ptsMs, found !== null && isOn(capturedAtMs), ptsMs - sameMs);
      if (dwell === null) {
        votes = new Map();
        if (book.isOpen('camera')) findings.push(book.end('camera', ptsMs));
        return findings;
      }
      if (found === null) return findings;
      const state = stateOf(vote(found), dwell);
      if (book.isOpen('camera')) book.note('camera', state);
      else if (dwell.observedMs >= config.after) findings.push(...[book.begin('camera', state, ptsMs)].filter((one) => one !== null));
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
    // Whoever calls it a false alarm wants the view as it is now.
    learn({ lessons }) {
      const alarms = lessons.filter(({ outcome }) => outcome === 'false_alarm').map(({ learntAtMs }) => learntAtMs);
      const newestMs = Math.max(0, ...alarms);
      if (newestMs > (taughtAtMs ?? view.knownAtMs() ?? newestMs)) {
        view.forget();
        latest = null;
        usualContrast = null;
      }
      taughtAtMs = newestMs;
    },
    memory: view.memory,
    recall: view.recall,
  };
}

/** Whether it is told by where edges are, and how sharp. */
const byView = (diagnosis: Diagnosis | null): boolean =>
  diagnosis !== null && (diagnosis.fault === 'moved' || diagnosis.fault === 'covered' || diagnosis.fault === 'defocused');
