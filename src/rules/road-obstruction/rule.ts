import type { Box } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { around } from '../common/boxes.js';
import { asLeft, createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { IN_VIEW_MS, type Place } from '../common/place.js';
import { createStandingWatch } from '../common/standing-watch.js';
import { isVehicleSized } from '../common/vehicle-sights.js';
import type { OpenIncident, Rule, RuleContext, RuleFinding } from '../contract.js';
import type { RoadObstructionConfig } from './config.js';
import { createLane } from './lane.js';
import { obstaclesIn } from './obstacles.js';

/** How sure it must be that each thing is one, 0..1: the surest answer of an edge test is near 1, that to a wet patch near a half. */
const SURE = 0.4;
/** Blocked for as long as so much of the share is covered: boxes tremble. */
const HYSTERESIS = 0.8;

/** The lane is blocked, or not: one incident at a time. */
const LANE = 'lane';

/** Tells that what stays in the zone leaves too little of its width. */
export function createRoadObstructionRule(config: RoadObstructionConfig, context: RuleContext): Rule<StreetFrame> {
  const polygon = zoneOf(config.zone, context);
  const aspect = context.width / context.height;
  const lane = createLane(polygon ?? [], aspect);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const watch = createStandingWatch({
    sights: (frame) => obstaclesIn(frame, { ...config, leastScore }).filter(({ box }) => lane.covered([box]) > 0),
    rememberMs: config.cool_down,
  });
  const book = createIncidentBook<string>({ severity: config.severity, coolDownMs: 0 });
  /** What an earlier stream left open. */
  let resumed: readonly OpenIncident[] = [];
  let lastPtsMs = 0;

  /** What has covered so much of the width together, and since when; `null`: the way is free. */
  function blockedBy(standing: readonly Place[], share: number) {
    const places: Place[] = [];
    for (const place of standing.toSorted((a, b) => a.sincePtsMs - b.sincePtsMs)) {
      places.push(place);
      const covered = lane.covered(places.map(({ box }) => box));
      if (covered >= share) return { places, covered, sincePtsMs: place.sincePtsMs };
    }
    return null;
  }

  /** Without a model what stands there may be people who talk, unless it is wider than they, and than high: their shadows lie beside them. */
  const isSure = ({ box, score }: Place, named: boolean): boolean =>
    score >= SURE && (named || (context.ground !== null && isVehicleSized(box, context.ground, aspect) && isWide(box)));
  const isWide = ({ x1, y1, x2, y2 }: Box): boolean => (x2 - x1) * aspect > y2 - y1;

  function stateOf({ places, covered, sincePtsMs }: NonNullable<ReturnType<typeof blockedBy>>, named: boolean): IncidentState {
    const confidence = Math.min(...places.map(({ score }) => score));
    const seenPtsMs = Math.max(sincePtsMs, Math.min(...places.map((place) => place.seenPtsMs)));
    return {
      verdict: places.every((place) => isSure(place, named)) ? 'confirmed' : 'suspected',
      confidence,
      reasons: [
        { criterion: 'width_covered', value: covered, threshold: config.blocks, unit: 'share' },
        { criterion: 'score', value: confidence, threshold: SURE, unit: '' },
        { criterion: 'seconds_blocked', value: (seenPtsMs - sincePtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
      ],
      startPtsMs: sincePtsMs,
      endPtsMs: seenPtsMs,
      box: around(places.map(({ box }) => box)),
      zone: config.zone,
      labels: [...new Set(places.map(({ label }) => label))],
    };
  }

  return {
    step(frame) {
      const { ptsMs, capturedAtMs, named } = frame;
      lastPtsMs = ptsMs;
      const { standing } = watch.step(frame);
      // Should there be several, the others end with it.
      for (const [i, open] of resumed.entries()) book.resume(i === 0 ? LANE : `${open.number}`, open.number, asLeft(open, frame));
      resumed = [];
      if (!isOn(capturedAtMs)) return book.finish(ptsMs);
      if (frame.scene.unsettled) return [];
      const blocked = standing.length === 0 ? null : blockedBy(standing, config.blocks * (book.isOpen(LANE) ? HYSTERESIS : 1));
      if (blocked === null) return book.finish(ptsMs);
      const now = stateOf(blocked, named);
      if (book.isOpen(LANE)) {
        book.note(LANE, { ...now, startPtsMs: Math.min(now.startPtsMs, book.state(LANE)?.startPtsMs ?? now.startPtsMs) });
        return [];
      }
      const known = blocked.places.every(({ toldMs }) => toldMs !== null && capturedAtMs - toldMs < config.cool_down);
      if (known || now.endPtsMs - now.startPtsMs < config.after || ptsMs - now.endPtsMs > IN_VIEW_MS) return [];
      const finding: RuleFinding | null = book.begin(LANE, now, ptsMs);
      if (finding === null) return [];
      for (const place of blocked.places) place.toldMs = capturedAtMs;
      return [finding];
    },
    finish: () => book.finish(lastPtsMs),
    memory: watch.memory,
    recall: watch.recall,
    resume(open) {
      resumed = open;
      watch.resume(open.slice(0, 1), 'all');
    },
  };
}
