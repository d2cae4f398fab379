import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';

/**
 * Removes the recordings of cameras that are watched no more: nobody else would, and they may take gigabytes. What cannot be
 * removed is logged and left.
 *
 * @param folder that of all rings, with a folder each.
 * @param isWanted whether the camera of this name still is.
 */
export async function removeOldRings(folder: string, isWanted: (camera: string) => boolean, logger: Logger): Promise<void> {
  try {
    const entries = await readdir(folder, { withFileTypes: true }).catch(nullIfMissing);
    for (const entry of entries ?? []) {
      if (!entry.isDirectory() || isWanted(entry.name)) continue;
      await rm(join(folder, entry.name), { recursive: true });
      logger.warn({ event: 'recording-removed', camera: entry.name }, 'removed the recording of a camera that is no longer configured');
    }
  } catch (error) {
    logger.error(
      { event: 'recording-not-removed', reason: errorMessage(error) },
      `recordings of cameras that are no longer configured could not be removed; mend or remove them in ${folder}`,
    );
  }
}
