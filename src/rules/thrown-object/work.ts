import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import { insidePolygon } from '../../core/geometry/polygon.js';
import type { Point } from '../../domain/geometry.js';
import type { MotionRuleWork, RuleContext, RuleFinding } from '../contract.js';
import type { ThrownObjectConfig } from './config.js';
import { memoryMs } from './feedback.js';
import { reinspection } from './reinspection.js';
import { ThrownObjectRule } from './rule.js';
import type { ThrowFinding } from './throw-finding.js';

/** Lowest difference from the background that counts, grey levels, and noise multiple, by sensitivity. */
const SENSITIVITY = {
  low: { floorGrey: 12, sigmas: 4 },
  normal: { floorGrey: 8, sigmas: 3 },
  high: { floorGrey: 6, sigmas: 3 },
} as const;

/** What the rule `thrown_object` does. */
export const work: MotionRuleWork<ThrownObjectConfig> = {
  input: 'motion',
  example: { landing_zones: ['gate'] },
  motion: (config) => SENSITIVITY[config.sensitivity],
  memoryMs: (config) => memoryMs(config.false_alarm_half_life),
  reinspection,
  create(config, context) {
    const { width, height, seen = { left: 0, width }, facade } = context;
    const rule = new ThrownObjectRule({
      width,
      height,
      seen,
      plane: facade === null ? null : createFacadePlane(facade, width, height),
      floorHeightM: facade?.floors.heightM ?? null,
      minDropFloors: config.min_drop_floors,
      minDropShare: config.min_drop,
      reportSuspected: config.report_suspected,
      falseAlarmHalfLifeMs: config.false_alarm_half_life,
    });
    const told = (findings: readonly ThrowFinding[]): readonly RuleFinding[] => findings.map((f) => findingOf(f, config, context));
    return {
      step: (frame) => told(rule.step(frame)),
      finish: () => told(rule.finish()),
      learn: (teaching) => rule.learn(teaching),
    };
  },
};

function findingOf(found: ThrowFinding, config: ThrownObjectConfig, context: RuleContext): RuleFinding {
  const { number, phase, verdict, confidence, reasons, startPtsMs, endPtsMs, details } = found;
  const { trajectory } = details;
  return {
    number,
    phase,
    severity: config.severity[verdict],
    verdict,
    confidence,
    reasons,
    startPtsMs,
    endPtsMs,
    box: {
      x1: Math.min(...trajectory.map((p) => p.x - p.w / 2)),
      y1: Math.min(...trajectory.map((p) => p.y - p.h / 2)),
      x2: Math.max(...trajectory.map((p) => p.x + p.w / 2)),
      y2: Math.max(...trajectory.map((p) => p.y + p.h / 2)),
    },
    zone: landingZone(details.landing.point, config.landing_zones, context),
    labels: [],
    throw: details,
  };
}

/** The first zone, in the order of the config, that holds the landing; `names` limits which may be told, empty means all. */
function landingZone(landing: Point, names: readonly string[], { zones }: RuleContext): string | null {
  for (const [name, polygon] of zones) {
    if ((names.length === 0 || names.includes(name)) && insidePolygon(polygon, landing)) return name;
  }
  return null;
}
