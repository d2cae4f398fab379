import type { GroundMarks, Point } from '../../domain/geometry.js';
import { homographyFrom, mapPoint } from './homography.js';

/** The flat ground before a camera. */
export interface GroundPlane {
  /** Where a place of the picture lies, metres; `null` at or above the horizon. */
  metresAt(place: Point): Point | null;
  /** Where a place on the ground lies in the picture. */
  pictureAt(metres: Point): Point;
}

/**
 * @throws {RangeError} when three of the four lie on a line.
 * @example createGroundPlane(marks).metresAt({ x: 0.5, y: 0.9 }) // { x: 3.5, y: 4.2 }
 */
export function createGroundPlane({ picture, metres }: GroundMarks): GroundPlane {
  const toMetres = homographyFrom(picture, metres);
  const toPicture = homographyFrom(metres, picture);
  const side = (p: Point): number => toMetres[6] * p.x + toMetres[7] * p.y + toMetres[8];
  // The marks lie on the ground, so whatever is on their side of the horizon is ground too.
  const ground = Math.sign(side(picture[0]));
  return {
    metresAt: (place) => (Math.sign(side(place)) === ground ? mapPoint(toMetres, place) : null),
    pictureAt: (at) => mapPoint(toPicture, at),
  };
}
