import type { z } from 'zod';
import { CommandRefusal, type commandEnvelopeSchema } from '../../domain/wire/command.js';
import { checkSignature, sameKey } from '../../platform/proof/index.js';

/** Remembers which nonces have been used, over restarts too. */
export interface NonceBook {
  /**
   * Takes a nonce once: false when it had been taken. Those taken before `forgetBeforeMs` are forgotten.
   *
   * @throws {AgentError} when it cannot be remembered.
   */
  take(nonce: string, takenAtMs: number, forgetBeforeMs: number): boolean;
}

/** How far the time in a command may lie from the agent's clock, either way, milliseconds: slow links and clocks that are a little off. */
const MAX_COMMAND_AGE_MS = 300_000;

export interface SignedCommand {
  /** The centre's public key, 32 bytes as base64. */
  readonly key: string;
  /** The whole topic that the command came on. */
  readonly topic: string;
  readonly envelope: z.output<typeof commandEnvelopeSchema>;
  /** The whole payload as it came. */
  readonly message: object;
  readonly nonces: NonceBook;
  /** UTC milliseconds since 1970. */
  readonly nowMs: number;
}

/** @throws {CommandRefusal} bad_signature, stale, replayed. */
export function checkSignedCommand({ key, topic, envelope, message, nonces, nowMs }: SignedCommand): void {
  const { at, nonce } = envelope;
  if (at === undefined || nonce === undefined || envelope.topic === undefined || envelope.signature === undefined) {
    throw new CommandRefusal('bad_signature', 'this agent takes only signed commands: `topic`, `at`, `nonce` and `signature` are needed');
  }
  const checked = checkSignature(message);
  if (checked.state !== 'good') {
    throw new CommandRefusal('bad_signature', checked.state === 'bad' ? checked.why : 'it is not signed');
  }
  if (!sameKey(checked.key, key)) throw new CommandRefusal('bad_signature', 'it is signed by another key than mqtt.commands.key');
  // What was signed for one agent or command must be none for another.
  if (envelope.topic !== topic) throw new CommandRefusal('bad_signature', `it was signed for another topic than ${topic}`);
  checkTime(at, nowMs);
  // Twice the age: what is given with a time ahead of the clock may come again until that time is past and stale.
  if (!nonces.take(nonce, nowMs, nowMs - 2 * MAX_COMMAND_AGE_MS)) {
    throw new CommandRefusal('replayed', 'a command with this nonce has been taken already');
  }
}

/** @throws {CommandRefusal} stale, for a command that is too old or from the future. */
export function checkTime(at: string, nowMs: number): void {
  const agoMs = nowMs - Date.parse(at);
  if (Math.abs(agoMs) <= MAX_COMMAND_AGE_MS) return;
  const limitS = MAX_COMMAND_AGE_MS / 1000;
  const how = agoMs > 0 ? `${Math.round(agoMs / 1000)} s ago` : `${Math.round(-agoMs / 1000)} s ahead of this agent's clock`;
  throw new CommandRefusal('stale', `the command was given ${how}; at most ${limitS} s are taken`);
}
