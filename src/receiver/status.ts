import type { CentreDatabase, CentreSql } from './database/index.js';
import { type Gap, openGaps } from './gaps.js';

/** Numbers of a camera that its agent has no more. */
export interface LostEvents {
  readonly site: string;
  readonly agent: string;
  readonly camera: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** UTC milliseconds since 1970. */
  readonly atMs: number;
  readonly reason: string;
}

/** What a centre has, lacks and has lost. */
export interface CentreStatus {
  readonly cameras: number;
  /** Numbers that were skipped when a later event came, of all cameras, since the beginning; of those, how many came after all and how many are lost. */
  readonly missed: number;
  readonly filled: number;
  readonly lost: number;
  /** Numbers that are missing now, oldest first; the first 1,000 stretches of them. */
  readonly gaps: readonly Gap[];
  /** The latest 1,000 stretches. */
  readonly lostEvents: readonly LostEvents[];
  /** Files whose chunks are still to come. */
  readonly evidenceUnderWay: number;
}

/** Stretches that are listed, at most. */
const LISTED = 1_000;

export function readStatus(database: CentreDatabase): Promise<CentreStatus> {
  return database.read(async (sql: CentreSql) => {
    const totals = await sql.get<Pick<CentreStatus, 'cameras' | 'missed' | 'filled' | 'lost'>>(
      `SELECT count(*) AS cameras, coalesce(sum(missed), 0) AS missed, coalesce(sum(filled), 0) AS filled, coalesce(sum(lost), 0) AS lost
       FROM camera`,
    );
    const evidence = await sql.get<{ count: number }>(`SELECT count(*) AS count FROM evidence WHERE state = 'incoming'`);
    const lostEvents = await sql.all<LostEvents>(
      `SELECT site, agent, camera, first_seq AS "firstSeq", last_seq AS "lastSeq", at_ms AS "atMs", reason FROM lost_event
       ORDER BY at_ms DESC, site, agent, camera, first_seq LIMIT ?`,
      LISTED,
    );
    return {
      ...(totals ?? { cameras: 0, missed: 0, filled: 0, lost: 0 }),
      gaps: await openGaps(sql, LISTED),
      lostEvents,
      evidenceUnderWay: evidence?.count ?? 0,
    };
  });
}
