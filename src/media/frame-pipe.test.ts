import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createFramePipe } from './frame-pipe.js';

describe('the pipe of pictures', () => {
  it('ends for its reader when the writer is gone', async () => {
    const pipe = await createFramePipe();
    spawnSync('echo', ['hello'], { stdio: ['ignore', pipe.writeFd, 'ignore'] });
    pipe.closeWriter();
    const buffer = new Uint8Array(16);
    expect(readSync(pipe.readFd, buffer)).toBe(6);
    expect(readSync(pipe.readFd, buffer)).toBe(0);
    pipe.close();
  });

  it('lets its reader wait for what is not there yet', async () => {
    const pipe = await createFramePipe();
    spawnSync('sh', ['-c', '(sleep 0.1; echo late) &'], { stdio: ['ignore', pipe.writeFd, 'ignore'] });
    expect(readSync(pipe.readFd, new Uint8Array(16))).toBe(5);
    pipe.close();
  });

  it('tells its writer that the reader is gone, whatever was not read', async () => {
    const pipe = await createFramePipe();
    expect(writeSync(pipe.writeFd, 'unread')).toBe(6);
    pipe.closeReader();
    expect(() => writeSync(pipe.writeFd, 'more')).toThrow(/EPIPE|ECONNRESET/);
    pipe.close();
  });

  describe('with a folder for temporary files of its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'frame-pipe-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    afterEach(() => void vi.unstubAllEnvs());

    it('leaves nothing there', async () => {
      vi.stubEnv('TMPDIR', folder);
      const pipe = await createFramePipe();
      expect(readdirSync(folder)).toEqual([]);
      pipe.close();
    });

    it('says so when its name is too long for sockets, and leaves nothing there', async () => {
      const long = join(folder, 'x'.repeat(90));
      mkdirSync(long);
      vi.stubEnv('TMPDIR', long);
      await expect(createFramePipe()).rejects.toMatchObject({ code: 'MEDIA_FAILED', message: expect.stringContaining('set TMPDIR') });
      expect(readdirSync(long)).toEqual([]);
    });
  });
});
