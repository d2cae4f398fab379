import type { Box, Point } from '../../domain/geometry.js';
import type { LumaPicture } from './luma-picture.js';
import { type Rectification, type StraightPicture, straighten, visiblePart } from './rectification.js';
import { type EdgeStrips, edgeStrips, findRepetition, refineRepetition } from './repetition.js';

/** A facade in its straightened picture. */
export interface LocatedFacade {
  /** What was looked at closely: the facade and a few storeys around. */
  readonly straight: StraightPicture;
  readonly edges: EdgeStrips;
  /** From storey to storey, samples. */
  readonly periodPx: number;
  /** Where storeys repeat, samples; half-open. */
  readonly box: Box;
  /** How alike neighbouring storeys are, 0..1. */
  readonly likeness: number;
}

/** Most samples of the first look: coarse enough for a second, fine enough for storeys of 8 pixels. */
const COARSE = { columns: 1100, rows: 800 };
const FINE = { columns: 1500, rows: 1500 };
/** Storeys beside the coarse find that the close look takes in. */
const MARGIN_STOREYS = 4;

/**
 * Finds the facade: everywhere coarsely, then around what was found closely.
 *
 * @param focus where the camera is meant to look, pixels.
 */
export function locateFacade(picture: LumaPicture, rectification: Rectification, focus: Point): LocatedFacade | null {
  const whole = visiblePart(picture, rectification);
  if (whole === null) return null;
  const coarse = straighten(picture, rectification, whole, stepFor(whole, COARSE));
  const first = findRepetition(edgeStrips(coarse, distanceFrom(focus, rectification, coarse, picture.width)));
  if (first === null) return null;
  const margin = MARGIN_STOREYS * first.period * coarse.step;
  const part: Box = {
    x1: Math.max(whole.x1, whole.x1 + first.box.x1 * coarse.step - margin),
    y1: whole.y1,
    x2: Math.min(whole.x2, whole.x1 + first.box.x2 * coarse.step + margin),
    y2: whole.y2,
  };
  const straight = straighten(picture, rectification, part, Math.max(0.8, stepFor(part, FINE)));
  const edges = edgeStrips(straight, () => 0);
  const found = refineRepetition(edges, (first.period * coarse.step) / straight.step);
  return found === null ? null : { straight, edges, periodPx: found.period, box: found.box, likeness: found.likeness };
}

function stepFor(part: Box, { columns, rows }: { columns: number; rows: number }): number {
  return Math.max((part.x2 - part.x1) / columns, (part.y2 - part.y1) / rows);
}

function distanceFrom(focus: Point, { outward }: Rectification, { origin, step }: StraightPicture, width: number) {
  return (column: number, row: number): number =>
    Math.abs(outward({ x: origin.x + column * step, y: origin.y + row * step }).x - focus.x) / width;
}
