import type { Box, Polygon } from '../domain/geometry.js';
import type { Incident, ThrowDetails, TrajectoryPoint } from '../domain/incident.js';
import type { MediaTools } from '../media/footage-tools.js';
import type { TimedPicture } from '../media/pictures.js';
import { AgentError } from '../platform/errors.js';
import { throwCaption } from './caption.js';
import type { FootageSpan } from './footage.js';
import { bandRgb } from './look.js';
import { blackOut, cutOut, type PictureCut, squareAround } from './picture.js';
import { encodeSheet } from './sheet.js';
import { insetSidePx, layoutTrail } from './trail-band.js';
import { trailOverlay } from './trail-overlay.js';
import { createTrailCanvas, type TrailCanvas } from './trail-paint.js';

/** How long before the first position the background is taken, seconds: the thrower's hand may already be out. */
const backgroundLeadS = 0.6;
/**
 * How far a picture's time may lie from a position's, seconds. Positions on streams whose clock lies carry mended times,
 * up to half a picture (25 ms at 20 pictures a second) off the stamps. Larger: more pictures are compared for nothing.
 */
const sameMomentS = 0.045;
/** Magnification of the origin's inset: the window is known by its surroundings. */
const originMagnification = 3;
/** Unrest below this is a plain wall, grey levels; more makes surroundings matter less against contrast. */
const plainGrey = 10;
/** The object's inset shows so many times the object, so that a thing of 3 px fills a good part of it, … */
const objectSurroundings = 5;
/** … but no more than this many times magnified: beyond, one sees the decoder's blocks and no longer what is around. */
const maxObjectMagnification = 14;

/** Span that {@link makeTrail} would like to see: what it decodes. Seconds on the stream's clock. */
export function trailSpan(details: ThrowDetails): { readonly fromS: number; readonly toS: number } {
  return { fromS: firstOf(details).t - backgroundLeadS, toS: lastOf(details).t + sameMomentS };
}

/**
 * The whole fall in one picture: the scene at full resolution as it was just before, the object at every position of its
 * path, cut from the picture of that moment, its origin and landing marked, and below it in words what happened. Holds
 * one decoded picture at a time beside the canvas.
 *
 * @param masks filled black before anything else is done.
 * @returns JPEG.
 * @throws {AgentError} MEDIA_FAILED when no picture of the fall can be decoded.
 */
export async function makeTrail(
  tools: MediaTools,
  footage: FootageSpan,
  incident: Incident,
  details: ThrowDetails,
  masks: readonly Polygon[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { canvas, object, instances } = await paintPath(tools, footage, details, masks, signal);
  const { width, height } = canvas.picture;
  const caption = throwCaption(incident, details);
  const layout = layoutTrail(width, height, caption);
  const { side, originX, objectX, y } = layout.insets;
  const start = { x: details.origin.point.x * width, y: details.origin.point.y * height };
  const originCut = cutOut(canvas.picture, squareAround(canvas.picture, start, side / originMagnification));
  const objectCut = object ?? originCut;
  return await encodeSheet(tools, {
    scene: canvas.picture,
    band: { heightPx: layout.bandHeight, colour: bandRgb },
    insets: [
      { picture: originCut, left: originX, top: y, side },
      { picture: objectCut, left: objectX, top: y, side },
    ],
    drawing: trailOverlay(layout, incident, details, caption, {
      originMagnification: side / originCut.width,
      objectMagnification: side / objectCut.width,
      instances,
    }),
  });
}

interface Instance {
  readonly at: TrajectoryPoint;
  readonly clarity: number;
  readonly cut: PictureCut;
}

/** Decodes the span once and paints as it goes. `object` is the surroundings of the object where it is seen best. */
async function paintPath(
  tools: MediaTools,
  footage: FootageSpan,
  details: ThrowDetails,
  masks: readonly Polygon[],
  signal: AbortSignal,
): Promise<{ canvas: TrailCanvas; object: PictureCut | null; instances: number }> {
  const wanted = trailSpan(details);
  const usualArea = details.trajectory.map(areaOf).sort((a, b) => a - b)[details.trajectory.length >> 1] ?? 0;
  let canvas = await backgroundAfter(tools, footage, details, masks, signal);
  let object: { readonly cut: PictureCut; readonly visibility: number } | null = null;
  let waiting: Instance[] = [];
  let next = 0;
  let instances = 0;

  const paint = (instance: Instance): void => {
    if (instance.clarity < 0) return;
    instances++;
    canvas?.paint(instance.cut, instance.at);
    // A box larger than usual holds a blur or something else besides: then only contrast counts.
    const size = Math.sqrt(Math.min(areaOf(instance.at), usualArea));
    const visibility = isInside(instance.at) ? (instance.clarity * size) / (plainGrey + unrest(instance.cut)) : 0;
    if (object === null || visibility > object.visibility) object = { cut: instance.cut, visibility };
  };
  const take = (picture: TimedPicture): void => {
    blackOut(picture, masks);
    canvas ??= createTrailCanvas(picture);
    for (let at = details.trajectory[next]; at !== undefined && at.t - sameMomentS <= picture.atS; at = details.trajectory[++next]) {
      waiting.push({ at, clarity: -1, cut: emptyCut });
    }
    const open: Instance[] = [];
    for (const instance of waiting) {
      if (picture.atS > instance.at.t + sameMomentS) paint(instance);
      else open.push(clearer(canvas, instance, picture));
    }
    waiting = open;
  };
  await tools.readPictures(
    { input: footage.input, fromS: Math.max(wanted.fromS, footage.fromS), toS: Math.min(wanted.toS, footage.toS) },
    take,
    signal,
  );
  waiting.forEach(paint);
  if (canvas === null || instances === 0) throw new AgentError('MEDIA_FAILED', 'no picture of the fall could be decoded from its footage');
  // The callbacks' assignments are invisible to the compiler's flow analysis.
  return { canvas, object: (object as { readonly cut: PictureCut } | null)?.cut ?? null, instances };
}

const emptyCut: PictureCut = { x: 0, y: 0, width: 0, height: 0, data: new Uint8Array() };

/** The instance as `picture` shows it, if it does so more clearly; a picture of the exact moment is preferred gently. */
function clearer(canvas: TrailCanvas, instance: Instance, picture: TimedPicture): Instance {
  const { at } = instance;
  const clarity = canvas.clarity(picture, at) * (1 - Math.abs(picture.atS - at.t) / (2 * sameMomentS));
  if (clarity <= instance.clarity) return instance;
  return { at, clarity, cut: cutOut(picture, objectSquare(canvas, at)) };
}

/** The surroundings for the inset; they hold the patch that is painted. */
function objectSquare(canvas: TrailCanvas, at: TrajectoryPoint): Box {
  const { width, height } = canvas.picture;
  const patch = canvas.patchOf(at);
  const sidePx = Math.max(
    insetSidePx(width) / maxObjectMagnification,
    objectSurroundings * Math.max(at.w * width, at.h * height),
    // At the picture's edge the square is moved inwards: it must still hold the patch.
    1.5 * Math.max(patch.x2 - patch.x1, patch.y2 - patch.y1),
  );
  return squareAround(canvas.picture, { x: at.x * width, y: at.y * height }, sidePx);
}

/**
 * Where the footage begins with the object already in the air, the scene is taken from after its fall instead; `null`
 * where the first picture will do.
 */
async function backgroundAfter(
  tools: MediaTools,
  footage: FootageSpan,
  details: ThrowDetails,
  masks: readonly Polygon[],
  signal: AbortSignal,
): Promise<TrailCanvas | null> {
  if (footage.fromS <= firstOf(details).t - backgroundLeadS / 4) return null;
  const fromS = lastOf(details).t + backgroundLeadS;
  const toS = Math.min(fromS + backgroundLeadS, footage.toS);
  if (toS <= fromS) return null;
  let canvas: TrailCanvas | null = null;
  const take = (picture: TimedPicture): void => {
    if (canvas !== null) return;
    blackOut(picture, masks);
    canvas = createTrailCanvas(picture);
  };
  await tools.readPictures({ input: footage.input, fromS, toS }, take, signal);
  return canvas;
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
  return inside.reduce<TrajectoryPoint | null>((best, p) => (best === null || p.w * p.h > best.w * best.h ? p : best), null);
}

function firstOf(details: ThrowDetails): TrajectoryPoint {
  const first = details.trajectory[0];
  if (first === undefined) throw new RangeError('a throw has at least one position');
  return first;
}

function lastOf(details: ThrowDetails): TrajectoryPoint {
  return details.trajectory.at(-1) ?? firstOf(details);
}
