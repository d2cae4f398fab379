import {
  appendSeven,
  createHeaderReader,
  type FrameCode,
  frameFlags,
  type MainHeader,
  NutError,
  packetKind,
  parseMainHeader,
  parseStreamHeader,
  type StreamHeader,
} from './nut-header.js';

/** Asks for up to `length` bytes to be put at `offset`; answered with their count, 0 at the end of the stream. */
export interface ReadRequest {
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** One picture of a NUT stream. */
export interface NutPicture {
  /** Presentation time on the stream's clock, milliseconds with fractions. */
  readonly ptsMs: number;
  /** Bytes of the picture. */
  readonly bytes: number;
  /** Where they are, as `place` gave it. */
  readonly data: Uint8Array;
}

/** How a stream ended: `cut` when it stopped in the middle of something. */
export type StreamEnd = 'clean' | 'cut';

export interface NutEnd {
  readonly end: StreamEnd;
}

/** Gives the buffer for the next picture of that many bytes (at least as long), or `null` to stop before it. */
export type PlacePicture = (bytes: number) => Uint8Array | null;

/**
 * A NUT stream as a generator that asks for bytes instead of reading them, so that the same code serves a worker that
 * blocks and a main thread that awaits. Picture data are asked for straight into the caller's buffer.
 */
export interface NutDemuxer {
  /** Reads up to the stream header. @throws {NutError} */
  header(): Generator<ReadRequest, StreamHeader | NutEnd, number>;
  /** Reads the next picture; `null` when `place` refused it. Call {@link header} first. @throws {NutError} */
  next(place: PlacePicture): Generator<ReadRequest, NutPicture | NutEnd | null, number>;
}

/** First bytes of every NUT file, with the zero that ends them. */
const fileId = 'nut/multimedia container\0';
/**
 * Bytes read ahead at the start of each frame header; what is not header is copied to the picture. Less means more
 * reads for a header, more means more copying.
 */
const readAheadBytes = 512;
/** A number has no more bytes than this: 56 bits. */
const maxNumberBytes = 8;
/** Numbers without a meaning that a frame's header may hold. ffmpeg writes none. */
const maxReserved = 16;
/** Largest packet that is not a picture. ffmpeg's headers have some 300 bytes; more would let bad input fill memory. */
const maxPacketBytes = 1 << 20;
/** Largest picture: 16k × 16k of luma. A limit on what a damaged size field can make us allocate. */
const maxPictureBytes = 1 << 28;

class EndOfStream extends Error {}

/** Thrown where what was read ahead ends in the middle of something: more is asked for, and it is begun again. One object, since it is no error. */
const shortage = { isShortage: true };

export function createNutDemuxer(): NutDemuxer {
  let window = new Uint8Array(readAheadBytes);
  /** What was read ahead and not yet used. */
  let start = 0;
  let end = 0;
  /** How far what is being parsed has been, and how many bytes it needs at least. */
  let at = 0;
  let needed = 1;
  let main: MainHeader | null = null;
  let stream: StreamHeader | null = null;
  let lastPts = 0;

  function* fill(count: number): Generator<ReadRequest, void, number> {
    if (start > 0) {
      window.copyWithin(0, start, end);
      end -= start;
      start = 0;
    }
    if (count > window.length) {
      const wider = new Uint8Array(count);
      wider.set(window.subarray(0, end));
      window = wider;
    }
    while (end < count) {
      const got = yield { buffer: window, offset: end, length: window.length - end };
      if (got === 0) throw new EndOfStream();
      end += got;
    }
  }

  /** Parses one thing out of what was read ahead, which changes nothing before all of it is there. Read on as often as it needs more. */
  function* whole<T>(parse: () => T): Generator<ReadRequest, T, number> {
    for (needed = 1; ; ) {
      if (end - start < needed) yield* fill(needed);
      at = start;
      try {
        const parsed = parse();
        start = at;
        return parsed;
      } catch (error) {
        if (error !== shortage) throw error;
      }
    }
  }

  function take(count: number): Uint8Array {
    need(count);
    at += count;
    return window.subarray(at - count, at);
  }

  function need(count: number): void {
    if (end - at >= count) return;
    needed = at - start + count;
    throw shortage;
  }

  function byte(): number {
    need(1);
    return window[at++] as number;
  }

  function v(): number {
    for (let value = 0, bytes = 1; bytes <= maxNumberBytes; bytes++) {
      const next = byte();
      value = appendSeven(value, next);
      if (next < 0x80) return value;
    }
    throw new NutError(`a number of more than ${maxNumberBytes} bytes`);
  }

  /** The rest of a packet after its first byte 'N'. */
  function packet(): void {
    const rest = take(7);
    const kind = packetKind(rest);
    if (kind === null) throw new NutError(`unknown packet 4e${Buffer.from(rest).toString('hex')}`);
    const length = v();
    if (length > maxPacketBytes) throw new NutError(`a packet of ${length} bytes is too long`);
    if (length > 4096) take(4); // checksum of the packet's header
    if (length < 4) throw new NutError('a packet has no room for its checksum');
    const body = take(length).subarray(0, length - 4);
    if (kind === 'main') {
      main = parseMainHeader(body);
    } else if (kind === 'stream') {
      if (main === null) throw new NutError('a stream header comes before the main header');
      stream = parseStreamHeader(body, main);
    } else if (kind === 'syncpoint') {
      if (main === null || stream === null) throw new NutError('a syncpoint comes before the headers');
      lastPts = parseSyncpoint(body, main, stream);
    }
  }

  function frameHeader(firstByte: number, header: MainHeader, video: StreamHeader): Frame {
    const code = header.frameCodes[firstByte] as FrameCode;
    let flags = code.flags;
    if ((flags & frameFlags.invalid) !== 0) throw new NutError(`byte ${firstByte} begins no frame`);
    if ((flags & frameFlags.coded) !== 0) flags ^= v();
    const streamId = (flags & frameFlags.streamId) !== 0 ? v() : code.streamId;
    if (streamId !== 0) throw new NutError(`a frame belongs to stream ${streamId}, which there is not`);
    const pts = (flags & frameFlags.codedPts) !== 0 ? fullPts(v(), lastPts, video.msbPtsShift) : lastPts + code.ptsDelta;
    const msb = (flags & frameFlags.sizeMsb) !== 0 ? v() : 0;
    if ((flags & frameFlags.matchTime) !== 0) v();
    const headerIndex = (flags & frameFlags.headerIndex) !== 0 ? v() : code.headerIndex;
    const reserved = (flags & frameFlags.reserved) !== 0 ? v() : code.reserved;
    if (reserved > maxReserved) throw new NutError(`a frame's header has ${reserved} numbers that nobody knows`);
    for (let i = 0; i < reserved; i++) v();
    if ((flags & frameFlags.checksum) !== 0) take(4);
    if ((flags & frameFlags.sideData) !== 0) throw new NutError('frames with side data are not supported');
    const prefix = header.elided[headerIndex];
    if (prefix === undefined) throw new NutError(`a frame names elision header ${headerIndex}, which there is not`);
    const bytes = code.sizeLsb + code.sizeMul * msb;
    if (bytes < prefix.length || bytes > maxPictureBytes) throw new NutError(`a picture of ${bytes} bytes is out of bounds`);
    return { pts, bytes, prefix };
  }

  /** A packet of the headers: what is no frame. */
  function headerPacket(): void {
    if (byte() !== 0x4e) throw new NutError('a frame comes before the stream header');
    packet();
  }

  /** The header of a frame; `null`: it was a packet of another kind. */
  function frameOrPacket(): Frame | null {
    const first = byte();
    if (first !== 0x4e) return frameHeader(first, main as MainHeader, stream as StreamHeader);
    packet();
    return null;
  }

  function checkFileId(): void {
    if (new TextDecoder('latin1').decode(take(fileId.length)) !== fileId) throw new NutError('the stream does not begin as NUT');
  }

  /** Puts a picture's bytes where they belong: what was read ahead is copied, the rest is read there directly. */
  function* payload(frame: Frame, target: Uint8Array): Generator<ReadRequest, void, number> {
    target.set(frame.prefix);
    let filled = frame.prefix.length;
    const ahead = Math.min(end - start, frame.bytes - filled);
    target.set(window.subarray(start, start + ahead), filled);
    start += ahead;
    filled += ahead;
    while (filled < frame.bytes) {
      const got = yield { buffer: target, offset: filled, length: frame.bytes - filled };
      if (got === 0) throw new EndOfStream();
      filled += got;
    }
  }

  return {
    *header() {
      let isEmpty = true;
      try {
        yield* whole(checkFileId);
        isEmpty = false;
        while (stream === null) yield* whole(headerPacket);
        return stream;
      } catch (error) {
        // ffmpeg that ends before its first picture leaves nothing at all: that is a clean, empty stream.
        if (error instanceof EndOfStream) return { end: isEmpty && end === 0 ? 'clean' : 'cut' };
        throw error;
      }
    },
    *next(place) {
      if (main === null || stream === null) throw new TypeError('read the header first');
      let inPicture = false;
      try {
        for (;;) {
          const frame = yield* whole(frameOrPacket);
          if (frame === null || frame.bytes === 0) continue; // without bytes, a marker for the end of a stream
          inPicture = true;
          lastPts = frame.pts;
          const data = place(frame.bytes);
          if (data === null) return null;
          if (data.length < frame.bytes) throw new RangeError(`a buffer of ${data.length} bytes for a picture of ${frame.bytes}`);
          yield* payload(frame, data);
          const { num, den } = stream.timeBase;
          return { ptsMs: (frame.pts * num * 1000) / den, bytes: frame.bytes, data };
        }
      } catch (error) {
        if (error instanceof EndOfStream) return { end: inPicture || start < end ? 'cut' : 'clean' };
        throw error;
      }
    },
  };
}

interface Frame {
  /** In units of the stream's time base. */
  readonly pts: number;
  readonly bytes: number;
  readonly prefix: Uint8Array;
}

/** The clock value that a syncpoint sets, in units of the stream's time base. */
function parseSyncpoint(body: Uint8Array, main: MainHeader, stream: StreamHeader): number {
  const coded = createHeaderReader(body).v();
  const base = main.timeBases[coded % main.timeBases.length];
  if (base === undefined) throw new NutError('a syncpoint names a time base that there is not');
  const value = Math.floor(coded / main.timeBases.length);
  if (base === stream.timeBase) return value;
  return Math.floor((value * base.num * stream.timeBase.den) / (base.den * stream.timeBase.num));
}

/** A time from its low bits and the time before it, or in full above `1 << shift`. */
function fullPts(coded: number, lastPts: number, shift: number): number {
  const range = 2 ** shift;
  if (coded >= range) return coded - range;
  const lowest = lastPts - Math.floor((range - 1) / 2);
  return lowest + ((((coded - lowest) % range) + range) % range);
}
