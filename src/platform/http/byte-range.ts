/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What part of a file a `Range` header asks for. Several ranges at once, other units and nonsense are answered by the whole file, as RFC 9110
 * has it (14.2).
 *
 * @param bytes size of the file, 0 or more.
 * @returns `null`: all of it; `outside`: none of it lies in the file, which is answered by 416.
 * @example parseRange('bytes=-500', 1200) // { first: 700, last: 1199 }
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | 'outside' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const [, from = '', to = ''] = match;
  const first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  return first > last ? 'outside' : { first, last };
}

/** Status, length and headers of an answer with a file or a part of it. @param range as {@link parseRange} gives it. */
export function rangeHead(
  range: ByteRange | null,
  bytes: number,
): { readonly status: 200 | 206; readonly length: number; readonly headers: Readonly<Record<string, string | number>> } {
  const accepted = { 'accept-ranges': 'bytes' };
  if (range === null) return { status: 200, length: bytes, headers: { ...accepted, 'content-length': bytes } };
  const { first, last } = range;
  const length = last - first + 1;
  return { status: 206, length, headers: { ...accepted, 'content-length': length, 'content-range': `bytes ${first}-${last}/${bytes}` } };
}
