import { caseMigration } from './cases/centre-cases.js';

/**
 * Tables of the receiver's index, one script a version.
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
];
