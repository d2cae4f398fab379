import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileDurably } from '../platform/durable-file.js';
import { errorMessage } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { nullIfMissing } from '../platform/missing-file.js';
import type { Uplink } from '../uplink/index.js';

export interface RetainedTopicsOptions {
  /** File that remembers the topics; made when missing. */
  readonly path: string;
  readonly cameras: readonly { readonly id: string; readonly rules: readonly { readonly type: string }[] }[];
  readonly uplink: Pick<Uplink, 'clearRetained'>;
  readonly logger: Logger;
}

/** Topics remembered, at most; 256 cameras with three rules each have 1,024. The oldest go first. */
const MAX_REMEMBERED = 8_192;

/**
 * Clears the retained states of cameras and rules that are not in the config any more: a broker would show them for
 * ever. All that ever were are remembered, since a clearing that the broker has not seen must be repeated after a restart.
 * A file that cannot be read or written is logged, nothing more.
 */
export async function clearGoneTopics({ path, cameras, uplink, logger }: RetainedTopicsOptions): Promise<void> {
  const current = new Set(
    cameras.flatMap(({ id, rules }) => [`cameras/${id}/state`, ...rules.map(({ type }) => `incidents/${id}/${type}/active`)]),
  );
  try {
    const before = await readTopics(path);
    const gone = before.filter((topic) => !current.has(topic));
    for (const topic of gone) uplink.clearRetained(topic);
    const all = [...gone, ...current].slice(-MAX_REMEMBERED);
    if (all.length !== before.length || all.some((topic, index) => topic !== before[index])) {
      await writeFileDurably(path, `${JSON.stringify(all)}\n`);
    }
  } catch (error) {
    logger.warn({ event: 'retained-topics', path, reason: errorMessage(error) }, `${path}: states of cameras that are gone may stay`);
  }
}

async function readTopics(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(nullIfMissing);
  if (text === null) return [];
  try {
    return z.array(z.string().regex(/^(cameras|incidents)\/[A-Za-z0-9_/-]+$/)).parse(JSON.parse(text));
  } catch {
    // Damaged by a hand or a disk: it is begun anew with what is in the config.
    return [];
  }
}
