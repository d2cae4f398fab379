import type { Figure } from '../../domain/figure.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { type GroundSpeed, groundSpeed, LEAST_M } from '../common/ground-speed.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { SpeedingConfig } from './config.js';

/** Way that a speed is measured over, milliseconds: longer, and who brakes before the camera is measured at neither speed. */
const WINDOW_MS = 4_000;
/** How many standard deviations below what was measured the limit must lie. Fewer, and of a thousand who keep to it some are told of. */
const SIGMAS = { low: 3.5, normal: 2.6, high: 2 } as const;
/** What is faster is a bird, or a shadow that jumped: 250 km/h. */
const MAX_MPS = 70;
/** A vehicle that is not seen for so long has left, milliseconds. */
const GONE_MS = 3_000;
/** Speeds that the figures are made of: of the last five minutes, and not more than so many. */
const FIGURES_MS = 300_000;
const MAX_FIGURES = 2_000;

interface Driver {
  readonly object: TrackedObject;
  readonly best: GroundSpeed;
  /** Of the way that it was measured over. */
  readonly fromPtsMs: number;
  readonly seenPtsMs: number;
}

const kmh = (mps: number): number => 3.6 * mps;

/** Measures how fast vehicles drive through the zone, and tells of each whose speed is surely above the limit. */
export function createSpeedingRule(config: SpeedingConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const sigmas = SIGMAS[config.sensitivity];
  const limitKmh = config.limit_kmh + config.tolerance_kmh;
  const { ground } = context;
  const drivers = new Map<number, Driver>();
  const book = createIncidentBook<number>({ severity: config.severity, coolDownMs: 0 });
  let speeds: { readonly ptsMs: number; readonly kmh: number }[] = [];
  let count = 0;
  let lastPtsMs = 0;

  const surely = ({ mps, sigmaMps }: GroundSpeed): number => kmh(mps - sigmas * sigmaMps);

  const stateOf = ({ object, best, fromPtsMs, seenPtsMs }: Driver, named: boolean): IncidentState => ({
    // Without a model it may be the shadow of something.
    verdict: named ? 'confirmed' : 'suspected',
    confidence: object.score,
    reasons: [
      { criterion: 'speed', value: kmh(best.mps), threshold: limitKmh, unit: 'km/h' },
      { criterion: 'speed_at_least', value: surely(best), threshold: limitKmh, unit: 'km/h' },
      { criterion: 'speed_at_most', value: kmh(best.mps + sigmas * best.sigmaMps), threshold: limitKmh, unit: 'km/h' },
      { criterion: 'measured_over', value: best.overM, threshold: LEAST_M, unit: 'm' },
    ],
    startPtsMs: fromPtsMs,
    endPtsMs: seenPtsMs,
    box: object.box,
    zone: config.zone,
    labels: [object.label],
  });

  /** Takes a look at one vehicle in. */
  function look(object: TrackedObject, ptsMs: number): Driver | null {
    if (ground === null || object.state !== 'confirmed' || !inZone(zone, object.foot)) return null;
    const way = object.path.filter((point) => point.ptsMs >= ptsMs - WINDOW_MS && inZone(zone, point));
    const speed = groundSpeed(way, ground);
    if (speed === null || speed.mps > MAX_MPS) return null;
    const before = drivers.get(object.id);
    // What was measured best counts: the longer the way, the narrower the interval.
    const better = before === undefined || surely(speed) > surely(before.best) || speed.sigmaMps < before.best.sigmaMps;
    const driver: Driver = {
      object,
      best: better ? speed : before.best,
      fromPtsMs: before?.fromPtsMs ?? way[0]?.ptsMs ?? ptsMs,
      seenPtsMs: ptsMs,
    };
    drivers.set(object.id, driver);
    return driver;
  }

  return {
    step(frame) {
      const { ptsMs } = frame;
      lastPtsMs = ptsMs;
      const findings: RuleFinding[] = [];
      if (ground !== null && !frame.scene.unsettled && isOn(frame.capturedAtMs)) {
        for (const object of counting(frame, config.labels, LEAST_SCORE[config.sensitivity])) {
          const driver = look(object, ptsMs);
          if (driver === null) continue;
          if (book.isOpen(object.id)) book.note(object.id, { ...stateOf(driver, frame.named), box: object.box });
          else if (surely(driver.best) > limitKmh) {
            const finding = book.begin(object.id, stateOf(driver, frame.named), ptsMs);
            if (finding !== null) findings.push(finding);
          }
        }
      }
      for (const [id, driver] of drivers) {
        if (ptsMs - driver.seenPtsMs <= GONE_MS) continue;
        drivers.delete(id);
        count++;
        speeds.push({ ptsMs: driver.seenPtsMs, kmh: kmh(driver.best.mps) });
        if (book.isOpen(id)) findings.push(book.end(id, ptsMs));
      }
      speeds = speeds.filter((one) => ptsMs - one.ptsMs <= FIGURES_MS).slice(-MAX_FIGURES);
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
    figures() {
      const of = { zone: config.zone ?? '' };
      const figures: Figure[] = [{ name: 'vehicles_measured', kind: 'counter', of, value: count }];
      if (speeds.length === 0) return figures;
      const sorted = speeds.map((one) => one.kmh).sort((a, b) => a - b);
      const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
      const p85 = sorted[Math.min(sorted.length - 1, Math.floor(0.85 * sorted.length))] as number;
      return [
        ...figures,
        { name: 'speed_kmh', kind: 'gauge', of: { ...of, statistic: 'mean' }, value: mean },
        { name: 'speed_kmh', kind: 'gauge', of: { ...of, statistic: 'p85' }, value: p85 },
      ];
    },
  };
}
