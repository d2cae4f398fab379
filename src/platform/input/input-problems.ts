import type { z } from 'zod';

/** Longest line about an input, characters: it goes into logs and replies, and the input is somebody else's. */
const LONGEST_LINE = 500;

/**
 * What is wrong with an input, on one line: each place first, then what was expected there.
 *
 * @example inputProblems(error) // 'state[0]: expected one of "new"|"accepted"; note: expected string, received number'
 */
export function inputProblems({ issues }: z.ZodError): string {
  return issues.map(problemOf).join('; ').replaceAll(/\s+/g, ' ').slice(0, LONGEST_LINE);
}

function problemOf({ path, message }: z.core.$ZodIssue): string {
  const place = path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('');
  const said = message.replace(/^Invalid (input|option): (?=expected)/, '');
  const text = said.charAt(0).toLowerCase() + said.slice(1);
  return place === '' ? text : `${place}: ${text}`;
}
