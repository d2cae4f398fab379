import type { Point } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { createFooting } from '../common/footing.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { createLoneRegions } from '../common/lone-regions.js';
import { counting, inZone, lineOf, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createSubjects } from '../common/subjects.js';
import { isVehicleSized } from '../common/vehicle-sights.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { WrongWayConfig } from './config.js';
import { CAR_M, createFlow, type WayPlace } from './flow.js';

/** Who is slower on the way back is manoeuvring: 7 km/h, or a car's length in two and a half seconds. */
const LEAST_MPS = 2;
/** Who goes more across than back, by this factor, crosses the lane: 50° off the way. */
const MOST_ACROSS = 1.2;
/** Who is out of the zone, or unseen, for so long has left it, milliseconds. */
const LEFT_MS = 2_000;
/** Who goes so far the right way again, car lengths, has turned round. */
const TURNED = 1;
/** Who is seen outside the zone for longer than that begins anew, milliseconds: a name may have gone over to the next lane meanwhile. */
const OUTSIDE_MS = 600;
/** Looks on the way back that it takes: one may be a name that jumped. */
const LEAST_LOOKS = 3;
/** How much less must be enough where nothing may be missed, and more where much looks alike. */
const DEMAND = { low: 1.5, normal: 1, high: 0.7 } as const;

interface Driver {
  /** The place farthest along the allowed way since he came in, and when. */
  readonly farthest: WayPlace & { readonly ptsMs: number };
  /** The place farthest back since then. */
  readonly back: number;
  /** Looks since then. */
  readonly looks: number;
  readonly seenPtsMs: number;
}

/** Tells who drives against the allowed way, once he has gone far enough and fast enough to be neither parking nor turning. */
export function createWrongWayRule(config: WrongWayConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const flow = createFlow(directionOf(config, context), zone ?? [], context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  // The lower edge of a bus is its near side: of one in the next lane it lies in this one.
  const footing = createFooting(zone, context.ground);
  const subjects = createSubjects();
  const regions = createLoneRegions();
  const leastScore = LEAST_SCORE[config.sensitivity];
  const demand = DEMAND[config.sensitivity];
  const leastM = config.distance * demand;
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: config.cool_down });
  const drivers = new Map<number, Driver>();
  const aspect = context.width / context.height;
  let lastPtsMs = 0;

  /** How somebody has gone back since he was farthest along. */
  function against(driver: Driver, place: WayPlace, object: TrackedObject, ptsMs: number) {
    // In the unit of places: metres, or a car's length for every five.
    const unitM = flow.metric ? 1 : CAR_M / flow.carLength(object.box);
    const backM = (driver.farthest.along - place.along) * unitM;
    const acrossM = Math.abs(driver.farthest.across - place.across) * unitM;
    const seconds = (ptsMs - driver.farthest.ptsMs) / 1000;
    const mps = seconds > 0 ? backM / seconds : 0;
    const isSo = backM >= leastM && seconds * 1000 >= config.after && mps >= LEAST_MPS && acrossM <= MOST_ACROSS * backM;
    return { backM, seconds, mps, isSo };
  }

  function stateOf(object: TrackedObject, driver: Driver, measured: ReturnType<typeof against>, named: boolean): IncidentState {
    return {
      // Without a model it may be somebody who walks.
      verdict: named ? 'confirmed' : 'suspected',
      confidence: object.score,
      reasons: [
        { criterion: 'metres_against', value: measured.backM, threshold: leastM, unit: 'm' },
        { criterion: 'seconds_against', value: measured.seconds, threshold: config.after / 1000, unit: 's' },
        { criterion: 'speed_against', value: 3.6 * measured.mps, threshold: 3.6 * LEAST_MPS, unit: 'km/h' },
        { criterion: 'score', value: object.score, threshold: leastScore, unit: '' },
      ],
      startPtsMs: driver.farthest.ptsMs,
      endPtsMs: driver.seenPtsMs,
      box: object.box,
      zone: config.zone,
      labels: [object.label],
    };
  }

  /** Takes a look at somebody in the zone. */
  function look(key: number, object: TrackedObject, { ptsMs, named }: StreetFrame): RuleFinding | null {
    const place = flow.placeOf(object.foot);
    if (place === null) return null;
    const before = drivers.get(key);
    if (before === undefined || place.along >= before.farthest.along) {
      drivers.set(key, { farthest: { ...place, ptsMs }, back: place.along, looks: 0, seenPtsMs: ptsMs });
      return book.isOpen(key) ? book.end(key, ptsMs) : null;
    }
    const driver = { ...before, back: Math.min(before.back, place.along), looks: before.looks + 1, seenPtsMs: ptsMs };
    const unitM = flow.metric ? 1 : CAR_M / flow.carLength(object.box);
    if ((place.along - driver.back) * unitM > TURNED * CAR_M) {
      drivers.set(key, { farthest: { ...place, ptsMs }, back: place.along, looks: 0, seenPtsMs: ptsMs });
      return book.isOpen(key) ? book.end(key, ptsMs) : null;
    }
    drivers.set(key, driver);
    const measured = against(driver, place, object, ptsMs);
    if (book.isOpen(key)) {
      book.note(key, stateOf(object, driver, measured, named));
      return null;
    }
    return measured.isSo && driver.looks >= LEAST_LOOKS ? book.begin(key, stateOf(object, driver, measured, named), ptsMs) : null;
  }

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      lastPtsMs = ptsMs;
      if (frame.scene.unsettled) return [];
      const findings: RuleFinding[] = [];
      const on = isOn(frame.capturedAtMs);
      for (const { key, object } of subjects.step(counting(frame, config.labels, leastScore), ptsMs)) {
        const isLone = named || regions.isLone(object);
        if (!on || (!named && !isVehicleSized(object.box, context.ground, aspect))) continue;
        if (!isLone) {
          // Where he went meanwhile nobody knows.
          if (!book.isOpen(key)) drivers.delete(key);
          continue;
        }
        if (!inZone(zone, footing(object.box, object.label))) {
          if (!book.isOpen(key) && ptsMs - (drivers.get(key)?.seenPtsMs ?? ptsMs) > OUTSIDE_MS) drivers.delete(key);
          continue;
        }
        const finding = look(key, object, frame);
        if (finding !== null) findings.push(finding);
      }
      regions.prune(ptsMs - LEFT_MS);
      for (const [key, { seenPtsMs }] of drivers) {
        if (ptsMs - seenPtsMs <= LEFT_MS) continue;
        drivers.delete(key);
        if (book.isOpen(key)) findings.push(book.end(key, ptsMs));
      }
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
  };
}

/** The allowed way in the picture. @throws {RangeError} when the config says none: its schema asks for one. */
function directionOf({ way, flow }: WrongWayConfig, context: RuleContext): Point {
  if (way !== null) {
    const { from, to } = lineOf(way, context);
    return { x: to.x - from.x, y: to.y - from.y };
  }
  if (flow === null) throw new RangeError('wrong_way needs `way` or `flow`');
  return { x: flow[0], y: flow[1] };
}
