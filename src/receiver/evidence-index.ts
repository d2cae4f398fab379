import type { ManifestMessage } from '../domain/wire/evidence.js';
import type { SqlValue } from '../platform/database/sqlite.js';
import { addBits, countClear, createBitmap } from './bitmap.js';
import type { CentreDatabase, CentreSql } from './database/index.js';

/** A file that an agent has announced. */
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
  /** Chunks that are safely on the disk, one bit each; `null` once the file is in its place. */
  readonly have: Uint8Array | null;
  /** Times that its chunks were thrown away. */
  readonly epoch: number;
}

export type EvidenceKey = Pick<EvidenceRow, 'site' | 'agent' | 'id'>;

/** What a note of chunks found. */
export type Noted =
  /** Somebody has finished it, given it up or begun it anew meanwhile: what is held of it in memory means nothing any more. */
  { readonly kind: 'stale' } | { readonly kind: 'noted'; readonly have: Uint8Array; readonly missing: number };

/**
 * What is known of each file, for all receivers that share the database. Who asks for chunks, who checks a whole file, and who
 * gives one up is settled here, in one transaction each. Times are UTC milliseconds since 1970.
 */
export interface EvidenceIndex {
  find(key: EvidenceKey): Promise<EvidenceRow | undefined>;
  incoming(): Promise<readonly EvidenceRow[]>;
  /** The row of a manifest: a fresh one, the one that is there, or that one begun anew when it was of another file. */
  begin(manifest: ManifestMessage, nowMs: number): Promise<{ readonly row: EvidenceRow; readonly begun: 'fresh' | 'anew' | 'known' }>;
  /** Adds chunks, which must be on the disk, to those that are here. @param atMs when the latest of them came. */
  note(row: EvidenceRow, fresh: Uint8Array, atMs: number): Promise<Noted>;
  /** All chunks are thrown away; the wait before the next request is doubled. */
  restart(row: EvidenceRow): Promise<void>;
  /** Whether the caller is to ask for what is missing now; if not, it will be due later. */
  mayAsk(key: EvidenceKey, nowMs: number): Promise<boolean>;
  /** Has the missing chunks asked for at a time, unless they come before. */
  askAt(key: EvidenceKey, atMs: number): Promise<void>;
  /** Its agent sends it only when somebody wants it: until a chunk comes nothing is asked for, and it is not given up. Or not any more. */
  hold(key: EvidenceKey, isHeld: boolean, nowMs: number): Promise<void>;
  /** Files whose chunks are to be asked for, or that wait for their check. */
  due(nowMs: number, limit: number): Promise<readonly EvidenceRow[]>;
  /** Whether the caller is to check the whole file; nobody else does before `untilMs`. */
  mayCheck(row: EvidenceRow, nowMs: number, untilMs: number): Promise<boolean>;
  /** Checks that this receiver had in hand when it was killed: whoever comes next may try. */
  releaseOwnChecks(): Promise<void>;
  /** The check could not be finished: whoever comes next may try. */
  releaseCheck(key: EvidenceKey): Promise<void>;
  /** @returns whether it was not remembered before. */
  verified(key: EvidenceKey): Promise<boolean>;
  /** Files of an agent under way, and the one of which nothing has come for longest. */
  underWay(site: string, agent: string): Promise<{ readonly count: number; readonly oldest: EvidenceRow | null }>;
  /** Files of which nothing has come since then. */
  silentSince(atMs: number, limit: number): Promise<readonly EvidenceRow[]>;
  /** @returns whether it was there and incoming. */
  drop(key: EvidenceKey): Promise<boolean>;
  /** The receiver was away: what is under way has not been silent by its own fault. */
  touchAll(nowMs: number): Promise<void>;
}

/** A file of which nothing has come for this long is asked for, milliseconds. */
const IDLE_MS = 60_000;
/** Between two requests for one file, doubled until something comes, milliseconds. */
const FIRST_ASK_WAIT_MS = 1_000;
export const MAX_ASK_WAIT_MS = 3_600_000;
/** When what is held is asked for: never, the last instant that there is. */
const NEVER_MS = 8_640_000_000_000_000;

const extensions: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'application/json': 'json',
};

const KEY = 'site = ? AND agent = ? AND id = ?';
const COLUMNS = 'site, agent, id, event, camera, kind, media_type, bytes, sha256, chunk_bytes, chunks, file, state, have, epoch';

interface AskRow {
  readonly asked_at_ms: number;
  readonly ask_wait_ms: number;
}

/** @param name of this receiver. */
export function createEvidenceIndex(database: CentreDatabase, name: string): EvidenceIndex {
  const of = ({ site, agent, id }: EvidenceKey): readonly SqlValue[] => [site, agent, id];
  const read = (sql: CentreSql, key: EvidenceKey): Promise<EvidenceRow | undefined> =>
    sql.get<EvidenceRow>(`SELECT ${COLUMNS} FROM evidence WHERE ${KEY}`, ...of(key));

  async function begin(sql: CentreSql, manifest: ManifestMessage, nowMs: number): ReturnType<EvidenceIndex['begin']> {
    const { site, agent, evidence: id, event } = manifest;
    // Names in an event's folder are given by one at a time.
    await sql.lock('evidence', site, agent, event);
    const known = await read(sql, { site, agent, id });
    if (known !== undefined && (known.state === 'verified' || sameFile(known, manifest))) return { row: known, begun: 'known' };
    const row: EvidenceRow = {
      site,
      agent,
      id,
      event,
      camera: manifest.camera,
      kind: manifest.kind,
      media_type: manifest.media_type,
      bytes: manifest.bytes,
      sha256: manifest.sha256,
      chunk_bytes: manifest.chunk_bytes,
      chunks: manifest.chunks,
      file: await fileName(sql, manifest),
      state: 'incoming',
      have: createBitmap(manifest.chunks),
      epoch: known === undefined ? 0 : known.epoch + 1,
    };
    if (known !== undefined) await sql.run(`DELETE FROM evidence WHERE ${KEY}`, site, agent, id);
    await sql.run(
      `INSERT INTO evidence (${COLUMNS}, arrived_at_ms, asked_at_ms, ask_wait_ms, ask_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
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
      row.epoch,
      nowMs,
      FIRST_ASK_WAIT_MS,
      nowMs + IDLE_MS,
    );
    return { row, begun: known === undefined ? 'fresh' : 'anew' };
  }

  /** Two receivers may have chunks of one file: they note them one after the other. */
  async function locked(sql: CentreSql, key: EvidenceKey): Promise<boolean> {
    return (await sql.run(`UPDATE evidence SET epoch = epoch WHERE ${KEY} AND state = 'incoming'`, ...of(key))) === 1;
  }

  return {
    find: (key) => database.read((sql) => read(sql, key)),
    incoming: () => database.read((sql) => sql.all<EvidenceRow>(`SELECT ${COLUMNS} FROM evidence WHERE state = 'incoming'`)),
    begin: (manifest, nowMs) => database.write((sql) => begin(sql, manifest, Math.round(nowMs))),
    note: (row, fresh, atMs) =>
      database.write(async (sql): Promise<Noted> => {
        if (!(await locked(sql, row))) return { kind: 'stale' };
        const known = await read(sql, row);
        if (known === undefined || known.epoch !== row.epoch) return { kind: 'stale' };
        const have = new Uint8Array(known.have ?? createBitmap(row.chunks));
        addBits(have, fresh);
        await sql.run(
          `UPDATE evidence SET have = ?, arrived_at_ms = ?, ask_wait_ms = ?, ask_at_ms = CASE WHEN wanted = 1 THEN ask_at_ms ELSE ? END WHERE ${KEY}`,
          have,
          Math.round(atMs),
          FIRST_ASK_WAIT_MS,
          Math.round(atMs + IDLE_MS),
          ...of(row),
        );
        return { kind: 'noted', have, missing: countClear(have, row.chunks) };
      }),
    async restart(row) {
      await database.write((sql) =>
        sql.run(
          `UPDATE evidence SET have = ?, epoch = epoch + 1, held_until_ms = 0,
             ask_wait_ms = CASE WHEN ask_wait_ms * 2 > ? THEN ? ELSE ask_wait_ms * 2 END WHERE ${KEY} AND epoch = ?`,
          createBitmap(row.chunks),
          MAX_ASK_WAIT_MS,
          MAX_ASK_WAIT_MS,
          ...of(row),
          row.epoch,
        ),
      );
    },
    mayAsk: (key, nowMs) =>
      database.write(async (sql) => {
        if (!(await locked(sql, key))) return false;
        const row = await sql.get<AskRow>(`SELECT asked_at_ms, ask_wait_ms FROM evidence WHERE ${KEY}`, ...of(key));
        if (row === undefined) return false;
        const nextMs = row.asked_at_ms + row.ask_wait_ms;
        if (nowMs < nextMs) {
          await sql.run(`UPDATE evidence SET wanted = 1, ask_at_ms = ? WHERE ${KEY}`, Math.round(nextMs), ...of(key));
          return false;
        }
        const waitMs = Math.min(row.ask_wait_ms * 2, MAX_ASK_WAIT_MS);
        await sql.run(
          `UPDATE evidence SET wanted = 0, asked_at_ms = ?, ask_wait_ms = ?, ask_at_ms = ? WHERE ${KEY}`,
          Math.round(nowMs),
          waitMs,
          Math.round(nowMs + Math.max(row.ask_wait_ms, IDLE_MS)),
          ...of(key),
        );
        return true;
      }),
    async askAt(key, atMs) {
      await database.write((sql) =>
        sql.run(`UPDATE evidence SET wanted = 1, ask_at_ms = ? WHERE ${KEY} AND state = 'incoming'`, Math.round(atMs), ...of(key)),
      );
    },
    async hold(key, isHeld, nowMs) {
      const when = isHeld ? '' : ` AND ask_at_ms = ${NEVER_MS}`;
      await database.write((sql) =>
        sql.run(
          `UPDATE evidence SET wanted = 0, ask_at_ms = ? WHERE ${KEY} AND state = 'incoming'${when}`,
          isHeld ? NEVER_MS : Math.round(nowMs + IDLE_MS),
          ...of(key),
        ),
      );
    },
    due: (nowMs, limit) =>
      database.read((sql) =>
        sql.all<EvidenceRow>(
          `SELECT ${COLUMNS} FROM evidence WHERE state = 'incoming' AND ask_at_ms <= ? ORDER BY ask_at_ms LIMIT ?`,
          Math.round(nowMs),
          limit,
        ),
      ),
    mayCheck: (row, nowMs, untilMs) =>
      database.write(async (sql) => {
        const held = await sql.run(
          `UPDATE evidence SET held_by = ?, held_until_ms = ?, ask_at_ms = ? WHERE ${KEY} AND state = 'incoming' AND epoch = ? AND held_until_ms <= ?`,
          name,
          Math.round(untilMs),
          Math.round(untilMs),
          ...of(row),
          row.epoch,
          Math.round(nowMs),
        );
        return held === 1;
      }),
    async releaseCheck(key) {
      await database.write((sql) => sql.run(`UPDATE evidence SET held_until_ms = 0 WHERE ${KEY}`, ...of(key)));
    },
    async releaseOwnChecks() {
      await database.write((sql) => sql.run(`UPDATE evidence SET held_until_ms = 0 WHERE held_by = ? AND state = 'incoming'`, name));
    },
    async verified(key) {
      const changes = await database.write((sql) =>
        sql.run(`UPDATE evidence SET state = 'verified', have = NULL WHERE ${KEY} AND state = 'incoming'`, ...of(key)),
      );
      return changes === 1;
    },
    underWay: (site, agent) =>
      database.read(async (sql) => {
        const where = `site = ? AND agent = ? AND state = 'incoming'`;
        const row = await sql.get<{ count: number }>(`SELECT count(*) AS count FROM evidence WHERE ${where}`, site, agent);
        const oldest = await sql.get<EvidenceRow>(
          `SELECT ${COLUMNS} FROM evidence WHERE ${where} ORDER BY arrived_at_ms, id LIMIT 1`,
          site,
          agent,
        );
        return { count: row?.count ?? 0, oldest: oldest ?? null };
      }),
    silentSince: (atMs, limit) =>
      database.read((sql) =>
        sql.all<EvidenceRow>(
          `SELECT ${COLUMNS} FROM evidence WHERE state = 'incoming' AND arrived_at_ms <= ? AND ask_at_ms < ${NEVER_MS} LIMIT ?`,
          Math.round(atMs),
          limit,
        ),
      ),
    async drop(key) {
      return (await database.write((sql) => sql.run(`DELETE FROM evidence WHERE ${KEY} AND state = 'incoming'`, ...of(key)))) === 1;
    },
    async touchAll(nowMs) {
      await database.write((sql) => sql.run(`UPDATE evidence SET arrived_at_ms = ? WHERE state = 'incoming'`, Math.round(nowMs)));
    },
  };
}

/** `clip.mp4`; a second clip of the same event bears its id too. */
async function fileName(sql: CentreSql, manifest: ManifestMessage): Promise<string> {
  const extension = extensions[manifest.media_type.split(';', 1)[0]?.trim() ?? ''] ?? 'bin';
  const plain = `${manifest.kind}.${extension}`;
  const taken = await sql.get(
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

function sameFile(row: EvidenceRow, manifest: ManifestMessage): boolean {
  return (
    row.sha256 === manifest.sha256 &&
    row.bytes === manifest.bytes &&
    row.chunk_bytes === manifest.chunk_bytes &&
    row.event === manifest.event &&
    row.camera === manifest.camera &&
    row.kind === manifest.kind
  );
}
