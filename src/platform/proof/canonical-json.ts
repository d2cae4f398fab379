import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { errorMessage } from '../errors.js';

/**
 * The one text that stands for a JSON value, by RFC 8785: keys in order of their UTF-16 units, no blanks, numbers as ECMAScript writes
 * them. Whatever order or blanks a message came with, the same content gives the same bytes to sign.
 *
 * @throws {RangeError} for what JSON cannot hold: NaN, infinity, half a surrogate pair, nesting too deep for the stack.
 * @example canonicalJson({ b: 1, a: [true, null] }) // '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (error) {
    throw new RangeError(`no canonical JSON: ${errorMessage(error)}`, { cause: error });
  }
  if (text === undefined) throw new RangeError('no canonical JSON: there is no value');
  return text;
}

/** SHA-256 of the canonical JSON, lower-case hex. @throws {RangeError} as {@link canonicalJson}. */
export function canonicalSha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
