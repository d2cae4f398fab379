import type { Box } from '../../domain/geometry.js';
import type { Redaction } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { TimedPicture } from '../../media/pictures.js';
import { AgentError } from '../../platform/errors.js';
import { verdictColours } from '../drawing/look.js';
import { blackOut } from '../drawing/picture.js';
import { encodeSheet } from '../drawing/sheet.js';
import { LOOK_QUALITY, shrink } from '../drawing/small-picture.js';
import { clearBox } from '../privacy/clear.js';
import { hideWindows } from '../privacy/coarse.js';
import type { FootageSpan } from '../ring/footage.js';
import { markedOverlay, pictureLine } from './snapshot.js';

/** The last picture of a span as it is, of no incident; plain data, so that another process can make it. */
export interface StillJob {
  readonly kind: 'still';
  readonly cameraId: string;
  readonly footage: FootageSpan;
  /** Wall clock of the stream clock's 0, UTC milliseconds since 1970. */
  readonly zeroMs: number;
  /** What to look at, normalised to 0..1 of the full frame; a box is drawn around it. */
  readonly place: Box | null;
  readonly redaction: Redaction;
  /** Where the JPEG goes. */
  readonly path: string;
  /** Where a small copy goes on which nothing is drawn; `null`: nowhere. */
  readonly lookPath: string | null;
}

/** How far before the end of the footage the last picture is looked for, seconds: a camera gives at least one a second. */
const reachS = 1;

/**
 * The last picture of a span, with camera and time, and a box around the place to look at.
 *
 * @returns the JPEG, a small copy on which nothing is drawn, and the moment of its picture, seconds on the stream's clock.
 * @throws {AgentError} MEDIA_FAILED when nothing of the span can be decoded.
 */
export async function makeStill(
  tools: MediaTools,
  job: Omit<StillJob, 'path' | 'kind' | 'lookPath'>,
  signal: AbortSignal,
): Promise<{ readonly jpeg: Uint8Array; readonly look: Uint8Array; readonly atS: number }> {
  const { cameraId, footage, zeroMs, place, redaction } = job;
  const last = (await lastPicture(tools, job, reachS, signal)) ?? (await lastPicture(tools, job, Number.POSITIVE_INFINITY, signal));
  if (last === null) {
    throw new AgentError('MEDIA_FAILED', `no picture of ${footage.fromS.toFixed(2)} to ${footage.toS.toFixed(2)} s could be decoded`);
  }
  blackOut(last, redaction.black);
  hideWindows(last, redaction, place === null ? [] : [clearBox(place, last)]);
  const look = await tools.encodeJpeg(shrink(last), LOOK_QUALITY);
  const mark = place === null ? null : { box: place, colour: verdictColours.suspected };
  // The line must not lie over what is to be looked at; landings are at the bottom.
  const line = place !== null && place.y2 > 0.85 ? 'top' : 'bottom';
  const drawing = markedOverlay(mark, pictureLine(cameraId, zeroMs + 1000 * last.atS, last.atS), last, line);
  return { jpeg: await encodeSheet(tools, { scene: last, drawing }), look, atS: last.atS };
}

async function lastPicture(
  tools: MediaTools,
  { footage }: Pick<StillJob, 'footage'>,
  withinS: number,
  signal: AbortSignal,
): Promise<TimedPicture | null> {
  const found: { picture: TimedPicture | null } = { picture: null };
  const span = { input: footage.input, fromS: Math.max(footage.fromS, footage.toS - withinS), toS: footage.toS };
  await tools.readPictures(
    span,
    (picture) => {
      // The decoder reuses its memory.
      const data = found.picture?.data ?? new Uint8Array(picture.data.length);
      data.set(picture.data);
      found.picture = { ...picture, data };
    },
    signal,
  );
  return found.picture;
}
