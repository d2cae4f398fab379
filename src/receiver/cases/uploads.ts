import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../platform/clock.js';
import { makeFolder } from '../../platform/disk/make-folder.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { AgentError } from '../../platform/errors.js';
import type { CentreDatabase } from '../database/index.js';
import type { ReceivedTopic } from '../topics.js';
import type { CaseRecord } from './case-store.js';

/** Permissions to put a file by HTTP; `token` is the SHA-256 of the one that was handed out, in hex. */
export const uploadMigration = `
  CREATE TABLE upload (
    token TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    event TEXT NOT NULL,
    evidence TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX upload_expires ON upload (expires_at_ms);
`;

type ChunkTopic = Extract<ReceivedTopic, { kind: 'chunk' }>;

export interface UploadDeskOptions {
  readonly database: CentreDatabase;
  /** Where the receiver keeps what it receives. */
  readonly dataDir: string;
  /** Takes a piece of a file, as if it had come over MQTT. */
  readonly takeChunk: (topic: ChunkTopic, payload: Uint8Array) => Promise<void>;
  readonly clock: Clock;
}

/** What a token stands for. */
export interface ExpectedUpload {
  readonly site: string;
  readonly agent: string;
  readonly event: string;
  readonly evidence: string;
  /** Of the manifest. */
  readonly bytes: number;
  readonly sha256: string;
  readonly chunkBytes: number;
  /** It is here already. */
  readonly verified: boolean;
}

/** Files that agents put by HTTP rather than MQTT. All throw AgentError when the store or the disk fails. */
export interface UploadDesk {
  /**
   * Hands out a token for a file of a case that has been announced by its manifest.
   *
   * @returns `null` when no manifest has come.
   */
  issue(record: CaseRecord, evidence: string): Promise<{ readonly token: string; readonly expiresAtMs: number } | null>;
  /** What a token is for; `null` for one that is unknown or too old. */
  find(token: string): Promise<ExpectedUpload | null>;
  /**
   * Takes the file in. What is not the file that the manifest announced is thrown away, and nothing that has come otherwise is touched.
   *
   * @throws {AgentError} EVIDENCE_INVALID when size or hash are not those of the manifest.
   */
  take(upload: ExpectedUpload, body: AsyncIterable<Buffer>): Promise<void>;
  /** Removes what a crash left behind. Other receivers may share the folder: what is younger than a day may be theirs. */
  clean(): Promise<void>;
}

/** As long as an agent may keep the order: a long weekend without power. Milliseconds. */
const EXPIRY_MS = 7 * 86_400_000;
/** No upload lasts longer, milliseconds. */
const LEFT_BEHIND_MS = 86_400_000;
const TOKEN_BYTES = 32;

export function createUploadDesk({ database, dataDir, takeChunk, clock }: UploadDeskOptions): UploadDesk {
  const folder = join(dataDir, '.uploads');

  async function keep(path: string, { bytes, sha256 }: ExpectedUpload, body: AsyncIterable<Buffer>): Promise<void> {
    const hash = createHash('sha256');
    let length = 0;
    const file = await open(path, 'wx', 0o640);
    try {
      for await (const piece of body) {
        length += piece.length;
        if (length > bytes) throw new AgentError('EVIDENCE_INVALID', `there are more than the ${bytes} bytes of the manifest`);
        hash.update(piece);
        await file.write(piece);
      }
    } finally {
      await file.close();
    }
    if (length !== bytes) throw new AgentError('EVIDENCE_INVALID', `there are ${length} bytes instead of the manifest's ${bytes}`);
    const found = hash.digest('hex');
    if (found !== sha256) throw new AgentError('EVIDENCE_INVALID', `its SHA-256 is ${found}, and the manifest's ${sha256}`);
  }

  /** Through the same door as what comes over MQTT: there it is put together, checked once more and acknowledged. */
  async function handOver(path: string, { site, agent, event, evidence, bytes, chunkBytes }: ExpectedUpload): Promise<void> {
    const file = await open(path, 'r');
    try {
      for (let index = 0; index * chunkBytes < bytes; index++) {
        const piece = Buffer.alloc(Math.min(chunkBytes, bytes - index * chunkBytes));
        await file.read(piece, 0, piece.length, index * chunkBytes);
        await takeChunk({ kind: 'chunk', site, agent, event, evidence, index }, piece);
      }
    } finally {
      await file.close();
    }
  }

  return {
    async issue({ site, agent, camera, eventId }, evidence) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const nowMs = Math.round(clock.now());
      const expiresAtMs = nowMs + EXPIRY_MS;
      const issued = await database.write(async (sql) => {
        await sql.run('DELETE FROM upload WHERE expires_at_ms < ?', nowMs);
        return sql.run(
          `INSERT INTO upload (token, site, agent, event, evidence, expires_at_ms)
           SELECT ?, site, agent, event, id, ? FROM evidence WHERE site = ? AND agent = ? AND camera = ? AND event = ? AND id = ?`,
          sha256Of(token),
          expiresAtMs,
          site,
          agent,
          camera,
          eventId,
          evidence,
        );
      });
      return issued === 1 ? { token, expiresAtMs } : null;
    },
    find: (token) =>
      database.read(async (sql) => {
        const row = await sql.get<Omit<ExpectedUpload, 'verified'> & { readonly state: string }>(
          `SELECT u.site, u.agent, u.event, u.evidence, e.bytes, e.sha256, e.chunk_bytes AS "chunkBytes", e.state
           FROM upload u JOIN evidence e ON e.site = u.site AND e.agent = u.agent AND e.id = u.evidence AND e.event = u.event
           WHERE u.token = ? AND u.expires_at_ms >= ?`,
          sha256Of(token),
          Math.round(clock.now()),
        );
        if (row === undefined) return null;
        const { state, ...upload } = row;
        return { ...upload, verified: state === 'verified' };
      }),
    async clean() {
      for (const name of (await readdir(folder).catch(nullIfMissing)) ?? []) {
        const path = join(folder, name);
        const facts = await stat(path).catch(nullIfMissing);
        if (facts !== null && clock.now() - facts.mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
      }
    },
    async take(upload, body) {
      makeFolder(folder, 0o750);
      const path = join(folder, randomBytes(16).toString('hex'));
      try {
        await keep(path, upload, body);
        await handOver(path, upload);
      } finally {
        await rm(path, { force: true });
      }
    },
  };
}

const sha256Of = (token: string): string => createHash('sha256').update(token).digest('hex');
