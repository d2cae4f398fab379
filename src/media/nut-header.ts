/**
 * The headers of the NUT container (nut-format 3), as far as one raw-video stream needs them. ffmpeg writes pictures
 * in it because it is the leanest container that carries every picture's own time.
 */

/** Bytes that are not NUT, or NUT that we do not read. The message says what and where. */
export class NutError extends Error {
  override readonly name = 'NutError';
}

/** What follows an 'N' at the start of each kind of packet: seven bytes. */
const startCodes = {
  main: [0x4d, 0x7a, 0x56, 0x1f, 0x5f, 0x04, 0xad],
  stream: [0x53, 0x11, 0x40, 0x5b, 0xf2, 0xf9, 0xdb],
  syncpoint: [0x4b, 0xe4, 0xad, 0xee, 0xca, 0x45, 0x69],
  index: [0x58, 0xdd, 0x67, 0x2f, 0x23, 0xe6, 0x4e],
  info: [0x49, 0xab, 0x68, 0xb5, 0x96, 0xba, 0x78],
} as const;

type PacketKind = keyof typeof startCodes;

/** A large picture comes with a syncpoint, a small one every so often: it is asked for first. */
const kinds: readonly PacketKind[] = ['syncpoint', 'main', 'stream', 'index', 'info'];

/** The kind of packet that begins with an 'N' and these seven bytes; `null`: there is none. */
export function packetKind(bytes: Uint8Array): PacketKind | null {
  return kinds.find((kind) => startCodes[kind].every((byte, i) => byte === bytes[i])) ?? null;
}

/** What one of the 256 frame codes stands for. */
export interface FrameCode {
  readonly flags: number;
  readonly streamId: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly ptsDelta: number;
  readonly reserved: number;
  readonly headerIndex: number;
}

export const frameFlags = {
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

export interface TimeBase {
  readonly num: number;
  readonly den: number;
}

export interface MainHeader {
  readonly timeBases: readonly TimeBase[];
  readonly frameCodes: readonly FrameCode[];
  /** Bytes that frames may leave out at their start; number 0 is empty. */
  readonly elided: readonly Uint8Array[];
}

export interface StreamHeader {
  /** Four characters, for example `Y800`. */
  readonly fourcc: string;
  readonly timeBase: TimeBase;
  readonly msbPtsShift: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Reads numbers from a header that is wholly in memory. Every read past the end throws {@link NutError}. */
export interface HeaderReader {
  byte(): number;
  /** Unsigned, variable length. */
  v(): number;
  /** Signed, variable length. */
  s(): number;
  /** Bytes with their length before them. */
  vb(): Uint8Array;
}

export function createHeaderReader(bytes: Uint8Array): HeaderReader {
  let at = 0;
  const reader: HeaderReader = {
    byte() {
      const value = bytes[at++];
      if (value === undefined) throw new NutError('a header ends before its last field');
      return value;
    },
    v() {
      let value = 0;
      for (;;) {
        const byte = reader.byte();
        value = appendSeven(value, byte);
        if (byte < 0x80) return value;
      }
    },
    s() {
      const coded = reader.v() + 1;
      return coded % 2 === 1 ? -(coded - 1) / 2 : coded / 2;
    },
    vb() {
      const length = reader.v();
      if (length > bytes.length - at) throw new NutError('a header field is longer than its header');
      at += length;
      return bytes.subarray(at - length, at);
    },
  };
  return reader;
}

/**
 * Adds the next seven bits of a variable-length number.
 *
 * @throws {NutError} above 2^53, where numbers are no longer exact: no clock or size of ours comes near.
 */
export function appendSeven(value: number, byte: number): number {
  const next = value * 128 + (byte & 0x7f);
  if (next > Number.MAX_SAFE_INTEGER) throw new NutError('a number is larger than 2^53');
  return next;
}

export function parseMainHeader(bytes: Uint8Array): MainHeader {
  const r = createHeaderReader(bytes);
  const version = r.v();
  if (version < 2 || version > 4) throw new NutError(`version ${version} is not supported`);
  if (version > 3) r.v(); // minor version
  const streams = r.v();
  if (streams !== 1) throw new NutError(`${streams} streams where one is expected`);
  r.v(); // max_distance
  const timeBaseCount = r.v();
  const timeBases: TimeBase[] = [];
  for (let i = 0; i < timeBaseCount; i++) {
    const base = { num: r.v(), den: r.v() };
    if (base.num === 0 || base.den === 0) throw new NutError(`time base ${base.num}/${base.den} is not a fraction`);
    timeBases.push(base);
  }
  const frameCodes = parseFrameCodes(r);
  const elided: Uint8Array[] = [new Uint8Array()];
  for (let left = r.v(); left > 0; left--) elided.push(r.vb().slice());
  return { timeBases, frameCodes, elided };
}

/** The table that lets a frame header be one or two bytes long: rows with fields that keep their value until changed. */
function parseFrameCodes(r: HeaderReader): FrameCode[] {
  const codes: FrameCode[] = [];
  let ptsDelta = 0;
  let sizeMul = 1;
  let streamId = 0;
  let headerIndex = 0;
  while (codes.length < 256) {
    const flags = r.v();
    const fields = r.v();
    if (fields > 0) ptsDelta = r.s();
    if (fields > 1) sizeMul = r.v();
    if (fields > 2) streamId = r.v();
    const firstLsb = fields > 3 ? r.v() : 0;
    const reserved = fields > 4 ? r.v() : 0;
    let count = fields > 5 ? r.v() : sizeMul - firstLsb;
    if (fields > 6) r.s(); // match_time_delta
    if (fields > 7) headerIndex = r.v();
    for (let i = 8; i < fields; i++) r.v();
    if (count <= 0) throw new NutError('the frame code table has an empty row');
    for (let sizeLsb = firstLsb; count > 0 && codes.length < 256; ) {
      // 'N' begins every start code and so is never a frame code.
      const invalid = codes.length === 0x4e;
      codes.push({ flags: invalid ? frameFlags.invalid : flags, streamId, sizeMul, sizeLsb, ptsDelta, reserved, headerIndex });
      if (invalid) continue;
      sizeLsb++;
      count--;
    }
  }
  return codes;
}

/** @throws {NutError} when the stream is not video or its numbers make no sense. */
export function parseStreamHeader(bytes: Uint8Array, main: MainHeader): StreamHeader {
  const r = createHeaderReader(bytes);
  if (r.v() !== 0) throw new NutError('the first stream is not number 0');
  if (r.v() !== 0) throw new NutError('the stream is not video');
  const fourcc = new TextDecoder('latin1').decode(r.vb());
  const timeBase = main.timeBases[r.v()];
  if (timeBase === undefined) throw new NutError('the stream names a time base that there is not');
  const msbPtsShift = r.v();
  if (msbPtsShift > 30) throw new NutError(`msb_pts_shift ${msbPtsShift} is out of bounds`);
  r.v(); // max_pts_distance
  r.v(); // decode_delay
  r.v(); // stream flags
  r.vb(); // codec-specific data
  return { fourcc, timeBase, msbPtsShift, width: r.v(), height: r.v() };
}
