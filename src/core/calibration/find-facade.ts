import type { Point } from '../../domain/geometry.js';
import { type FacadeExtent, findExtent } from './facade-extent.js';
import { findLineSegments } from './line-segments.js';
import { type LocatedFacade, locateFacade } from './locate.js';
import { type LumaPicture, smoothPicture } from './luma-picture.js';
import { findPerspective, type Perspective } from './perspective.js';
import { createRectification, type Rectification } from './rectification.js';
import { fitStoreyComb, type StoreyComb } from './storey-comb.js';

/** What was found of a facade, before anybody says how many floors it has. */
export interface FoundFacade {
  readonly perspective: Perspective;
  readonly rectification: Rectification;
  readonly located: LocatedFacade;
  readonly comb: StoreyComb;
  readonly extent: FacadeExtent;
}

/** Shortest edge that counts, parts of the picture's width: a storey of the far floors. */
const SHORTEST_EDGE = 0.008;

/** Why there is nothing to propose. */
export type NotFound = 'no-edges' | 'no-repetition';

/** Looks for a facade. @param focus where the camera is meant to look, pixels. */
export function findFacade(picture: LumaPicture, focus: Point): FoundFacade | NotFound {
  const smooth = smoothPicture(picture);
  const segments = findLineSegments(smooth, SHORTEST_EDGE * picture.width);
  const perspective = findPerspective(segments, picture.width, picture.height);
  if (perspective === null) return 'no-edges';
  const { lens, vertical, across } = perspective;
  const rectification = createRectification(lens, vertical.point, across.point, picture.width, picture.height);
  if (rectification === null) return 'no-edges';
  const located = locateFacade(smooth, rectification, focus);
  if (located === null) return 'no-repetition';
  const comb = fitStoreyComb(located.edges, located.box, located.periodPx);
  const extent = findExtent(located.straight, located.edges, located.box, comb);
  return { perspective, rectification, located, comb, extent };
}
