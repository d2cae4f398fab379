import { intersectionOverUnion } from '../../core/geometry/box.js';
import type { Figure } from '../../domain/figure.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { createIncidentBook } from '../common/incident-book.js';
import { type Crossing, createLineWatch } from '../common/line-watch.js';
import { counting, lineOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createSubjects, travelled } from '../common/subjects.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { LineCrossingConfig } from './config.js';

/** Two boxes on one vehicle cross together: within this, milliseconds, and overlapping by so much. People who walk side by side overlap by half. */
const TOGETHER_MS = 1_500;
const SAME = 0.6;
/** Time that the flow is told of, milliseconds. */
const FLOW_MS = 300_000;
/** Without a model, what has come less far, in its own sizes, may be a shadow or a light. */
const LEAST_TRAVELLED = 1.5;

/** Those that are counted. */
export const directionsOf = (direction: LineCrossingConfig['direction']): readonly ('left' | 'right')[] =>
  direction === 'both' ? ['left', 'right'] : [direction];

/** Tells who crosses the line, and counts them by direction and label. */
export function createLineCrossingRule(config: LineCrossingConfig, context: RuleContext): Rule<StreetFrame> {
  const isOn = createSchedule(config.schedule, context.timeZone);
  const watch = createLineWatch(lineOf(config.line, context), context.width / context.height);
  const subjects = createSubjects();
  const leastScore = LEAST_SCORE[config.sensitivity];
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: 0 });
  const counts = new Map<string, { readonly direction: string; readonly label: string; count: number }>();
  let recent: Crossing[] = [];
  let firstPtsMs: number | null = null;
  let lastPtsMs = 0;
  let crossed = 0;

  /** Notes a crossing; `false` for a second box on what has just crossed. */
  function count(crossing: Crossing): boolean {
    const { direction, subject, ptsMs } = crossing;
    const isSecond = recent.some(
      (one) =>
        one.direction === direction &&
        one.subject.key !== subject.key &&
        Math.abs(one.ptsMs - ptsMs) <= TOGETHER_MS &&
        intersectionOverUnion(one.subject.object.box, subject.object.box) >= SAME,
    );
    if (isSecond) return false;
    recent.push(crossing);
    const { label } = subject.object;
    const key = `${direction} ${label}`;
    const entry = counts.get(key) ?? { direction, label, count: 0 };
    entry.count++;
    counts.set(key, entry);
    return true;
  }

  function tell({ subject: { object }, direction, ptsMs }: Crossing, named: boolean): RuleFinding[] {
    const key = ++crossed;
    const far = travelled(object);
    const begun = book.begin(
      key,
      {
        // Without a model a light that sweeps over the line crosses it, too; what is named is known.
        verdict: named ? 'confirmed' : 'suspected',
        confidence: object.score,
        reasons: [
          { criterion: 'travelled', value: far, threshold: named ? 0 : LEAST_TRAVELLED, unit: 'sizes' },
          { criterion: 'score', value: object.score, threshold: leastScore, unit: '' },
        ],
        startPtsMs: ptsMs,
        endPtsMs: ptsMs,
        box: object.box,
        zone: null,
        labels: [object.label, direction],
      },
      lastPtsMs,
    );
    // It is over in the moment in which it is seen.
    return begun === null ? [] : [begun, book.end(key, lastPtsMs)];
  }

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      lastPtsMs = ptsMs;
      firstPtsMs ??= ptsMs;
      const { unsettled } = frame.scene;
      // Light and a camera that sways deceive the background, and not a model: it goes on counting, and tells nobody.
      if (unsettled && !named) return [];
      const objects = counting(frame, config.labels, leastScore);
      const crossings = watch.step(subjects.step(objects, ptsMs), ptsMs);
      recent = recent.filter((one) => ptsMs - one.ptsMs <= FLOW_MS);
      if (!isOn(frame.capturedAtMs)) return [];
      return crossings.flatMap((crossing) => {
        if (config.direction !== 'both' && config.direction !== crossing.direction) return [];
        // What stands in a picture that moves has come nowhere.
        if ((!named || unsettled) && travelled(crossing.subject.object) < LEAST_TRAVELLED) return [];
        return count(crossing) && config.report === 'each' && !unsettled ? tell(crossing, named) : [];
      });
    },
    finish: () => book.finish(lastPtsMs),
    figures() {
      const minutes = Math.min(FLOW_MS, lastPtsMs - (firstPtsMs ?? lastPtsMs)) / 60_000;
      return [
        ...[...counts.values()].map(
          ({ direction, label, count: value }): Figure => ({
            name: 'crossings',
            kind: 'counter',
            of: { line: config.line, direction, label },
            value,
          }),
        ),
        ...directionsOf(config.direction).map(
          (direction): Figure => ({
            name: 'flow_per_minute',
            kind: 'gauge',
            of: { line: config.line, direction },
            value: minutes === 0 ? 0 : recent.filter((one) => one.direction === direction).length / minutes,
          }),
        ),
      ];
    },
  };
}
