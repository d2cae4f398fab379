import { createHash } from 'node:crypto';
import { ulid } from 'ulid';

/**
 * Makes ids of incidents: ULIDs whose time is the incident's start.
 *
 * @param seed makes the same ids in the same order, run after run; `null` makes them random, unique in the world.
 * @example createIdFactory('tower.mp4')(0) // '0000000000…', the same every time
 */
export function createIdFactory(seed: string | null): (atMs: number) => string {
  if (seed === null) return (atMs) => ulid(Math.max(0, atMs));
  let count = 0;
  return (atMs) => {
    const digest = createHash('sha256').update(`${seed}/${count++}`).digest();
    let at = 0;
    return ulid(Math.max(0, atMs), () => (digest[at++ % digest.length] ?? 0) / 256);
  };
}
