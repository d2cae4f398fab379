import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { Cells } from '../common/cells.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { zoneOf } from '../common/matching.js';
import type { Rule, RuleContext } from '../contract.js';
import type { WaterOnRoadConfig } from './config.js';
import { DARKER, Ground, type Puddle } from './puddle.js';

/** Cells of a puddle at least: a metre and a half across at 30 m. Smaller, and oil stains and covers count. */
const LEAST_CELLS = 8;
/** What stays is there bit by bit, milliseconds from the first tenth of it to nine tenths: a van darkens its place at once, and a shadow in passing. */
const LEAST_SPREAD_MS = 5_000;
/** Share of the zone at most: more is light, or rain on all of it. */
const MOST_OF_ZONE = 0.6;
/** Share of its cells that must have stayed dark for `after`, where it still grows. */
const OLD_SHARE = 0.25;
/** A puddle that cannot be seen, behind vehicles or in a storm, is not gone yet, milliseconds. */
const INERTIA_MS = 20_000;

/** Tells of a patch of road that darkens bit by bit and stays dark, until it is dry. */
export function createWaterOnRoadRule(config: WaterOnRoadConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const book = createIncidentBook<'water'>({ severity: config.severity, coolDownMs: config.cool_down });
  let ground: { readonly width: number; readonly height: number; readonly cells: Cells; readonly of: Ground } | null = null;
  let seenPtsMs = 0;
  let lastPtsMs = 0;

  function groundFor({ width, height }: StreetFrame['picture']): NonNullable<typeof ground> {
    if (ground !== null && ground.width === width && ground.height === height) return ground;
    const cells = new Cells(width, height, zone);
    ground = { width, height, cells, of: new Ground(cells, config.sensitivity) };
    return ground;
  }

  const stateOf = (puddle: Puddle, zoneCells: number, ptsMs: number): IncidentState => ({
    verdict: 'suspected',
    confidence: Math.min(0.9, 0.4 + (1 - puddle.darkness)),
    reasons: [
      { criterion: 'seconds_dark', value: (ptsMs - puddle.firstPtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'darkness', value: puddle.darkness, threshold: DARKER[config.sensitivity], unit: 'of usual' },
      { criterion: 'spreading', value: (puddle.mostPtsMs - puddle.firstPtsMs) / 1000, threshold: LEAST_SPREAD_MS / 1000, unit: 's' },
      { criterion: 'zone_share', value: puddle.cells.length / Math.max(1, zoneCells), threshold: MOST_OF_ZONE, unit: 'of zone' },
    ],
    startPtsMs: puddle.firstPtsMs,
    endPtsMs: ptsMs,
    box: puddle.box,
    zone: config.zone,
    labels: [],
  });

  function isWater(puddle: Puddle, zoneCells: number): boolean {
    const { cells, old, firstPtsMs, mostPtsMs } = puddle;
    if (cells.length < LEAST_CELLS || cells.length > MOST_OF_ZONE * zoneCells) return false;
    return old >= Math.max(LEAST_CELLS / 2, OLD_SHARE * cells.length) && mostPtsMs - firstPtsMs >= LEAST_SPREAD_MS;
  }

  return {
    step({ picture, ptsMs, capturedAtMs, scene }) {
      lastPtsMs = ptsMs;
      const { cells, of } = groundFor(picture);
      const puddle = of.step(picture, ptsMs, config.after);
      if (scene.unsettled) return [];
      const zoneCells = cells.inside.reduce((sum, one) => sum + one, 0);
      const wet = puddle !== null && isOn(capturedAtMs) && isWater(puddle, zoneCells);
      if (!wet) return book.isOpen('water') && ptsMs - seenPtsMs > INERTIA_MS ? [book.end('water', ptsMs)] : [];
      seenPtsMs = ptsMs;
      const state = stateOf(puddle, zoneCells, ptsMs);
      const begun = book.begin('water', state, ptsMs);
      const known = book.state('water');
      if (begun === null && known !== null) book.note('water', { ...state, startPtsMs: Math.min(known.startPtsMs, state.startPtsMs) });
      return begun === null ? [] : [begun];
    },
    finish: () => book.finish(lastPtsMs),
  };
}
