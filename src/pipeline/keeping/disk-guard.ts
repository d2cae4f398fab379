import type { RingRoom } from '../../evidence/index.js';
import type { Clock } from '../../platform/clock.js';
import type { DiskSpace } from '../../platform/disk/disk-space.js';
import type { ReserveFile } from '../../platform/disk/reserve-file.js';
import { errorMessage } from '../../platform/errors.js';
import type { DiskSnapshot, DiskTier } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';

export interface DiskGuardOptions {
  /** Share of the file system that is to stay free, 0..1; 0: no care is taken. */
  readonly reserveShare: () => number;
  /** @throws when the disk does not answer. */
  readonly space: () => Promise<DiskSpace>;
  /** Writes something and sees it on the disk. @throws what the disk says. */
  readonly probe: () => Promise<void>;
  /** What the running recordings take now, bytes. */
  readonly ringBytes: () => number;
  readonly reserveFile: ReserveFile;
  /** Removes delivered files, oldest first, until so many bytes are free. @returns bytes. */
  readonly removeDelivered: (bytes: number) => Promise<number>;
  /** Gives up undelivered ones, each with a signed record. @returns how many, and their bytes. */
  readonly giveUp: (bytes: number) => Promise<{ readonly files: number; readonly bytes: number }>;
  /** The tier has changed. Must not throw. */
  readonly onTier: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps a disk from filling up, in steps: warns, thins running recordings, removes what is delivered, gives up clips, stops recording. */
export interface DiskGuard {
  /** One look, and what follows from it; call it every few seconds. Never throws. */
  look(): Promise<void>;
  readonly ringRoom: RingRoom;
  snapshot(): DiskSnapshot;
}

/** Below this share of their room running recordings would be too short for clips; of 1 GB it is two minutes at 4 Mbit/s. */
const LEAST_RING_SHARE = 1 / 16;
/** What is kept back for the database: enough to record ten thousand removals. On small file systems a share of them. */
const RESERVE_FILE_BYTES = 16 * 1024 * 1024;
const RESERVE_FILE_SHARE = 0.05;
/** How often it is tried whether the disk takes anything, milliseconds: an alarm is due within a minute, and each try is a write. */
const PROBE_MS = 40_000;

export function createDiskGuard(options: DiskGuardOptions): DiskGuard {
  const { reserveFile, clock, logger } = options;
  let share = 1;
  let reopened = 0;
  let space: DiskSpace | null = null;
  let tier: DiskTier = 'ok';
  let problem: string | null = null;
  let probedAtMs = Number.NEGATIVE_INFINITY;
  const given = { files: 0, bytes: 0 };

  function enter(next: DiskTier, why: string | null): void {
    problem = why;
    if (next === tier) return;
    const [before, free] = [tier, space?.freeBytes ?? null];
    tier = next;
    const line = { event: 'disk', tier, before, freeBytes: free };
    if (next === 'ok') logger.info(line, 'the disk has room again');
    else if (next === 'low') logger.warn(line, why ?? next);
    else logger.error(line, why ?? next);
    options.onTier();
  }

  const isOpen = (): boolean => share > 0 && tier !== 'failed';

  async function probe(): Promise<string | null> {
    if (clock.monotonic() - probedAtMs < PROBE_MS && tier !== 'failed') return null;
    probedAtMs = clock.monotonic();
    try {
      await options.probe();
      return null;
    } catch (error) {
      const full = (error as NodeJS.ErrnoException | null)?.code === 'ENOSPC';
      return full ? null : `the disk takes nothing (${errorMessage(error)}); look at it: mount, dmesg, smartctl`;
    }
  }

  /** @returns the bytes that are free in the end. */
  async function makeRoom(freeBytes: number, reserveBytes: number): Promise<number> {
    let free = freeBytes;
    const canThin = share > LEAST_RING_SHARE && options.ringBytes() > 0;
    if (canThin) share = Math.max(LEAST_RING_SHARE, share / 2);
    // Thinning shows within a second; what is gone otherwise is gone.
    if (canThin && free >= reserveBytes / 2) return free;
    free += await options.removeDelivered(reserveBytes - free);
    if (free >= reserveBytes / 2) return free;
    const lost = await options.giveUp(reserveBytes / 2 - free);
    given.files += lost.files;
    given.bytes += lost.bytes;
    return free + lost.bytes;
  }

  /** Recordings get their room back only where that leaves the reserve. */
  function widen(freeBytes: number, reserveBytes: number): void {
    if (share >= 1 || freeBytes - options.ringBytes() < 1.2 * reserveBytes) return;
    share = share === 0 ? LEAST_RING_SHARE : Math.min(1, 2 * share);
  }

  async function judge(): Promise<void> {
    const failed = await probe();
    if (failed !== null) {
      enter('failed', failed);
      return;
    }
    space = await options.space();
    const reserveBytes = options.reserveShare() * space.totalBytes;
    let { freeBytes } = space;
    if (freeBytes < reserveBytes) freeBytes = await makeRoom(freeBytes, reserveBytes);
    else widen(freeBytes, reserveBytes);
    const keptBytes = Math.floor(Math.min(RESERVE_FILE_BYTES, RESERVE_FILE_SHARE * space.totalBytes));
    if (reserveBytes > 0 && freeBytes >= reserveBytes / 2 + keptBytes) await reserveFile.take(keptBytes);
    const left = `${megabytes(freeBytes)} of ${megabytes(space.totalBytes)} MB are free, ${megabytes(reserveBytes)} should stay so`;
    if (freeBytes < reserveBytes / 4) {
      share = 0;
      enter('full', `the disk is full: ${left}; nothing is recorded, events go on as long as the database has room; make some`);
    } else if (freeBytes < reserveBytes) {
      enter(
        'short',
        `the disk is short of room: ${left}; ${share === 0 ? 'nothing is recorded' : 'recordings are thinned'}, delivered files are removed; make room or lower their limits`,
      );
    } else if (freeBytes < 2 * reserveBytes)
      enter('low', `the disk fills up: ${left}; below that recordings are thinned and delivered files removed`);
    else enter('ok', null);
  }

  return {
    async look() {
      const wasOpen = isOpen();
      try {
        await judge();
      } catch (error) {
        enter('failed', `the disk does not answer (${errorMessage(error)}); look at it: mount, dmesg, smartctl`);
      }
      if (!wasOpen && isOpen()) reopened++;
    },
    ringRoom: {
      share: () => share,
      isOpen,
      timesReopened: () => reopened,
    },
    snapshot: () => ({
      tier,
      problem: tier === 'ok' || tier === 'low' ? null : problem,
      freeBytes: space?.freeBytes ?? null,
      totalBytes: space?.totalBytes ?? null,
      lostFiles: given.files,
      lostBytes: given.bytes,
    }),
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
