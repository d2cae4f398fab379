import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import { judgeFacade } from './confidence.js';
import { findFacade } from './find-facade.js';
import { cornersOf } from './fit-corners.js';
import { placeFloors } from './floor-count.js';
import type { LumaPicture } from './luma-picture.js';

/** What the person who asks knows of the building. */
export interface CalibrationHints {
  /** A point on the facade, or where to look first; normalised to 0..1 of the picture. */
  readonly focus: Point;
  /** Number of the lowest floor; `null`: 1. */
  readonly first: number | null;
  /** How many floors the building has; `null`: those that are seen. */
  readonly floors: number | null;
  /** Metres from floor to floor. It cannot be seen: it is what the picture's scale rests on. */
  readonly floorHeightM: number;
  readonly units: readonly string[];
}

/** A facade proposed from a picture. */
export interface FacadeProposal {
  readonly facade: Facade;
  /** How far corners and floor lines can be trusted, 0..1: see docs/calibration.md for what was measured. */
  readonly confidence: number;
  /** What the confidence rests on, in words. */
  readonly reasons: readonly string[];
  /** What a person should look at. */
  readonly checks: readonly string[];
}

/** Why there is no proposal. */
export interface NoProposal {
  readonly why: string;
}

/** Confidence below which nothing is proposed: 19 shared clips of streets, rooms and a fire stay below it, every rendered facade is above. */
const LEAST_CONFIDENCE = 0.15;
/** How far outside the picture corners may lie, in pictures: as far as the config takes them. */
const FARTHEST = 20;

/**
 * Proposes the facade that a camera looks at.
 *
 * @param picture the median of some seconds, so that nothing that moves is in it.
 * @example proposeFacade(picture, { focus: { x: 0.5, y: 0.5 }, first: null, floors: null, floorHeightM: 3, units: [] })
 */
export function proposeFacade(picture: LumaPicture, hints: CalibrationHints): FacadeProposal | NoProposal {
  const { width, height } = picture;
  const found = findFacade(picture, { x: hints.focus.x * width, y: hints.focus.y * height });
  if (found === 'no-edges') return { why: 'there are too few straight edges that meet in two vanishing points' };
  if (found === 'no-repetition') return { why: 'nothing in it repeats from storey to storey' };
  const placed = placeFloors(found, hints);
  const pixels = cornersOf(found, placed.top, placed.bottom);
  if (pixels === null) return { why: 'the storeys that were found make no facade' };
  const corners = pixels.map(({ x, y }) => ({ x: x / width, y: y / height })) as unknown as Facade['corners'];
  const verdict = judgeFacade(found, pixels, width, height);
  if (verdict.confidence < LEAST_CONFIDENCE || corners.some(({ x, y }) => !(Math.abs(x) < FARTHEST && Math.abs(y) < FARTHEST))) {
    return {
      why: `what repeats in it does not look like a facade (${found.extent.bottom.at - found.extent.top.at} storeys; too few, too small, or unlike one another)`,
    };
  }
  return {
    facade: {
      corners,
      floors: { first: placed.first, last: placed.last, heightM: hints.floorHeightM },
      units: hints.units,
      widthM: null,
    },
    confidence: verdict.confidence * placed.trust,
    reasons: [...verdict.reasons, ...placed.reasons],
    checks: [...verdict.checks, ...placed.checks],
  };
}
