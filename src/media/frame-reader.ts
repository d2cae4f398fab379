import { type Frame, frameBytes, type PixelFormat } from '../domain/frame.js';
import type { PixelRoi } from '../domain/roi.js';
import type { FrameFds } from './frame-pipe.js';
import { createNutDemuxer, type NutDemuxer, type ReadRequest } from './nut.js';
import { NutError } from './nut-header.js';
import { createPipeReader, type PipeReader } from './pipe-reader.js';
import type { WallClock } from './wall-clock.js';

/** What a stream's pictures are. */
export interface PictureFormat {
  readonly format: PixelFormat;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Where they lie in the camera's picture; `null` or absent: they are all of it. */
  readonly roi?: PixelRoi | null;
}

/**
 * Why no more frames come. `ended`: ffmpeg closed the stream. `cut`: it went in the middle of a picture.
 * `resolution-changed`: the next picture has another size. `malformed`: what came is not the stream it should be.
 */
export type FramesEnd =
  | { readonly reason: 'ended' | 'cut' | 'resolution-changed' }
  | { readonly reason: 'malformed'; readonly detail: string };

export interface FrameReader {
  /**
   * The frames, each read when it is asked for. Blocks the thread while none is there: for worker threads only. Ends when
   * ffmpeg is gone; to end it, stop ffmpeg. Can be gone through once.
   */
  frames(): Iterable<Frame>;
  /** Known once {@link frames} has ended. */
  end(): FramesEnd | null;
  /** Pictures left out because their time did not lie after the one before. */
  droppedFrames(): number;
}

export interface FrameReaderOptions {
  /** A decoder's `framesFds`. */
  readonly fds: FrameFds;
  readonly cameraId: string;
  /** As asked of the decoder. */
  readonly format: PixelFormat;
  /** The decoder's. */
  readonly roi?: PixelRoi | null;
  /**
   * Called once, when the size is known; what it returns is asked for a buffer before every picture. The buffer may be
   * longer than the picture; the frame's `data` views its beginning.
   */
  readonly allocate: (format: PictureFormat) => () => Uint8Array;
  readonly wallClock: WallClock;
}

/** Largest width or height, pixels: what the decoders that ffmpeg brings can give. */
const maxSidePx = 16_384;

/** A pipe, and the pictures in it: halves of the camera's, or all of them. */
interface Part {
  readonly pipe: PipeReader;
  readonly demuxer: NutDemuxer;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** Reads decoded pictures from ffmpeg straight into the caller's memory. */
export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const { fds, cameraId, format, roi = null, wallClock } = options;
  const [upperFd, lowerFd] = fds;
  let end: FramesEnd | null = null;
  let dropped = 0;
  let seq = 0;

  function* frames(): Generator<Frame, FramesEnd> {
    const upper = openPart(upperFd, format);
    if ('reason' in upper) return upper;
    let lower: Part | null = null;
    let ahead: { readonly data: Uint8Array; readonly ptsMs: number } | null = null;
    if (lowerFd !== undefined) {
      // Of the lower half ffmpeg may say nothing before it is rid of the upper one, and without it nobody knows how large the picture is.
      const data = new Uint8Array(upper.bytes);
      const ptsMs = take(upper, data);
      if (typeof ptsMs !== 'number') return ptsMs;
      ahead = { data, ptsMs };
      const opened = openPart(lowerFd, format);
      if ('reason' in opened) return asOfHalf(opened);
      lower = opened;
    }
    const { width } = upper;
    const height = upper.height + (lower?.height ?? 0);
    if (lower !== null && lower.width !== width) return { reason: 'malformed', detail: `halves of ${width} and ${lower.width} columns` };
    if (!isSide(height)) return { reason: 'malformed', detail: `pictures of ${width} × ${height} pixels` };
    const bytes = upper.bytes + (lower?.bytes ?? 0);
    const nextBuffer = options.allocate({ format, width, height, roi });
    let lastPtsMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      const data = nextBuffer().subarray(0, bytes);
      if (ahead !== null) data.set(ahead.data);
      const ptsMs = ahead === null ? take(upper, data) : ahead.ptsMs;
      if (typeof ptsMs !== 'number') return ptsMs;
      ahead = null;
      if (lower !== null) {
        const lowerPtsMs = take(lower, data.subarray(upper.bytes));
        if (typeof lowerPtsMs !== 'number') return asOfHalf(lowerPtsMs);
        if (lowerPtsMs !== ptsMs) return { reason: 'malformed', detail: `halves of pictures from ${ptsMs} and ${lowerPtsMs} ms` };
      }
      const number = seq++;
      if (!(ptsMs > lastPtsMs)) {
        dropped++;
        continue;
      }
      lastPtsMs = ptsMs;
      yield { cameraId, seq: number, ptsMs, capturedAtMs: wallClock.at(ptsMs), width, height, format, data };
    }
  }

  return {
    *frames() {
      try {
        end = yield* frames();
      } catch (error) {
        if (!(error instanceof NutError)) throw error;
        end = { reason: 'malformed', detail: error.message };
      }
    },
    end: () => end,
    droppedFrames: () => dropped,
  };
}

function openPart(fd: number, format: PixelFormat): Part | FramesEnd {
  const pipe = createPipeReader(fd);
  const demuxer = createNutDemuxer();
  const header = drive(pipe, demuxer.header());
  if ('end' in header) return { reason: header.end === 'clean' ? 'ended' : 'cut' };
  const { width, height } = header;
  if (!isSide(width) || !isSide(height)) return { reason: 'malformed', detail: `pictures of ${width} × ${height} pixels` };
  return { pipe, demuxer, width, height, bytes: frameBytes(format, width, height) };
}

/** Reads the next picture of a part. @returns its time, milliseconds. */
function take({ pipe, demuxer, bytes }: Part, data: Uint8Array): number | FramesEnd {
  const picture = drive(
    pipe,
    demuxer.next((size) => (size === bytes ? data : null)),
  );
  if (picture === null) return { reason: 'resolution-changed' };
  if ('end' in picture) return { reason: picture.end === 'clean' ? 'ended' : 'cut' };
  return picture.ptsMs;
}

/** A stream that ends after the upper half ends in the middle of a picture. */
function asOfHalf(end: FramesEnd): FramesEnd {
  return end.reason === 'ended' ? { reason: 'cut' } : end;
}

function isSide(px: number): boolean {
  return Number.isInteger(px) && px > 0 && px <= maxSidePx;
}

/** Runs a demuxer's step with reads that block. */
function drive<T>(pipe: PipeReader, steps: Generator<ReadRequest, T, number>): T {
  let step = steps.next(0);
  while (step.done !== true) step = steps.next(pipe.read(step.value));
  return step.value;
}
