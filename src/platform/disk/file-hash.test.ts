import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder, type TestFolder } from '../../testing/delivery-fixtures.js';
import { sha256OfFiles } from './file-hash.js';

describe('sha256OfFiles', () => {
  let folder: TestFolder;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(async () => {
    await folder[Symbol.asyncDispose]();
  });
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const put = (name: string, bytes: Uint8Array): string => {
    writeFileSync(folder.of(name), bytes);
    return folder.of(name);
  };

  it.each([0, 1, 1024 * 1024, 3 * 1024 * 1024 + 7])('reads all of a file of %i bytes', async (length) => {
    const bytes = randomBytes(length);
    expect(await sha256OfFiles(put('clip.mp4', bytes))).toBe(sha256(bytes));
  });

  it('takes several for one, in their order', async () => {
    const [one, two] = [randomBytes(2_000_000), randomBytes(10)];
    const paths = [put('one', one), put('two', two)] as const;
    expect(await sha256OfFiles(...paths)).toBe(sha256(Buffer.concat([one, two])));
    expect(await sha256OfFiles(...paths.toReversed())).toBe(sha256(Buffer.concat([two, one])));
  });

  it('says what the system says of a file that is away', async () => {
    await expect(sha256OfFiles(put('there', randomBytes(3)), folder.of('away'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
