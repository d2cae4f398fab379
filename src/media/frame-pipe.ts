import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFrameSockets } from './frame-socket.js';

/**
 * A pipe between ffmpeg and the thread that reads its pictures. No name of it is left in the file system, so nothing
 * is left behind whatever happens.
 */
export interface FramePipe {
  /** For reads that block, in any thread of this process. Stays open until {@link close}. */
  readonly readFd: number;
  /** For ffmpeg. */
  readonly writeFd: number;
  /** Bytes that may well lie in it until all of a picture is there; 0: it is better read while it fills. */
  readonly holdsBytes: number;
  /** Call once ffmpeg has it: then the reader meets the end exactly when ffmpeg is gone. */
  closeWriter(): void;
  /** The other way round, where ffmpeg reads: then who writes learns that ffmpeg is gone. */
  closeReader(): void;
  /** Closes both ends. No thread may be reading: a closed descriptor's number is given out anew. */
  close(): void;
}

const run = promisify(execFile);

/** Where decoded pictures are read. */
export interface FrameFds {
  /** One pipe, of pictures with their times; or three: of their upper and lower halves, and of their times. */
  readonly fds: readonly [number] | readonly [upper: number, lower: number, times: number];
  /** What {@link FramePipe.holdsBytes} says of the first of them. */
  readonly holdsBytes: number;
}

/**
 * Bytes that a pipe may hold: what Linux allows anybody (fs.pipe-max-size). With its usual 64 KiB, ffmpeg and the reader put each other
 * to sleep 32 times for a picture of 1080p, which costs as much as finding what moves in it. A user who is not root may have 64 as wide as this
 * (fs.pipe-user-pages-soft): with the pipes of their times, 31 cameras. Those beyond stay narrow.
 */
export const PIPE_BYTES = 1 << 20;
/** `F_SETPIPE_SZ` of Linux's fcntl.h: Node cannot ask for it, Perl, which is part of Debian's base, can. */
const setPipeSize = 1031;

/** `wide`: for pictures, a socket or {@link PIPE_BYTES} where those can be had. `narrow`: as Linux makes it. */
export type PipeWidth = 'wide' | 'narrow';

/** Makes pipes wider where that can be done. One that stays narrow works as well, at a higher price. */
async function widen(paths: readonly string[]): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const script = `for (@ARGV) { open(PIPE, '+<', $_) && fcntl(PIPE, ${setPipeSize}, ${PIPE_BYTES}) or exit 1 }`;
  return await run('perl', ['-e', script, ...paths]).then(
    () => true,
    () => false,
  );
}

/** What pictures come through on this machine, the cheapest first: one of each is made and thrown away. */
export async function framePipeKind(): Promise<'sockets' | 'wide pipes' | 'narrow pipes'> {
  const sockets = await createFrameSockets(1);
  for (const socket of sockets ?? []) socket.close();
  if (sockets !== null) return 'sockets';
  return (await withFifos(1, widen)) ? 'wide pipes' : 'narrow pipes';
}

/** Makes FIFOs in a private folder that is gone when `use` is done. */
async function withFifos<T>(count: number, use: (paths: readonly string[]) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-'));
  try {
    const paths = Array.from({ length: count }, (_, i) => join(folder, `frames-${i}`));
    await run('mkfifo', ['-m', '600', ...paths]);
    return await use(paths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A pipe as two blocking descriptors. Node makes none itself; a FIFO in a private folder, removed at once, is one. */
export async function createFramePipe(): Promise<FramePipe> {
  const [pipe] = await createFifos(['wide']);
  return pipe as FramePipe;
}

/** Several pipes, for the price of one. Wide ones are sockets where those can be had, which is cheaper. */
export async function createFramePipes(widths: readonly PipeWidth[]): Promise<readonly FramePipe[]> {
  const sockets = await createFrameSockets(widths.filter((width) => width === 'wide').length);
  if (sockets === null) return await createFifos(widths);
  const narrow = await createFifos(widths.filter((width) => width === 'narrow')).catch((error: unknown) => {
    for (const socket of sockets) socket.close();
    throw error;
  });
  const [nextWide, nextNarrow] = [sockets.values(), narrow.values()];
  return widths.map((width) => (width === 'wide' ? nextWide : nextNarrow).next().value as FramePipe);
}

async function createFifos(widths: readonly PipeWidth[]): Promise<readonly FramePipe[]> {
  if (widths.length === 0) return [];
  return await withFifos(widths.length, async (paths) => {
    const opened: number[] = [];
    const open = (path: string, flags: number): number => {
      const fd = openSync(path, flags);
      opened.push(fd);
      return fd;
    };
    try {
      // Opened both ways first, or each of the other two would wait for its counterpart.
      const bothFds = paths.map((path) => open(path, constants.O_RDWR));
      await widen(paths.filter((_, i) => widths[i] === 'wide'));
      const pipes = paths.map((path) => asPipe(open(path, constants.O_RDONLY), open(path, constants.O_WRONLY)));
      for (const fd of bothFds) closeSync(fd);
      return pipes;
    } catch (error) {
      for (const fd of opened) closeSync(fd);
      throw error;
    }
  });
}

/** The ends of one pipe or three that pictures are read from. */
export function readingEnds([first, lower, times]: readonly FramePipe[]): FrameFds {
  if (first === undefined) throw new RangeError('no pipe');
  const fds: FrameFds['fds'] = lower === undefined || times === undefined ? [first.readFd] : [first.readFd, lower.readFd, times.readFd];
  return { fds, holdsBytes: first.holdsBytes };
}

function asPipe(readFd: number, writeFd: number): FramePipe {
  const closeOnce = (fd: number): (() => void) => {
    let open = true;
    return () => {
      if (open) closeSync(fd);
      open = false;
    };
  };
  const closeWriter = closeOnce(writeFd);
  const closeReader = closeOnce(readFd);
  return {
    readFd,
    writeFd,
    holdsBytes: 0,
    closeWriter,
    closeReader,
    close: () => {
      closeWriter();
      closeReader();
    },
  };
}
