import { areaOf } from '../../core/geometry/box.js';
import type { Polygon } from '../../domain/geometry.js';
import type { Reason } from '../../domain/incident.js';
import type { StreetFrame } from '../../domain/street.js';
import type { Rule, RuleFinding } from '../contract.js';
import { footOf } from './boxes.js';
import { createIncidentBook, type IncidentBookOptions, type Standing } from './incident-book.js';
import { createLeftMemory } from './left-memory.js';
import { createLeftThings, type LeftThing, type LeftThingsOptions } from './left-things.js';
import { inZone } from './matching.js';

/**
 * What somebody brought and left for others to clear away: rubbish by the heap, or a cup. Both differ by their size alone, and that is measured
 * against whoever brought it: a heap across the road is no larger in the picture than a bottle before the lens.
 */

export interface LeftByOptions extends IncidentBookOptions {
  readonly things: LeftThingsOptions;
  readonly zone: Polygon | null;
  readonly zoneName: string | null;
  readonly isOn: (capturedAtMs: number) => boolean;
  readonly afterMs: number;
  /** In sizes of a person beside it: from, and to. */
  readonly size: readonly [number, number];
  /** Share of the picture from which something that nobody was seen to bring is told, as suspected; `null`: never. */
  readonly unbroughtArea: number | null;
  readonly reasons: (found: FoundThing) => readonly Reason[];
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
/** What nobody was surely seen to bring, or to leave, must have been alone for so many times `after`. */
const UNSURE_TIMES = 3;

/** How large a thing is against a person where it stands; `null`: nobody was there to compare it with. */
function sizeOf({ box, owner }: LeftThing): number | null {
  if (owner === null || owner.area <= 0) return null;
  return (areaOf(box) / owner.area) * (PEOPLE_A_VEHICLE[owner.label] ?? 1);
}

/** A rule that tells of things of some size which were brought and left, one incident each, until they are gone. */
export function createLeftByRule(options: LeftByOptions): Rule<StreetFrame> {
  const { afterMs, size } = options;
  const book = createIncidentBook<number>(options);
  const things = createLeftThings(options.things);
  const memory = createLeftMemory(book, (box) => inZone(options.zone, footOf(box)));
  let lastPtsMs = 0;

  const fits = (thing: LeftThing): boolean => {
    const found = sizeOf(thing);
    if (found !== null) return found >= size[0] && found < size[1];
    return options.unbroughtArea !== null && areaOf(thing.box) >= options.unbroughtArea;
  };

  function standingOf(thing: LeftThing, aloneMs: number): Standing {
    return {
      verdict: thing.sure ? 'confirmed' : 'suspected',
      confidence: Math.min(0.98, thing.score),
      reasons: options.reasons({ thing, aloneMs, size: sizeOf(thing) }),
      startPtsMs: thing.sincePtsMs,
      endPtsMs: thing.seenPtsMs,
      box: thing.box,
      zone: options.zoneName,
      labels: thing.owner === null ? [thing.label] : [thing.label, `by ${thing.owner.label}`],
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
      const on = options.isOn(frame.capturedAtMs);
      for (const thing of present) {
        const aloneMs = thing.alonePtsMs === null ? 0 : ptsMs - thing.alonePtsMs;
        if (book.isOpen(thing.key)) {
          book.note(thing.key, standingOf(thing, aloneMs));
          continue;
        }
        const needed = afterMs * (thing.sure || thing.outlasts ? 1 : UNSURE_TIMES);
        if (!on || aloneMs < needed || !fits(thing) || !inZone(options.zone, footOf(thing.box)) || memory.isTold(thing.box)) continue;
        const begun = book.begin(thing.key, standingOf(thing, aloneMs), ptsMs);
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
