import { closeSync, fsyncSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../platform/disk/durable-file.js';
import { eventFolder, type ReceiverContext } from './context.js';
import type { CentreSql } from './database/index.js';

export interface EventRow {
  readonly position: number;
  readonly site: string;
  readonly agent: string;
  readonly camera: string;
  readonly id: string;
  readonly seq: number;
  readonly payload: string;
  readonly sha256: string;
}

/** Events as files, for people and for whatever reads lines: `events.jsonl`, and the latest phase of each as `event.json` in its folder. */
export interface EventFiles {
  /** Puts them right after a crash. */
  reconcile(): Promise<void>;
  /** Writes first what could not be written before; call it before the next transaction. */
  catchUp(): Promise<void>;
  /** Notes, in the transaction of new rows, how long the journal was before the first of them. */
  mark(sql: CentreSql, position: number): Promise<void>;
  /** Writes what has just been committed. */
  add(rows: readonly EventRow[]): Promise<void>;
}

/** Where several receivers share a database, that holds the events, and one file would have several writers: there are none. */
export const noEventFiles: EventFiles = {
  reconcile: () => Promise.resolve(),
  catchUp: () => Promise.resolve(),
  mark: () => Promise.resolve(),
  add: () => Promise.resolve(),
};

/**
 * The journal is written after its rows are on the disk, and they know how long it was before, so that a crash in between
 * leaves neither a missing line nor a second one.
 */
export function createEventFiles(context: ReceiverContext): EventFiles {
  const { database } = context;
  const journalPath = join(context.dataDir, 'events.jsonl');
  /** A line or file could not be written (a full disk, mostly): they are put right before the next event. */
  let behind = false;

  function journalBytes(): number {
    return statSync(journalPath, { throwIfNoEntry: false })?.size ?? 0;
  }

  function append(rows: readonly EventRow[]): void {
    const file = openSync(journalPath, 'a', 0o640);
    try {
      writeSync(file, rows.map(({ payload }) => `${payload}\n`).join(''));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** `event.json` holds the highest number that has come, whatever the order. */
  async function writeLatest({ site, agent, camera, id, payload }: EventRow): Promise<void> {
    const latest = await database.read((sql) =>
      sql.get<{ payload: string }>(
        'SELECT payload FROM event WHERE site = ? AND agent = ? AND camera = ? AND id = ? ORDER BY seq DESC LIMIT 1',
        site,
        agent,
        camera,
        id,
      ),
    );
    const path = join(eventFolder(context, { site, agent, camera, event: id }), 'event.json');
    await writeFileDurably(path, `${JSON.stringify(JSON.parse(latest?.payload ?? payload), null, 2)}\n`);
  }

  async function write(rows: readonly EventRow[]): Promise<void> {
    if (rows.length === 0) return;
    append(rows);
    const folders = new Map(rows.map((row) => [[row.site, row.agent, row.camera, row.id].join('\0'), row]));
    await Promise.all([...folders.values()].map(writeLatest));
  }

  async function reconcile(): Promise<void> {
    await mkdir(context.dataDir, { recursive: true });
    const rows = await database.read(async (sql) => {
      const marker = await sql.get<{ position: number; bytes_before: number }>('SELECT position, bytes_before FROM journal');
      if (marker === undefined) return [];
      // A shorter file has been rotated away: the lines go to the new one.
      if (journalBytes() > marker.bytes_before) truncateSync(journalPath, marker.bytes_before);
      return sql.all<EventRow>('SELECT * FROM event WHERE position >= ? ORDER BY position', marker.position);
    });
    await write(rows);
    behind = false;
  }

  return {
    reconcile,
    async catchUp() {
      if (behind) await reconcile();
    },
    async mark(sql, position) {
      await sql.run(
        `INSERT INTO journal (one, position, bytes_before) VALUES (1, ?, ?)
         ON CONFLICT (one) DO UPDATE SET position = excluded.position, bytes_before = excluded.bytes_before`,
        position,
        journalBytes(),
      );
    },
    async add(rows) {
      behind = true;
      await write(rows);
      behind = false;
    },
  };
}
