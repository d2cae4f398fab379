import { frameBytes, type PixelFormat } from '../domain/frame.js';
import { createNutDemuxer, type ReadRequest, type StreamEnd } from './nut.js';
import { createPipeReader, FillingPace, type PipeReader } from './pipe-reader.js';
import { frameLineBytes, Yuv4MpegReader } from './yuv4mpeg.js';

/**
 * Why no more frames come. `ended`: ffmpeg closed the stream. `cut`: it went in the middle of a picture.
 * `resolution-changed`: the next picture has another size. `malformed`: what came is not the stream it should be.
 */
export type FramesEnd =
  | { readonly reason: 'ended' | 'cut' | 'resolution-changed' }
  | { readonly reason: 'malformed'; readonly detail: string };

/** Pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Decoded pictures as ffmpeg writes them, whatever they come through. Both block while nothing is there. */
export interface PictureStreams {
  /** Reads what comes before the first picture. */
  open(): Size | FramesEnd;
  /** Reads the next picture into a buffer of its size. @returns its time, milliseconds. */
  take(data: Uint8Array): number | FramesEnd;
}

/** Largest width or height, pixels: what the decoders that ffmpeg brings can give. */
const maxSidePx = 16_384;

/** Pictures with their times out of one pipe. */
export function createWholePictures(fd: number, format: PixelFormat): PictureStreams {
  return createTimedPictures(fd, new FillingPace(), ({ width, height }) => frameBytes(format, width, height));
}

/**
 * Pictures of luma out of three pipes: the halves of each, then its time with a small picture, whose size follows from its own.
 *
 * @param holdsBytes of a half: so many lie in their pipe until its time is there, and one wait is for all. Larger ones are taken while they come.
 */
export function createHalvedPictures(upperFd: number, lowerFd: number, timesFd: number, holdsBytes: number): PictureStreams {
  const pace = new FillingPace();
  const upper = createHalf(upperFd, pace);
  const lower = createHalf(lowerFd, pace);
  const times = createTimedPictures(timesFd, pace, ({ width, height }) => width * height);
  let upperBytes = 0;
  let corner: Uint8Array | null = null;
  /** The first upper half, read before anybody could give it a buffer. */
  let ahead: Uint8Array | null = null;

  const takeTime = (): number | FramesEnd => {
    if (corner === null) {
      const size = times.open();
      if ('reason' in size) return asOfHalf(size);
      corner = new Uint8Array(size.width * size.height);
    }
    const ptsMs = times.take(corner);
    return typeof ptsMs === 'number' ? ptsMs : asOfHalf(ptsMs);
  };

  const takeLower = (bottom: Uint8Array): FramesEnd | null => {
    const end = lower.take(bottom);
    return end === null ? null : asOfHalf(end);
  };

  const takeTimeFirst = (top: Uint8Array, bottom: Uint8Array): number | FramesEnd => {
    const ptsMs = takeTime();
    if (typeof ptsMs !== 'number' && ptsMs.reason !== 'cut') return ptsMs;
    return upper.take(top) ?? takeLower(bottom) ?? ptsMs;
  };

  return {
    open() {
      const top = upper.open();
      if ('reason' in top) return top;
      // Of what comes next ffmpeg may say nothing before it is rid of the upper half, and without the lower one nobody knows how large the picture is.
      upperBytes = top.width * top.height;
      ahead = new Uint8Array(upperBytes);
      const end = upper.take(ahead);
      if (end !== null) return end;
      const bottom = lower.open();
      if ('reason' in bottom) return asOfHalf(bottom);
      if (top.width !== bottom.width) return { reason: 'malformed', detail: `halves of ${top.width} and ${bottom.width} columns` };
      return checked({ width: top.width, height: top.height + bottom.height });
    },
    take(data) {
      const [top, bottom] = [data.subarray(0, upperBytes), data.subarray(upperBytes)];
      // Of the first picture only the upper half is known to be there.
      if (ahead === null && bottom.length + frameLineBytes <= holdsBytes) return takeTimeFirst(top, bottom);
      if (ahead === null) {
        const end = upper.take(top);
        if (end !== null) return end;
      } else {
        top.set(ahead);
        ahead = null;
      }
      return takeLower(bottom) ?? takeTime();
    },
  };
}

/** A stream that ends after the upper half ends in the middle of a picture. */
function asOfHalf(end: FramesEnd): FramesEnd {
  return end.reason === 'ended' ? { reason: 'cut' } : end;
}

function createTimedPictures(fd: number, pace: FillingPace, bytesOf: (size: Size) => number): PictureStreams {
  const pipe = createPipeReader(fd, pace);
  const demuxer = createNutDemuxer();
  let bytes = 0;
  return {
    open() {
      const header = drive(pipe, demuxer.header());
      if ('end' in header) return { reason: header.end === 'clean' ? 'ended' : 'cut' };
      const size = checked({ width: header.width, height: header.height });
      if (!('reason' in size)) bytes = bytesOf(size);
      return size;
    },
    take(data) {
      const picture = drive(
        pipe,
        demuxer.next((size) => (size === bytes ? data : null)),
      );
      if (picture === null) return { reason: 'resolution-changed' };
      if ('end' in picture) return { reason: picture.end === 'clean' ? 'ended' : 'cut' };
      return picture.ptsMs;
    },
  };
}

/** One half of every picture. */
interface Half {
  open(): Size | FramesEnd;
  /** `null`: it is there. */
  take(data: Uint8Array): FramesEnd | null;
}

function createHalf(fd: number, pace: FillingPace): Half {
  const pipe = createPipeReader(fd, pace);
  const pictures = new Yuv4MpegReader((buffer) => pipe.read(buffer));
  const endedBy = (end: StreamEnd): FramesEnd => ({ reason: end === 'clean' ? 'ended' : 'cut' });
  return {
    open() {
      const header = pictures.header();
      return typeof header === 'string' ? endedBy(header) : checked(header);
    },
    take(data) {
      const end = pictures.next(data);
      return end === null ? null : endedBy(end);
    },
  };
}

function checked({ width, height }: Size): Size | FramesEnd {
  const isSide = (px: number): boolean => Number.isInteger(px) && px > 0 && px <= maxSidePx;
  return isSide(width) && isSide(height) ? { width, height } : { reason: 'malformed', detail: `pictures of ${width} × ${height} pixels` };
}

/** Runs a demuxer's step with reads that block. */
function drive<T>(pipe: PipeReader, steps: Generator<ReadRequest, T, number>): T {
  let step = steps.next(0);
  while (step.done !== true) {
    const { buffer, offset, length } = step.value;
    step = steps.next(pipe.read(buffer.subarray(offset, offset + length)));
  }
  return step.value;
}
