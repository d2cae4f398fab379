import { caseMigration, holdMigration } from './cases/centre-cases.js';
import { uploadMigration } from './cases/uploads.js';

/**
 * Tables of a centre, one script a version: in SQLite's words, which are translated for PostgreSQL. Never edit one that has
 * been released: append.
 *
 * `journal` says where `events.jsonl` stood before the row at `position` was appended: after a crash everything
 * from there on is written again. `evidence.have`: one bit a chunk, lowest bit first.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE event (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    camera TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    payload TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    UNIQUE (site, agent, camera, id, seq)
  ) STRICT;
  CREATE INDEX event_seq ON event (site, agent, camera, seq);

  CREATE TABLE journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL,
    bytes_before INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE evidence (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    camera TEXT NOT NULL,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    chunk_bytes INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    file TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('incoming', 'verified')),
    have BLOB,
    PRIMARY KEY (site, agent, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX evidence_file ON evidence (site, agent, camera, event, file);
  CREATE INDEX evidence_state ON evidence (state);

  CREATE TABLE completion (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (site, agent, event)
  ) STRICT, WITHOUT ROWID;
  `,
  'CREATE INDEX event_id ON event (site, agent, id);',
  // `record.text` is its canonical JSON, `hash` the SHA-256 of that.
  `
  CREATE TABLE agent_key (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    key TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    PRIMARY KEY (site, agent)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE record (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    chain TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL,
    previous TEXT,
    what TEXT NOT NULL,
    evidence TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (site, agent, chain, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX record_evidence ON record (site, agent, evidence);
  `,
  caseMigration,
  // `camera.highest`: the highest number that has come, `previous`: the one before the last event. `gap`: numbers that were skipped,
  // and when their agent is to be asked for them; whoever asks puts that off. `lost_event`: numbers that the agent has no more, with its word on it.
  //
  // `evidence.epoch` counts the times that its chunks were thrown away; what was noted of an earlier one does not count.
  // `ask_at_ms`: when its missing chunks are to be asked for, put off by whoever asks; `wanted`: a request was held back until then.
  // `held_until_ms`: until then `held_by` is checking the whole file. All in UTC milliseconds since 1970.
  `
  CREATE TABLE camera (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    camera TEXT NOT NULL,
    highest INTEGER NOT NULL,
    previous INTEGER,
    missed INTEGER NOT NULL DEFAULT 0,
    filled INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (site, agent, camera)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO camera (site, agent, camera, highest) SELECT site, agent, camera, max(seq) FROM event GROUP BY site, agent, camera;

  CREATE TABLE gap (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    camera TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    asks INTEGER NOT NULL,
    ask_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX gap_camera ON gap (site, agent, camera, first_seq);
  CREATE INDEX gap_due ON gap (ask_at_ms);

  CREATE TABLE lost_event (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    camera TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT,
    PRIMARY KEY (site, agent, camera, first_seq, last_seq)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE evidence ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evidence ADD COLUMN arrived_at_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evidence ADD COLUMN asked_at_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evidence ADD COLUMN ask_wait_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evidence ADD COLUMN ask_at_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evidence ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evidence ADD COLUMN held_until_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evidence ADD COLUMN held_by TEXT;
  CREATE INDEX evidence_agent ON evidence (site, agent, arrived_at_ms) WHERE state = 'incoming';
  CREATE INDEX evidence_ask ON evidence (ask_at_ms) WHERE state = 'incoming';
  `,
  uploadMigration,
  holdMigration,
];
