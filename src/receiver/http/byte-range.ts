import { HttpProblem } from './problem.js';

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
 * @returns `null`: all of it.
 * @throws {HttpProblem} 416 when none of it lies in the file.
 * @example parseRange('bytes=-500', 1200) // { first: 700, last: 1199 }
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const [, from = '', to = ''] = match;
  const first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  if (first > last) throw new HttpProblem(416, `the file has ${bytes} bytes`, { 'content-range': `bytes */${bytes}` });
  return { first, last };
}
