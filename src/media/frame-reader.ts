import { type Frame, frameBytes, type PixelFormat } from '../domain/frame.js';
import type { PixelRoi } from '../domain/roi.js';
import type { FrameFds } from './frame-pipe.js';
import { NutError } from './nut-header.js';
import { createHalvedPictures, createWholePictures, type FramesEnd } from './picture-streams.js';
import type { WallClock } from './wall-clock.js';
import { Yuv4MpegError } from './yuv4mpeg.js';

export type { FramesEnd } from './picture-streams.js';

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

/** Reads decoded pictures from ffmpeg straight into the caller's memory. */
export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const { cameraId, format, roi = null, wallClock } = options;
  const { fds, holdsBytes } = options.fds;
  let end: FramesEnd | null = null;
  let dropped = 0;
  let seq = 0;

  function* frames(): Generator<Frame, FramesEnd> {
    const pictures = fds.length === 1 ? createWholePictures(fds[0], format) : createHalvedPictures(...fds, holdsBytes);
    const size = pictures.open();
    if ('reason' in size) return size;
    const { width, height } = size;
    const bytes = frameBytes(format, width, height);
    const nextBuffer = options.allocate({ format, width, height, roi });
    let lastPtsMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      const data = nextBuffer().subarray(0, bytes);
      const ptsMs = pictures.take(data);
      if (typeof ptsMs !== 'number') return ptsMs;
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
        if (!(error instanceof NutError || error instanceof Yuv4MpegError)) throw error;
        end = { reason: 'malformed', detail: error.message };
      }
    },
    end: () => end,
    droppedFrames: () => dropped,
  };
}
