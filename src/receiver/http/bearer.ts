import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../platform/clock.js';
import { createTokenBucket } from '../../platform/time/token-bucket.js';
import type { CaseRecord } from '../cases/case-store.js';
import { HttpProblem } from './problem.js';

/** A bearer token and what it is good for. */
export interface BearerToken {
  /** Whose it is; `null` for the one that may do everything. */
  readonly name: string | null;
  readonly token: string;
  /** Sites whose cases it may see; `null`: all. */
  readonly sites: readonly string[] | null;
  /** Whether it may change anything. */
  readonly write: boolean;
}

/** Who asks. */
export type Caller = Omit<BearerToken, 'token'>;

/** Finds out who asks. @throws {HttpProblem} 401, or 429 after many wrong tokens. */
export type Authenticate = (authorization: string | undefined) => Caller;

/** Wrong tokens that are looked at in one second, in the long run; a token of 16 characters outlives that by ages. */
const GUESSES = { burst: 20, everyMs: 1_000 } as const;

/** Tokens are compared by their hashes, in constant time, so that an answer's delay tells nothing. */
export function createAuthenticate(tokens: readonly BearerToken[], clock: Clock): Authenticate {
  const known = tokens.map(({ token, ...caller }) => ({ hash: sha256(token), caller }));
  const guesses = createTokenBucket(clock, GUESSES.burst, GUESSES.everyMs);
  return (authorization) => {
    const given = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1];
    const hash = sha256(given ?? '');
    const found = known.filter((one) => timingSafeEqual(one.hash, hash))[0];
    if (given !== undefined && found !== undefined) return found.caller;
    const challenge = { 'www-authenticate': 'Bearer realm="parapet"' };
    if (!guesses.take()) throw new HttpProblem(429, 'too many wrong tokens', { 'retry-after': String(Math.ceil(guesses.waitMs() / 1000)) });
    if (given === undefined) throw new HttpProblem(401, 'send a token: Authorization: Bearer …', challenge);
    throw new HttpProblem(401, 'this token is not known here', challenge);
  };
}

/** Whether a case is one of the caller's. */
export function maySee({ sites }: Caller, { site }: Pick<CaseRecord, 'site'>): boolean {
  return sites === null || sites.includes(site);
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
