import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably, writeFileDurably } from '../platform/disk/durable-file.js';
import { sha256OfFiles } from '../platform/disk/file-hash.js';
import { MANIFEST_SUFFIX } from '../platform/proof/index.js';
import { createBitmap, hasBit } from './bitmap.js';
import { eventFolder } from './context.js';
import type { EvidenceRow } from './evidence-index.js';

/**
 * Files of evidence. Chunks lie at their offsets in `.incoming/`, verified files in their event's folder. Several receivers
 * may write chunks of one file: each at its own offset.
 */
export interface EvidenceFiles {
  writeChunk(row: EvidenceRow, index: number, payload: Uint8Array): Promise<void>;
  /** Sees that the chunks written by this process are on the disk; false when their file is gone. */
  sync(row: EvidenceRow): Promise<boolean>;
  /** SHA-256 of what has come, or of the file in its place already; `null` when neither is whole. */
  hash(row: EvidenceRow): Promise<string | null>;
  /** Puts a whole file in its place, its manifest beside it, durably. Returns its path. */
  place(row: EvidenceRow, manifest: string | null): Promise<string>;
  /** Throws away what has come. */
  remove(row: EvidenceRow): Promise<void>;
  /** Whether what has come reaches to the end of the last chunk that was noted. */
  holds(row: EvidenceRow): Promise<boolean>;
  /** Names of what lies in `.incoming/`. */
  parts(): Promise<readonly string[]>;
  partName(row: EvidenceRow): string;
  /** Removes what belongs to nothing, by its name in `.incoming/`. Returns its path. */
  removePart(name: string): Promise<string>;
}

export function createEvidenceFiles(dataDir: string): EvidenceFiles {
  const incomingDir = join(dataDir, '.incoming');
  const partName = (row: EvidenceRow): string => {
    const owner = createHash('sha256').update(`${row.site}\0${row.agent}`).digest('hex').slice(0, 16);
    return `${row.id}-${owner}`;
  };
  const partOf = (row: EvidenceRow): string => join(incomingDir, partName(row));
  const pathOf = (row: EvidenceRow): string => join(eventFolder({ dataDir }, row), row.file);
  const makeIncoming = (): Promise<string | undefined> => mkdir(incomingDir, { recursive: true, mode: 0o750 });

  const files: EvidenceFiles = {
    partName,
    async writeChunk(row, index, payload) {
      await makeIncoming();
      // 'r+' would not make the file, and 'a' would ignore the offset.
      const file = await open(partOf(row), constants.O_RDWR | constants.O_CREAT, 0o640);
      try {
        await file.write(payload, 0, payload.length, index * row.chunk_bytes);
      } finally {
        await file.close();
      }
    },
    async sync(row) {
      if ((await sizeOf(partOf(row))) === null) return false;
      const file = await open(partOf(row), 'r+');
      try {
        await file.datasync();
        return true;
      } finally {
        await file.close();
      }
    },
    async hash(row) {
      // An empty file has no chunk that would have made it.
      if (row.bytes === 0) await files.writeChunk(row, 0, new Uint8Array(0));
      for (const path of [partOf(row), pathOf(row)]) if ((await sizeOf(path)) === row.bytes) return sha256OfFiles(path);
      return null;
    },
    async place(row, manifest) {
      const path = pathOf(row);
      if (manifest !== null) await writeFileDurably(path + MANIFEST_SUFFIX, `${manifest}\n`);
      // Without its part it is in its place already: a crash came before it could be remembered.
      if ((await sizeOf(partOf(row))) === row.bytes) await writeDurably(path, (temporary) => rename(partOf(row), temporary));
      return path;
    },
    remove: (row) => rm(partOf(row), { force: true }),
    async holds(row) {
      const have = row.have ?? createBitmap(row.chunks);
      let last = row.chunks - 1;
      while (last >= 0 && !hasBit(have, last)) last--;
      if (last < 0) return true;
      // After a crash between the file's last rename and its row there is no part any more.
      const bytes = (await sizeOf(partOf(row))) ?? (await sizeOf(pathOf(row))) ?? -1;
      return bytes >= Math.min(row.bytes, (last + 1) * row.chunk_bytes);
    },
    async parts() {
      await makeIncoming();
      return readdir(incomingDir);
    },
    async removePart(name) {
      const path = join(incomingDir, name);
      await rm(path, { force: true, recursive: true });
      return path;
    },
  };
  return files;
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
