import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSigner } from '../../testing/proof-fixtures.js';
import { checkSignature, createSigner, fingerprintOf, publicKeyFromPem, publicKeyPem, sameKey } from './signature.js';

describe('signatures', () => {
  const signer = makeSigner();

  it('are good in whatever order the fields come, and whatever the spacing', () => {
    const signed = signer.sign({ b: 1, a: { d: [1.5, null], c: 'é' } });
    const reordered = JSON.parse(JSON.stringify({ signature: signed.signature, a: { c: 'é', d: [1.5, null] }, b: 1 }, null, 4));
    expect(checkSignature(reordered)).toEqual({ state: 'good', key: signer.publicKey });
  });

  it('cover fields that nobody knows yet', () => {
    const signed = signer.sign({ a: 1 });
    expect(checkSignature({ ...signed, later: true })).toMatchObject({ state: 'bad' });
    const { a: _, ...without } = signed;
    expect(checkSignature(without)).toMatchObject({ state: 'bad' });
  });

  it('are bad after any change to any one value', () => {
    const message = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' }), { minKeys: 1 });
    fc.assert(
      fc.property(message, fc.nat(), fc.jsonValue({ stringUnit: 'grapheme' }), (content, which, other) => {
        const plain = JSON.parse(JSON.stringify({ ...content, signature: undefined })) as Record<string, unknown>;
        const signed = signer.sign(plain);
        expect(checkSignature(signed).state).toBe('good');
        const keys = Object.keys(plain);
        const key = keys[which % keys.length];
        const value = JSON.parse(JSON.stringify(other));
        if (key === undefined || JSON.stringify(plain[key]) === JSON.stringify(value) || key === '__proto__') return;
        if (Object.is(plain[key], 0) || Object.is(value, 0)) return;
        expect(checkSignature({ ...signed, [key]: value }).state).toBe('bad');
      }),
      { numRuns: 300 },
    );
  });

  it('are bad with one bit flipped anywhere in them', () => {
    const signed = signer.sign({ a: 1 });
    const value = Buffer.from(signed.signature.value, 'base64');
    for (let bit = 0; bit < value.length * 8; bit++) {
      const flipped = Buffer.from(value);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const signature = { ...signed.signature, value: flipped.toString('base64') };
      expect(checkSignature({ ...signed, signature }).state).toBe('bad');
    }
  });

  it('are bad when their text is changed in bits that base64 does not use', () => {
    const signed = signer.sign({ a: 1 });
    const other = (text: string, at: number): string =>
      `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`;
    for (const signature of [
      { ...signed.signature, value: other(signed.signature.value, 85) },
      { ...signed.signature, key: other(signed.signature.key, 42) },
    ]) {
      expect(checkSignature({ ...signed, signature }).state).toBe('bad');
    }
  });

  it('say whose they are: another key is another name', () => {
    const other = makeSigner();
    const forged = other.sign({ a: 1 });
    expect(checkSignature(forged)).toEqual({ state: 'good', key: other.publicKey });
    expect(sameKey(other.publicKey, signer.publicKey)).toBe(false);
    expect(checkSignature({ ...forged, signature: { ...forged.signature, key: signer.publicKey } }).state).toBe('bad');
  });

  it.each([
    ['nothing', null, 'unsigned'],
    ['no signature', {}, 'unsigned'],
    ['a signature of another kind', { signature: { alg: 'none', key: '', value: '' } }, 'bad'],
    ['a signature that is a text', { signature: 'x' }, 'bad'],
    ['a key that is no point', { signature: { alg: 'Ed25519', key: `${'/'.repeat(42)}8=`, value: `${'A'.repeat(86)}==` } }, 'bad'],
  ])('of %s: %j is %s', (_, message, state) => {
    expect(checkSignature(message).state).toBe(state);
  });

  it('come with a key that survives PEM, and a fingerprint of 64 digits', () => {
    expect(publicKeyFromPem(publicKeyPem(signer.publicKey))).toBe(signer.publicKey);
    expect(fingerprintOf(signer.publicKey)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(signer.fingerprint).toBe(fingerprintOf(signer.publicKey));
  });

  it('take no key of another kind', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow('not Ed25519');
    expect(createSigner(generateKeyPairSync('ed25519').privateKey).publicKey).not.toBe(signer.publicKey);
  });
});
