import type { Incident, ThrowDetails, TrajectoryPoint } from '../../domain/incident.js';
import type { Redaction } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import type { TimedPicture } from '../../media/pictures.js';
import { AgentError } from '../../platform/errors.js';
import { throwCaption } from '../drawing/caption.js';
import { bandRgb } from '../drawing/look.js';
import { blackOut, cutOut, type PictureCut, patchOf, squareAround } from '../drawing/picture.js';
import { encodeSheet } from '../drawing/sheet.js';
import { type CoarsePlan, coarsen, coarsenCut, coarsePlan } from '../privacy/coarse.js';
import type { FootageSpan } from '../ring/footage.js';
import { backgroundAfter, createVisibility, fallSpan, sameMomentS, surroundingsOf } from './best-view.js';
import { layoutTrail } from './trail-band.js';
import { trailOverlay } from './trail-overlay.js';
import { createTrailCanvas, type TrailCanvas } from './trail-paint.js';

/** Magnification of the origin's inset: the window is known by its surroundings. */
const originMagnification = 3;
/**
 * The whole fall in one picture: the scene at full resolution as it was just before, the object at every position of its
 * path, cut from the picture of that moment, its origin and landing marked, and below it in words what happened. Holds
 * one decoded picture at a time beside the canvas.
 *
 * @param redaction done to every picture before anything is kept of it; the object itself is seen.
 * @returns JPEG.
 * @throws {AgentError} MEDIA_FAILED when no picture of the fall can be decoded.
 */
export async function makeTrail(
  tools: MediaTools,
  footage: FootageSpan,
  incident: Incident,
  details: ThrowDetails,
  redaction: Redaction,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { canvas, object, instances } = await paintPath(tools, footage, details, redaction, signal);
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
  redaction: Redaction,
  signal: AbortSignal,
): Promise<{ canvas: TrailCanvas; object: PictureCut | null; instances: number }> {
  const wanted = fallSpan(details);
  const visibility = createVisibility(details);
  const after = await backgroundAfter(tools, footage, details, redaction.black, signal);
  let plan: CoarsePlan | null = null;
  const begin = (scene: RgbPicture): TrailCanvas => {
    plan = coarsePlan(redaction, scene);
    return createTrailCanvas(scene, (shown) => plan !== null && coarsen(shown, plan, []));
  };
  let canvas = after === null ? null : begin(after);
  let object: { readonly cut: PictureCut; readonly at: TrajectoryPoint; readonly seen: number } | null = null;
  let waiting: Instance[] = [];
  let next = 0;
  let instances = 0;

  const paint = (instance: Instance): void => {
    if (instance.clarity < 0) return;
    instances++;
    canvas?.paint(instance.cut, instance.at);
    const seen = visibility.of(instance.at, instance.clarity, instance.cut);
    if (object === null || seen > object.seen) object = { cut: instance.cut, at: instance.at, seen };
  };
  const take = (picture: TimedPicture): void => {
    blackOut(picture, redaction.black);
    canvas ??= begin(picture);
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
  const best = object as { readonly cut: PictureCut; readonly at: TrajectoryPoint } | null;
  if (best !== null && plan !== null) coarsenCut(best.cut, plan, [patchOf(plan, best.at)]);
  return { canvas, object: best?.cut ?? null, instances };
}

const emptyCut: PictureCut = { x: 0, y: 0, width: 0, height: 0, data: new Uint8Array() };

/** The instance as `picture` shows it, if it does so more clearly; a picture of the exact moment is preferred gently. */
function clearer(canvas: TrailCanvas, instance: Instance, picture: TimedPicture): Instance {
  const { at } = instance;
  const clarity = canvas.clarity(picture, at) * (1 - Math.abs(picture.atS - at.t) / (2 * sameMomentS));
  if (clarity <= instance.clarity) return instance;
  return { at, clarity, cut: cutOut(picture, surroundingsOf(picture, at)) };
}
