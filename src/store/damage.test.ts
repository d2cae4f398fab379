import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../domain/evidence.js';
import { refindEvidence } from '../evidence/keeping/refind.js';
import { createProofFiles } from '../evidence/proof/proof-files.js';
import { MANIFEST_SUFFIX } from '../platform/proof/index.js';
import {
  ended,
  makeEvidence,
  makeIncident,
  makeTestFolder,
  noise,
  recordingLogger,
  type TestFolder,
} from '../testing/delivery-fixtures.js';
import { makeProof } from '../testing/proof-fixtures.js';
import { createRandom } from '../testing/random.js';
import { createTestClock } from '../testing/test-clock.js';
import { openStore, type Store } from './store.js';

/** Damages tried here; `PARAPET_DAMAGES=1000 npx vitest run src/store/damage.test.ts` tries more. */
const RUNS = Number(process.env['PARAPET_DAMAGES'] ?? 60);
const proof = makeProof();
const never = new AbortController().signal;

/** A data folder as an agent leaves it: incidents, files with manifests, delivered or not, a journal. */
async function fill(dataDir: string): Promise<readonly Evidence[]> {
  const { store, files } = open(dataDir);
  await files.start();
  const made: Evidence[] = [];
  for (let i = 0; i < 40; i++) {
    const incident = makeIncident();
    store.recordIncident(incident);
    const path = join(dataDir, 'evidence', '2026-03-01', incident.id, 'clip.mp4');
    const evidence = await makeEvidence(incident, 'clip', path, 2_000 + i);
    store.recordIncident(ended(incident), [{ id: evidence.id, kind: 'clip' }]);
    store.recordEvidence(evidence);
    if (i % 3 === 0) store.outbox.transferDone(evidence.id);
    made.push(evidence);
  }
  files.catchUp();
  await files.idle();
  store.close();
  return made;
}

function open(dataDir: string): { store: Store; files: ReturnType<typeof createProofFiles>; log: ReturnType<typeof recordingLogger> } {
  const log = recordingLogger();
  const path = join(dataDir, 'parapet.sqlite');
  const store = openStore({ path, site: 'site', agent: 'box', proof, clock: createTestClock(), logger: log.logger });
  const files = createProofFiles({ dataDir, records: store.records, signer: proof.signer, logger: log.logger });
  return { store, files, log };
}

type Damage = (path: string, random: () => number) => string;
const damages: readonly Damage[] = [
  (path, random) => {
    const bytes = Math.floor(random() * statSync(path).size);
    truncateSync(path, bytes);
    return `cut off at ${bytes}`;
  },
  (path, random) => {
    const size = statSync(path).size;
    const [from, bytes] = [Math.floor(random() * size), 1 + Math.floor(random() * 20_000)];
    const file = openSync(path, 'r+');
    writeSync(file, noise(Math.min(bytes, size - from), String(random())), 0, null, from);
    closeSync(file);
    return `${bytes} bytes of noise at ${from}`;
  },
  (path, random) => {
    writeFileSync(path, noise(Math.floor(random() * 100_000), String(random())));
    return 'nothing but noise';
  },
  (path, random) => {
    const bytes = readFileSync(path);
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    writeFileSync(path, bytes);
    return `a flipped bit in byte ${at}`;
  },
  (path) => {
    writeFileSync(path, '');
    return 'empty';
  },
];

describe('a damaged database', { timeout: 600_000 + RUNS * 1_000 }, () => {
  let folder: TestFolder;
  let evidence: readonly Evidence[];
  beforeAll(async () => {
    folder = await makeTestFolder();
    evidence = await fill(folder.of('whole'));
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
  });

  it(`costs no file of evidence and no record: ${RUNS} damages at random`, async () => {
    const random = createRandom(4);
    const outcomes: string[] = [];
    for (let run = 0; run < RUNS; run++) {
      const dataDir = folder.of(`run-${run}`);
      cpSync(folder.of('whole'), dataDir, { recursive: true });
      const path = join(dataDir, 'parapet.sqlite');
      const what = `run ${run}: ${(damages[run % damages.length] as Damage)(path, random)}`;
      const { store, files, log } = open(dataDir);
      await files.start();
      const inside = (one: Evidence): string => one.path.replace(folder.of('whole'), dataDir);
      const known = store.evidencePaths();
      await refindEvidence({
        folder: join(dataDir, 'evidence'),
        isKnown: (file) => known.has(file),
        adopt: (one) => store.adoptEvidence(one),
        signer: proof.signer,
        logger: log.logger,
        signal: never,
      });
      for (const one of evidence) {
        expect(existsSync(inside(one)) && existsSync(inside(one) + MANIFEST_SUFFIX), what).toBe(true);
        expect(store.evidencePaths().has(inside(one)), `${what}: ${one.path} is known`).toBe(true);
      }
      expect(store.records.head()?.number, what).toBe(evidence.length);
      expect(
        store.records.after(0, 1000).map(({ number }) => number),
        what,
      ).toEqual(evidence.map((_, i) => i + 1));
      // What was not delivered waits again; what was, at most once more.
      const waiting = new Set(store.outbox.transfers(1000).map(({ evidenceId }) => evidenceId));
      for (const [i, { id }] of evidence.entries()) if (i % 3 !== 0) expect(waiting.has(id), `${what}: ${id} waits`).toBe(true);
      // It goes on as before.
      store.recordIncident(makeIncident());
      expect(() => store.openIncidents(), what).not.toThrow();
      store.close();
      const aside = readdirSync(dataDir).some((name) => name.includes('.damaged-'));
      const reported = log.lines().some(({ event }) => event === 'store-damaged');
      expect(aside, `${what}: set aside and reported`).toBe(reported);
      outcomes.push(aside ? 'set aside' : 'as it was');
    }
    expect(outcomes.filter((outcome) => outcome === 'set aside').length).toBeGreaterThan(RUNS / 3);
  });
});
