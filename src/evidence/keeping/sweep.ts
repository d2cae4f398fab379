import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../../platform/clock.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import type { Logger } from '../../platform/logger.js';
import { MANIFEST_SUFFIX } from '../../platform/proof/index.js';

/** How long an unfinished file may lie untouched before nobody is writing it any more, milliseconds: making one takes minutes. */
export const abandonedAfterMs = 3_600_000;

export interface SweepOptions {
  /** Folder of all evidence. */
  readonly folder: string;
  /** How long a file that the database does not know is kept, milliseconds since it was last written. */
  readonly maxAgeMs: number;
  /** Whether the database knows the file. */
  readonly isKnown: (path: string) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Removes what a crash has left in the evidence folder: unfinished files at once, whole files without a row when they
 * are as old as delivered evidence may become. Not sooner: after the loss of a database they may be all that is left.
 */
export async function sweepEvidence(options: SweepOptions): Promise<{ readonly removedFiles: number }> {
  const { folder, isKnown, clock, logger } = options;
  // The row of a file that has just been finished is not written yet.
  const keptMs = Math.max(options.maxAgeMs, abandonedAfterMs);
  let removedFiles = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(nullIfMissing);
  for (const entry of entries ?? []) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || isKnown(path) || (path.endsWith(MANIFEST_SUFFIX) && isKnown(path.slice(0, -MANIFEST_SUFFIX.length)))) continue;
    const facts = await stat(path).catch(nullIfMissing);
    if (facts === null) continue;
    const unfinished = basename(path).startsWith('.part.');
    if (clock.now() - facts.mtimeMs < (unfinished ? abandonedAfterMs : keptMs)) continue;
    await rm(path, { force: true });
    removedFiles++;
    logger.warn(
      { event: 'evidence-swept', path, bytes: facts.size, unfinished },
      unfinished ? 'removed a file that was never finished' : 'removed an old file of evidence that the database does not know',
    );
  }
  return { removedFiles };
}
