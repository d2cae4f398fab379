import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { Box, Point, Polygon } from '../../domain/geometry.js';
import type { RuleContext } from '../contract.js';

/** A place along the allowed way and across it: metres, or the picture's heights where metres are unknown. */
export interface WayPlace {
  readonly along: number;
  readonly across: number;
}

/** The allowed way through a zone. */
export interface Flow {
  /** Whether places are metres. */
  readonly metric: boolean;
  /** `null` above the horizon. */
  placeOf(foot: Point): WayPlace | null;
  /** What five metres are for something of this size, in the unit of places: a car's length. */
  carLength(box: Box): number;
}

/** A car's length, metres: the unit of places where metres are unknown. */
export const CAR_M = 5;
/** A step short enough for its direction on the ground to be that of the picture, heights of the picture. */
const STEP = 0.01;

/** @param direction in the picture, as shares of its width and height; not (0, 0). */
export function createFlow(
  direction: Point,
  zone: Polygon,
  { ground, width, height }: Pick<RuleContext, 'ground' | 'width' | 'height'>,
): Flow {
  const aspect = width / height;
  const onGround = ground === null ? null : directionOnGround(direction, zone, ground);
  if (ground !== null && onGround !== null) {
    return {
      metric: true,
      placeOf(foot) {
        const at = ground.metresAt(foot);
        return at === null ? null : { along: at.x * onGround.x + at.y * onGround.y, across: at.x * onGround.y - at.y * onGround.x };
      },
      carLength: () => CAR_M,
    };
  }
  const { x, y } = unit({ x: direction.x * aspect, y: direction.y });
  return {
    metric: false,
    placeOf: (foot) => ({ along: foot.x * aspect * x + foot.y * y, across: foot.x * aspect * y - foot.y * x }),
    carLength: (box) => Math.max(1e-6, Math.abs(x) * (box.x2 - box.x1) * aspect + Math.abs(y) * (box.y2 - box.y1)),
  };
}

/** Where the direction leads on the ground in the middle of the zone; `null` where that is no ground. */
function directionOnGround(direction: Point, zone: Polygon, ground: GroundPlane): Point | null {
  const n = Math.max(1, zone.length);
  const middle = { x: zone.reduce((sum, { x }) => sum + x, 0) / n, y: zone.reduce((sum, { y }) => sum + y, 0) / n };
  const step = unit(direction);
  const [a, b] = [ground.metresAt(middle), ground.metresAt({ x: middle.x + STEP * step.x, y: middle.y + STEP * step.y })];
  return a === null || b === null ? null : unit({ x: b.x - a.x, y: b.y - a.y });
}

function unit({ x, y }: Point): Point {
  const length = Math.max(1e-12, Math.hypot(x, y));
  return { x: x / length, y: y / length };
}
