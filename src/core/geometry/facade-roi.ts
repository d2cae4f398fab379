import type { Facade } from '../../domain/facade.js';
import type { Roi } from '../../domain/roi.js';
import { createFacadePlane } from './facade-plane.js';

/**
 * How far beside the facade, and in front of it, what falls is followed, metres. Of 289 made throws (`reporting`, `unseen`, `wide`) 268 stay within it to
 * their end; the others are seen for more than half of their path, and have fallen 8 m and more when they leave it. Narrower, and paper in the wind leaves it before
 * it is told from a bird; wider (6 m and 4 m lose six less), and every picture costs more.
 */
const BESIDE_M = 5;
const BEFORE_M = 3;
/** What stands on the roof throws, too: so many floors above the facade. */
const ABOVE_FLOORS = 1;
/** The region's edges lie at a multiple of this share: a corner that is drawn a little better leaves it as it is. */
const STEPS = 64;
/** A region of more than this share of the picture saves too little to be one … */
const LARGEST = 0.9;
/** … and one of less than this has too few places by which the camera's shake is told, in a picture of 640 columns. */
const SMALLEST = 9 / 32;
/** Heights at which the facade's edges are looked for. */
const HEIGHTS = 64;
/** The picture that the facade is measured in, pixels: what lies in front of it depends a little on the picture's shape. */
const WIDTH_PX = 1920;
const HEIGHT_PX = 1080;

/**
 * The columns of the picture in which something thrown from a facade can be: nothing else has its origin there. `null` where that is nearly all of it, or
 * none of the facade is to be seen.
 *
 * @throws {RangeError} when the corners do not make a convex quadrilateral.
 */
export function facadeRoi(facade: Facade): Roi | null {
  const plane = createFacadePlane(facade, WIDTH_PX, HEIGHT_PX);
  const topM = plane.heightM + ABOVE_FLOORS * facade.floors.heightM;
  const seen: number[] = [];
  for (let k = 0; k <= HEIGHTS; k++) {
    for (const x of [-BESIDE_M, plane.widthM + BESIDE_M]) {
      for (const outM of [0, BEFORE_M]) {
        const place = { x, y: (topM * k) / HEIGHTS };
        const pixel = plane.toPixels(place, outM);
        if (plane.isAhead(place, outM) && pixel.y >= 0 && pixel.y <= HEIGHT_PX) seen.push(pixel.x / WIDTH_PX);
      }
    }
  }
  const first = Math.max(0, Math.floor(Math.min(...seen) * STEPS));
  const last = Math.min(STEPS, Math.ceil(Math.max(...seen) * STEPS));
  if (!(last > first) || last - first > LARGEST * STEPS) return null;
  const steps = Math.max(SMALLEST * STEPS, last - first);
  const from = Math.max(0, Math.min(STEPS - steps, Math.floor((first + last - steps) / 2)));
  return { from: from / STEPS, to: (from + steps) / STEPS };
}
