import { createHash } from 'node:crypto';

/** Longest name, bytes in UTF-8: file systems take 255, and a suffix must still fit. */
const MAX_BYTES = 120;
/** Names that Windows keeps for devices, and the receiver's own files. */
const reserved = /^(?:(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|(?:events|records)\.jsonl$|key\.pem$)/i;

/**
 * Makes of any text one file name that stays inside its folder, on every file system: letters, digits, `.`, `_` and `-`
 * stand as they are, anything else becomes `%XX`; a leading or trailing dot and names that mean something else do too.
 * Long ones are cut and told apart by a hash.
 *
 * @example safeName('../etc') // '%2E.%2Fetc'
 */
export function safeName(text: string): string {
  const escaped = text
    .replace(/[^\p{L}\p{N}._-]/gu, percentEncode)
    .replace(/^\./, percentEncode)
    .replace(/\.$/, percentEncode);
  const name = reserved.test(escaped) ? percentEncode(escaped.slice(0, 1)) + escaped.slice(1) : escaped;
  if (name === '') return '%';
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  // Cut by bytes; a character cut in two is left out whole.
  const head = Buffer.from(name)
    .subarray(0, 80)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
    .replace(/%[0-9A-F]?$/, '');
  return `${head}~${digest}`;
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
