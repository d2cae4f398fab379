import { type Decoder, type DecoderOptions, startDecoder } from '../media/decoder.js';
import { tellingComplaint } from '../media/failure.js';
import type { FfmpegExit } from '../media/ffmpeg.js';
import type { FileInput, RtspInput } from '../media/input.js';
import type { StreamSummary } from '../media/stream-summary.js';
import type { WallClockSpec } from '../media/wall-clock.js';
import type { SourceConnection, SourceEnd, SourceOptions, StopReason } from './contract.js';

/** What the kinds of source do differently. */
export interface ConnectionKind {
  readonly input: RtspInput | FileInput;
  readonly segments: NonNullable<DecoderOptions['segments']> | null;
  readonly firstPictureTimeoutMs: number | null;
  wallClock(stream: StreamSummary): WallClockSpec;
  /** Why it ended, when nobody ended it. */
  judge(exit: FfmpegExit, decoder: Decoder): SourceEnd;
}

/** Starts a decoder and gives its end a reason. */
export async function openConnection(kind: ConnectionKind, options: SourceOptions, signal: AbortSignal): Promise<SourceConnection> {
  const pixelFormat = options.pixelFormat ?? 'gray';
  const decoder = await startDecoder({
    input: kind.input,
    pixelFormat,
    threads: options.threads ?? 0,
    hwaccel: options.hwaccel ?? 'none',
    paced: options.paced ?? false,
    maxFps: options.maxFps ?? null,
    maxWidth: options.maxWidth ?? null,
    roi: options.roi ?? null,
    segments: kind.segments,
    firstPictureTimeoutMs: kind.firstPictureTimeoutMs,
    logger: options.logger,
    signal,
  });
  let stopReason: StopReason | null = null;
  const ended = decoder.exited.then((exit): SourceEnd => {
    if (exit.reason === 'stopped') return { reason: stopReason ?? 'shutdown', detail: null };
    const end = kind.judge(exit, decoder);
    if (end.reason !== 'end-of-file') {
      options.logger.warn(
        { event: 'ffmpeg-ended', reason: end.reason, lines: exit.complaints },
        `ffmpeg ended: ${end.detail ?? end.reason}`,
      );
    }
    return end;
  });
  return {
    framesFds: decoder.framesFds,
    pixelFormat,
    roi: decoder.roi,
    wallClock: kind.wallClock(decoder.stream),
    stream: decoder.stream,
    ended,
    stop(reason) {
      stopReason ??= reason;
      decoder.stop();
    },
    async [Symbol.asyncDispose]() {
      await decoder[Symbol.asyncDispose]();
    },
  };
}

/** Why ffmpeg says it ended, in its own words; `null` when it did not say. */
export function lastComplaint(exit: FfmpegExit): string | null {
  return tellingComplaint(exit.complaints);
}
