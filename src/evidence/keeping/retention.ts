import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Clock } from '../../platform/clock.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { MANIFEST_SUFFIX } from '../../platform/proof/index.js';

/** How many delivered files are asked for at once. */
const batch = 100;

/** A delivered file. */
export interface EvictableFile {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  /** Wall clock of the last moment that it shows, UTC milliseconds since 1970. */
  readonly toMs: number;
}

export interface RetentionOptions {
  /** Folder of all evidence. Nothing outside is ever removed. */
  readonly folder: string;
  /** Room for all evidence, undelivered included, bytes; only files that are delivered, or held and not asked for, make room. */
  readonly maxBytes: number;
  /** How long delivered evidence stays after what it shows, milliseconds. */
  readonly maxAgeMs: number;
  /** Delivered files, oldest first, at most `limit`; those of closed cases before all others when asked for. */
  readonly evictable: (limit: number, closedFirst: boolean) => readonly EvictableFile[];
  /** A file is gone; from now on {@link evictable} must leave it out. */
  readonly evicted: (id: string, reason: 'age' | 'room') => void;
  /** Files that are held for the centre and that it has not asked for: they go as delivered ones do, after these. Default: none. */
  readonly held?: {
    /** The oldest first, of those that show nothing after `beforeMs`. */
    readonly files: (limit: number, beforeMs: number) => readonly EvictableFile[];
    /** A file is gone; from now on `files` must leave it out. */
    readonly givenUp: (id: string, reason: 'age' | 'room') => void;
  };
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What one round of retention did. */
export interface RetentionRound {
  readonly removedFiles: number;
  readonly removedBytes: number;
  /** Evidence that is still on disk. */
  readonly leftBytes: number;
}

/**
 * Removes delivered evidence that is too old, then the oldest until the rest has room; then likewise what is held and was not asked for. Other
 * undelivered evidence is never removed, nor is that of open cases: when these alone pass the limit, that is logged, and the disk goes on filling.
 */
export async function enforceRetention(options: RetentionOptions): Promise<RetentionRound> {
  const { folder, maxBytes, clock, logger } = options;
  const oldestMs = clock.now() - options.maxAgeMs;
  let leftBytes = await folderBytes(folder);
  let removedFiles = 0;
  let removedBytes = 0;
  const skipped = new Set<string>();

  /** What is too old in the order of age, then what must make room: closed cases first. */
  async function evict(reason: 'age' | 'room'): Promise<void> {
    const isDue = (file: EvictableFile): boolean => (reason === 'age' ? file.toMs < oldestMs : leftBytes > maxBytes);
    for (;;) {
      const files = options.evictable(batch, reason === 'room');
      const asked = files.filter(({ id }) => !skipped.has(id));
      const due = asked.filter(isDue);
      for (const file of due) {
        if (!isDue(file)) break;
        try {
          await removeInside(folder, file.path);
          options.evicted(file.id, reason);
        } catch (error) {
          skipped.add(file.id);
          logger.error(
            { event: 'evidence-not-evicted', evidence: file.id, path: file.path, reason: errorMessage(error) },
            'a file of evidence could not be removed; it is tried again later',
          );
          continue;
        }
        leftBytes -= file.bytes;
        removedFiles++;
        removedBytes += file.bytes;
        logger.info({ event: 'evidence-evicted', evidence: file.id, bytes: file.bytes, reason }, 'removed delivered evidence');
      }
      const allGone = due.length === asked.length;
      if (!allGone || asked.length === 0 || files.length < batch) return;
    }
  }

  /** What nobody asked for in time, or what must make room. */
  async function giveUpHeld(reason: 'age' | 'room', bytes: number, beforeMs: number): Promise<void> {
    const { held } = options;
    if (held === undefined || bytes <= 0) return;
    const freed = await giveRoom({
      folder,
      bytes,
      files: (limit) => held.files(limit, beforeMs),
      gone(file) {
        held.givenUp(file.id, reason);
        removedFiles++;
        logger.warn({ event: 'evidence-given-up', evidence: file.id, bytes: file.bytes, reason }, 'removed evidence that nobody asked for');
      },
      logger,
    });
    leftBytes -= freed;
    removedBytes += freed;
  }

  await evict('age');
  await giveUpHeld('age', Number.POSITIVE_INFINITY, oldestMs);
  await evict('room');
  await giveUpHeld('room', leftBytes - maxBytes, Number.POSITIVE_INFINITY);
  if (leftBytes > maxBytes) {
    logger.warn(
      { event: 'evidence-over-limit', bytes: leftBytes, maxBytes },
      'undelivered evidence and that of open cases take more room than retention.max_size allows',
    );
  }
  return { removedFiles, removedBytes, leftBytes };
}

export interface GivingRoom {
  /** Folder of all evidence. Nothing outside is ever removed. */
  readonly folder: string;
  /** How much room is wanted. */
  readonly bytes: number;
  /** Files in the order in which they go. */
  readonly files: (limit: number) => readonly EvictableFile[];
  /** A file is gone; from now on {@link files} must leave it out. */
  readonly gone: (file: EvictableFile) => void;
  readonly logger: Logger;
}

/** Removes files in the given order until there is so much more room, or none is left. @returns bytes that are free now. */
export async function giveRoom({ folder, bytes, files, gone, logger }: GivingRoom): Promise<number> {
  let freed = 0;
  while (freed < bytes) {
    const due = files(batch);
    if (due.length === 0) break;
    for (const file of due) {
      if (freed >= bytes) break;
      try {
        await removeInside(folder, file.path);
        gone(file);
      } catch (error) {
        // The next round tries again; what comes behind it would be given up in its stead.
        const line = { event: 'evidence-not-evicted', evidence: file.id, path: file.path, reason: errorMessage(error) };
        logger.error(line, 'a file of evidence could not be removed; it is tried again later');
        return freed;
      }
      freed += file.bytes;
    }
  }
  return freed;
}

/** Removes a file, its manifest, and the folders above it that it leaves empty. @throws {RangeError} when it lies outside `folder`. */
async function removeInside(folder: string, path: string): Promise<void> {
  const inside = relative(folder, path);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`)) throw new RangeError(`not a file of the evidence folder: ${path}`);
  await rm(path, { force: true });
  // The journal of records keeps what it said.
  await rm(path + MANIFEST_SUFFIX, { force: true });
  for (let parent = dirname(path); relative(folder, parent) !== ''; parent = dirname(parent)) {
    const emptied = await rmdir(parent).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOTEMPTY' || error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (!emptied) return;
  }
}

/** Size of all files in a folder and below; 0 when it is missing. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nullIfMissing);
  let bytes = 0;
  for (const entry of entries ?? []) {
    // A file that is being written is renamed meanwhile.
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(nullIfMissing))?.size ?? 0;
  }
  return bytes;
}
