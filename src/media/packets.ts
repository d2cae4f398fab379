import { z } from 'zod';
import { AgentError } from '../platform/errors.js';
import { runFfprobe } from './ffmpeg.js';
import { type FootageInput, inputArguments, inputName } from './input.js';

/** One coded picture of a recording. */
export interface VideoPacket {
  /** When it is shown, seconds on the stream's clock. */
  readonly atS: number;
  /** When it is decoded, seconds on the stream's clock: earlier where pictures are stored out of order. */
  readonly decodedAtS: number;
  readonly keyframe: boolean;
}

export interface PacketIndex {
  /** For example `h264`. */
  readonly codec: string;
  /** In the order in which they are stored. */
  readonly packets: readonly VideoPacket[];
  /** Stream clock at the container's first moment, seconds: without `-copyts` ffmpeg counts from there. */
  readonly originS: number;
}

const number = z.coerce.number().finite().optional().catch(undefined);
const indexSchema = z.object({
  streams: z.array(z.object({ codec_name: z.string().optional() })).default([]),
  format: z.object({ start_time: number }).default({ start_time: undefined }),
  packets: z.array(z.object({ pts_time: number, dts_time: number, flags: z.string().optional() })).default([]),
});

/** The clock of MPEG-TS begins anew after 2^33 ticks of 1/90000 s: 26.5 hours. */
const turnS = 2 ** 33 / 90_000;
/** After so many milliseconds ffprobe is killed: a failing disk hangs. */
const timeoutMs = 60_000;

/**
 * Lists the coded pictures of a recording around a span. The list of a file may begin earlier or later than asked, by a
 * seek that lands where the container allows; that of segments is whole.
 *
 * @throws {AgentError} MEDIA_FAILED. The signal's reason when aborted.
 */
export async function indexPackets(input: FootageInput, fromS: number, toS: number, signal?: AbortSignal): Promise<PacketIndex> {
  if (input.kind === 'segments') {
    const whole = await list(input, [], signal);
    // Their clock is the stream's, but for the turns. The segment list is no better: it has every first one start at 0.
    const shiftS = turnS * Math.round((input.startS - (whole.packets[0]?.pts_time ?? 0)) / turnS);
    return build(whole, shiftS, shiftS + (whole.format.start_time ?? 0));
  }
  const first = await list(input, ['-read_intervals', '%+#1'], signal);
  const startS = first.format.start_time ?? 0;
  const interval = `${(Math.max(0, fromS) + startS).toFixed(6)}%${(toS + startS).toFixed(6)}`;
  return build(await list(input, ['-read_intervals', interval], signal), -startS, 0);
}

async function list(input: FootageInput, args: readonly string[], signal: AbortSignal | undefined): Promise<z.infer<typeof indexSchema>> {
  const { options, source } = inputArguments(input);
  const entries = 'stream=codec_name:format=start_time:packet=pts_time,dts_time,flags';
  const exit = await runFfprobe(['-of', 'json', '-select_streams', 'v:0', '-show_entries', entries, ...args, ...options], source, {
    ...(signal === undefined ? {} : { signal }),
    timeoutMs,
  });
  signal?.throwIfAborted();
  if (exit.reason !== 'finished') {
    throw new AgentError('MEDIA_FAILED', `${inputName(input)}: the recording cannot be read: ${exit.complaints.at(-1) ?? exit.reason}`);
  }
  return indexSchema.parse(JSON.parse(exit.stdout));
}

function build(probed: z.infer<typeof indexSchema>, shiftS: number, originS: number): PacketIndex {
  const packets: VideoPacket[] = [];
  for (const { pts_time: shownS, dts_time: decodedS, flags } of probed.packets) {
    // AVI stores one time a picture.
    const atS = shownS ?? decodedS;
    if (atS === undefined) continue;
    packets.push({ atS: atS + shiftS, decodedAtS: (decodedS ?? atS) + shiftS, keyframe: flags?.startsWith('K') === true });
  }
  return { codec: probed.streams[0]?.codec_name ?? 'unknown', packets, originS };
}
