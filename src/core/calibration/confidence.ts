import type { Point } from '../../domain/geometry.js';
import type { FoundFacade } from './find-facade.js';

/** How far corners and floor lines can be trusted, and why. */
export interface Verdict {
  /** 0..1. */
  readonly confidence: number;
  readonly reasons: readonly string[];
  readonly checks: readonly string[];
}

/**
 * What each sign is worth nothing at, and all at. From the tuning scenes (facades) and the shared street, fire and indoor clips (none):
 * likeness 0.39 to 0.74 against 0.42 to 0.49, edges towards the vanishing points 0.48 to 0.97 against 0.15 to 0.5, storeys 7 and more against
 * 2 to 6, area 0.05 to 0.7 against 0.001 to 0.02.
 */
const LIKENESS = [0.25, 0.7] as const;
const DIRECTION = [0.2, 0.5] as const;
const STOREYS = [3, 7] as const;
const AREA = [0.01, 0.05] as const;
const STOREY_PX = [7, 14] as const;
/** What a side that no edge marks costs, and one with another edge as strong beside it. */
const VAGUE_SIDE = 0.85;
const RIVAL_SIDE = 0.75;
/** No picture proves where a slab lies behind a wall: a person looks at every proposal. */
const MOST = 0.95;

/** @param corners of the facade, pixels. */
export function judgeFacade(found: FoundFacade, corners: readonly [Point, Point, Point, Point], width: number, height: number): Verdict {
  const { perspective, located, comb, extent } = found;
  const storeys = extent.bottom.at - extent.top.at;
  const direction = Math.min(perspective.vertical.share, perspective.across.share);
  const storeyPx = comb.periodPx * located.straight.step;
  const area = ((extent.right.at - extent.left.at) * storeys * comb.periodPx * located.straight.step ** 2) / (width * height);
  const sides = [extent.left, extent.right];
  const vague = sides.filter(({ by }) => by !== 'edge').length;
  const rivals = sides.filter(({ rival }) => rival === true).length;
  const confidence =
    MOST *
    ramp(located.likeness, LIKENESS) *
    ramp(direction, DIRECTION) *
    ramp(storeys, STOREYS) *
    ramp(area, AREA) *
    ramp(storeyPx, STOREY_PX) *
    VAGUE_SIDE ** vague *
    RIVAL_SIDE ** rivals *
    convexity(corners);
  const reasons = [
    `neighbouring storeys are ${percent(located.likeness)} alike`,
    `${percent(direction)} of the straight edges point to the facade's two vanishing points`,
  ];
  if (Math.abs(perspective.lens.bend) > 0.02)
    reasons.push(
      `the lens bends lines by ${percent(Math.abs(perspective.lens.bend))} at the sides; floor lines are the straight ones that fit best`,
    );
  reasons.push(vague === 0 ? 'both sides lie on upright edges' : `${vague === 1 ? 'one side lies' : 'both sides lie'} on no clear edge`);
  const checks: string[] = [];
  for (const [name, { rival }] of [
    ['left', extent.left],
    ['right', extent.right],
  ] as const) {
    if (rival === true) checks.push(`the ${name} side: another upright edge as strong runs beside it`);
  }
  if (extent.left.by === 'cut' || extent.right.by === 'cut')
    checks.push('a side is out of the picture: the corners there are where the picture ends');
  else if (vague > 0) checks.push('move the sides to the corners of the building');
  return { confidence, reasons, checks };
}

function ramp(value: number, [none, all]: readonly [number, number]): number {
  return Math.min(1, Math.max(0, (value - none) / (all - none)));
}

/** 1 where the corners go round a convex quadrilateral, as every facade's do, 0 otherwise. */
function convexity(corners: readonly [Point, Point, Point, Point]): 0 | 1 {
  return corners.every((b, i) => {
    const [a, c] = [corners[(i + 3) % 4] as Point, corners[(i + 1) % 4] as Point];
    return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0;
  })
    ? 1
    : 0;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
