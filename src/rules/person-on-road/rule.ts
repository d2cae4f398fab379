import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { widthOnGround } from '../common/ground-area.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createVisits } from '../common/visits.js';
import type { Rule, RuleContext } from '../contract.js';
import type { PersonOnRoadConfig } from './config.js';
import { createOnFoot } from './on-foot.js';

/** Width ÷ height up to which something without a name may be a person who stands or walks. */
const MOST_ASPECT = 0.75;
/** And its height where metres are known, taken from its width: a person's box is 0.4 to 1 m wide. */
const WIDTH_M = { least: 0.25, most: 1.3 };

/** Tells who is on the road on foot, each once, until he has left it. */
export function createPersonOnRoadRule(config: PersonOnRoadConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const allowed = config.except_zones.map((name) => zoneOf(name, context));
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const onFoot = createOnFoot(context.ground);
  const visits = createVisits({
    ...{ zone: config.zone, afterMs: config.after, coolDownMs: config.cool_down, severity: config.severity },
    // Without a model, who walks there is known by his shape alone.
    isSure: (_, { named }) => named,
    reasons: ({ score }, dwell) => [
      { criterion: 'seconds_on_road', value: dwell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'score', value: score, threshold: leastScore, unit: '' },
    ],
  });
  const aspect = context.width / context.height;

  /** Whether something without a name may be a person, by its shape. */
  function mayBePerson({ box }: TrackedObject): boolean {
    if (((box.x2 - box.x1) * aspect) / Math.max(1e-6, box.y2 - box.y1) > MOST_ASPECT) return false;
    const width = widthOnGround(box, context.ground);
    if (width === null) return true;
    return width >= WIDTH_M.least && width <= WIDTH_M.most;
  }

  return {
    step(frame) {
      if (frame.scene.unsettled) return [];
      const on = isOn(frame.capturedAtMs);
      const people = counting(frame, config.labels, leastScore).filter((one) => frame.named || mayBePerson(one));
      onFoot.look(frame, people);
      return visits.step(
        frame,
        people,
        (person) => on && inZone(zone, person.foot) && !allowed.some((place) => inZone(place, person.foot)) && onFoot.is(person),
      );
    },
    finish: visits.finish,
  };
}
