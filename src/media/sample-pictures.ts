import { PassThrough } from 'node:stream';
import { AgentError } from '../platform/errors.js';
import { mediaFailure } from './failure.js';
import { startFfmpeg } from './ffmpeg.js';
import { type FileInput, inputArguments, inputName, type RtspInput } from './input.js';
import { NutError } from './nut-header.js';
import { deliverPictures, type TimedPicture } from './pictures.js';

export interface SampleRequest {
  readonly input: FileInput | RtspInput;
  /** Seconds between two pictures, at least. */
  readonly everyS: number;
  /** Pictures wanted; a short file gives fewer. */
  readonly count: number;
}

/** How much longer than the pictures take a camera may need to answer and to send its first keyframe, milliseconds. */
const answerMs = 30_000;

/**
 * Decodes a few pictures of a file's beginning, or of a camera from now on, in colour.
 *
 * @throws {AgentError} as `probe` does when the input cannot be read; MEDIA_FAILED when it cannot be decoded. The signal's reason when aborted.
 */
export async function samplePictures(
  { input, everyS, count }: SampleRequest,
  onPicture: (picture: TimedPicture) => void,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const output = new PassThrough();
  const chunks = output.iterator({ destroyOnReturn: false });
  const { options, source } = inputArguments(input);
  const command = {
    inputs: [{ options: ['-threads', '1', ...options], source }],
    outputs: [
      {
        options: [
          ...['-map', '0:v:0', '-filter:v', `select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${everyS.toFixed(3)}),format=rgb24`],
          ...['-fps_mode', 'passthrough', '-enc_time_base', '-1', '-autoscale', '0', '-sws_flags', 'bicubic+bitexact'],
          ...['-frames:v', String(count), '-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0'],
        ],
        target: output,
      },
    ],
  };
  await using ffmpeg = startFfmpeg(command, { ...(signal === undefined ? {} : { signal }), timeoutMs: answerMs + 1000 * everyS * count });
  await ffmpeg.ready;
  let left = count;
  try {
    const ended = await deliverPictures(chunks, (picture) => {
      if (signal?.aborted === true) return false;
      onPicture(picture);
      left--;
      return left > 0;
    });
    if (!ended) ffmpeg.stop();
  } catch (error) {
    if (!(error instanceof NutError)) throw error;
    throw new AgentError('MEDIA_FAILED', `${inputName(input)}: the decoded pictures cannot be read: ${error.message}`);
  } finally {
    await chunks.return?.();
    output.resume();
  }
  const exit = await ffmpeg.exited;
  signal?.throwIfAborted();
  if (left === count) throw mediaFailure(input, exit.complaints);
}
