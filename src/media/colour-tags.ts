import { z } from 'zod';
import { runFfprobe } from './ffmpeg.js';
import { inputArguments, type MediaInput } from './input.js';

/** What a stream says of its colours, by ffmpeg's names; `null` where it says nothing. */
export interface ColourTags {
  readonly range: string | null;
  readonly space: string | null;
  readonly primaries: string | null;
  readonly transfer: string | null;
}

const tag = z
  .string()
  .transform((value) => (/^(?:unknown|reserved|unspecified)$/.test(value) ? null : value))
  .optional();
const schema = z.object({
  streams: z
    .array(z.object({ color_range: tag, color_space: tag, color_primaries: tag, color_transfer: tag, pix_fmt: z.string().optional() }))
    .default([]),
});
/** After so many milliseconds ffprobe is killed: a failing disk hangs. */
const timeoutMs = 30_000;

/** The colour tags of the first video stream; all `null` where they cannot be read. */
export async function probeColours(input: MediaInput, signal: AbortSignal): Promise<ColourTags> {
  const { options, source } = inputArguments(input);
  const exit = await runFfprobe(['-of', 'json', '-select_streams', 'v:0', '-show_streams', ...options], source, { signal, timeoutMs });
  signal.throwIfAborted();
  const stream = exit.reason === 'finished' ? schema.parse(JSON.parse(exit.stdout)).streams[0] : undefined;
  // Of another kind of colour than luma and chroma nothing is left after decoding.
  if (stream?.pix_fmt?.startsWith('yuv') !== true) return { range: null, space: null, primaries: null, transfer: null };
  return {
    // The older way to say it: in the name of the layout.
    range: stream.color_range ?? (stream.pix_fmt.startsWith('yuvj') ? 'pc' : null),
    space: stream.color_space ?? null,
    primaries: stream.color_primaries ?? null,
    transfer: stream.color_transfer ?? null,
  };
}
