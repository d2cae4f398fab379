import type { Box } from '../../domain/geometry.js';
import { type Incident, wallClockMs } from '../../domain/incident.js';
import type { Redaction } from '../../domain/redaction.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import type { TimedPicture } from '../../media/pictures.js';
import { AgentError } from '../../platform/errors.js';
import { isWallClock, utcTime } from '../drawing/caption.js';
import { bandRgb, verdictColours } from '../drawing/look.js';
import { blackOut, cutOut, type PictureCut, squareAround } from '../drawing/picture.js';
import { encodeSheet } from '../drawing/sheet.js';
import { LOOK_QUALITY, middleOf, shrink } from '../drawing/small-picture.js';
import { streetCaption } from '../drawing/street-caption.js';
import { clearBox } from '../privacy/clear.js';
import { hideWindows } from '../privacy/coarse.js';
import type { FootageSpan } from '../ring/footage.js';
import { drawStreet, layoutStreet, type Pane, type PlaceOutline } from './street-band.js';
import { insetSidePx } from './trail-band.js';

/** Seconds on the stream's clock. */
interface Span {
  readonly fromS: number;
  readonly toS: number;
}

/** How far a picture of a moment is looked for before it, seconds: a camera gives at least one picture a second, … */
const reachS = 1;
/** … and after it: stamps are rounded, and the one that it is of must not be missed. */
const slackS = 0.06;
/** What the place is without those who pass is taken from its last seconds, … */
const steadyS = 6;
/** … where it has lasted for so long, so that all of them show it. */
const lastedS = 8;
/** The scene before the incident is taken between so many seconds before its beginning; later, and what brings it is in the picture already. */
const sceneSpanS = [4, 2] as const;
/** Pictures whose middle is the scene: who walks through is in less than half of them. */
const scenePictures = 5;
/** A pane shows so many times the box, so that one sees where it is. */
const paneSurroundings = 1.7;
/** A pane is magnified so many times at most: beyond, one sees the decoder's blocks. */
const mostMagnification = 8;

/** Footage that shows the incident as it was when it was told of, and the scene before it. */
export function streetSpans({ streamTime: { start, end } }: Pick<Incident, 'streamTime'>): { readonly moment: Span; readonly scene: Span } {
  const backS = end - start >= lastedS ? steadyS : reachS;
  return { moment: { fromS: end - backS, toS: end + slackS }, scene: { fromS: start - sceneSpanS[0], toS: start - sceneSpanS[1] } };
}

export interface StreetSnapshotJob {
  readonly incident: Incident;
  /** Of the moment. */
  readonly footage: FootageSpan;
  /** Of the scene before; `null` where there is none. */
  readonly earlier: FootageSpan | null;
  readonly place: PlaceOutline | null;
  readonly redaction: Redaction;
}

export interface StreetSnapshot {
  readonly jpeg: Uint8Array;
  /** Of its picture, seconds on the stream's clock. */
  readonly atS: number;
  /** The incident and the scene before it as they are, small, as JPEG: what it is looked at again by. */
  readonly references: { readonly incident: Uint8Array; readonly steady: Uint8Array | null; readonly scene: Uint8Array | null };
}

/**
 * The picture of an incident that is not a throw: the whole scene with the place that the rule is about and a box around what was found; below it the
 * place before and now, enlarged, and the reasons in words.
 *
 * @throws {AgentError} MEDIA_FAILED when no picture of the moment can be decoded.
 */
export async function makeStreetSnapshot(tools: MediaTools, job: StreetSnapshotJob, signal: AbortSignal): Promise<StreetSnapshot> {
  const { incident, redaction } = job;
  const { moment, scene: before } = streetSpans(incident);
  const atS = incident.streamTime.end;
  const picture = await nearestPicture(tools, job.footage, { ...moment, fromS: atS - reachS }, atS, signal);
  if (picture === null) {
    throw new AgentError(
      'MEDIA_FAILED',
      `no picture of ${moment.fromS.toFixed(2)} to ${moment.toS.toFixed(2)} s could be decoded from the footage`,
    );
  }
  blackOut(picture, redaction.black);
  const clear = clearBox(incident.box, picture);
  hideWindows(picture, redaction, [clear]);
  const square = paneSquare(incident.box, picture);
  const earlier =
    job.earlier === null ? null : await middleOver(tools, job.earlier, before, { picture, square, redaction, clear: [] }, signal);
  const lasted = incident.streamTime.end - incident.streamTime.start >= lastedS;
  const steady = lasted ? await middleOver(tools, job.footage, moment, { picture, square, redaction, clear: [clear] }, signal) : null;

  const clock = (atS: number): string => {
    const atMs = wallClockMs(incident, atS);
    return isWallClock(atMs) ? `${utcTime(atMs).slice(0, 8)} UTC` : `${atS.toFixed(1)} s`;
  };
  const panes: { readonly pane: Pane; readonly picture: RgbPicture }[] = [
    ...(earlier === null ? [] : [{ pane: { title: 'Before', time: clock(earlier.atS) }, picture: earlier.cut }]),
    { pane: { title: 'After', time: clock(picture.atS) }, picture: cutOut(picture, square) },
  ];
  const layout = layoutStreet(picture.width, picture.height, streetCaption(incident), panes.length);
  const drawing = drawStreet(layout, {
    box: incident.box,
    place: job.place,
    colour: verdictColours[incident.verdict],
    panes: panes.map(({ pane }) => pane),
  });
  const insets = panes.map(({ picture: inset }, i) => ({
    picture: inset,
    left: layout.panes[i] as number,
    top: layout.panesTop,
    side: layout.side,
  }));
  const jpeg = await encodeSheet(tools, { scene: picture, band: { heightPx: layout.bandHeight, colour: bandRgb }, insets, drawing });
  return {
    jpeg,
    atS: picture.atS,
    references: {
      incident: await tools.encodeJpeg(shrink(picture), LOOK_QUALITY),
      steady: steady === null ? null : await tools.encodeJpeg(steady.small, LOOK_QUALITY),
      scene: earlier === null ? null : await tools.encodeJpeg(earlier.small, LOOK_QUALITY),
    },
  };
}

/** The picture nearest to a moment, copied. */
async function nearestPicture(
  tools: Pick<MediaTools, 'readPictures'>,
  { input, fromS, toS }: FootageSpan,
  wanted: Span,
  atS: number,
  signal: AbortSignal,
): Promise<TimedPicture | null> {
  const found: { picture: TimedPicture | null } = { picture: null };
  await tools.readPictures(
    { input, fromS: Math.max(fromS, wanted.fromS), toS: Math.min(toS, wanted.toS) },
    (picture) => {
      if (found.picture !== null && Math.abs(found.picture.atS - atS) <= Math.abs(picture.atS - atS)) return;
      // The decoder reuses its memory; one copy at a time, of 4K it is 25 MB.
      const data = found.picture?.data ?? new Uint8Array(picture.data.length);
      data.set(picture.data);
      found.picture = { ...picture, data };
    },
    signal,
  );
  return found.picture;
}

/** The part of the picture that the panes show: a square, pixels. */
function paneSquare(box: Box, picture: RgbPicture): Box {
  const { width, height } = picture;
  const [w, h] = [(box.x2 - box.x1) * width, (box.y2 - box.y1) * height];
  const centre = { x: ((box.x1 + box.x2) / 2) * width, y: ((box.y1 + box.y2) / 2) * height };
  return squareAround(picture, centre, Math.max(paneSurroundings * Math.max(w, h), insetSidePx(width) / mostMagnification));
}

/** The scene over a span, without who passes through it: what the pane shows of it, and all of it, small. */
async function middleOver(
  tools: MediaTools,
  { input, fromS, toS }: FootageSpan,
  span: Span,
  like: { readonly picture: RgbPicture; readonly square: Box; readonly redaction: Redaction; readonly clear: readonly Box[] },
  signal: AbortSignal,
): Promise<{ readonly cut: PictureCut; readonly small: RgbPicture; readonly atS: number } | null> {
  const cuts: PictureCut[] = [];
  const smalls: RgbPicture[] = [];
  const wanted = { fromS: Math.max(fromS, span.fromS), toS: Math.min(toS, span.toS) };
  if (wanted.toS <= wanted.fromS) return null;
  const stepS = (wanted.toS - wanted.fromS) / scenePictures;
  let nextS = Number.NEGATIVE_INFINITY;
  let lastS = wanted.toS;
  try {
    await tools.readPictures(
      { input, ...wanted },
      (picture) => {
        if (
          picture.atS < nextS ||
          cuts.length >= scenePictures ||
          picture.width !== like.picture.width ||
          picture.height !== like.picture.height
        )
          return;
        nextS = picture.atS + stepS;
        lastS = picture.atS;
        blackOut(picture, like.redaction.black);
        hideWindows(picture, like.redaction, like.clear);
        cuts.push(cutOut(picture, like.square));
        smalls.push(shrink(picture));
      },
      signal,
    );
  } catch (error) {
    // That what was before cannot be shown must not cost the picture of what is.
    if (!(error instanceof AgentError)) throw error;
  }
  const [cut] = cuts;
  return cut === undefined ? null : { cut: { ...cut, ...middleOf(cuts) }, small: middleOf(smalls), atS: lastS };
}
