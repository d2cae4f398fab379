import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type Signature, signatureSchema } from '../../domain/wire/signature.js';
import { canonicalJson } from './canonical-json.js';

/** Signs in the name of one agent. */
export interface Signer {
  /** Raw public key, 32 bytes as base64, as messages carry it. */
  readonly publicKey: string;
  /** See {@link fingerprintOf}. */
  readonly fingerprint: string;
  /** The message with its `signature`; one that it had is replaced. @throws {RangeError} for what JSON cannot hold. */
  sign<T extends object>(message: T): T & { readonly signature: Signature };
}

/** What checking a signature found. Of a bad one, `why` is one line. */
export type Checked =
  | { readonly state: 'good'; readonly key: string }
  | { readonly state: 'unsigned' }
  | { readonly state: 'bad'; readonly why: string };

/** SubjectPublicKeyInfo of Ed25519 is this and the 32 bytes of the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function createSigner(privateKey: KeyObject): Signer {
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign(message) {
      const value = sign(null, signedBytes(message), privateKey).toString('base64');
      return { ...message, signature: { alg: 'Ed25519', key: publicKey, value } };
    },
  };
}

/**
 * Checks the signature of a message as it came, unknown fields included, against the key that it carries. Whose key that is, the caller
 * must know.
 */
export function checkSignature(message: unknown): Checked {
  if (typeof message !== 'object' || message === null || !('signature' in message)) return { state: 'unsigned' };
  const parsed = signatureSchema.safeParse(message.signature);
  if (!parsed.success) return { state: 'bad', why: 'its signature is not one of Ed25519' };
  const { key, value } = parsed.data;
  // Base64 can write the same bytes in several ways; one of them is a change of the text that a signature must not outlive.
  if (!isPlainBase64(key) || !isPlainBase64(value)) return { state: 'bad', why: 'its signature is not written as it must be' };
  try {
    const good = verify(null, signedBytes(message), publicKeyOf(key), Buffer.from(value, 'base64'));
    return good ? { state: 'good', key } : { state: 'bad', why: 'its signature does not fit its content' };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { state: 'bad', why: `its signature cannot be checked (${error.message})` };
  }
}

/** @example fingerprintOf(key) // 'sha256:' and 64 hex digits: what `openssl dgst -sha256` says of the key in DER */
export function fingerprintOf(publicKey: string): string {
  return `sha256:${createHash('sha256').update(derOf(publicKey)).digest('hex')}`;
}

/** PEM of a raw public key. */
export function publicKeyPem(publicKey: string): string {
  return publicKeyOf(publicKey).export({ type: 'spki', format: 'pem' }).toString();
}

/** Raw public key of a PEM text, public or private. @throws {Error} when it holds no Ed25519 key. */
export function publicKeyFromPem(pem: string): string {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it holds a key of type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`);
  return rawPublicKey(key);
}

/** Whether two raw public keys are the same; base64 can write one in several ways. */
export function sameKey(a: string, b: string): boolean {
  return derOf(a).equals(derOf(b));
}

const isPlainBase64 = (text: string): boolean => Buffer.from(text, 'base64').toString('base64') === text;

function signedBytes(message: object): Buffer {
  const { signature: _, ...content } = message as { readonly signature?: unknown };
  return Buffer.from(canonicalJson(content));
}

const derOf = (publicKey: string): Buffer => Buffer.concat([SPKI_PREFIX, Buffer.from(publicKey, 'base64')]);
const publicKeyOf = (publicKey: string): KeyObject => createPublicKey({ key: derOf(publicKey), format: 'der', type: 'spki' });
const rawPublicKey = (key: KeyObject): string =>
  key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length).toString('base64');
