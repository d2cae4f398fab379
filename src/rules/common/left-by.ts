import { areaOf } from '../../core/geometry/box.js';
import type { Reason } from '../../domain/incident.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import { footOf } from './boxes.js';
import { createIncidentBook, type IncidentBookOptions, type IncidentState } from './incident-book.js';
import { createLeftMemory } from './left-memory.js';
import { createLeftThings, type LeftThing } from './left-things.js';
import { inZone, zoneOf } from './matching.js';
import { LEAST_SCORE } from './options.js';

/**
 * What somebody brought and left alone: a bag, rubbish by the heap, or a cup. Kinds differ by their size, and that is measured against whoever
 * brought it: a heap across the road is no larger in the picture than a bottle before the lens.
 */

type Sensitivity = keyof typeof LEAST_SCORE;

/** Options that rules of this kind have in common. */
export interface LeftByConfig {
  readonly labels: readonly string[];
  readonly sensitivity: Sensitivity;
  readonly zone: string | null;
  readonly schedule: Parameters<typeof createSchedule>[0];
  /** Milliseconds. */
  readonly after: number;
  readonly severity: IncidentBookOptions['severity'];
  /** Milliseconds. */
  readonly cool_down: number;
}

/** What makes a kind of it. */
export interface LeftKind {
  /** Labels of who brings it. */
  readonly owners: readonly string[];
  /** Smallest part of the picture that counts, by sensitivity, and the largest. */
  readonly leastArea: Readonly<Record<Sensitivity, number>>;
  readonly mostArea: number;
  /** In sizes of a person beside it: from, and to; `null`: any. */
  readonly size: readonly [number, number] | null;
  /** Share of the picture from which something that nobody was seen to bring is told, as suspected; `null`: never. */
  readonly unbroughtArea: number | null;
  /** Whether it is over when somebody is with it again; else only when it is gone. */
  readonly endsWithCompany: boolean;
  /** Whether its labels say who brought it. */
  readonly namesBringer: boolean;
  /** What it was judged by beside how long it was alone and whether it was seen to be brought; `null`: nothing more. */
  readonly reason: (found: FoundThing) => Reason | null;
}

/** Something that was left, and how it stands. */
export interface FoundThing {
  readonly thing: LeftThing;
  /** How long nobody has been with it, milliseconds. */
  readonly aloneMs: number;
  /** Against a person beside it; `null`: nobody was there to compare it with. */
  readonly size: number | null;
}

/** How many people a vehicle's box is as large as, seen from any side: so that what came by truck is measured as what came by hand. */
const PEOPLE_A_VEHICLE: Readonly<Record<string, number>> = { car: 5, truck: 9, bus: 18, motorcycle: 1.5, bicycle: 1.5 };
/** What nobody was surely seen to bring, or to leave, must have been alone for so many times `after`: it may be somebody who stands, or have been there all the time. */
const UNSURE_TIMES = 3;

/** How large a thing is against a person where it stands; `null`: nobody was there to compare it with. */
function sizeOf({ area, owner }: LeftThing): number | null {
  if (owner === null || owner.area <= 0) return null;
  return (area / owner.area) * (PEOPLE_A_VEHICLE[owner.label] ?? 1);
}

/** A rule that tells of things of a kind which were brought and left, one incident each, until they are gone. */
export function createLeftByRule(config: LeftByConfig, context: RuleContext, kind: LeftKind): Rule<StreetFrame> {
  const { size, unbroughtArea } = kind;
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: config.cool_down });
  const things = createLeftThings({
    labels: config.labels,
    owners: kind.owners,
    leastScore: LEAST_SCORE[config.sensitivity],
    leastArea: kind.leastArea[config.sensitivity],
    mostArea: kind.mostArea,
    aspect: context.width / context.height,
  });
  const memory = createLeftMemory(book, (box) => inZone(zone, footOf(box)));
  let lastPtsMs = 0;

  function fits(thing: LeftThing): boolean {
    if (size === null) return true;
    const found = sizeOf(thing);
    if (found !== null) return found >= size[0] && found < size[1];
    return unbroughtArea !== null && areaOf(thing.box) >= unbroughtArea;
  }

  function reasonsOf(found: FoundThing): readonly Reason[] {
    const more = kind.reason(found);
    return [
      { criterion: 'seconds_alone', value: found.aloneMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'brought', value: found.thing.sure ? 1 : 0, threshold: 1, unit: 'seen' },
      ...(more === null ? [] : [more]),
    ];
  }

  function stateOf(thing: LeftThing, aloneMs: number): IncidentState {
    return {
      verdict: thing.sure ? 'confirmed' : 'suspected',
      confidence: Math.min(0.98, thing.score),
      reasons: reasonsOf({ thing, aloneMs, size: sizeOf(thing) }),
      startPtsMs: thing.sincePtsMs,
      endPtsMs: thing.seenPtsMs,
      box: thing.box,
      zone: config.zone,
      labels: kind.namesBringer && thing.owner !== null ? [thing.label, `by ${thing.owner.label}`] : [thing.label],
    };
  }

  return {
    step(frame) {
      const { ptsMs } = frame;
      lastPtsMs = ptsMs;
      const present = things.step(frame);
      if (frame.scene.unsettled) return [];
      const findings: RuleFinding[] = [
        ...memory.step(
          frame,
          present.filter(({ key }) => book.isOpen(key)),
        ),
      ];
      const on = isOn(frame.capturedAtMs);
      for (const thing of present) {
        const aloneMs = thing.alonePtsMs === null ? 0 : ptsMs - thing.alonePtsMs;
        if (book.isOpen(thing.key)) {
          const isOver = kind.endsWithCompany && thing.alonePtsMs === null;
          const finding = isOver ? book.end(thing.key, ptsMs) : book.follow(thing.key, stateOf(thing, aloneMs));
          if (finding !== null) findings.push(finding);
          continue;
        }
        const needed = config.after * (thing.sure || thing.outlasts ? 1 : UNSURE_TIMES);
        if (!on || aloneMs < needed || !fits(thing) || !inZone(zone, footOf(thing.box)) || memory.isTold(thing.box)) continue;
        const begun = book.begin(thing.key, stateOf(thing, aloneMs), ptsMs);
        if (begun !== null) findings.push(begun);
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
