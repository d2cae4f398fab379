import { spawnSync } from 'node:child_process';
import { readSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canWidenPipes, createFramePipe, createFramePipes, type FramePipe, readingEnds } from './frame-pipe.js';

const hasPerl = spawnSync('perl', ['-e', '1']).status === 0;
if (!hasPerl) process.stderr.write('frame-pipe.test: install perl to test that pipes are widened\n');

describe('the pipe of pictures', () => {
  it.skipIf(!hasPerl && process.env['CI'] === undefined)('holds a mebibyte before its writer waits', async () => {
    const pipe = await createFramePipe();
    const { status } = spawnSync('timeout', ['5', 'head', '-c', String(1 << 20), '/dev/zero'], {
      stdio: ['ignore', pipe.writeFd, 'ignore'],
    });
    expect(status).toBe(0);
    pipe.close();
    expect(await canWidenPipes()).toBe(true);
  });

  it('is one of three, each as wide as is asked and on its own', async () => {
    const pipes = (await createFramePipes(['wide', 'wide', 'narrow'])) as [FramePipe, FramePipe, FramePipe];
    expect(readingEnds(pipes)).toEqual(pipes.map(({ readFd }) => readFd));
    pipes[1].close();
    const holds = (pipe: FramePipe, bytes: number): boolean =>
      spawnSync('dd', ['if=/dev/zero', `bs=${bytes}`, 'count=1', 'of=/dev/stdout', 'oflag=nonblock'], {
        stdio: ['ignore', pipe.writeFd, 'ignore'],
      }).status === 0;
    expect(holds(pipes[2], 1 << 16)).toBe(true);
    expect(holds(pipes[2], 1)).toBe(false);
    expect(holds(pipes[0], hasPerl ? 1 << 20 : 1 << 16)).toBe(true);
    pipes[0].close();
    pipes[2].close();
  });

  it('ends for its reader when the writer is gone', async () => {
    const pipe = await createFramePipe();
    spawnSync('echo', ['hello'], { stdio: ['ignore', pipe.writeFd, 'ignore'] });
    pipe.closeWriter();
    const buffer = new Uint8Array(16);
    expect(readSync(pipe.readFd, buffer)).toBe(6);
    expect(readSync(pipe.readFd, buffer)).toBe(0);
    pipe.close();
  });
});
