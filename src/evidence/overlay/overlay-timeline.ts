import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import type { ThrowDetails, TrajectoryPoint } from '../../domain/incident.js';
import type { Size } from '../drawing/sprite.js';

/** A facade's geometry in a picture of one size; pixels and metres from its lower left corner, y up. */
export interface FacadeRuler {
  readonly widthM: number;
  readonly heightM: number;
  toMetres(pixel: Point): Point;
  toPixels(metres: Point): Point;
  /** Number of the floor at a height; not limited to the facade's own floors. */
  floorAt(heightM: number): number;
}

/** What can be said of a fall at one moment. `null`: not measurable on this camera. */
export interface FallMoment {
  /** Where the object is, pixels; before and after, where it was seen first and last. */
  readonly at: Point;
  /** Half the diagonal of its box, pixels. */
  readonly radiusPx: number;
  /** Seconds since it was first seen. */
  readonly elapsedS: number;
  /** Metres above the ground line, as it appears on the facade's plane. */
  readonly heightM: number | null;
  readonly floor: number | null;
  /** Metres below the origin. */
  readonly dropM: number | null;
  readonly speedMps: number | null;
}

/** A fall as it goes on. */
export interface FallTimeline {
  readonly startS: number;
  readonly endS: number;
  at(timeS: number): FallMoment;
  /** Positions up to a moment, pixels, the present one last. */
  pathUntil(timeS: number): readonly Point[];
}

/** Positions within this time of a moment make its speed, seconds: at 25 pictures a second nine of them, which calms the last digit. */
const speedWindowS = 0.16;

/** @throws {RangeError} for a throw without a position. */
export function createFallTimeline(
  details: ThrowDetails,
  size: Size,
  facade: Pick<Facade, 'floors'> | null,
  ruler: FacadeRuler | null,
): FallTimeline {
  const { trajectory, origin, fall } = details;
  const first = trajectory[0];
  const last = trajectory.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a throw has at least one position');
  const toPixels = (p: TrajectoryPoint): Point => ({ x: p.x * size.width, y: p.y * size.height });
  const heightOf = (pixel: Point): number | null => ruler?.toMetres(pixel).y ?? null;

  const positionAt = (timeS: number): TrajectoryPoint => {
    const next = trajectory.findIndex((p) => p.t >= timeS);
    if (next < 0) return last;
    const b = trajectory[next] as TrajectoryPoint;
    const a = trajectory[next - 1];
    if (a === undefined || b.t === a.t) return b;
    const share = (timeS - a.t) / (b.t - a.t);
    const between = (from: number, to: number): number => from + share * (to - from);
    return { t: timeS, x: between(a.x, b.x), y: between(a.y, b.y), w: between(a.w, b.w), h: between(a.h, b.h) };
  };
  const speedAt = (timeS: number): number | null => {
    if (ruler === null) return null;
    const near = trajectory.filter((p) => Math.abs(p.t - timeS) <= speedWindowS);
    const speed = -slope(near.map((p) => [p.t, ruler.toMetres(toPixels(p)).y]));
    // In front of the facade's plane the object seems faster than it is: never more than it landed with.
    return Number.isFinite(speed) ? Math.max(0, Math.min(speed, fall.impactSpeedMps ?? speed)) : null;
  };

  return {
    startS: first.t,
    endS: last.t,
    at(timeS) {
      const position = positionAt(timeS);
      const at = toPixels(position);
      const heightM = heightOf(at);
      const originM = origin.heightM ?? heightOf(toPixels(first));
      return {
        at,
        radiusPx: Math.hypot(position.w * size.width, position.h * size.height) / 2,
        elapsedS: Math.min(Math.max(0, timeS - first.t), last.t - first.t),
        heightM,
        floor:
          heightM === null || facade === null || ruler === null ? null : floorWithin(ruler.floorAt(heightM), facade.floors, origin.floor),
        dropM:
          heightM === null || originM === null ? null : Math.max(0, Math.min(originM - heightM, fall.dropM ?? Number.POSITIVE_INFINITY)),
        speedMps: speedAt(Math.max(first.t, Math.min(timeS, last.t))),
      };
    },
    pathUntil: (timeS) => [...trajectory.filter((p) => p.t < timeS), positionAt(timeS)].map(toPixels),
  };
}

/** It came from `origin`, so it is never above; below the facade it is on the first floor still. */
function floorWithin(floor: number, floors: Facade['floors'], origin: number | null): number {
  return Math.max(floors.first, Math.min(floor, origin ?? floors.last, floors.last));
}

/** Least-squares slope of points (x, y); not finite for fewer than two places. */
function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return above / below;
}
