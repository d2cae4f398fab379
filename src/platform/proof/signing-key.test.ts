import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder, recordingLogger, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { publicKeyFromPem } from './signature.js';
import { openSigningKey, readSigningKey } from './signing-key.js';

describe('the signing key', () => {
  let folder: TestFolder;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(async () => {
    await folder[Symbol.asyncDispose]();
  });

  it('is made once, readable by its user alone, with the public half beside it', async () => {
    const made = await openSigningKey(folder.path, silentLogger());
    expect(statSync(folder.of('agent.key')).mode & 0o777).toBe(0o600);
    expect(publicKeyFromPem(readFileSync(folder.of('agent.pub'), 'utf8'))).toBe(made.publicKey);
    expect((await openSigningKey(folder.path, silentLogger())).fingerprint).toBe(made.fingerprint);
    expect(readdirSync(folder.path).sort()).toEqual(['agent.key', 'agent.pub']);
  });

  it('is never made by looking', async () => {
    expect(await readSigningKey(folder.path)).toBeNull();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is one and the same for all that start in the folder at once', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => openSigningKey(folder.path, silentLogger())));
    expect(new Set(made.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(readdirSync(folder.path).sort()).toEqual(['agent.key', 'agent.pub']);
  });

  it.each([
    ['empty', ''],
    ['noise', 'not a key at all\n'],
    ['cut off', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n'],
    ['of another kind', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('that is %s is an error, and stays as it is', async (_, content) => {
    writeFileSync(folder.of('agent.key'), content, { mode: 0o600 });
    await expect(openSigningKey(folder.path, silentLogger())).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await expect(readSigningKey(folder.path)).rejects.toThrow(/agent\.key is damaged .*bring it back from a copy/);
    expect(readFileSync(folder.of('agent.key'), 'utf8')).toBe(content);
    expect(existsSync(folder.of('agent.pub'))).toBe(false);
  });

  it('that cannot be read is an error', async () => {
    mkdirSync(folder.of('agent.key'));
    await expect(openSigningKey(folder.path, silentLogger())).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('that others can read is closed to them, and told of', async () => {
    await openSigningKey(folder.path, silentLogger());
    chmodSync(folder.of('agent.key'), 0o644);
    const log = recordingLogger();
    await openSigningKey(folder.path, log.logger);
    expect(statSync(folder.of('agent.key')).mode & 0o777).toBe(0o600);
    expect(log.lines()).toEqual([expect.objectContaining({ event: 'key-exposed' })]);
  });

  it('writes the public half again where it is missing', async () => {
    const { publicKey } = await openSigningKey(folder.path, silentLogger());
    rmSync(folder.of('agent.pub'));
    await openSigningKey(folder.path, silentLogger());
    expect(publicKeyFromPem(readFileSync(folder.of('agent.pub'), 'utf8'))).toBe(publicKey);
  });
});
