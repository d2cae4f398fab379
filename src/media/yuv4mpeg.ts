import type { StreamEnd } from './nut.js';

/** What came is no YUV4MPEG2 stream of luma. */
export class Yuv4MpegError extends Error {
  override readonly name = 'Yuv4MpegError';
}

/** What the pictures of a stream are, pixels. */
export interface Yuv4MpegHeader {
  readonly width: number;
  readonly height: number;
}

/** Puts what comes next into a buffer, and waits until something is there. @returns bytes; 0 at the end of the stream. */
type ReadBytes = (buffer: Uint8Array) => number;

/** ffmpeg's lines have some 60 bytes; more would let bad input keep us reading. */
const maxLineBytes = 256;
const frameLine = 'FRAME\n';
/** What every picture takes besides its pixels, bytes. */
export const frameLineBytes = frameLine.length;

/**
 * Reads YUV4MPEG2, which is pictures without times, straight into the caller's buffers. No byte is asked for that belongs to what comes later.
 */
export class Yuv4MpegReader {
  private readonly line = new Uint8Array(maxLineBytes);

  constructor(private readonly read: ReadBytes) {}

  /** Reads the line that the stream begins with. @throws {Yuv4MpegError} */
  header(): Yuv4MpegHeader | StreamEnd {
    // Byte by byte, once a connection: what comes after the line belongs to the picture.
    for (let length = 0; length < maxLineBytes; length++) {
      // ffmpeg that ends before its first picture leaves nothing at all: that is a clean, empty stream.
      if (this.read(this.line.subarray(length, length + 1)) === 0) return length === 0 ? 'clean' : 'cut';
      if (this.line[length] === 0x0a) return parseHeader(this.text(length));
    }
    throw notYuv4Mpeg();
  }

  /** Reads the next picture, of as many bytes as a buffer has; `null` when it is there. @throws {Yuv4MpegError} */
  next(picture: Uint8Array): StreamEnd | null {
    // By itself, so that who waits for a picture is woken by its beginning.
    const start = this.line.subarray(0, frameLine.length);
    const got = this.fill(start);
    if (got < start.length) return got === 0 ? 'clean' : 'cut';
    if (this.text(got) !== frameLine) throw new Yuv4MpegError(`a picture begins with ${JSON.stringify(this.text(got))}`);
    return this.fill(picture) < picture.length ? 'cut' : null;
  }

  /** @returns fewer bytes than asked for when the stream ended before. */
  private fill(target: Uint8Array): number {
    let filled = 0;
    while (filled < target.length) {
      const got = this.read(target.subarray(filled));
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }

  private text(bytes: number): string {
    return Buffer.from(this.line.buffer, 0, bytes).toString('latin1');
  }
}

function parseHeader(line: string): Yuv4MpegHeader {
  const [id, ...fields] = line.split(' ');
  if (id !== 'YUV4MPEG2') throw notYuv4Mpeg();
  const field = (letter: string): string => fields.find((value) => value.startsWith(letter))?.slice(1) ?? '';
  if (field('C') !== 'mono') throw new Yuv4MpegError(`pictures of colour space "${field('C')}" are not luma alone`);
  return { width: Number(field('W')), height: Number(field('H')) };
}

function notYuv4Mpeg(): Yuv4MpegError {
  return new Yuv4MpegError('the stream does not begin as YUV4MPEG2');
}
