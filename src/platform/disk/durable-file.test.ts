import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeDurably, writeFileDurably } from './durable-file.js';

describe('writeDurably', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-durable-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('makes the folders above and leaves the finished file alone in its own', async () => {
    const path = join(folder, 'a', 'b', 'clip.mp4');
    await writeFileDurably(path, 'whole');
    expect(await readFile(path, 'utf8')).toBe('whole');
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['clip.mp4']);
  });

  it('shows the old content until the new one is whole', async () => {
    const path = join(folder, 'clip.mp4');
    await writeFileDurably(path, 'old');
    await writeDurably(path, async (temporaryPath) => {
      await writeFile(temporaryPath, 'half');
      expect(await readFile(path, 'utf8')).toBe('old');
      await writeFile(temporaryPath, 'new');
    });
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  it('leaves nothing behind when writing fails', async () => {
    const path = join(folder, 'clip.mp4');
    const failing = writeDurably(path, async (temporaryPath) => {
      await writeFile(temporaryPath, 'half');
      throw new Error('no room');
    });
    await expect(failing).rejects.toThrow('no room');
    expect(await readdir(folder)).toEqual([]);
  });

  it('fails when nothing was written', async () => {
    await expect(writeDurably(join(folder, 'clip.mp4'), async () => undefined)).rejects.toThrow('ENOENT');
  });
});
