/**
 * Deepest nesting that is taken from outside: the deepest message of ours has 6 levels. Without a bound, 1 MiB of brackets overflows the stack of
 * whoever writes the value out again.
 */
export const MAX_JSON_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const isOpening = (byte: number): boolean => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number): boolean => byte === 0x5d || byte === 0x7d;

/**
 * JSON that came from outside, in UTF-8 and nested {@link MAX_JSON_DEPTH} deep at most.
 *
 * @throws {SyntaxError} in one line, when it is not.
 * @example parseBoundedJson(Buffer.from('{"a":[1]}')) // { a: [1] }
 */
export function parseBoundedJson(payload: Uint8Array): unknown {
  if (isTooDeep(payload)) throw new SyntaxError(`nested more than ${MAX_JSON_DEPTH} deep`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch (error) {
    throw new SyntaxError('it is not UTF-8', { cause: error });
  }
  return JSON.parse(text);
}

/** Looked at in bytes, before anything is built: brackets and quotes are single bytes in UTF-8, and part of no other character. */
function isTooDeep(payload: Uint8Array): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < payload.length; i++) {
    const byte = payload[i] as number;
    if (inText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (isOpening(byte) && ++depth > MAX_JSON_DEPTH) return true;
    else if (isClosing(byte)) depth--;
  }
  return false;
}
