import { type Frame, frameBytes, type PixelFormat } from '../domain/frame.js';
import type { PixelRoi } from '../domain/roi.js';
import { createNutDemuxer, type ReadRequest } from './nut.js';
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
  /** A decoder's `framesFd`. */
  readonly fd: number;
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

/** Reads decoded pictures from ffmpeg straight into the caller's memory. */
export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const { fd, cameraId, format, roi = null, wallClock } = options;
  const demuxer = createNutDemuxer();
  const pipe = createPipeReader(fd);
  let end: FramesEnd | null = null;
  let dropped = 0;
  let seq = 0;

  function* frames(): Generator<Frame, FramesEnd> {
    const header = drive(pipe, demuxer.header());
    if ('end' in header) return { reason: header.end === 'clean' ? 'ended' : 'cut' };
    const { width, height } = header;
    if (!isSide(width) || !isSide(height)) return { reason: 'malformed', detail: `pictures of ${width} × ${height} pixels` };
    const bytes = frameBytes(format, width, height);
    const nextBuffer = options.allocate({ format, width, height, roi });
    let lastPtsMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      const picture = drive(
        pipe,
        demuxer.next((size) => (size === bytes ? nextBuffer() : null)),
      );
      if (picture === null) return { reason: 'resolution-changed' };
      if ('end' in picture) return { reason: picture.end === 'clean' ? 'ended' : 'cut' };
      const { ptsMs } = picture;
      const number = seq++;
      if (!(ptsMs > lastPtsMs)) {
        dropped++;
        continue;
      }
      lastPtsMs = ptsMs;
      const data = picture.data.subarray(0, bytes);
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

function isSide(px: number): boolean {
  return Number.isInteger(px) && px > 0 && px <= maxSidePx;
}

/** Runs a demuxer's step with reads that block. */
function drive<T>(pipe: PipeReader, steps: Generator<ReadRequest, T, number>): T {
  let step = steps.next(0);
  while (step.done !== true) step = steps.next(pipe.read(step.value));
  return step.value;
}
