import { AgentError } from '../platform/errors.js';
import { decodeColour, type TimedPicture } from './decode-colour.js';
import { mediaFailure } from './failure.js';
import { type FootageInput, inputName } from './input.js';
import { indexPackets } from './packets.js';

export type { TimedPicture } from './decode-colour.js';

export interface PictureSpan {
  readonly input: FootageInput;
  /** Seconds on the stream's clock; both ends belong to it. */
  readonly fromS: number;
  readonly toS: number;
}

/** Times that differ by less than this are the same: containers round to 1/90000 s or 1 µs. */
const sameTimeS = 0.0005;
/** After so many milliseconds ffmpeg is killed: a failing disk hangs. */
const timeoutMs = 120_000;

/** Seconds before a moment where a seek is tried when the first landed too late, by tries; the last is the beginning. */
const lookbacksS = [0, 12, Number.POSITIVE_INFINITY];

/**
 * Decodes every picture between two moments, in the order of time. Holds one picture in memory.
 *
 * @throws {AgentError} MEDIA_FAILED when the recording cannot be decoded. The signal's reason when aborted.
 */
export async function readPictures(span: PictureSpan, onPicture: (picture: TimedPicture) => void, signal?: AbortSignal): Promise<void> {
  const { input, fromS, toS } = span;
  if (input.kind === 'segments') {
    const { originS } = await indexPackets(input, fromS, toS, signal);
    await decode(span, originS, 0, onPicture, signal);
    return;
  }
  // Some containers (MPEG-TS) seek to any place, from where decoding begins only at the next keyframe.
  for (const lookbackS of lookbacksS) {
    if ((await decode(span, 0, Math.max(0, fromS - lookbackS), onPicture, signal)) === 'done') return;
  }
}

/**
 * One ffmpeg run.
 *
 * @param originS stream clock at the container's first moment.
 * @param seekS where decoding is to begin, seconds after the container's first moment.
 * @returns `late` when the first picture comes after the wanted one and an earlier seek may help; none was given then.
 */
async function decode(
  { input, fromS, toS }: PictureSpan,
  originS: number,
  seekS: number,
  onPicture: (picture: TimedPicture) => void,
  signal: AbortSignal | undefined,
): Promise<'done' | 'late'> {
  // The first picture tells where the seek has landed; the others before the span are not even converted.
  const select = `eq(n\\,0)+gte(t\\,${(fromS - originS - sameTimeS).toFixed(6)})`;
  const seek = seekS > 0 ? ['-ss', seekS.toFixed(6), '-noaccurate_seek'] : [];
  const output = input.kind === 'file' ? ['-copyts', '-start_at_zero'] : [];
  let first = true;
  let late = false;
  const exit = await decodeColour({ input, seek, select, output, timeoutMs, signal }, (picture) => {
    const atS = picture.atS + originS;
    if (first && seekS > 0 && atS > fromS + sameTimeS) late = true;
    first = false;
    if (late || atS > toS + sameTimeS || signal?.aborted === true) return false;
    if (atS >= fromS - sameTimeS) onPicture({ ...picture, atS });
    return true;
  });
  if (exit.timedOut) throw new AgentError('MEDIA_FAILED', `${inputName(input)}: decoding took too long`);
  if (exit.reason === 'failed' || exit.reason === 'killed') {
    throw new AgentError('MEDIA_FAILED', mediaFailure(input, exit.complaints).message);
  }
  // A seek past the last keyframe may leave nothing to decode.
  return late || (first && seekS > 0) ? 'late' : 'done';
}
