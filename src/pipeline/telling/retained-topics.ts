import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileDurably } from '../../platform/disk/durable-file.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';

export interface RetainedTopicsOptions {
  /** File that remembers the topics; made when missing. */
  readonly path: string;
  /** Topics that what there is now has retained messages under. */
  readonly current: readonly string[];
  /** Has the broker forget these. @throws {AgentError} logged, and tried again at the next call. */
  readonly clear: (topics: readonly string[]) => void;
  /** `clear` alone makes sure of it. Otherwise it is called for the same topics at every start, since the broker may not have seen it. */
  readonly clearIsDurable: boolean;
  readonly logger: Logger;
}

/** Topics remembered, at most; 256 cameras with three rules each have some 5,000. The oldest go first. */
const MAX_REMEMBERED = 16_384;

/**
 * Clears the retained messages of cameras and rules that are not in the config any more: a broker would show them for
 * ever. A file that cannot be read or written is logged, nothing more.
 */
export async function clearGoneTopics(options: RetainedTopicsOptions): Promise<void> {
  const { path, clear, clearIsDurable, logger } = options;
  const current = new Set(options.current);
  try {
    const before = await readTopics(path);
    const gone = before.filter((topic) => !current.has(topic));
    clear(gone);
    const all = [...(clearIsDurable ? [] : gone), ...current].slice(-MAX_REMEMBERED);
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
    return z.array(z.string().regex(/^(\/|(cameras|incidents|rules|patrols|figures)\/)[^#+\0]+$/)).parse(JSON.parse(text));
  } catch {
    // Damaged by a hand or a disk: it is begun anew with what is in the config.
    return [];
  }
}
