import { z } from 'zod';
import { AgentError } from '../platform/errors.js';
import { isStillFormat, mediaFailure, stillPictureFailure } from './failure.js';
import { runFfprobe } from './ffmpeg.js';
import { inputArguments, inputName, type MediaInput } from './input.js';

/** What a video is. */
export interface MediaInfo {
  readonly codec: string;
  readonly profile: string | null;
  /** As it is to be seen, after rotation; pixels. */
  readonly width: number;
  /** As it is to be seen, after rotation; pixels. */
  readonly height: number;
  /** Clockwise turn that the metadata asks of the player, degrees: 0, 90, 180, 270. */
  readonly rotation: number;
  /** Pictures a second on average, measured where the container does not say; `null` when there is one picture. */
  readonly fps: number | null;
  /** Pictures a second as the stream claims. */
  readonly nominalFps: number | null;
  /** Seconds; `null` for a live stream. */
  readonly durationS: number | null;
  /** Time of the first moment on the container's own clock, seconds. */
  readonly startS: number;
  /** Longest time between keyframes in the first {@link measuredS} seconds; `null` when fewer than two were seen. */
  readonly keyframeIntervalS: number | null;
  /** Bits a second; `null` when the container does not say. */
  readonly bitRate: number | null;
  readonly pixelFormat: string | null;
  readonly hasAudio: boolean;
  /** UTC milliseconds since 1970, from the metadata. */
  readonly creationTimeMs: number | null;
  /** Whether this machine's ffmpeg has a decoder for it. */
  readonly decodable: boolean;
}

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** After so many milliseconds ffprobe is killed: its own limits do not always hold. */
  readonly timeoutMs?: number;
}

/** Seconds of stream that are looked at: longer than most keyframe intervals (2 s) by a few times. */
const measuredS = 6;
/** Long enough for {@link measuredS} of a live camera that takes its 10 s to answer; milliseconds. */
const defaultTimeoutMs = 30_000;

/** ffprobe says `N/A` for what it does not know. */
const number = z.coerce.number().finite().optional().catch(undefined);
const streamSchema = z.object({
  index: z.number(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  profile: z.string().optional(),
  width: number,
  height: number,
  pix_fmt: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  r_frame_rate: z.string().optional(),
  bit_rate: number,
  duration: number,
  start_time: number,
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  side_data_list: z.array(z.object({ rotation: number })).optional(),
});
type ProbedStream = z.infer<typeof streamSchema>;
const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z
    .object({
      format_name: z.string().optional(),
      duration: number,
      start_time: number,
      bit_rate: number,
      tags: z.record(z.string(), z.string()).optional(),
    })
    .default({ duration: undefined, start_time: undefined, bit_rate: undefined }),
  packets: z.array(z.object({ stream_index: z.number(), pts_time: number, flags: z.string().optional() })).default([]),
});
type Probed = z.infer<typeof probeSchema>;

/**
 * Says what a file, camera or recording is.
 *
 * @throws {AgentError} FFMPEG_MISSING, SOURCE_NOT_FOUND, SOURCE_NOT_VIDEO, SOURCE_UNREACHABLE, SOURCE_UNAUTHORIZED or
 *   SOURCE_FAILED, in one line that names the mend. The signal's reason when aborted.
 */
export async function probe(input: MediaInput, options: ProbeOptions = {}): Promise<MediaInfo> {
  const { options: inputOptions, source } = inputArguments(input);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const exit = await runFfprobe(
    ['-of', 'json', '-show_streams', '-show_format', '-show_packets', '-read_intervals', `%+${measuredS}`, ...inputOptions],
    source,
    { ...(options.signal === undefined ? {} : { signal: options.signal }), timeoutMs },
  );
  options.signal?.throwIfAborted();
  if (exit.timedOut) {
    throw new AgentError('SOURCE_UNREACHABLE', `${inputName(input)}: no answer within ${Math.round(timeoutMs / 1000)} s; check the camera`);
  }
  if (exit.reason !== 'finished') throw mediaFailure(input, exit.complaints);
  return describe(input, probeSchema.parse(JSON.parse(exit.stdout)));
}

function describe(input: MediaInput, probed: Probed): MediaInfo {
  const video = probed.streams.find((stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1);
  if (video === undefined) throw mediaFailure(input, ['matches no streams']);
  if (isStillFormat(probed.format.format_name ?? '')) throw stillPictureFailure(input);
  const { width = 0, height = 0 } = video;
  if (width === 0 || height === 0) throw mediaFailure(input, ['could not find codec parameters']);
  const rotation = clockwiseRotation(video);
  const packets = probed.packets.filter((packet) => packet.stream_index === video.index);
  const turned = rotation % 180 !== 0;
  const created = Date.parse(video.tags?.['creation_time'] ?? probed.format.tags?.['creation_time'] ?? '');
  return {
    codec: video.codec_name ?? 'unknown',
    profile: video.profile ?? null,
    width: turned ? height : width,
    height: turned ? width : height,
    rotation,
    fps: fraction(video.avg_frame_rate) ?? measuredFps(packets.map((packet) => packet.pts_time)),
    nominalFps: fraction(video.r_frame_rate),
    durationS: input.kind === 'rtsp' ? null : (video.duration ?? probed.format.duration ?? null),
    startS: probed.format.start_time ?? 0,
    keyframeIntervalS: longestStep(packets.filter((packet) => packet.flags?.startsWith('K')).map((packet) => packet.pts_time)),
    bitRate: video.bit_rate ?? probed.format.bit_rate ?? null,
    pixelFormat: video.pix_fmt ?? null,
    hasAudio: probed.streams.some((stream) => stream.codec_type === 'audio'),
    creationTimeMs: Number.isNaN(created) ? null : created,
    // ffprobe knows the pixels' layout only from a decoder.
    decodable: video.pix_fmt !== undefined,
  };
}

/** ffprobe gives the turn of the display matrix, counter-clockwise. */
function clockwiseRotation(video: ProbedStream): number {
  const matrix = video.side_data_list?.find((data) => data.rotation !== undefined)?.rotation;
  const clockwise = matrix === undefined ? Number(video.tags?.['rotate'] ?? 0) : -matrix;
  return (((Math.round(clockwise / 90) * 90) % 360) + 360) % 360;
}

/** @example fraction('30000/1001') // 29.97… */
function fraction(text: string | undefined): number | null {
  const [num, den] = (text ?? '').split('/').map(Number);
  return num !== undefined && den !== undefined && num > 0 && den > 0 ? num / den : null;
}

function known(times: readonly (number | undefined)[]): number[] {
  return times.filter((time) => time !== undefined).sort((a, b) => a - b);
}

function measuredFps(times: readonly (number | undefined)[]): number | null {
  const sorted = known(times);
  const span = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  return span > 0 ? (sorted.length - 1) / span : null;
}

function longestStep(times: readonly (number | undefined)[]): number | null {
  const sorted = known(times);
  return sorted.length < 2 ? null : Math.max(...sorted.slice(1).map((time, i) => time - (sorted[i] ?? time)));
}
