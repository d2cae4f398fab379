import { PassThrough } from 'node:stream';
import { AgentError } from '../platform/errors.js';
import { mediaFailure } from './failure.js';
import { type CommandSpec, startFfmpeg } from './ffmpeg.js';
import { type FootageInput, inputArguments, inputName } from './input.js';
import { createNutDemuxer, type ReadRequest } from './nut.js';
import { NutError } from './nut-header.js';
import { indexPackets } from './packets.js';

/** A decoded colour picture with its time. */
export interface TimedPicture {
  /** Seconds on the stream's clock. */
  readonly atS: number;
  /** Pixels, as it is to be seen. */
  readonly width: number;
  /** Pixels, as it is to be seen. */
  readonly height: number;
  /** `3 × width × height` bytes, red, green, blue. Valid until `onPicture` returns. */
  readonly data: Uint8Array;
}

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
  const output = new PassThrough();
  const chunks = output.iterator({ destroyOnReturn: false });
  const command = pictureCommand(input, seekS, fromS - originS - sameTimeS, output);
  await using ffmpeg = startFfmpeg(command, { ...(signal === undefined ? {} : { signal }), timeoutMs });
  await ffmpeg.ready;
  let first = true;
  let late = false;
  try {
    const ended = await deliverPictures(chunks, (picture) => {
      const atS = picture.atS + originS;
      if (first && seekS > 0 && atS > fromS + sameTimeS) late = true;
      first = false;
      if (late || atS > toS + sameTimeS || signal?.aborted === true) return false;
      if (atS >= fromS - sameTimeS) onPicture({ ...picture, atS });
      return true;
    });
    // ffmpeg that has closed its output ends by itself, and says how.
    if (!ended) ffmpeg.stop();
  } catch (error) {
    if (!(error instanceof NutError)) throw error;
    throw new AgentError('MEDIA_FAILED', `${inputName(input)}: the decoded pictures cannot be read: ${error.message}`);
  } finally {
    // The iterator let go of, the stream drains, and ffmpeg sees at once that it is to stop.
    await chunks.return?.();
    output.resume();
  }
  const exit = await ffmpeg.exited;
  signal?.throwIfAborted();
  if (exit.timedOut) throw new AgentError('MEDIA_FAILED', `${inputName(input)}: decoding took too long`);
  if (exit.reason === 'failed' || exit.reason === 'killed') {
    throw new AgentError('MEDIA_FAILED', mediaFailure(input, exit.complaints).message);
  }
  // A seek past the last keyframe may leave nothing to decode.
  return late || (first && seekS > 0) ? 'late' : 'done';
}

function pictureCommand(input: FootageInput, seekS: number, beginS: number, output: PassThrough): CommandSpec {
  const { options, source } = inputArguments(input);
  const seek = seekS > 0 ? ['-ss', seekS.toFixed(6), '-noaccurate_seek'] : [];
  return {
    inputs: [{ options: ['-threads', '1', ...seek, ...options], source }],
    outputs: [
      {
        options: [
          ...(input.kind === 'file' ? ['-copyts', '-start_at_zero'] : []),
          // The first picture tells where the seek has landed; the others before the span are not even converted.
          ...['-map', '0:v:0', '-filter:v', `select=eq(n\\,0)+gte(t\\,${beginS.toFixed(6)}),format=rgb24`],
          ...['-fps_mode', 'passthrough', '-enc_time_base', '-1', '-autoscale', '0', '-sws_flags', 'bicubic+bitexact'],
          ...['-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0'],
        ],
        target: output,
      },
    ],
  };
}

/** Hands over pictures until there are no more (true) or the receiver has enough (false). */
export async function deliverPictures(chunks: AsyncIterator<unknown>, onPicture: (picture: TimedPicture) => boolean): Promise<boolean> {
  const read = createStreamReader(chunks);
  const demuxer = createNutDemuxer();
  const header = await drive(read, demuxer.header());
  if ('end' in header) return true;
  const { width, height } = header;
  const bytes = 3 * width * height;
  const data = new Uint8Array(bytes);
  for (;;) {
    const picture = await drive(
      read,
      demuxer.next((size) => (size === bytes ? data : null)),
    );
    // Of a stream that changes its size within the span, the first part is what can be shown together.
    if (picture === null) return false;
    if ('end' in picture) return true;
    if (!onPicture({ atS: picture.ptsMs / 1000, width, height, data })) return false;
  }
}

/** Fills a request from a stream; 0 at its end. */
function createStreamReader(chunks: AsyncIterator<unknown>): (request: ReadRequest) => Promise<number> {
  let chunk = new Uint8Array();
  return async ({ buffer, offset, length }) => {
    while (chunk.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return 0;
      chunk = next.value as Uint8Array<ArrayBuffer>;
    }
    const count = Math.min(length, chunk.length);
    buffer.set(chunk.subarray(0, count), offset);
    chunk = chunk.subarray(count);
    return count;
  };
}

/** Runs a demuxer's step with reads that are awaited. */
async function drive<T>(read: (request: ReadRequest) => Promise<number>, steps: Generator<ReadRequest, T, number>): Promise<T> {
  let step = steps.next(0);
  while (step.done !== true) step = steps.next(await read(step.value));
  return step.value;
}
