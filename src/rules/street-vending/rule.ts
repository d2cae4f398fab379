import { areaOf } from '../../core/geometry/box.js';
import type { Figure } from '../../domain/figure.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { footOf } from '../common/boxes.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Place } from '../common/place.js';
import { createStandingWatch } from '../common/standing-watch.js';
import { createTakingUp } from '../common/taking-up.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { StreetVendingConfig } from './config.js';
import { createCustomers, type Stop } from './customers.js';
import { createStallSights } from './stalls.js';

/** An incident begins only while the stall is in view, seen within this, milliseconds; customers stand before it. */
const IN_VIEW_MS = 15_000;
/** From the first to the last of those who stopped, milliseconds: customers come one after the other, a family steps out of its car at once. */
const APART_MS = 20_000;
/** No incident is surer than this, 0..1. */
const MOST_SURE = 0.9;
/** What stands within so many of its own widths, and as low in the picture to so many of its heights, is the same stall: its umbrella, its cart. */
const BESIDE_WIDTHS = 0.6;
const BESIDE_HEIGHTS = 0.5;

/** Tells of what came, stays and gathers customers, each stall once, until it has gone. */
export function createStreetVendingRule(config: StreetVendingConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const counts = ({ box }: Pick<Place, 'box'>): boolean => inZone(zone, footOf(box));
  const sights = createStallSights({ labels: config.labels, leastScore, leastArea: config.min_size });
  const watch = createStandingWatch({
    sights: (frame) => sights(frame).filter(counts),
    rememberMs: config.cool_down,
  });
  const customers = createCustomers({
    ...{ stayMs: config.stay, rememberMs: config.within, leastScore },
    aspect: context.width / context.height,
  });
  // What is told again and when is the watch's to know: by place and appearance, through restarts.
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: 0 });
  const takingUp = createTakingUp(book, counts);
  /** What belongs to each stall that was told, by the key of what was told: it has gone when all of it has. */
  const stalls = new Map<number, Set<number>>();
  let lastPtsMs = 0;

  /** Of one customer nothing can be asked but that he came. */
  const leastApartMs = config.people > 1 ? APART_MS : 0;

  const stateOf = (place: Place, stops: readonly Stop[], named: boolean): IncidentState => ({
    // Without a model those who stop may be anything, and so may the stall.
    verdict: named ? 'confirmed' : 'suspected',
    // However surely something stands there, who stops at it may be waiting.
    confidence: Math.min(MOST_SURE, place.score),
    reasons: [
      { criterion: 'seconds_standing', value: (place.seenPtsMs - place.sincePtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'people_stopped', value: stops.length, threshold: config.people, unit: 'people' },
      { criterion: 'seconds_apart', value: apartMs(stops) / 1000, threshold: leastApartMs / 1000, unit: 's' },
      { criterion: 'picture_share', value: areaOf(place.box), threshold: config.min_size, unit: 'of picture' },
    ],
    startPtsMs: place.sincePtsMs,
    endPtsMs: place.seenPtsMs,
    box: place.box,
    zone: config.zone,
    labels: [place.label],
  });
  const isStall = (place: Place, stops: readonly Stop[]): boolean =>
    !place.atStart &&
    place.seenPtsMs - place.sincePtsMs >= config.after &&
    lastPtsMs - place.seenPtsMs <= IN_VIEW_MS &&
    stops.length >= config.people &&
    apartMs(stops) >= leastApartMs;

  function tell(place: Place, { named, capturedAtMs }: StreetFrame): RuleFinding | null {
    const stops = customers.at(place);
    if (!isStall(place, stops)) return null;
    place.toldMs = capturedAtMs;
    const beside = [...stalls].find(([key]) => isBeside(place, book.state(key)));
    if (beside !== undefined) {
      beside[1].add(place.key);
      return null;
    }
    stalls.set(place.key, new Set([place.key]));
    return book.begin(place.key, stateOf(place, stops, named), lastPtsMs);
  }

  function leave(place: Place): RuleFinding | null {
    for (const [key, parts] of stalls) {
      if (!parts.delete(place.key) || parts.size > 0) continue;
      stalls.delete(key);
      return book.end(key, lastPtsMs);
    }
    return null;
  }

  /** Goes on with stalls that an earlier stream told of. */
  function takeUp(standing: readonly Place[], frame: StreetFrame): readonly RuleFinding[] {
    const ended = takingUp.step(standing, frame);
    for (const { key, resumes } of standing) if (resumes !== null && book.isOpen(key) && !stalls.has(key)) stalls.set(key, new Set([key]));
    return ended;
  }

  /** Notes how a stall stands: by why it was told, once fewer stop than then. */
  function note(key: number, now: IncidentState, stops: readonly Stop[]): void {
    const before = book.state(key) ?? now;
    book.note(key, { ...now, verdict: before.verdict, reasons: stops.length < config.people ? before.reasons : now.reasons });
  }

  function endAll(): readonly RuleFinding[] {
    stalls.clear();
    return book.finish(lastPtsMs);
  }

  return {
    step(frame) {
      const { ptsMs, capturedAtMs, named } = frame;
      lastPtsMs = ptsMs;
      const { standing, left } = watch.step(frame);
      const findings = [...takeUp(standing, frame), ...left.map(leave).filter((finding) => finding !== null)];
      if (frame.scene.unsettled) return findings;
      customers.step(frame, standing);
      if (!isOn(capturedAtMs)) return [...findings, ...endAll()];
      for (const place of standing) {
        // The first of its parts that stands speaks for the stall.
        const [told] = [...stalls].find(([, parts]) => parts.values().next().value === place.key) ?? [];
        if (told !== undefined) note(told, stateOf(place, customers.at(place), named), customers.at(place));
        if (place.toldMs !== null && capturedAtMs - place.toldMs < config.cool_down) continue;
        const finding = tell(place, frame);
        if (finding !== null) findings.push(finding);
      }
      return findings;
    },
    finish: endAll,
    figures: (): readonly Figure[] => [{ name: 'stalls', kind: 'gauge', of: { zone: config.zone ?? '' }, value: stalls.size }],
    memory: watch.memory,
    recall: watch.recall,
    resume(open) {
      takingUp.resume(open);
      watch.resume(open, 'one');
    },
  };
}

const apartMs = (stops: readonly Stop[]): number => (stops.at(-1)?.sincePtsMs ?? 0) - (stops[0]?.sincePtsMs ?? 0);

/** Whether something stands so near to a stall that it belongs to it. */
function isBeside({ box }: Pick<Place, 'box'>, stall: Pick<IncidentState, 'box'> | null): boolean {
  if (stall === null) return false;
  const reach = BESIDE_WIDTHS * (stall.box.x2 - stall.box.x1);
  const apart = Math.max(stall.box.x1 - box.x2, box.x1 - stall.box.x2);
  return apart <= reach && Math.abs(box.y2 - stall.box.y2) <= BESIDE_HEIGHTS * (stall.box.y2 - stall.box.y1);
}
