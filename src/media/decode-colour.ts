import { PassThrough } from 'node:stream';
import { AgentError } from '../platform/errors.js';
import { type FfmpegExit, startFfmpeg } from './ffmpeg.js';
import { inputArguments, inputName, type MediaInput } from './input.js';
import { createNutDemuxer, type ReadRequest } from './nut.js';
import { NutError } from './nut-header.js';

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

export interface ColourDecode {
  readonly input: MediaInput;
  /** Before the input: where to begin. */
  readonly seek: readonly string[];
  /** Condition of ffmpeg's `select` filter: the other pictures are decoded, but not converted. */
  readonly select: string;
  /** Further options of the output, such as which clock counts. */
  readonly output: readonly string[];
  /** After so many milliseconds ffmpeg is stopped: a failing disk hangs, and so do cameras. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes pictures in colour, one after the other, until there are no more or `onPicture` has enough and says `false`. Holds one picture
 * in memory. What else than a stop ended ffmpeg is the caller's to judge.
 *
 * @throws {AgentError} FFMPEG_MISSING; MEDIA_FAILED when what ffmpeg gives cannot be read. The signal's reason when aborted.
 */
export async function decodeColour(job: ColourDecode, onPicture: (picture: TimedPicture) => boolean): Promise<FfmpegExit> {
  const { input, signal, timeoutMs } = job;
  const output = new PassThrough();
  const chunks = output.iterator({ destroyOnReturn: false });
  const { options, source } = inputArguments(input);
  const command = {
    inputs: [{ options: ['-threads', '1', ...job.seek, ...options], source }],
    outputs: [
      {
        options: [
          ...job.output,
          ...['-map', '0:v:0', '-filter:v', `select=${job.select},format=rgb24`],
          ...['-fps_mode', 'passthrough', '-enc_time_base', '-1', '-autoscale', '0', '-sws_flags', 'bicubic+bitexact'],
          ...['-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0'],
        ],
        target: output,
      },
    ],
  };
  await using ffmpeg = startFfmpeg(command, { ...(signal === undefined ? {} : { signal }), timeoutMs });
  await ffmpeg.ready;
  try {
    const ended = await deliver(chunks, onPicture);
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
  return exit;
}

/** Hands over pictures until there are no more (true) or the receiver has enough (false). */
async function deliver(chunks: AsyncIterator<unknown>, onPicture: (picture: TimedPicture) => boolean): Promise<boolean> {
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
