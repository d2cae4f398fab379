import type { CentreSql } from './database/index.js';

/** A camera, and a number of one of its events. */
export interface CameraSeq {
  readonly site: string;
  readonly agent: string;
  readonly camera: string;
  readonly seq: number;
}

/** Numbers that are missing, both ends included. */
export interface Gap {
  readonly id: number;
  readonly site: string;
  readonly agent: string;
  readonly camera: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** UTC milliseconds since 1970. */
  readonly openedAtMs: number;
  /** Requests so far. */
  readonly asks: number;
}

/** What the number of a new event means: how many were skipped before it, that it filled a gap, or that counting has begun anew. */
export type Place =
  | { readonly kind: 'first' | 'next' | 'filled' | 'late' }
  | { readonly kind: 'skipped'; readonly skipped: number; readonly highest: number }
  | { readonly kind: 'restarted'; readonly highest: number };

/**
 * Before an agent is asked, milliseconds: several receivers, and several connections of one, get a camera's events in any order,
 * and what is only late comes within moments.
 */
export const GAP_PATIENCE_MS = 10_000;
/** Between two requests, doubled until something comes, milliseconds. */
const MAX_ASK_WAIT_MS = 3_600_000;

const GAP = `SELECT id, site, agent, camera, first_seq AS "firstSeq", last_seq AS "lastSeq", opened_at_ms AS "openedAtMs", asks FROM gap`;
const CAMERA = 'site = ? AND agent = ? AND camera = ?';
/** A forger may skip 9e15 numbers at once, again and again: the count stands still before it does not fit any more. */
const ADDED = (column: string): string => `CASE WHEN ${column} > 1000000000000000 THEN ${column} ELSE ${column} + ? END`;

/** Notes the number of an event that has just been stored. From then on its camera is locked until the transaction is over. */
export async function noteSeq(sql: CentreSql, at: CameraSeq, id: string, nowMs: number): Promise<Place> {
  const { site, agent, camera, seq } = at;
  const before = await sql.get<{ previous: number | null }>(
    `INSERT INTO camera (site, agent, camera, highest) VALUES (?, ?, ?, ?)
     ON CONFLICT (site, agent, camera) DO UPDATE SET previous = camera.highest,
       highest = CASE WHEN excluded.highest > camera.highest THEN excluded.highest ELSE camera.highest END
     RETURNING previous`,
    site,
    agent,
    camera,
    seq,
  );
  const highest = before?.previous ?? null;
  // The first event ever seen of a camera sets where counting begins: a receiver may come later than its agents.
  if (highest === null) return { kind: 'first' };
  if (seq === highest + 1) return { kind: 'next' };
  if (seq > highest) {
    const skipped = seq - highest - 1;
    await open(sql, at, highest + 1, seq - 1, nowMs, nowMs + GAP_PATIENCE_MS);
    await sql.run(`UPDATE camera SET missed = ${ADDED('missed')} WHERE ${CAMERA}`, skipped, site, agent, camera);
    return { kind: 'skipped', skipped, highest };
  }
  if (await fillGap(sql, at, nowMs)) return { kind: 'filled' };
  if (seq !== 1 || !(await isTaken(sql, at, id))) return { kind: 'late' };
  await beginAnew(sql, at, nowMs);
  return { kind: 'restarted', highest };
}

/** Takes a number out of the gap that it lies in. @returns whether there was one. */
export async function fillGap(sql: CentreSql, at: CameraSeq, nowMs: number): Promise<boolean> {
  const filled = await cut(sql, at, at.seq, at.seq, nowMs);
  if (filled > 0) await sql.run(`UPDATE camera SET filled = filled + 1 WHERE ${CAMERA}`, at.site, at.agent, at.camera);
  return filled > 0;
}

/** Its agent has these numbers no more: nobody asks for them again. @returns how many of them were missing. */
export async function loseGap(
  sql: CentreSql,
  camera: Omit<CameraSeq, 'seq'>,
  range: { readonly firstSeq: number; readonly lastSeq: number; readonly reason: string; readonly text: string | null },
  nowMs: number,
): Promise<number> {
  const lost = await cut(sql, camera, range.firstSeq, range.lastSeq, nowMs);
  if (lost === 0) return 0;
  await sql.run(`UPDATE camera SET lost = ${ADDED('lost')} WHERE ${CAMERA}`, lost, camera.site, camera.agent, camera.camera);
  await sql.run(
    'INSERT INTO lost_event (site, agent, camera, first_seq, last_seq, at_ms, reason, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    camera.site,
    camera.agent,
    camera.camera,
    range.firstSeq,
    range.lastSeq,
    Math.round(nowMs),
    range.reason,
    range.text,
  );
  return lost;
}

/** Gaps whose agents are to be asked now. They are the caller's: nobody else gets them before their next time. */
export async function dueGaps(sql: CentreSql, nowMs: number, limit: number): Promise<readonly Gap[]> {
  const due = await sql.all<Gap & { readonly askAtMs: number }>(
    `${GAP.replace(' FROM', ', ask_at_ms AS "askAtMs" FROM')} WHERE ask_at_ms <= ? ORDER BY ask_at_ms, id LIMIT ?`,
    Math.round(nowMs),
    limit,
  );
  const mine: Gap[] = [];
  for (const { askAtMs, ...gap } of due) {
    const waitMs = Math.min(GAP_PATIENCE_MS * 2 ** Math.min(gap.asks + 1, 20), MAX_ASK_WAIT_MS);
    const taken = await sql.run(
      'UPDATE gap SET asks = asks + 1, ask_at_ms = ? WHERE id = ? AND ask_at_ms = ?',
      Math.round(nowMs + waitMs),
      gap.id,
      askAtMs,
    );
    if (taken === 1) mine.push({ ...gap, asks: gap.asks + 1 });
  }
  return mine;
}

/** Gaps that are open, oldest first. */
export function openGaps(sql: CentreSql, limit: number): Promise<readonly Gap[]> {
  return sql.all<Gap>(`${GAP} ORDER BY opened_at_ms, id LIMIT ?`, limit);
}

async function cut(sql: CentreSql, camera: Omit<CameraSeq, 'seq'>, first: number, last: number, nowMs: number): Promise<number> {
  if ((await overlapping(sql, camera, first, last)).length === 0) return 0;
  // Another receiver may be cutting the same gap: one after the other.
  await sql.run(`UPDATE camera SET highest = highest WHERE ${CAMERA}`, camera.site, camera.agent, camera.camera);
  const gaps = await overlapping(sql, camera, first, last);
  let numbers = 0;
  for (const { id, firstSeq, lastSeq, openedAtMs } of gaps) {
    await sql.run('DELETE FROM gap WHERE id = ?', id);
    const [from, to] = [Math.max(first, firstSeq), Math.min(last, lastSeq)];
    numbers += to - from + 1;
    // Something came: what remains is asked for afresh, soon.
    if (firstSeq < from) await open(sql, camera, firstSeq, from - 1, openedAtMs, nowMs + GAP_PATIENCE_MS);
    if (to < lastSeq) await open(sql, camera, to + 1, lastSeq, openedAtMs, nowMs + GAP_PATIENCE_MS);
  }
  return numbers;
}

function overlapping(sql: CentreSql, { site, agent, camera }: Omit<CameraSeq, 'seq'>, first: number, last: number): Promise<Gap[]> {
  return sql.all<Gap>(`${GAP} WHERE ${CAMERA} AND first_seq <= ? AND last_seq >= ?`, site, agent, camera, last, first);
}

async function open(
  sql: CentreSql,
  { site, agent, camera }: Omit<CameraSeq, 'seq'>,
  firstSeq: number,
  lastSeq: number,
  openedAtMs: number,
  askAtMs: number,
): Promise<void> {
  await sql.run(
    'INSERT INTO gap (site, agent, camera, first_seq, last_seq, opened_at_ms, asks, ask_at_ms) VALUES (?, ?, ?, ?, ?, ?, 0, ?)',
    site,
    agent,
    camera,
    firstSeq,
    lastSeq,
    Math.round(openedAtMs),
    Math.round(askAtMs),
  );
}

/** Whether another event has the number already: then its agent has lost its data and counts from 1 again. */
async function isTaken(sql: CentreSql, { site, agent, camera, seq }: CameraSeq, id: string): Promise<boolean> {
  const other = await sql.get(`SELECT 1 FROM event WHERE ${CAMERA} AND seq = ? AND id <> ? LIMIT 1`, site, agent, camera, seq, id);
  return other !== undefined;
}

/** Nobody knows any more what the old numbers were. */
async function beginAnew(sql: CentreSql, at: CameraSeq, nowMs: number): Promise<void> {
  const { site, agent, camera, seq } = at;
  const range = { firstSeq: 1, lastSeq: Number.MAX_SAFE_INTEGER, reason: 'the agent counts from 1 again', text: null };
  await loseGap(sql, at, range, nowMs);
  await sql.run(`UPDATE camera SET highest = ? WHERE ${CAMERA}`, seq, site, agent, camera);
}
