import type { Box } from '../../domain/geometry.js';
import { type Incident, type ThrowDetails, type TrajectoryPoint, wallClockMs } from '../../domain/incident.js';
import type { Redaction } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import type { TimedPicture } from '../../media/pictures.js';
import { AgentError } from '../../platform/errors.js';
import { utcDate, utcTime } from '../drawing/caption.js';
import { bandColour, verdictColours } from '../drawing/look.js';
import { blackOut, clamp, cutOut } from '../drawing/picture.js';
import { encodeSheet } from '../drawing/sheet.js';
import { escapeXml, textWidthPx } from '../drawing/svg-text.js';
import { clearBox } from '../privacy/clear.js';
import { hideWindows } from '../privacy/coarse.js';
import type { FootageSpan } from '../ring/footage.js';
import { backgroundAfter, createVisibility, fallSpan, sameMomentS, surroundingsOf } from './best-view.js';
import { clarityOf } from './trail-paint.js';

/** Half the span in which a picture of a moment is looked for, seconds: a camera gives at least five pictures a second. */
const reachS = 0.25;
/**
 * What is left of the visibility at either end of the path, against its middle: there hands, rails, cars and the picture's edge come in the
 * way. Lower, and a middle far from the camera would win over a large object near its end.
 */
const endsShare = 0.7;
/** What is left of it when the picture is not of that very moment: only where there is no other. */
const otherMomentShare = 0.01;

/**
 * One full picture of a fall with a box around what fell: the one in which it is seen best (its contrast times its size, rather in the middle of
 * its path than at an end).
 *
 * @param redaction done to the picture; what the box is around is seen.
 * @returns the JPEG and the moment of its picture, seconds on the stream's clock.
 * @throws {AgentError} MEDIA_FAILED when no picture of that span can be decoded.
 */
export async function makeSnapshot(
  tools: MediaTools,
  footage: FootageSpan,
  incident: Incident,
  details: ThrowDetails,
  redaction: Redaction,
  signal: AbortSignal,
): Promise<{ readonly jpeg: Uint8Array; readonly atS: number }> {
  const judge = judgeFall(details, await backgroundAfter(tools, footage, details, redaction.black, signal));
  const wanted = fallSpan(details);
  const best: { view: View | null } = { view: null };
  await tools.readPictures(
    { input: footage.input, fromS: Math.max(wanted.fromS, footage.fromS), toS: Math.min(wanted.toS, footage.toS) },
    (picture) => {
      blackOut(picture, redaction.black);
      const seen = judge(picture, best.view?.worth ?? 0);
      if (seen === null) return;
      // One copy at a time: of 4K it is 25 MB.
      const data = best.view?.picture.data ?? new Uint8Array(picture.data.length);
      data.set(picture.data);
      best.view = { ...seen, picture: { width: picture.width, height: picture.height, atS: picture.atS, data } };
    },
    signal,
  );
  if (best.view === null) {
    const { fromS, toS } = wanted;
    throw new AgentError('MEDIA_FAILED', `no picture of ${fromS.toFixed(2)} to ${toS.toFixed(2)} s could be decoded from the footage`);
  }
  const { picture, box } = best.view;
  hideWindows(picture, redaction, [clearBox(box, picture)]);
  const jpeg = await encodeSheet(tools, { scene: picture, drawing: snapshotOverlay(incident, box, picture) });
  return { jpeg, atS: picture.atS };
}

/** What a picture shows of the incident, and how much that is worth. */
interface Sighting {
  /** Normalised. */
  readonly box: Box;
  readonly worth: number;
}

interface View extends Sighting {
  readonly picture: TimedPicture;
}

/** Looks at one picture after the other: `null` where it is worth no more than the best so far. */
type Judge = (picture: TimedPicture, best: number) => Sighting | null;

/** @param background where the footage begins too late to show the scene before the fall; else its first picture. */
function judgeFall(details: ThrowDetails, background: RgbPicture | null): Judge {
  const visibility = createVisibility(details);
  const way = wayAlong(details.trajectory);
  let scene = background;
  return (picture, best) => {
    scene ??= { width: picture.width, height: picture.height, data: new Uint8Array(picture.data) };
    const place = nearestInTime(details.trajectory, picture.atS);
    const at = details.trajectory[place] as TrajectoryPoint;
    const apartS = Math.abs(picture.atS - at.t);
    if (apartS > reachS) return null;
    const middle = 1 - (1 - endsShare) * (2 * (way[place] as number) - 1) ** 2;
    const weight = middle * Math.max(otherMomentShare, 1 - apartS / (2 * sameMomentS));
    const clarity = clarityOf(scene, picture, at);
    // Any picture of the fall is better than none.
    const least = best === 0 ? Number.MIN_VALUE : 0;
    if (least + weight * visibility.atMost(at, clarity) <= best) return null;
    const worth = least + weight * visibility.of(at, clarity, cutOut(picture, surroundingsOf(picture, at)));
    const { x, y, w, h } = at;
    return worth > best ? { worth, box: { x1: x - w / 2, y1: y - h / 2, x2: x + w / 2, y2: y + h / 2 } } : null;
  };
}

/** How far along the path each position lies, 0..1 of its length. */
function wayAlong(trajectory: readonly TrajectoryPoint[]): readonly number[] {
  let length = 0;
  const way = trajectory.map((p, i) => {
    const before = trajectory[i - 1] ?? p;
    length += Math.hypot(p.x - before.x, p.y - before.y);
    return length;
  });
  return way.map((done) => (length === 0 ? 0.5 : done / length));
}

function nearestInTime(trajectory: readonly TrajectoryPoint[], atS: number): number {
  const next = trajectory.findIndex(({ t }) => t >= atS);
  if (next <= 0) return next === 0 ? 0 : trajectory.length - 1;
  const [before, after] = [trajectory[next - 1], trajectory[next]] as [TrajectoryPoint, TrajectoryPoint];
  return atS - before.t < after.t - atS ? next - 1 : next;
}

/** A box clear of the object, and one line with camera and time at the bottom. */
function snapshotOverlay(incident: Incident, box: Box, picture: TimedPicture): string {
  const text = pictureLine(incident.cameraId, wallClockMs(incident, picture.atS), picture.atS);
  return markedOverlay({ box, colour: verdictColours[incident.verdict] }, text, picture);
}

/** Camera and time of a picture, for the line at its bottom. */
export function pictureLine(cameraId: string, atMs: number, atS: number): string {
  return `${cameraId} · ${utcDate(atMs)} ${utcTime(atMs)} UTC · stream ${atS.toFixed(2)} s`;
}

/** What is drawn over a full picture: a box clear of what it marks, when there is one, and a line of text at the bottom or the top. */
export function markedOverlay(
  mark: { readonly box: Box; readonly colour: string } | null,
  text: string,
  picture: { readonly width: number; readonly height: number },
  line: 'bottom' | 'top' = 'bottom',
): string {
  const { width, height } = picture;
  const fontPx = 0.0235 * width;
  const barPx = 1.7 * fontPx;
  const belowPx = line === 'bottom' ? height : barPx;
  return [
    ...(mark === null ? [] : boxAround(mark, width, height)),
    `<rect x="0" y="${(belowPx - barPx).toFixed(1)}" width="${Math.min(width, textWidthPx(text, fontPx) + 1.2 * fontPx).toFixed(1)}" height="${barPx.toFixed(1)}" fill="${bandColour}" fill-opacity="0.75"/>`,
    `<text x="${(0.6 * fontPx).toFixed(1)}" y="${(belowPx - 0.55 * fontPx).toFixed(1)}" font-size="${fontPx.toFixed(1)}" fill="#fff">${escapeXml(text)}</text>`,
  ].join('\n');
}

function boxAround({ box, colour }: { readonly box: Box; readonly colour: string }, width: number, height: number): readonly string[] {
  const line = Math.max(1.5, 0.0022 * width);
  const clearPx = Math.max(0.008 * width, ((box.x2 - box.x1) * width) / 4);
  const x1 = clamp(box.x1 * width - clearPx, line, width - line);
  const y1 = clamp(box.y1 * height - clearPx, line, height - line);
  const x2 = clamp(box.x2 * width + clearPx, line, width - line);
  const y2 = clamp(box.y2 * height + clearPx, line, height - line);
  const rect = `x="${x1.toFixed(1)}" y="${y1.toFixed(1)}" width="${(x2 - x1).toFixed(1)}" height="${(y2 - y1).toFixed(1)}" fill="none"`;
  return [
    `<rect ${rect} stroke="#000" stroke-opacity="0.55" stroke-width="${(2 * line).toFixed(1)}"/>`,
    `<rect ${rect} stroke="${colour}" stroke-width="${line.toFixed(1)}"/>`,
  ];
}
