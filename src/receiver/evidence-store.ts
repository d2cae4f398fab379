import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestMessage } from '../domain/wire/evidence.js';
import { writeDurably, writeFileDurably } from '../platform/durable-file.js';
import { MANIFEST_SUFFIX } from '../platform/proof/index.js';
import type { Sql } from '../platform/sqlite.js';
import { createBitmap } from './bitmap.js';
import { eventFolder, type ReceiverContext } from './context.js';

/** A row of the index. */
export interface EvidenceRow {
  readonly site: string;
  readonly agent: string;
  readonly id: string;
  readonly event: string;
  readonly camera: string;
  readonly kind: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly chunk_bytes: number;
  readonly chunks: number;
  /** Name in the event's folder, settled with the manifest. */
  readonly file: string;
  readonly state: 'incoming' | 'verified';
  readonly have: Uint8Array | null;
}

/** Index and files of evidence on disk. Chunks lie at their offsets in `.incoming/`, verified files in their event's folder. */
export interface EvidenceStore {
  find(site: string, agent: string, id: string): EvidenceRow | undefined;
  incoming(): readonly EvidenceRow[];
  begin(manifest: ManifestMessage): EvidenceRow;
  /** Gives it up: what has come of it, and its row. */
  drop(row: EvidenceRow): Promise<void>;
  /** Throws away what has come of it. */
  restart(row: EvidenceRow): Promise<void>;
  writeChunk(row: EvidenceRow, index: number, payload: Uint8Array): Promise<void>;
  /** Syncs the chunks, then remembers which are there. */
  note(row: EvidenceRow, have: Uint8Array): Promise<void>;
  /** SHA-256 of what has come; `null` when nothing is there. */
  hash(row: EvidenceRow): Promise<string | null>;
  /** Puts a file whose hash is right in its place, its manifest beside it, and remembers it, all durably. Returns its path. */
  accept(row: EvidenceRow): Promise<string>;
  pathOf(row: EvidenceRow): string;
  /** Finishes at start what a crash cut short, both ways: files without a row, rows without a file. */
  reconcile(): Promise<void>;
}

const extensions: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'application/json': 'json',
};

/** @param manifestOf the signed record of a file as JSON; `null` where its agent does not sign. */
export function createEvidenceStore(context: ReceiverContext, manifestOf: (row: EvidenceRow) => string | null): EvidenceStore {
  const { database, logger } = context;
  const incomingDir = join(context.dataDir, '.incoming');
  const KEY = 'site = ? AND agent = ? AND id = ?';

  const partOf = (row: EvidenceRow): string => {
    const owner = createHash('sha256').update(`${row.site}\0${row.agent}`).digest('hex').slice(0, 16);
    return join(incomingDir, `${row.id}-${owner}`);
  };
  const pathOf = (row: EvidenceRow): string => join(eventFolder(context, row), row.file);

  function begin(manifest: ManifestMessage): EvidenceRow {
    return database.write((sql) => {
      const row: EvidenceRow = {
        site: manifest.site,
        agent: manifest.agent,
        id: manifest.evidence,
        event: manifest.event,
        camera: manifest.camera,
        kind: manifest.kind,
        media_type: manifest.media_type,
        bytes: manifest.bytes,
        sha256: manifest.sha256,
        chunk_bytes: manifest.chunk_bytes,
        chunks: manifest.chunks,
        file: fileName(sql, manifest),
        state: 'incoming',
        have: createBitmap(manifest.chunks),
      };
      sql.run(
        `INSERT OR REPLACE INTO evidence (site, agent, id, event, camera, kind, media_type, bytes, sha256, chunk_bytes, chunks, file, state, have)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        row.site,
        row.agent,
        row.id,
        row.event,
        row.camera,
        row.kind,
        row.media_type,
        row.bytes,
        row.sha256,
        row.chunk_bytes,
        row.chunks,
        row.file,
        row.state,
        row.have,
      );
      return row;
    });
  }

  /** `clip.mp4`; a second clip of the same event bears its id too. */
  function fileName(sql: Sql, manifest: ManifestMessage): string {
    const extension = extensions[manifest.media_type.split(';', 1)[0]?.trim() ?? ''] ?? 'bin';
    const plain = `${manifest.kind}.${extension}`;
    const taken = sql.get(
      'SELECT 1 FROM evidence WHERE site = ? AND agent = ? AND camera = ? AND event = ? AND file = ? AND id <> ?',
      manifest.site,
      manifest.agent,
      manifest.camera,
      manifest.event,
      plain,
      manifest.evidence,
    );
    return taken === undefined ? plain : `${manifest.kind}-${manifest.evidence}.${extension}`;
  }

  async function hashFile(path: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer);
    return hash.digest('hex');
  }

  function remember(row: EvidenceRow): void {
    database.write((sql) => sql.run(`UPDATE evidence SET state = 'verified', have = NULL WHERE ${KEY}`, row.site, row.agent, row.id));
  }

  async function exists(path: string, bytes: number): Promise<boolean> {
    try {
      return (await stat(path)).size === bytes;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  const store: EvidenceStore = {
    find: (site, agent, id) => database.read((sql) => sql.get<EvidenceRow>(`SELECT * FROM evidence WHERE ${KEY}`, site, agent, id)),
    incoming: () => database.read((sql) => sql.all<EvidenceRow>(`SELECT * FROM evidence WHERE state = 'incoming'`)),
    begin,
    async drop(row) {
      database.write((sql) => sql.run(`DELETE FROM evidence WHERE ${KEY}`, row.site, row.agent, row.id));
      await rm(partOf(row), { force: true });
    },
    async restart(row) {
      await rm(partOf(row), { force: true });
      const have = createBitmap(row.chunks);
      database.write((sql) => sql.run(`UPDATE evidence SET have = ? WHERE ${KEY}`, have, row.site, row.agent, row.id));
    },
    async writeChunk(row, index, payload) {
      await mkdir(incomingDir, { recursive: true, mode: 0o750 });
      // 'r+' would not make the file, and 'a' would ignore the offset.
      const file = await open(partOf(row), constants.O_RDWR | constants.O_CREAT, 0o640);
      try {
        await file.write(payload, 0, payload.length, index * row.chunk_bytes);
      } finally {
        await file.close();
      }
    },
    async note(row, have) {
      const file = await open(partOf(row), 'r+');
      try {
        await file.datasync();
      } finally {
        await file.close();
      }
      database.write((sql) => sql.run(`UPDATE evidence SET have = ? WHERE ${KEY}`, have, row.site, row.agent, row.id));
    },
    async hash(row) {
      // An empty file has no chunk that would have made it.
      if (row.bytes === 0) await store.writeChunk(row, 0, new Uint8Array(0));
      return (await exists(partOf(row), row.bytes)) ? hashFile(partOf(row)) : null;
    },
    async accept(row) {
      const path = pathOf(row);
      const manifest = manifestOf(row);
      if (manifest !== null) await writeFileDurably(path + MANIFEST_SUFFIX, `${manifest}\n`);
      await writeDurably(path, (temporary) => rename(partOf(row), temporary));
      remember(row);
      return path;
    },
    pathOf,
    async reconcile() {
      const rows = store.incoming();
      for (const row of rows) {
        if (await exists(pathOf(row), row.bytes)) {
          // The crash came between the file's last rename and its row.
          if ((await hashFile(pathOf(row))) === row.sha256) remember(row);
        } else if (!(await exists(partOf(row), row.bytes))) {
          // A part is shorter than the whole while chunks at its end are missing; those noted are what counts.
          if (!(await partHolds(row))) await store.restart(row);
        }
      }
      const known = new Set(rows.map(partOf));
      await mkdir(incomingDir, { recursive: true, mode: 0o750 });
      for (const name of await readdir(incomingDir)) {
        const path = join(incomingDir, name);
        if (known.has(path)) continue;
        logger.warn({ event: 'orphan-removed', path }, `removed ${path}: nothing in the index belongs to it`);
        await rm(path, { force: true, recursive: true });
      }
    },
  };

  /** Whether the part reaches to the end of the last chunk that was noted. */
  async function partHolds(row: EvidenceRow): Promise<boolean> {
    const have = row.have ?? createBitmap(row.chunks);
    let last = row.chunks - 1;
    while (last >= 0 && ((have[last >> 3] ?? 0) & (1 << (last & 7))) === 0) last--;
    if (last < 0) return true;
    try {
      return (await stat(partOf(row))).size >= Math.min(row.bytes, (last + 1) * row.chunk_bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  return store;
}
