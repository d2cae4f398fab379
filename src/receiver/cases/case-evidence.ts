import { join } from 'node:path';
import type { CaseEvidenceMessage } from '../../domain/wire/case-file.js';
import { eventFolder } from '../context.js';
import type { CentreDatabase } from '../database/index.js';
import type { CaseRecord } from './case-store.js';

/** A file of a case that is here. */
export interface CaseFileOnDisk {
  /** Absolute. */
  readonly path: string;
  /** As it lies in its folder. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What has come of the evidence of cases. Throws AgentError when the store fails. */
export interface CaseEvidence {
  /** Oldest first. */
  of(record: CaseRecord): Promise<readonly CaseEvidenceMessage[]>;
  /** A verified file of this very case; `null` where there is none of that id. */
  file(record: CaseRecord, id: string): Promise<CaseFileOnDisk | null>;
}

interface Row extends Omit<CaseEvidenceMessage, 'media_type'> {
  readonly mediaType: string;
  readonly file: string;
}

/** Of the case's own event, agent and camera: what another agent calls by the same id is none of it. */
const EVIDENCE = `SELECT id, kind, media_type AS "mediaType", bytes, sha256, state AS status, file FROM evidence
  WHERE site = ? AND agent = ? AND camera = ? AND event = ?`;

/** @param dataDir where the receiver keeps what it receives. */
export function createCaseEvidence(database: CentreDatabase, dataDir: string): CaseEvidence {
  const keyOf = ({ site, agent, camera, eventId }: CaseRecord) => [site, agent, camera, eventId] as const;
  return {
    of: (record) =>
      database.read(async (sql) => {
        const rows = await sql.all<Row>(`${EVIDENCE} ORDER BY id`, ...keyOf(record));
        return rows.map(({ id, kind, mediaType, bytes, sha256, status }) => ({ id, kind, media_type: mediaType, bytes, sha256, status }));
      }),
    file: (record, id) =>
      database.read(async (sql) => {
        const row = await sql.get<Row>(`${EVIDENCE} AND id = ? AND state = 'verified'`, ...keyOf(record), id);
        if (row === undefined) return null;
        const { file, mediaType, bytes, sha256 } = row;
        return { path: join(eventFolder({ dataDir }, { ...record, event: record.eventId }), file), name: file, mediaType, bytes, sha256 };
      }),
  };
}
