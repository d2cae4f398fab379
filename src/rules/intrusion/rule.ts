import type { Box } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { widthOnGround } from '../common/ground-area.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { isBodily, travelled } from '../common/subjects.js';
import { createVisits } from '../common/visits.js';
import type { Rule, RuleContext } from '../contract.js';
import type { IntrusionConfig } from './config.js';

/** Without a model, what has come less far, in its own sizes, may be a shadow or a light. */
const LEAST_TRAVELLED = 2;
/** … and what is not of such a size, metres, is neither a person, who may crouch, nor a vehicle: an edge of light, a bird, a beam on a wall. */
const WIDTH_M = { least: 0.25, most: 20 };
const HEIGHT_M = { least: 0.5, most: 6 };
/** Where metres are unknown: what is lower, as a share of the picture's height, may be a bird, or anything far away. */
const LEAST_HEIGHT = 0.1;

/** Tells who stands inside the zone, each once, until he has left. */
export function createIntrusionRule(config: IntrusionConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const aspect = context.width / context.height;

  function isBodySized(box: Box): boolean {
    if (context.ground === null) return box.y2 - box.y1 >= LEAST_HEIGHT;
    const width = widthOnGround(box, context.ground);
    if (width === null || width < WIDTH_M.least || width > WIDTH_M.most) return false;
    const height = (width * (box.y2 - box.y1)) / ((box.x2 - box.x1) * aspect);
    return height >= HEIGHT_M.least && height <= HEIGHT_M.most;
  }

  /** Without a model: somebody who comes, is of a body's size, and keeps it. Infrared has no colour that would tell a beam, and spiders are as bright as people. */
  const isBody = (object: TrackedObject, night: boolean): boolean =>
    !night && isBodySized(object.box) && travelled(object) >= LEAST_TRAVELLED && isBodily(object);

  const visits = createVisits({
    ...{ zone: config.zone, afterMs: config.after, coolDownMs: config.cool_down, severity: config.severity },
    isSure: (object, { named, scene }) => named || isBody(object, scene.night),
    reasons: ({ score }, dwell) => [
      { criterion: 'seconds_inside', value: dwell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'score', value: score, threshold: leastScore, unit: '' },
    ],
  });
  return {
    step(frame) {
      // What moves cannot be told from light that changes: what was known stands.
      if (frame.scene.unsettled) return [];
      const on = isOn(frame.capturedAtMs);
      return visits.step(frame, counting(frame, config.labels, leastScore), ({ foot }) => on && inZone(zone, foot));
    },
    finish: visits.finish,
  };
}
