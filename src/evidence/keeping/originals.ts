import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Clock } from '../../platform/clock.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import type { Logger } from '../../platform/logger.js';
import { abandonedAfterMs } from './sweep.js';

export interface OriginalsOptions {
  /** With a folder for each camera. */
  readonly folder: string;
  /** How long those of a camera stay, milliseconds; 0 of one that is not configured. */
  readonly keptMs: (cameraId: string) => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Removes native clips that have been kept long enough, and those that a crash has left while a masked one was made. */
export async function sweepOriginals({ folder, keptMs, clock, logger }: OriginalsOptions): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nullIfMissing);
  for (const entry of entries ?? []) {
    const path = join(entry.parentPath, entry.name);
    const [camera = ''] = relative(folder, path).split(sep);
    const facts = entry.isFile() ? await stat(path).catch(nullIfMissing) : null;
    // One that is being worked on is younger.
    if (facts === null || clock.now() - facts.mtimeMs < Math.max(abandonedAfterMs, keptMs(camera))) continue;
    await rm(dirname(path), { recursive: true, force: true });
    logger.info({ event: 'original-removed', camera, path }, 'removed the unmasked original of a clip');
  }
}
