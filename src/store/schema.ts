/**
 * Tables of the agent's store, one script a version.
 *
 * `incident.json` holds the whole incident, so that its evidence can be made again after a restart. `evidence.status`:
 * planned → stored (on disk, its transfer waits) → sent, later evicted; or failed.
 * `evidence.path` is relative to the evidence folder; null before the file is made and after it is removed.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE camera (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE incident (
    id TEXT PRIMARY KEY,
    camera TEXT NOT NULL,
    type TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('new', 'update', 'end')),
    started_at_ms INTEGER NOT NULL,
    json TEXT NOT NULL,
    complete_queued INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX incident_active ON incident (camera, type, phase);
  CREATE INDEX incident_started ON incident (started_at_ms);

  CREATE TABLE evidence (
    id TEXT PRIMARY KEY,
    incident TEXT NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('planned', 'stored', 'sent', 'evicted', 'failed')),
    path TEXT,
    media_type TEXT,
    bytes INTEGER,
    sha256 TEXT,
    from_ms REAL,
    to_ms REAL,
    reason TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX evidence_incident ON evidence (incident, place);
  CREATE INDEX evidence_status ON evidence (status, from_ms);

  CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    schema TEXT NOT NULL,
    ack_key TEXT NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE transfer (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    evidence TEXT NOT NULL UNIQUE REFERENCES evidence (id) ON DELETE CASCADE,
    next_chunk INTEGER NOT NULL DEFAULT 0,
    chunk_bytes INTEGER,
    created_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  `,
  // What is learnt outlives the incidents that it was learnt from, so nothing refers to them.
  `
  CREATE TABLE lesson (
    incident TEXT PRIMARY KEY,
    camera TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('false_alarm', 'real')),
    strength REAL NOT NULL,
    learnt_at_ms INTEGER NOT NULL,
    json TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lesson_camera ON lesson (camera, learnt_at_ms);

  CREATE TABLE fall_scale (
    incident TEXT PRIMARY KEY,
    camera TEXT NOT NULL,
    facade TEXT NOT NULL,
    seen_at_ms INTEGER NOT NULL,
    log_ratio REAL NOT NULL,
    sigma REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX fall_scale_camera ON fall_scale (camera, facade, seen_at_ms);
  `,
  // The chain outlives the files that it speaks of. `sha256` is the record's own; `queued`: it has been put into the outbox.
  `
  CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    chain TEXT NOT NULL,
    what TEXT NOT NULL,
    evidence TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    json TEXT NOT NULL,
    queued INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX record_evidence ON record (evidence, what);
  CREATE INDEX record_queued ON record (queued) WHERE queued = 0;
  `,
  // What the centre said of cases lives as long as its incident; what commands have set, and nonces, by themselves.
  `
  CREATE TABLE case_state (
    incident TEXT PRIMARY KEY REFERENCES incident (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    inspection TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE rule_setting (
    camera TEXT NOT NULL,
    rule TEXT NOT NULL,
    enabled INTEGER,
    sensitivity TEXT,
    PRIMARY KEY (camera, rule)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE nonce (
    nonce TEXT PRIMARY KEY,
    taken_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX nonce_taken ON nonce (taken_at_ms);
  `,
  // What others than the Parapet centre are told of an event: it acknowledges none of it.
  `
  ALTER TABLE message ADD COLUMN retain INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE message ADD COLUMN broker_only INTEGER NOT NULL DEFAULT 0;
  `,
  // Held transfers: `announced_at_ms` when the centre was told of one, `wanted_at_ms` when it asked for it. What it gave a URL for, in `upload`:
  // `json` has the URL, which may hold a secret, and the headers.
  `
  ALTER TABLE transfer ADD COLUMN announced_at_ms INTEGER;
  ALTER TABLE transfer ADD COLUMN wanted_at_ms INTEGER;
  CREATE INDEX transfer_wanted ON transfer (wanted_at_ms, place) WHERE wanted_at_ms IS NOT NULL;

  CREATE TABLE upload (
    evidence TEXT PRIMARY KEY REFERENCES evidence (id) ON DELETE CASCADE,
    json TEXT NOT NULL,
    given_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Every event as it was queued, for as long as its incident is known: a centre that has lost it may ask for it again.
  `
  CREATE TABLE event_log (
    id INTEGER PRIMARY KEY,
    incident TEXT NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    camera TEXT NOT NULL,
    seq INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (camera, seq)
  ) STRICT;
  CREATE INDEX event_log_incident ON event_log (incident);
  `,
  // What the centre says of the chain, as it came: it outlives the records that it speaks of.
  `
  CREATE TABLE countersignature (
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  `,
  // Evidence that must stay whatever becomes of its case.
  `
  ALTER TABLE case_state ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;
  `,
  // What a rule of a camera must know at the agent's next start. `id`: camera and rule.
  `
  CREATE TABLE rule_memory (
    id TEXT PRIMARY KEY,
    camera TEXT NOT NULL,
    rule TEXT NOT NULL,
    kept_at_ms INTEGER NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  `,
  // What the rules of a camera have counted, so that totals go on at the agent's next start. `id`: camera and rule.
  `
  CREATE TABLE rule_count (
    id TEXT PRIMARY KEY,
    camera TEXT NOT NULL,
    rule TEXT NOT NULL,
    kept_at_ms INTEGER NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  `,
  // A bit that flips on the disk shows in any row: see platform/row-sums.ts.
  [
    ...['camera', 'incident', 'evidence', 'message', 'transfer', 'upload', 'lesson', 'fall_scale', 'record', 'case_state', 'rule_setting'],
    ...['nonce', 'event_log', 'countersignature', 'rule_memory', 'rule_count'],
  ]
    .map((table) => `ALTER TABLE ${table} ADD COLUMN row_sum INTEGER NOT NULL DEFAULT 0;`)
    .join('\n'),
];
