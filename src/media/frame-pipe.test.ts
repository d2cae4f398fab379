import { spawnSync } from 'node:child_process';
import { fstatSync, mkdtempSync, readdirSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createFramePipe, createFramePipes, type FramePipe, framePipeKind, readingEnds } from './frame-pipe.js';

const hasPerl = spawnSync('perl', ['-e', '1']).status === 0;
if (!hasPerl) process.stderr.write('frame-pipe.test: install perl to test that pipes are widened\n');

/** What Linux makes of a wish for 1 MiB: twice as much where a user's sockets may hold that. Containers do not show the limit itself. */
const granted = `use Socket; socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); setsockopt(A, SOL_SOCKET, SO_SNDBUF, ${1 << 20});
print unpack('i', getsockopt(A, SOL_SOCKET, SO_SNDBUF))`;
const hasSockets = hasPerl && Number(spawnSync('perl', ['-e', granted], { encoding: 'utf8' }).stdout) >= 2 << 20;
if (!hasSockets) process.stderr.write('frame-pipe.test: raise net.core.wmem_max to 4194304 to test that pictures come through sockets\n');
const wideAre = (sockets: boolean): boolean => sockets && hasSockets;

describe('the pipe of pictures', () => {
  it.skipIf(!hasPerl && process.env['CI'] === undefined)('holds a mebibyte before its writer waits', async () => {
    const pipe = await createFramePipe();
    const { status } = spawnSync('timeout', ['5', 'head', '-c', String(1 << 20), '/dev/zero'], {
      stdio: ['ignore', pipe.writeFd, 'ignore'],
    });
    expect(status).toBe(0);
    pipe.close();
    expect(await framePipeKind()).toBe(hasSockets ? 'sockets' : 'wide pipes');
  });

  it.each([
    ['sockets', true],
    ['pipes', false],
  ])('is one of three, each as wide as is asked and on its own: %s', async (_what, areSockets) => {
    // A name that is too long for a socket, and not for a pipe.
    const folder = mkdtempSync(join(tmpdir(), 'parapet-'.padEnd(areSockets ? 9 : 110, 'x')));
    vi.stubEnv('TMPDIR', folder);
    const pipes = (await createFramePipes(['wide', 'wide', 'narrow']).finally(() => vi.unstubAllEnvs())) as [
      FramePipe,
      FramePipe,
      FramePipe,
    ];
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
    const { fds, holdsBytes } = readingEnds(pipes);
    expect(fds).toEqual(pipes.map(({ readFd }) => readFd));
    expect(pipes.map(({ readFd }) => fstatSync(readFd).isSocket())).toEqual([wideAre(areSockets), wideAre(areSockets), false]);
    expect(holdsBytes >= 1 << 20).toBe(wideAre(areSockets));
    pipes[1].close();
    // By pieces as ffmpeg's: what else a socket needs depends on them.
    const holds = (pipe: FramePipe, bytes: number): boolean => {
      const pieces = [`bs=${Math.min(bytes, 1 << 15)}`, `count=${Math.max(1, bytes >> 15)}`];
      return spawnSync('timeout', ['0.5', 'dd', 'if=/dev/zero', ...pieces], { stdio: ['ignore', pipe.writeFd, 'ignore'] }).status === 0;
    };
    expect(holds(pipes[2], 1 << 16)).toBe(true);
    expect(holds(pipes[2], 1)).toBe(false);
    expect(holds(pipes[0], hasPerl ? 1 << 20 : 1 << 16)).toBe(true);
    if (holdsBytes > 0) expect(holds(pipes[0], holdsBytes - (1 << 20))).toBe(true);
    pipes[0].close();
    pipes[2].close();
  });

  it.each([
    ['pipe', async () => await createFramePipe()],
    ['socket', async () => (await createFramePipes(['wide']))[0] as FramePipe],
  ])('ends for its reader when the writer is gone: %s', async (_what, create) => {
    const pipe = await create();
    spawnSync('echo', ['hello'], { stdio: ['ignore', pipe.writeFd, 'ignore'] });
    pipe.closeWriter();
    const buffer = new Uint8Array(16);
    expect(readSync(pipe.readFd, buffer)).toBe(6);
    expect(readSync(pipe.readFd, buffer)).toBe(0);
    pipe.close();
  });
});
