import type { StreetFrame } from '../../domain/street.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import { createFooting } from './footing.js';
import { createIncidentBook, type IncidentBook, type IncidentBookOptions, type IncidentState } from './incident-book.js';
import { inZone, zoneOf } from './matching.js';
import { LEAST_SCORE } from './options.js';
import type { Place } from './place.js';
import { createStandingWatch } from './standing-watch.js';
import { createTakingUp } from './taking-up.js';
import { createVehicleSights, withoutLights } from './vehicle-sights.js';

/** Options that rules of standing vehicles share. */
export interface VehicleWatchConfig extends Pick<IncidentBookOptions, 'severity'> {
  readonly zone: string | null;
  readonly labels: readonly string[];
  readonly sensitivity: keyof typeof LEAST_SCORE;
  /** Milliseconds. */
  readonly cool_down: number;
}

/** Vehicles that stand in a zone, each as one, and the incidents that are told of them by the keys of their places. */
export interface VehicleWatch extends Required<Pick<Rule<StreetFrame>, 'memory' | 'recall' | 'resume' | 'finish'>> {
  readonly leastScore: number;
  readonly book: IncidentBook<number>;
  /**
   * Whoever stands now, and the ends of incidents of those who have left.
   *
   * @param lastOf how an incident stands whose vehicle has left; left out: as it was noted last.
   */
  step(frame: StreetFrame, lastOf?: (state: IncidentState) => IncidentState): VehicleChange;
}

export interface VehicleChange {
  /** Without the patches of light that stand with them. */
  readonly standing: readonly Place[];
  readonly ended: readonly RuleFinding[];
}

export function createVehicleWatch(config: VehicleWatchConfig, context: RuleContext): VehicleWatch {
  const zone = zoneOf(config.zone, context);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const vehicles = createVehicleSights({ labels: config.labels, leastScore, context });
  const footing = createFooting(zone, context.ground);
  const watch = createStandingWatch({
    sights: (frame) => vehicles(frame).filter(({ box, label }) => inZone(zone, footing(box, label))),
    rememberMs: config.cool_down,
  });
  // What is told again and when is the watch's to know: by place and appearance, through restarts.
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: 0 });
  const takingUp = createTakingUp(book, ({ box, label }) => inZone(zone, footing(box, label)));
  let lastPtsMs = 0;

  return {
    leastScore,
    book,
    step(frame, lastOf = (state) => state) {
      lastPtsMs = frame.ptsMs;
      const { standing, left } = watch.step(frame);
      const outside = takingUp.step(standing, frame);
      const ended = left.flatMap(({ key }) => {
        const last = book.state(key);
        return last === null ? [] : [book.end(key, lastPtsMs, lastOf(last))];
      });
      return { standing: withoutLights(standing, frame), ended: [...outside, ...ended] };
    },
    finish: () => book.finish(lastPtsMs),
    memory: watch.memory,
    recall: watch.recall,
    resume(open) {
      takingUp.resume(open);
      watch.resume(open, 'one');
    },
  };
}
