import type { Box, Polygon } from '../../domain/geometry.js';
import type { ThrowDetails, TrajectoryPoint } from '../../domain/incident.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import { blackOut, type PictureCut, patchOf, squareAround } from '../drawing/picture.js';
import type { FootageSpan } from '../ring/footage.js';
import { insetSidePx } from './trail-band.js';

/** How long before the first position the background is taken, seconds: the thrower's hand may already be out. */
const backgroundLeadS = 0.6;
/**
 * How far a picture's time may lie from a position's, seconds. Positions on streams whose clock lies carry mended times,
 * up to half a picture (25 ms at 20 pictures a second) off the stamps. Larger: more pictures are compared for nothing.
 */
export const sameMomentS = 0.045;
/** Unrest below this is a plain wall, grey levels; more makes surroundings matter less against contrast. */
const plainGrey = 10;
/** The object's inset shows so many times the object, so that a thing of 3 px fills a good part of it, … */
const objectSurroundings = 5;
/** … but no more than this many times magnified: beyond, one sees the decoder's blocks and no longer what is around. */
const maxObjectMagnification = 14;

/** Neighbours on either side by which a box is judged, positions: four outweigh three that are wrong. */
const usualReach = 4;

/** What is to be decoded to see a whole fall and the scene before it. Seconds on the stream's clock. */
export function fallSpan(details: ThrowDetails): { readonly fromS: number; readonly toS: number } {
  return { fromS: firstOf(details).t - backgroundLeadS, toS: lastOf(details).t + sameMomentS };
}

/**
 * Where the footage begins with the object already in the air, the scene is taken from after its fall instead; `null`
 * where the first picture of {@link fallSpan} will do.
 */
export async function backgroundAfter(
  tools: MediaTools,
  footage: FootageSpan,
  details: ThrowDetails,
  black: readonly Polygon[],
  signal: AbortSignal,
): Promise<RgbPicture | null> {
  if (footage.fromS <= firstOf(details).t - backgroundLeadS / 4) return null;
  const fromS = lastOf(details).t + backgroundLeadS;
  const toS = Math.min(fromS + backgroundLeadS, footage.toS);
  if (toS <= fromS) return null;
  let background: RgbPicture | null = null;
  await tools.readPictures(
    { input: footage.input, fromS, toS },
    (picture) => {
      if (background !== null) return;
      background = { width: picture.width, height: picture.height, data: new Uint8Array(picture.data) };
      blackOut(background, black);
    },
    signal,
  );
  return background;
}

/** The square around an object by which it is judged, and which its inset shows; it holds the patch that is painted. Whole pixels. */
export function surroundingsOf(picture: { readonly width: number; readonly height: number }, at: TrajectoryPoint): Box {
  const { width, height } = picture;
  const patch = patchOf(picture, at);
  const sidePx = Math.max(
    insetSidePx(width) / maxObjectMagnification,
    objectSurroundings * Math.max(at.w * width, at.h * height),
    // At the picture's edge the square is moved inwards: it must still hold the patch.
    1.5 * Math.max(patch.x2 - patch.x1, patch.y2 - patch.y1),
  );
  return squareAround(picture, { x: at.x * width, y: at.y * height }, sidePx);
}

/** How well the object is seen at a position: contrast times size, less where its surroundings are restless. 0 where an edge cuts it. */
export interface Visibility {
  /** @param clarity see `clarityOf`, grey levels. */
  of(at: TrajectoryPoint, clarity: number, surroundings: PictureCut): number;
  /** What {@link of} cannot exceed, whatever the surroundings. */
  atMost(at: TrajectoryPoint, clarity: number): number;
}

export function createVisibility({ trajectory }: ThrowDetails): Visibility {
  const usualAreas = new Map(trajectory.map((at, i) => [at, usualAreaAround(trajectory, i)]));
  const strength = (at: TrajectoryPoint, clarity: number): number =>
    isInside(at) ? Math.max(0, clarity) * Math.sqrt(Math.min(areaOf(at), usualAreas.get(at) ?? 0)) : 0;
  return {
    of: (at, clarity, surroundings) => strength(at, clarity) / (plainGrey + unrest(surroundings)),
    atMost: (at, clarity) => strength(at, clarity) / plainGrey,
  };
}

/**
 * What an object's box has around a position. A box larger than its neighbours holds a blur or something else besides: that makes nothing
 * better seen. One that grows with them comes nearer.
 */
function usualAreaAround(trajectory: readonly TrajectoryPoint[], i: number): number {
  const areas = trajectory.slice(Math.max(0, i - usualReach), i + usualReach + 1).map(areaOf);
  return areas.sort((a, b) => a - b)[areas.length >> 1] ?? 0;
}

/** How much the pixels of a cut-out differ from their mean, grey levels: next to a window frame a small thing is not seen. */
function unrest({ data }: PictureCut): number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return data.reduce((sum, value) => sum + Math.abs(value - mean), 0) / data.length;
}

const areaOf = (p: TrajectoryPoint): number => p.w * p.h;

const isInside = (p: TrajectoryPoint): boolean => p.x - p.w / 2 >= 0 && p.x + p.w / 2 <= 1 && p.y - p.h / 2 >= 0 && p.y + p.h / 2 <= 1;

/** The position at which the object is largest and wholly inside the picture, the earliest of equals. */
export function largestPosition(trajectory: readonly TrajectoryPoint[]): TrajectoryPoint | null {
  const inside = trajectory.filter(isInside);
  return inside.reduce<TrajectoryPoint | null>((best, p) => (best === null || areaOf(p) > areaOf(best) ? p : best), null);
}

function firstOf(details: ThrowDetails): TrajectoryPoint {
  const first = details.trajectory[0];
  if (first === undefined) throw new RangeError('a throw has at least one position');
  return first;
}

function lastOf(details: ThrowDetails): TrajectoryPoint {
  return details.trajectory.at(-1) ?? firstOf(details);
}
