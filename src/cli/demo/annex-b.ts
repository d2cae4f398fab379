/** One coded picture: its NAL units without start codes, parameter sets included. */
export interface AccessUnit {
  readonly nals: readonly Uint8Array[];
  /** Decoding can begin here. */
  readonly keyframe: boolean;
}

/** NAL unit types of H.264, ITU-T H.264 table 7-1. */
const NAL = { slice: 1, idrSlice: 5, sps: 7, pps: 8, delimiter: 9 } as const;

const nalType = (nal: Uint8Array): number => (nal[0] ?? 0) & 0x1f;

/**
 * Splits an H.264 byte stream (Annex B) into pictures.
 *
 * @throws {RangeError} when there is no picture in it.
 */
export function splitAccessUnits(stream: Uint8Array): readonly AccessUnit[] {
  const units: AccessUnit[] = [];
  let nals: Uint8Array[] = [];
  let hasSlice = false;
  const flush = (): void => {
    if (hasSlice) units.push({ nals, keyframe: nals.some((nal) => nalType(nal) === NAL.idrSlice) });
    nals = [];
    hasSlice = false;
  };
  for (const nal of splitNals(stream)) {
    const type = nalType(nal);
    const isSlice = type === NAL.slice || type === NAL.idrSlice;
    // A picture may have several slices: a new one begins with macroblock 0, coded as a single set bit.
    const begins = isSlice ? ((nal[1] ?? 0) & 0x80) !== 0 : type >= 6 && type <= NAL.delimiter;
    if (begins && hasSlice) flush();
    nals.push(nal);
    hasSlice ||= isSlice;
  }
  flush();
  if (units.length === 0) throw new RangeError('the stream holds no H.264 picture');
  return units;
}

/** The first sequence and picture parameter sets. @throws {RangeError} when one is missing. */
export function parameterSets(units: readonly AccessUnit[]): { readonly sps: Uint8Array; readonly pps: Uint8Array } {
  const nals = units.flatMap((unit) => unit.nals);
  const sps = nals.find((nal) => nalType(nal) === NAL.sps);
  const pps = nals.find((nal) => nalType(nal) === NAL.pps);
  if (sps === undefined || pps === undefined) throw new RangeError('the stream holds no parameter sets');
  return { sps, pps };
}

/** NAL units between start codes `00 00 01`, zeros after them left out. */
function* splitNals(stream: Uint8Array): Generator<Uint8Array> {
  const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
  const startCode = Buffer.from([0, 0, 1]);
  let at = bytes.indexOf(startCode);
  while (at >= 0) {
    const begin = at + startCode.length;
    at = bytes.indexOf(startCode, begin);
    let end = at < 0 ? bytes.length : at;
    while (end > begin && bytes[end - 1] === 0) end--;
    if (end > begin) yield bytes.subarray(begin, end);
  }
}
