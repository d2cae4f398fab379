import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The pipe between ffmpeg and the thread that reads its pictures. No name of it is left in the file system, so nothing
 * is left behind whatever happens.
 */
export interface FramePipe {
  /** For `fs.readSync` in any thread of this process. Stays open until {@link close}. */
  readonly readFd: number;
  /** For ffmpeg. */
  readonly writeFd: number;
  /** Call once ffmpeg has it: then the reader meets the end exactly when ffmpeg is gone. */
  closeWriter(): void;
  /** The other way round, where ffmpeg reads: then who writes learns that ffmpeg is gone. */
  closeReader(): void;
  /** Closes both ends. No thread may be reading: a closed descriptor's number is given out anew. */
  close(): void;
}

/** A pipe as two blocking descriptors. Node makes none itself; a FIFO in a private folder, removed at once, is one. */
export async function createFramePipe(): Promise<FramePipe> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-'));
  try {
    const path = join(folder, 'frames');
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
    // Opened both ways first, or each of the other two would wait for its counterpart.
    const bothFd = openSync(path, constants.O_RDWR);
    const readFd = openSync(path, constants.O_RDONLY);
    const writeFd = openSync(path, constants.O_WRONLY);
    closeSync(bothFd);
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
      closeWriter,
      closeReader,
      close: () => {
        closeWriter();
        closeReader();
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
