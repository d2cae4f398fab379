import { createLens, type Lens } from './lens.js';
import type { LineSegment } from './line-segments.js';
import { findVanishingPoint, type VanishingPoint } from './vanishing-point.js';

/** How the camera sees the building: where verticals and storey lines meet once its lens is straightened. */
export interface Perspective {
  readonly lens: Lens;
  readonly vertical: VanishingPoint;
  readonly across: VanishingPoint;
}

/** Directions nearer to upright than this count as verticals, radians: wide lenses lean a tower's sides by 40°. */
const UPRIGHT = Math.PI / 4;
/** Bends that are tried first: from a slight pincushion to a wide surveillance lens (a drop of 40 % at the sides). */
const BENDS = [-0.06, -0.03, 0, 0.03, 0.06, 0.09, 0.13, 0.18, 0.24, 0.31, 0.39, 0.48];
/** Halvings of the step around the best; after three the bend is known to 0.004, a pixel at the sides of a full HD picture. */
const HALVINGS = 3;
/** Segments that the lens is judged by, the longest of either direction: the shorter say little of it. */
const JUDGES = 250;

/**
 * Finds the lens that lets most of the edges' length point to two vanishing points, and the points.
 *
 * @returns `null` when either direction has no edges that agree.
 */
export function findPerspective(segments: readonly LineSegment[], width: number, height: number): Perspective | null {
  const judges = splitByDirection(segments).flatMap((part) => [...part].sort((a, b) => b.lengthPx - a.lengthPx).slice(0, JUDGES));
  const agreement = (bend: number): number => {
    const found = throughLens(judges, createLens(bend, width, height), width, height);
    return found === null ? 0 : found.vertical.votes + found.across.votes;
  };
  let best = { bend: 0, votes: agreement(0) };
  for (const bend of BENDS) best = better(best, bend, agreement);
  let step = best.bend >= 0.1 ? 0.03 : 0.015;
  for (let k = 0; k < HALVINGS; k++) {
    for (const bend of [best.bend - step, best.bend + step]) best = better(best, bend, agreement);
    step /= 2;
  }
  return throughLens(segments, createLens(best.bend, width, height), width, height);
}

interface Judged {
  readonly bend: number;
  readonly votes: number;
}

function better(best: Judged, bend: number, agreement: (bend: number) => number): Judged {
  if (bend === best.bend) return best;
  const votes = agreement(bend);
  return votes > best.votes ? { bend, votes } : best;
}

function throughLens(segments: readonly LineSegment[], lens: Lens, width: number, height: number): Perspective | null {
  const straight = segments.map(({ a, b, lengthPx }) => ({ a: lens.straightened(a), b: lens.straightened(b), lengthPx }));
  const [upright, level] = splitByDirection(straight);
  const vertical = findVanishingPoint(upright, width, height);
  const across = findVanishingPoint(level, width, height);
  return vertical === null || across === null ? null : { lens, vertical, across };
}

function splitByDirection(segments: readonly LineSegment[]): [upright: LineSegment[], level: LineSegment[]] {
  const isUpright = ({ a, b }: LineSegment): boolean => Math.atan2(Math.abs(b.x - a.x), Math.abs(b.y - a.y)) < UPRIGHT;
  return [segments.filter(isUpright), segments.filter((segment) => !isUpright(segment))];
}
