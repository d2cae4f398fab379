import { generateKeyPairSync } from 'node:crypto';
import { createSigner, type Signer } from '../platform/proof/index.js';

/** A key of nobody's. */
export const makeSigner = (): Signer => createSigner(generateKeyPairSync('ed25519').privateKey);

/** What a store signs with. */
export function makeProof(signer: Signer = makeSigner()): { signer: Signer; version: string; configSha256: string } {
  return { signer, version: '0.1.0', configSha256: 'c'.repeat(64) };
}

/** Flips one bit, counted from the first byte's lowest. */
export function flipBit(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
