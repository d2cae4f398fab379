import { CENTRE_STATUS_SCHEMA, type CentreStatusMessage } from '../domain/wire/centre-status.js';
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
  /** Of those, how many are missing now. */
  readonly missing: number;
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
    const { cameras, missed, filled, lost } = totals ?? { cameras: 0, missed: 0, filled: 0, lost: 0 };
    return {
      ...{ cameras, missed, filled, lost },
      missing: Math.max(0, missed - filled - lost),
      gaps: await openGaps(sql, LISTED),
      lostEvents,
      evidenceUnderWay: evidence?.count ?? 0,
    };
  });
}

/** For programs. */
export function statusMessage(status: CentreStatus): CentreStatusMessage {
  const stretchOf = ({ site, agent, camera, firstSeq, lastSeq }: LostEvents | Gap) => ({
    ...{ site, agent, camera },
    first_seq: firstSeq,
    last_seq: lastSeq,
  });
  return {
    schema: CENTRE_STATUS_SCHEMA,
    cameras: status.cameras,
    skipped: status.missed,
    filled: status.filled,
    lost: status.lost,
    missing: status.missing,
    gaps: status.gaps.map((gap) => ({ ...stretchOf(gap), since: iso(gap.openedAtMs), asks: gap.asks })),
    lost_events: status.lostEvents.map((one) => ({ ...stretchOf(one), at: iso(one.atMs), reason: one.reason })),
    evidence_under_way: status.evidenceUnderWay,
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
