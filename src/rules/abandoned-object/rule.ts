import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { footOf } from '../common/boxes.js';
import { createIncidentBook, type Standing } from '../common/incident-book.js';
import { createLeftMemory } from '../common/left-memory.js';
import { createLeftThings, type LeftThing } from '../common/left-things.js';
import { inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { AbandonedObjectConfig } from './config.js';

/** Smallest part of the picture that counts, by sensitivity: a bag at 30 m takes 0.0006 of it. */
const LEAST_AREA = { low: 0.0012, normal: 0.0006, high: 0.0003 } as const;
/** What nobody was surely seen to bring, or to leave, must have been alone for so many times `after`: it may be somebody who stands, or have been there all the time. */
const UNSURE_TIMES = 3;

/** Tells of things that were put down and left alone, one incident each, until they are gone or somebody is with them again. */
export function createAbandonedObjectRule(config: AbandonedObjectConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: config.cool_down });
  const things = createLeftThings({
    labels: config.labels,
    owners: ['person'],
    leastScore: LEAST_SCORE[config.sensitivity],
    leastArea: LEAST_AREA[config.sensitivity],
    mostArea: config.max_size,
    aspect: context.width / context.height,
  });
  const memory = createLeftMemory(book, (box) => inZone(zone, footOf(box)));
  let lastPtsMs = 0;

  const standingOf = (thing: LeftThing, aloneMs: number): Standing => ({
    verdict: thing.sure ? 'confirmed' : 'suspected',
    confidence: Math.min(0.98, thing.score),
    reasons: [
      { criterion: 'seconds_alone', value: aloneMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'seconds_there', value: (thing.seenPtsMs - thing.sincePtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'brought', value: thing.sure ? 1 : 0, threshold: 1, unit: 'seen' },
    ],
    startPtsMs: thing.sincePtsMs,
    endPtsMs: thing.seenPtsMs,
    box: thing.box,
    zone: config.zone,
    labels: [thing.label],
  });

  return {
    step(frame) {
      const { ptsMs } = frame;
      lastPtsMs = ptsMs;
      const present = things.step(frame);
      if (frame.scene.unsettled) return [];
      const told = present.filter(({ key }) => book.isOpen(key));
      const findings: RuleFinding[] = [...memory.step(frame, told)];
      const on = isOn(frame.capturedAtMs);
      for (const thing of present) {
        const aloneMs = thing.alonePtsMs === null ? 0 : ptsMs - thing.alonePtsMs;
        const needed = config.after * (thing.sure || thing.outlasts ? 1 : UNSURE_TIMES);
        const left = on && aloneMs >= needed && inZone(zone, footOf(thing.box)) && !memory.isTold(thing.box);
        if (book.isOpen(thing.key)) {
          if (thing.alonePtsMs === null) findings.push(book.end(thing.key, ptsMs));
          else book.note(thing.key, standingOf(thing, aloneMs));
        } else if (left) {
          const begun = book.begin(thing.key, standingOf(thing, aloneMs), ptsMs);
          if (begun !== null) findings.push(begun);
        }
      }
      for (const key of memory.own()) if (present.every((thing) => thing.key !== key)) findings.push(book.end(key, ptsMs));
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
    memory: memory.memory,
    recall: memory.recall,
    resume: memory.resume,
  };
}
