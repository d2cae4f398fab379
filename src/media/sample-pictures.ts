import { decodeColour, type TimedPicture } from './decode-colour.js';
import { mediaFailure } from './failure.js';
import type { FileInput, RtspInput } from './input.js';

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
  const select = `isnan(prev_selected_t)+gte(t-prev_selected_t\\,${everyS.toFixed(3)})`;
  const output = ['-frames:v', String(count)];
  let left = count;
  const job = { input, seek: [], select, output, timeoutMs: answerMs + 1000 * everyS * count, signal };
  const exit = await decodeColour(job, (picture) => {
    if (signal?.aborted === true) return false;
    onPicture(picture);
    left--;
    return left > 0;
  });
  if (left === count) throw mediaFailure(input, exit.complaints);
}
