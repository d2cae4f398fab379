import { createHash, randomBytes } from 'node:crypto';
import { encodeTime } from 'ulid';

/** Characters of a ULID's two parts. */
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;
/** Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Makes ids of incidents: ULIDs whose time is the incident's start. (`ulid()` itself takes a start at 0 for "now".)
 *
 * @param seed makes the same ids in the same order, run after run; `null` makes them random, unique in the world.
 * @example createIdFactory('tower.mp4')(0) // '0000000000…', the same every time
 */
export function createIdFactory(seed: string | null): (atMs: number) => string {
  let count = 0;
  return (atMs) => {
    const bytes = seed === null ? randomBytes(RANDOM_LENGTH) : createHash('sha256').update(`${seed}/${count++}`).digest();
    const random = Array.from(bytes.subarray(0, RANDOM_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
    return `${encodeTime(Math.max(0, Math.round(atMs)), TIME_LENGTH)}${random}`;
  };
}
