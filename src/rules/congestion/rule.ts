import type { Figure } from '../../domain/figure.js';
import type { Box, Polygon } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { around } from '../common/boxes.js';
import { createDwellTracker, type Dwell } from '../common/dwell.js';
import { createFooting } from '../common/footing.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { counting, lineOf, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { isVehicleSized } from '../common/vehicle-sights.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { CongestionConfig } from './config.js';
import { createFlowCounter, type TrafficVehicle, trafficIn } from './traffic.js';

/** A jam lasts while so much of the queue stands: it flows off from its head, and vehicles hide each other. */
const HYSTERESIS = 0.6;
/** Looks farther apart than this are no observation, milliseconds. */
const LONGEST_GAP_MS = 2_500;
/** Time over which flow is counted and means are taken, milliseconds. */
const FLOW_MS = 300_000;
const MEAN_MS = 30_000;

/** Traffic is jammed or flows: one incident at a time. */
type Key = 'jam';
const JAM: Key = 'jam';

/** Tells of traffic jams, and measures flow, density and mean speed. */
export function createCongestionRule(config: CongestionConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const line = config.line === null ? null : lineOf(config.line, context);
  const { ground } = context;
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const options = {
    ...{ zone, ground, footing: createFooting(zone, ground) },
    aspect: context.width / context.height,
    slowMps: config.slow_kmh / 3.6,
  };
  const lengthKm = zone === null || ground === null ? null : lengthOf(zone, context) / 1000;
  const flow = createFlowCounter(zone, line);
  const jam = createDwellTracker<Key>({ inertiaMs: config.clears_after, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<Key>({ severity: config.severity, coolDownMs: config.cool_down });
  const means = { vehicles: createMean(MEAN_MS), queued: createMean(MEAN_MS), kmh: createMean(MEAN_MS) };
  let came: { readonly ptsMs: number; readonly count: number }[] = [];
  let total = 0;
  let firstPtsMs: number | null = null;
  let lastPtsMs = 0;

  function stateOf(queued: readonly TrafficVehicle[], dwell: Dwell, named: boolean): IncidentState {
    const before = book.state(JAM);
    const kmh = means.kmh.value(lastPtsMs);
    return {
      // Without a model, what stands there may be people.
      verdict: named ? 'confirmed' : 'suspected',
      confidence: queued.length === 0 ? (before?.confidence ?? 0) : queued.reduce((sum, { score }) => sum + score, 0) / queued.length,
      reasons: [
        { criterion: 'queued', value: queued.length, threshold: config.queue, unit: 'vehicles' },
        { criterion: 'seconds_jammed', value: (dwell.lastPtsMs - dwell.sincePtsMs) / 1000, threshold: config.after / 1000, unit: 's' },
        ...(kmh === null ? [] : [{ criterion: 'mean_speed', value: kmh, threshold: config.slow_kmh, unit: 'km/h' }]),
      ],
      startPtsMs: dwell.sincePtsMs,
      endPtsMs: dwell.lastPtsMs,
      box: queued.length === 0 ? (before?.box ?? PICTURE) : around(queued.map(({ box }) => box)),
      zone: config.zone,
      labels: [...new Set(queued.map(({ label }) => label))],
    };
  }

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      lastPtsMs = ptsMs;
      firstPtsMs ??= ptsMs;
      if (frame.scene.unsettled) return [];
      const objects = counting(frame, config.labels, leastScore).filter(({ box }) => named || isVehicleSized(box, ground, options.aspect));
      const count = flow.step(objects, ptsMs);
      total += count;
      if (count > 0) came.push({ ptsMs, count });
      came = came.filter((one) => ptsMs - one.ptsMs <= FLOW_MS);

      const vehicles = trafficIn(frame, objects, options);
      const queued = vehicles.filter((vehicle) => vehicle.queued);
      means.vehicles.take(vehicles.length, ptsMs);
      means.queued.take(queued.length, ptsMs);
      const speeds = vehicles.flatMap(({ mps }) => (mps === null ? [] : [3.6 * mps]));
      if (speeds.length > 0) means.kmh.take(speeds.reduce((sum, kmh) => sum + kmh, 0) / speeds.length, ptsMs);

      const isJam = isOn(frame.capturedAtMs) && queued.length >= config.queue * (jam.dwell(JAM) === null ? 1 : HYSTERESIS);
      const dwell = jam.look(JAM, ptsMs, isJam);
      if (dwell === null) return book.finish(ptsMs);
      if (book.isOpen(JAM)) {
        if (isJam) book.note(JAM, { ...stateOf(queued, dwell, named), reasons: book.state(JAM)?.reasons ?? [] });
        return [];
      }
      if (!isJam || dwell.observedMs < config.after) return [];
      const finding: RuleFinding | null = book.begin(JAM, stateOf(queued, dwell, named), ptsMs);
      return finding === null ? [] : [finding];
    },
    finish: () => book.finish(lastPtsMs),
    figures() {
      const of = { zone: config.zone ?? '', ...(config.line === null ? {} : { line: config.line }) };
      const gauge = (name: string, value: number | null): Figure[] => (value === null ? [] : [{ name, kind: 'gauge', of, value }]);
      const minutes = Math.min(FLOW_MS, lastPtsMs - (firstPtsMs ?? lastPtsMs)) / 60_000;
      const vehicles = means.vehicles.value(lastPtsMs);
      return [
        { name: 'vehicles_counted', kind: 'counter', of, value: total },
        ...gauge('flow_per_minute', minutes === 0 ? null : came.reduce((sum, one) => sum + one.count, 0) / minutes),
        ...gauge('vehicles', vehicles),
        ...gauge('queued_vehicles', means.queued.value(lastPtsMs)),
        ...gauge('density_per_km', vehicles === null || lengthKm === null ? null : vehicles / lengthKm),
        ...gauge('speed_kmh', means.kmh.value(lastPtsMs)),
        ...gauge('congestion_level', book.isOpen(JAM) ? 2 : jam.dwell(JAM) === null ? 0 : 1),
      ];
    },
  };
}

const PICTURE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** The longest way across a zone, metres. */
function lengthOf(zone: Polygon, { ground }: RuleContext): number {
  const corners = zone.flatMap((corner) => ground?.metresAt(corner) ?? []);
  return Math.max(1, ...corners.flatMap((a) => corners.map((b) => Math.hypot(a.x - b.x, a.y - b.y))));
}

/** A mean in which what is older counts less; there is none once nothing has been measured for so long. */
function createMean(constantMs: number) {
  let mean: number | null = null;
  let atPtsMs = 0;
  const value = (ptsMs: number): number | null => (ptsMs - atPtsMs > constantMs ? null : mean);
  return {
    take(measured: number, ptsMs: number): void {
      const before = value(ptsMs);
      mean = before === null ? measured : before + (measured - before) * (1 - Math.exp(-Math.max(0, ptsMs - atPtsMs) / constantMs));
      atPtsMs = ptsMs;
    },
    value,
  };
}
