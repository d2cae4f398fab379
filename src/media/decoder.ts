import { mkdir } from 'node:fs/promises';
import { type PixelRoi, pixelRoi, type Roi } from '../domain/roi.js';
import { AgentError } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { announcementOf, type PictureRequest, pictureOutputs, pipesOf } from './decoder-graph.js';
import { createDeferred } from './deferred.js';
import { isStillFormat, mediaFailure, stillPictureFailure } from './failure.js';
import { type CommandSpec, type FfmpegExit, type FfmpegProcess, startFfmpeg } from './ffmpeg.js';
import { createFramePipes, type FrameFds, type FramePipe, readingEnds } from './frame-pipe.js';
import { type FileInput, inputArguments, inputName, type RtspInput } from './input.js';
import { createSummaryReader, parseStreamLine, type StreamSummary } from './stream-summary.js';

/** `none`: software. `auto`: what ffmpeg finds. Others by ffmpeg's names. */
export type Hwaccel = 'none' | 'auto' | 'vaapi' | 'cuda' | 'qsv' | 'videotoolbox' | 'vdpau' | 'drm' | 'd3d11va';

export interface DecoderOptions extends PictureRequest {
  readonly input: RtspInput | FileInput;
  /** Threads for software decoding; 0: one up to 1920×1080, as many as ffmpeg likes above. One costs least in all. */
  readonly threads: number;
  readonly hwaccel: Hwaccel;
  /** Read a file no faster than it plays. */
  readonly paced?: boolean;
  /** Also write the stream as it comes into segments of at least so many seconds, cut at keyframes. */
  readonly segments?: { readonly folder: string; readonly segmentS: number } | null;
  /** How long until the first picture, milliseconds; `null`: for ever. */
  readonly firstPictureTimeoutMs: number | null;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

/** A running decoder: pictures come out of pipes, segments go into a folder. Disposing of it ends both. */
export interface Decoder extends AsyncDisposable {
  /** For a frame reader. Closed by disposing: let the reader end first. */
  readonly framesFds: FrameFds;
  readonly stream: StreamSummary;
  /** Where its pictures lie in the camera's; `null`: they are all of it. */
  readonly roi: PixelRoi | null;
  /** Never rejects. The end of all its pipes reaches the reader at the same time. */
  readonly exited: Promise<FfmpegExit>;
  /** Pictures that ffmpeg says it wrote; `null` before it ended by itself. */
  pictures(): number | null;
  stop(): void;
}

type Size = Pick<StreamSummary, 'width' | 'height'>;

/** What ffmpeg says once the first picture is there: of its input, and of the pictures that come out. */
interface Opened {
  readonly summary: StreamSummary;
  readonly output: Size;
}

/** Name of the list that ffmpeg keeps in the segments' folder: one line `name,startS,endS` for each of the latest finished segments. */
export const segmentListName = 'segments.csv';
/**
 * Lines of that list. ffmpeg writes it anew with each segment: a long one wears out flash. Whoever reads it may sleep for
 * so many segments, 2 to 4 minutes, before any is missing from it.
 */
const segmentListLines = 120;

/**
 * Starts one ffmpeg for a camera or file and waits until its first picture is decoded.
 *
 * @throws {AgentError} FFMPEG_MISSING, or why the input cannot be read: SOURCE_NOT_FOUND, SOURCE_NOT_VIDEO,
 *   SOURCE_UNREACHABLE, SOURCE_UNAUTHORIZED, SOURCE_FAILED. The signal's reason when aborted.
 */
export async function startDecoder(options: DecoderOptions): Promise<Decoder> {
  options.signal?.throwIfAborted();
  if (options.hwaccel === 'none') return await startSoftware(options);
  try {
    return await launch(options, options.threads);
  } catch (error) {
    options.signal?.throwIfAborted();
    // A camera that does not answer is no matter of hardware, and must not be asked twice with a wrong password.
    const blameless: readonly string[] = ['SOURCE_NOT_FOUND', 'SOURCE_UNREACHABLE', 'SOURCE_UNAUTHORIZED', 'FFMPEG_MISSING'];
    if (!(error instanceof AgentError) || blameless.includes(error.code)) throw error;
    options.logger.warn(
      { event: 'hwaccel-fallback', hwaccel: options.hwaccel, reason: error.message },
      'hardware decoding failed; going on in software',
    );
    return await startSoftware({ ...options, hwaccel: 'none' });
  }
}

/** Pixels of a picture that one thread of a small processor still decodes in time: 1920×1080 as it is coded. */
const oneThreadPixels = 1920 * 1088;

async function startSoftware(options: DecoderOptions): Promise<Decoder> {
  const decoder = await launch(options, Math.max(1, options.threads));
  if (options.threads > 0 || decoder.stream.width * decoder.stream.height <= oneThreadPixels) return decoder;
  await decoder[Symbol.asyncDispose]();
  return await launch(options, 0);
}

/** Starts ffmpeg; once more for whole pictures, where nobody can tell which part of them came: a file's header may tell another size than its pictures have. */
async function launch(options: DecoderOptions, threads: number): Promise<Decoder> {
  const decoder = await launchOnce(options, threads);
  if (!options.roi || decoder.roi !== null) return decoder;
  options.logger.info({ event: 'roi-unknown' }, 'the size of the pictures is not as the stream says: all of them is looked at');
  await decoder[Symbol.asyncDispose]();
  return await launchOnce({ ...options, roi: null }, threads);
}

async function launchOnce(options: DecoderOptions, threads: number): Promise<Decoder> {
  if (options.segments) await mkdir(options.segments.folder, { recursive: true });
  const pipes = await createFramePipes(pipesOf(options.pixelFormat));
  const close = (): void => {
    for (const pipe of pipes) pipe.close();
  };
  const opened = createDeferred<Opened>();
  const reader = createSummaryReader();
  const announcement = announcementOf(options.pixelFormat);
  let describesOutput = false;
  let pictures: number | null = null;
  let still = false;
  let ffmpeg: FfmpegProcess;
  try {
    ffmpeg = startFfmpeg(decoderCommand(options, threads, pipes), {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onLine: (line) => {
        reader.take(line);
        still ||= isStillFormat(/Input #0, (\w+), from/.exec(line)?.[1] ?? '');
        const summary = reader.summary();
        // ffmpeg describes an output once its first picture is ready for it.
        describesOutput ||= line.includes(announcement);
        const output = describesOutput ? parseStreamLine(line) : null;
        if (summary !== null && output !== null) opened.resolve({ summary, output });
        const count = /\bframe=\s*(\d+)/.exec(line)?.[1];
        if (count !== undefined) pictures = Number(count);
      },
    });
    await ffmpeg.ready;
  } catch (error) {
    close();
    throw error;
  }
  for (const pipe of pipes) pipe.closeWriter();
  const opening = firstPicture(options, ffmpeg, opened.promise).then((first) => {
    if (still) throw stillPictureFailure(options.input);
    return first;
  });
  const { summary: stream, output } = await opening.catch(async (error: unknown) => {
    close(); // Nobody reads yet, and an ffmpeg that is blocked in writing wakes from it.
    await ffmpeg[Symbol.asyncDispose]();
    throw error;
  });
  return {
    framesFds: readingEnds(pipes),
    stream,
    roi: options.roi ? roiOf(options.roi, options.maxWidth ?? null, stream, output) : null,
    exited: ffmpeg.exited,
    pictures: () => pictures,
    stop: () => ffmpeg.stop(),
    async [Symbol.asyncDispose]() {
      await ffmpeg[Symbol.asyncDispose]();
      close();
    },
  };
}

async function firstPicture(options: DecoderOptions, ffmpeg: FfmpegProcess, opened: Promise<Opened>): Promise<Opened> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = createDeferred<'late'>();
  if (options.firstPictureTimeoutMs !== null) timer = setTimeout(() => tooLate.resolve('late'), options.firstPictureTimeoutMs);
  try {
    const first = await Promise.race([opened, ffmpeg.exited, tooLate.promise]);
    options.signal?.throwIfAborted();
    if (first === 'late') {
      const seconds = Math.round((options.firstPictureTimeoutMs ?? 0) / 1000);
      throw new AgentError('SOURCE_UNREACHABLE', `${inputName(options.input)}: no picture came within ${seconds} s; check the camera`);
    }
    if ('reason' in first) throw mediaFailure(options.input, first.complaints);
    return first;
  } finally {
    clearTimeout(timer);
  }
}

/** The whole command line of a camera's ffmpeg. */
function decoderCommand(options: DecoderOptions, threads: number, pipes: readonly FramePipe[]): CommandSpec {
  const { options: inputOptions, source } = inputArguments(options.input);
  const live = options.input.kind === 'rtsp';
  return {
    descriptors: pipes.map((pipe) => pipe.writeFd),
    inputs: [
      {
        source,
        options: [
          ...(options.hwaccel === 'none' ? [] : ['-hwaccel', options.hwaccel]),
          ...['-threads', String(threads)],
          ...(options.paced === true ? ['-readrate', '1'] : []),
          ...inputOptions,
        ],
      },
    ],
    outputs: [...pictureOutputs(options, live), ...(options.segments ? [segmentOutput(options.segments)] : [])],
  };
}

/** Where pictures lie in the camera's, which may be turned by 90° before, by the size of their upper halves; `null`: nobody can tell. */
function roiOf(roi: Roi, maxWidth: number | null, stream: Size, output: Size): PixelRoi | null {
  const turned = { width: stream.height, height: stream.width };
  for (const { width, height } of [stream, turned]) {
    const scaled = maxWidth === null ? width : Math.min(width, maxWidth);
    const rows = maxWidth === null ? height : 2 * Math.round((height * scaled) / width / 2);
    const place = pixelRoi(roi, scaled);
    if (place.width === output.width && Math.floor(rows / 2) === output.height) return place;
  }
  return null;
}

/**
 * Parameter sets that the camera sends once, by SDP, stand before every keyframe: each segment is whole. And the first
 * picture of an RTSP session may come without a time: the decoder takes it for 0, the muxer would take it for the next one's.
 */
const segmentBitstreamFilters =
  'dump_extra=freq=keyframe,setts=pts=if(eq(PTS\\,NOPTS)*eq(N\\,0)\\,0\\,PTS):dts=if(eq(DTS\\,NOPTS)*eq(N\\,0)\\,0\\,DTS)';

function segmentOutput(segments: { readonly folder: string; readonly segmentS: number }): CommandSpec['outputs'][number] {
  const folder = segments.folder.replaceAll('%', '%%');
  return {
    options: [
      ...['-map', '0:v:0', '-c:v', 'copy'],
      ...['-bsf:v', segmentBitstreamFilters],
      ...['-f', 'segment', '-segment_format', 'mpegts', '-segment_time', String(segments.segmentS)],
      ...['-segment_list', `file:${segments.folder}/${segmentListName}`, '-segment_list_type', 'csv'],
      ...['-segment_list_size', String(segmentListLines)],
      // No offset of the muxer's own: a picture has the same time in the segments as in its frame.
      ...['-segment_format_options', 'mpegts_copyts=1', '-muxdelay', '0', '-muxpreload', '0', '-avoid_negative_ts', 'disabled'],
    ],
    target: `file:${folder}/%06d.ts`,
  };
}
