import type { Box, Polygon } from '../domain/geometry.js';
import type { Incident } from '../domain/incident.js';
import type { MediaTools } from '../media/footage-tools.js';
import type { RgbPicture } from '../media/image.js';
import { AgentError } from '../platform/errors.js';
import { utcDate, utcTime } from './caption.js';
import type { FootageSpan } from './footage.js';
import { bandColour, verdictColours } from './look.js';
import { blackOut, clamp } from './picture.js';
import { encodeSheet } from './sheet.js';
import { escapeXml, textWidthPx } from './svg-text.js';
import { wallClockMs } from './track.js';
import { largestPosition } from './trail.js';

/** Half the span in which a picture of the moment is looked for, seconds: a camera gives at least five pictures a second. */
const reachS = 0.25;

/** The moment at which an incident is seen best, and where. */
export interface ClearestMoment {
  /** Seconds on the stream's clock. */
  readonly atS: number;
  /** Normalised. */
  readonly box: Box;
}

/** Where a thrown object is largest; for anything else its beginning. */
export function clearestMoment(incident: Incident): ClearestMoment {
  const position = incident.throw === null ? null : largestPosition(incident.throw.trajectory);
  if (position === null) return { atS: incident.streamTime.start, box: incident.box };
  const { t, x, y, w, h } = position;
  return { atS: t, box: { x1: x - w / 2, y1: y - h / 2, x2: x + w / 2, y2: y + h / 2 } };
}

/** Span that {@link makeSnapshot} looks at, seconds on the stream's clock. */
export function snapshotSpan(incident: Incident): { readonly fromS: number; readonly toS: number } {
  const { atS } = clearestMoment(incident);
  return { fromS: atS - reachS, toS: atS + reachS };
}

/**
 * The full picture of the clearest moment with a box around what was seen.
 *
 * @param masks filled black.
 * @returns the JPEG and the moment of its picture, seconds on the stream's clock.
 * @throws {AgentError} MEDIA_FAILED when no picture of that moment can be decoded.
 */
export async function makeSnapshot(
  tools: MediaTools,
  footage: FootageSpan,
  incident: Incident,
  masks: readonly Polygon[],
  signal: AbortSignal,
): Promise<{ readonly jpeg: Uint8Array; readonly atS: number }> {
  const moment = clearestMoment(incident);
  const { fromS, toS } = snapshotSpan(incident);
  let nearest: (RgbPicture & { readonly atS: number }) | null = null;
  await tools.readPictures(
    { input: footage.input, fromS, toS },
    (picture) => {
      if (nearest !== null && Math.abs(nearest.atS - moment.atS) <= Math.abs(picture.atS - moment.atS)) return;
      nearest = { width: picture.width, height: picture.height, atS: picture.atS, data: new Uint8Array(picture.data) };
    },
    signal,
  );
  // The callback's assignment is invisible to the compiler's flow analysis.
  const picture = nearest as (RgbPicture & { readonly atS: number }) | null;
  if (picture === null) throw new AgentError('MEDIA_FAILED', `no picture at ${moment.atS.toFixed(2)} s could be decoded from the footage`);
  blackOut(picture, masks);
  const jpeg = await encodeSheet(tools, { scene: picture, drawing: snapshotOverlay(incident, moment.box, picture) });
  return { jpeg, atS: picture.atS };
}

/** A box clear of the object, and one line with camera and time at the bottom. */
function snapshotOverlay(incident: Incident, box: Box, picture: RgbPicture & { readonly atS: number }): string {
  const { width, height } = picture;
  const line = Math.max(1.5, 0.0022 * width);
  const clearPx = Math.max(0.008 * width, ((box.x2 - box.x1) * width) / 4);
  const x1 = clamp(box.x1 * width - clearPx, line, width - line);
  const y1 = clamp(box.y1 * height - clearPx, line, height - line);
  const x2 = clamp(box.x2 * width + clearPx, line, width - line);
  const y2 = clamp(box.y2 * height + clearPx, line, height - line);
  const rect = `x="${x1.toFixed(1)}" y="${y1.toFixed(1)}" width="${(x2 - x1).toFixed(1)}" height="${(y2 - y1).toFixed(1)}" fill="none"`;
  const fontPx = 0.0235 * width;
  const atMs = wallClockMs(incident, picture.atS);
  const text = `${incident.cameraId} · ${utcDate(atMs)} ${utcTime(atMs)} UTC · stream ${picture.atS.toFixed(2)} s`;
  const barPx = 1.7 * fontPx;
  return [
    `<rect ${rect} stroke="#000" stroke-opacity="0.55" stroke-width="${(2 * line).toFixed(1)}"/>`,
    `<rect ${rect} stroke="${verdictColours[incident.verdict]}" stroke-width="${line.toFixed(1)}"/>`,
    `<rect x="0" y="${(height - barPx).toFixed(1)}" width="${Math.min(width, textWidthPx(text, fontPx) + 1.2 * fontPx).toFixed(1)}" height="${barPx.toFixed(1)}" fill="${bandColour}" fill-opacity="0.75"/>`,
    `<text x="${(0.6 * fontPx).toFixed(1)}" y="${(height - 0.55 * fontPx).toFixed(1)}" font-size="${fontPx.toFixed(1)}" fill="#fff">${escapeXml(text)}</text>`,
  ].join('\n');
}
