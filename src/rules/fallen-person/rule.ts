import { intersectionOverUnion } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import type { Verdict } from '../../domain/incident.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { feetApart } from '../common/boxes.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createSubjects } from '../common/subjects.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { FallenPersonConfig } from './config.js';
import { isCut, isLying, isUpright, leastWidth, type Shape, shapeOf, stand, type Upright, widthOf } from './posture.js';

/** From standing to lying it takes a fall half a second to three, milliseconds; with pictures that are missing, four. Who takes longer lies down. */
const FALL_MS = 4_000;
/** Somebody falls to a place within so many of his own heights from where he stood. */
const REACH = 1.2;
/** Who lies still moves by less than this, heights of him. */
const STILL = 0.35;
/** Lying is interrupted by looks that say otherwise for so long at most, milliseconds: boxes tremble. */
const INERTIA_MS = 2_000;
/** Who lies is often not seen by detectors: for so long he is taken to lie there still, milliseconds. */
const UNSEEN_MS = 30_000;
/** Before he is told, it is shorter: nothing is told of what is not seen. */
const UNSEEN_BEFORE_MS = 4_000;
/** Where nobody was seen to fall, lying must last so many times as long; where somebody was seen to stand a moment before, less. */
const LONGER = 3;
const LONGER_WHERE_STOOD = 2;
/** Who stood where a still thing lies now was lost so much before it came, milliseconds. */
const LOST_MS = 5_000;
/** Boxes that overlap by so much show the same. */
const SAME = 0.3;
/** A person who is forgotten, milliseconds. */
const FORGET_MS = 40_000;

/** Somebody, or something, that lies. */
interface Lying {
  readonly sincePtsMs: number;
  /** Its place and shape when it began. */
  readonly shape: Shape;
  readonly fallMs: number | null;
  /** How long it must last to be told. */
  readonly leastMs: number;
  readonly height: number;
  lastPtsMs: number;
  box: Box;
  score: number;
}

interface Known {
  upright: Upright | null;
  lying: Lying | null;
  seenPtsMs: number;
}

/** Tells of people who fall and lie still. */
export function createFallenPersonRule(config: FallenPersonConfig, context: RuleContext): Rule<StreetFrame> {
  const { sensitivity } = config;
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const aspect = context.width / context.height;
  const leastScore = LEAST_SCORE[sensitivity];
  const subjects = createSubjects();
  const people = new Map<number, Known>();
  /** By still thing: what lies where somebody stood who is seen no more. */
  const things = new Map<number, Lying>();
  const book = createIncidentBook<string>({ severity: config.severity, coolDownMs: config.cool_down });
  let lastPtsMs = 0;
  let beforePtsMs: number | null = null;

  /** Takes one look at a person. */
  function look(known: Known, box: Box, score: number, ptsMs: number): void {
    const shape = shapeOf(box, aspect);
    known.seenPtsMs = ptsMs;
    const { lying, upright } = known;
    if (isLying(shape, upright, sensitivity) && !isCut(box)) {
      const still = lying !== null && feetApart(shape.foot, lying.shape.foot, lying.height, aspect) <= STILL;
      if (still) Object.assign(lying, { lastPtsMs: ptsMs, box, score });
      else known.lying = lieDown(known, shape, box, score, ptsMs);
      return;
    }
    if (lying !== null && ptsMs - lying.lastPtsMs > INERTIA_MS) known.lying = null;
    if (isUpright(shape)) known.upright = stand(upright, shape, ptsMs);
  }

  function lieDown({ upright, lying }: Known, shape: Shape, box: Box, score: number, ptsMs: number): Lying {
    const fell =
      upright !== null && ptsMs - upright.ptsMs <= FALL_MS && feetApart(upright.foot, shape.foot, upright.height, aspect) <= REACH;
    // Somebody who rolls about where he fell has still fallen.
    const rolled = lying !== null && lying.fallMs !== null && feetApart(lying.shape.foot, shape.foot, lying.height, aspect) <= REACH;
    const fallMs = fell ? ptsMs - upright.ptsMs : rolled ? lying.fallMs : null;
    const leastMs = fallMs === null ? LONGER * config.after : config.after;
    return { sincePtsMs: ptsMs, shape, fallMs, leastMs, height: upright?.height ?? shape.width, lastPtsMs: ptsMs, box, score };
  }

  /** Whether somebody else has got his name: one who stands where he stood. */
  const isTaken = (key: number, { upright }: Known, seen: ReadonlyMap<number, Shape>): boolean =>
    upright !== null &&
    [...seen].some(
      ([other, shape]) =>
        other !== key &&
        isUpright(shape) &&
        Math.abs(shape.height / upright.height - 1) < 0.25 &&
        feetApart(shape.foot, upright.foot, upright.height, aspect) < 0.25,
    );

  /** What lies low and wide where somebody stood a moment before he was lost: many models do not know people who lie. */
  function lookAtThings(frame: StreetFrame): void {
    const { ptsMs } = frame;
    const shown = new Set<number>();
    for (const { id, box, kind, state, sincePtsMs, seenPtsMs, confidence } of frame.still) {
      if (kind === 'removed' || state === 'gone') continue;
      shown.add(id);
      const known = things.get(id);
      if (known !== undefined) {
        Object.assign(known, { lastPtsMs: Math.max(known.lastPtsMs, seenPtsMs), box });
        continue;
      }
      const shape = shapeOf(box, aspect);
      const victim = [...people.values()].find(
        ({ upright, lying, seenPtsMs: lost }) =>
          upright !== null &&
          lying === null &&
          ptsMs - lost > 1_000 &&
          Math.abs(sincePtsMs - lost) <= LOST_MS &&
          isLying(shape, upright, sensitivity) &&
          shape.width <= 1.5 * upright.height &&
          feetApart(shape.foot, upright.foot, upright.height, aspect) <= REACH,
      );
      if (victim?.upright == null) continue;
      const { height } = victim.upright;
      const leastMs = LONGER_WHERE_STOOD * config.after;
      things.set(id, { sincePtsMs, shape, fallMs: null, leastMs, height, lastPtsMs: seenPtsMs, box, score: confidence });
    }
    for (const id of things.keys()) if (!shown.has(id)) things.delete(id);
  }

  function stateOf(lying: Lying, verdict: Verdict, label: string): IncidentState {
    const secondsStill = (lying.lastPtsMs - lying.sincePtsMs) / 1000;
    return {
      verdict,
      confidence: Math.min(1, Math.max(0, lying.score)),
      reasons: [
        { criterion: 'seconds_lying', value: secondsStill, threshold: lying.leastMs / 1000, unit: 's' },
        { criterion: 'width_to_height', value: widthOf(lying.shape), threshold: leastWidth(sensitivity), unit: '' },
        ...(lying.fallMs === null ? [] : [{ criterion: 'fall_seconds', value: lying.fallMs / 1000, threshold: FALL_MS / 1000, unit: 's' }]),
      ],
      startPtsMs: Math.max(0, lying.sincePtsMs),
      endPtsMs: Math.max(0, lying.sincePtsMs, lying.lastPtsMs),
      box: lying.box,
      zone: config.zone,
      labels: [label],
    };
  }

  /** Tells what is to be told of one who lies. */
  function judge(key: string, lying: Lying, verdict: Verdict, label: string, ptsMs: number, on: boolean): RuleFinding[] {
    if (book.isOpen(key)) {
      book.note(key, stateOf(lying, verdict, label));
      return [];
    }
    if (!on || !inZone(zone, lying.shape.foot) || ptsMs - lying.lastPtsMs > UNSEEN_BEFORE_MS) return [];
    if (lying.lastPtsMs - lying.sincePtsMs < lying.leastMs) return [];
    // Found as a thing and as a person, he is told once.
    if (book.keys().some((other) => intersectionOverUnion(book.state(other)?.box ?? lying.box, lying.box) >= SAME)) return [];
    return [book.begin(key, stateOf(lying, verdict, label), ptsMs)].filter((finding) => finding !== null);
  }

  /** What the light hid for a moment was there. */
  function wait(ms: number): void {
    for (const known of people.values()) {
      known.seenPtsMs += ms;
      if (known.lying !== null) known.lying.lastPtsMs += ms;
    }
  }

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      const gapMs = beforePtsMs === null ? 0 : ptsMs - beforePtsMs;
      [beforePtsMs, lastPtsMs] = [ptsMs, ptsMs];
      if (frame.scene.unsettled) {
        wait(gapMs);
        return [];
      }
      const seen = new Map<number, Shape>();
      const present = subjects.step(counting(frame, config.labels, leastScore), ptsMs);
      for (const { key, object } of present) seen.set(key, shapeOf(object.box, aspect));
      for (const { key, object } of present) {
        const known = people.get(key) ?? { upright: null, lying: null, seenPtsMs: ptsMs };
        people.set(key, known);
        const shape = seen.get(key) as Shape;
        if (known.lying === null && isLying(shape, known.upright, sensitivity) && isTaken(key, known, seen)) known.upright = null;
        look(known, object.box, object.score, ptsMs);
      }
      lookAtThings(frame);

      const on = isOn(frame.capturedAtMs);
      const findings: RuleFinding[] = [];
      for (const [key, known] of people) {
        const { lying } = known;
        // Without a model nobody knows that it is a person.
        if (lying !== null) {
          const verdict: Verdict = named && lying.fallMs !== null ? 'confirmed' : 'suspected';
          const told = named || lying.fallMs !== null;
          if (told) findings.push(...judge(`person ${key}`, lying, verdict, named ? 'person' : 'object', ptsMs, on));
        }
        if (ptsMs - known.seenPtsMs > FORGET_MS) people.delete(key);
      }
      for (const [id, lying] of things) {
        findings.push(...judge(`thing ${id}`, lying, 'suspected', 'object', ptsMs, on));
      }
      return [...findings, ...endings(ptsMs)];
    },
    finish: () => book.finish(lastPtsMs),
  };

  function endings(ptsMs: number): RuleFinding[] {
    return book.keys().flatMap((key) => {
      const [kind, id] = key.split(' ') as ['person' | 'thing', string];
      const lying = kind === 'person' ? people.get(Number(id))?.lying : things.get(Number(id));
      const isOver = lying == null || ptsMs - lying.lastPtsMs > UNSEEN_MS;
      return isOver ? [book.end(key, ptsMs)] : [];
    });
  }
}
