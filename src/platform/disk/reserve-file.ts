import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Room that is kept by a file of noise, to be given away when there is no other: a database that cannot grow cannot even record that
 * something was removed.
 */
export interface ReserveFile {
  /** Whether the room is kept now. */
  held(): boolean;
  /** Gives the room away, at once. False when it has been given away before. */
  release(): boolean;
  /** Takes it (again), unless it is held. @throws what the file system says; then nothing is left behind. */
  take(bytes: number): Promise<void>;
}

/** Written at a time, bytes. */
const PIECE_BYTES = 1024 * 1024;

export function createReserveFile(path: string): ReserveFile {
  const held = (): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return {
    held,
    release() {
      if (!held()) return false;
      rmSync(path);
      syncFolderOf(path);
      return true;
    },
    async take(bytes) {
      if (held() || bytes <= 0) return;
      const temporary = `${path}.part`;
      try {
        const file = await open(temporary, 'w', 0o600);
        try {
          // Noise: a file system that compresses keeps no room for zeros.
          for (let left = bytes; left > 0; left -= PIECE_BYTES) await file.write(randomBytes(Math.min(left, PIECE_BYTES)));
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
  };
}

/** Some file systems give room back only when the folder is on the disk; one that cannot be synced gives it back all the same. */
function syncFolderOf(path: string): void {
  try {
    const folder = openSync(path.slice(0, path.lastIndexOf('/')) || '/', 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
