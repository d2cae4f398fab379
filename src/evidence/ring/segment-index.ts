import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { type ListedSegment, parseSegmentList, type SegmentListPart } from './segment-list.js';

/** Beside the segments; the same lines as in ffmpeg's list, which holds the latest alone. */
const indexName = 'index.csv';
/** Lines of segments that are gone, above which the index is written anew: more costs room, fewer costs writing. */
const spareLines = 1000;

/**
 * Where the segments of a connection begin and end, on disk for a later run. As long as what is on disk, however long the
 * connection lasts.
 */
export interface SegmentIndex {
  read(): Promise<SegmentListPart>;
  /** Adds segments that are new. A disk that does not take them is logged, and they follow when it does. */
  add(added: readonly ListedSegment[], all: () => readonly ListedSegment[]): Promise<void>;
  /** Writes exactly these. */
  rewrite(all: readonly ListedSegment[]): Promise<void>;
  bytes(): number;
}

export function createSegmentIndex(folder: string, logger: Logger): SegmentIndex {
  const path = join(folder, indexName);
  let lines = 0;
  let bytes = 0;
  /** It lacks segments that the disk did not take. */
  let behind = false;

  async function guarded(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      behind = false;
    } catch (error) {
      if (!behind) {
        logger.warn(
          { event: 'segment-index-failed', reason: errorMessage(error) },
          'where segments begin could not be noted; after a restart they may have to be measured',
        );
      }
      behind = true;
    }
  }

  const rewrite = (all: readonly ListedSegment[]): Promise<void> =>
    guarded(async () => {
      const text = linesOf(all);
      await writeFile(`${path}.part`, text);
      await rename(`${path}.part`, path);
      lines = all.length;
      bytes = text.length;
    });

  return {
    async read() {
      const content = (await readFile(path).catch(nullIfMissing)) ?? new Uint8Array();
      const part = parseSegmentList(content);
      lines = part.segments.length;
      bytes = content.length;
      return part;
    },
    async add(added, all) {
      if (added.length === 0) return;
      const remaining = all();
      if (behind || lines > 2 * remaining.length + spareLines) return await rewrite(remaining);
      await guarded(async () => {
        const text = linesOf(added);
        await appendFile(path, text);
        lines += added.length;
        bytes += text.length;
      });
    },
    rewrite,
    bytes: () => bytes,
  };
}

function linesOf(segments: readonly ListedSegment[]): string {
  return segments.map(({ name, startS, endS }) => `${name},${Number(startS.toFixed(6))},${Number(endS.toFixed(6))}\n`).join('');
}
