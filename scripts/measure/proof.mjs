#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { createProofFiles } from '../../dist/evidence/index.js';
import { systemClock } from '../../dist/platform/clock.js';
import { createLogger } from '../../dist/platform/logger.js';
import { checkSignature, openSigningKey } from '../../dist/platform/proof/index.js';
import { openStore } from '../../dist/store/index.js';
import { ended, makeIncident } from '../../dist/testing/delivery-fixtures.js';
import { runMeasurement } from './measurement.mjs';
import { program } from './rig.mjs';

const USAGE = `What signing and checking cost: CPU of an event, bytes of a record, and how fast \`parapet evidence verify\` is.

  node scripts/measure/proof.mjs [--files 200] [--json FILE]

  Makes files of 5 MB in the system's folder for temporary files. Needs a built program. Exit code 1 when a flipped bit is not found.`;

const FILE_BYTES = 5_000_000;
const ROUNDS = 2_000;

function cpuMs(work) {
  for (let i = 0; i < ROUNDS / 10; i++) work();
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / ROUNDS;
}

/** As large as events are: a fall of three seconds at 25 pictures a second. */
function exampleEvent() {
  const trajectory = Array.from({ length: 80 }, (_, i) => [i * 0.04, 0.41123, 0.2314 + i * 0.008, 0.0061, 0.0112]);
  const reasons = Array.from({ length: 20 }, (_, i) => ({ criterion: `criterion_${i}`, value: i * 1.234, threshold: 2, unit: 'm' }));
  return { schema: 'parapet/event/v1', id: ulid(), seq: 412, throw: { trajectory }, reasons };
}

async function fill(folder, count) {
  const logger = createLogger('silent');
  const signer = await openSigningKey(folder, logger);
  const proof = { signer, version: '0', configSha256: '0'.repeat(64) };
  const store = openStore({ path: join(folder, 'parapet.sqlite'), site: 'estate', agent: 'box', proof, clock: systemClock, logger });
  const files = createProofFiles({ dataDir: folder, records: store.records, signer, logger });
  await files.start();
  const content = randomBytes(FILE_BYTES);
  const sha256 = createHash('sha256').update(content).digest('hex');
  let clip = '';
  for (let i = 0; i < count; i++) {
    const id = ulid();
    const incident = ended(makeIncident({ cameraId: 'tower-3-north' }));
    clip = join(folder, 'evidence', '2026-03-01', incident.id, 'clip.mp4');
    mkdirSync(join(clip, '..'), { recursive: true });
    writeFileSync(clip, content);
    store.recordIncident(incident, [{ id, kind: 'clip' }]);
    const span = { fromMs: incident.startedAtMs, toMs: incident.startedAtMs + 15_000, streamTime: { start: 7.48, end: 22.48 } };
    store.recordEvidence({
      id,
      incidentId: incident.id,
      cameraId: incident.cameraId,
      kind: 'clip',
      path: clip,
      mediaType: 'video/mp4',
      bytes: FILE_BYTES,
      sha256,
      ...span,
    });
  }
  files.catchUp();
  await files.idle();
  store.close();
  return { signer, clip, content };
}

function verify(folder) {
  const { status, stdout } = spawnSync(process.execPath, [program, 'evidence', 'verify', folder], { encoding: 'utf8' });
  return { status, last: stdout.trim().split('\n').at(-1) };
}

async function main(values, facts) {
  const count = Number(values.files);
  const folder = mkdtempSync(join(tmpdir(), 'parapet-proof-'));
  try {
    const { signer, clip, content } = await fill(folder, count);
    const event = exampleEvent();
    const signed = signer.sign(event);
    facts.note('an event to sign, bytes', JSON.stringify(event).length);
    facts.note('signing it, ms of CPU', cpuMs(() => signer.sign(event)).toFixed(3));
    facts.note('checking it, ms of CPU', cpuMs(() => checkSignature(signed)).toFixed(3));
    facts.note('a record in the journal, bytes', Math.round(statSync(join(folder, 'records.jsonl')).size / count));
    const startMs = performance.now();
    const whole = verify(folder);
    const tookS = (performance.now() - startMs) / 1000;
    facts.judge(`${count} files of 5 MB`, whole.last, 'intact', whole.status === 0);
    facts.note('checked, MB a second, start of the program included', Math.round((count * FILE_BYTES) / 1e6 / tookS));
    content[FILE_BYTES >> 1] ^= 1;
    writeFileSync(clip, content);
    const spoiled = verify(folder);
    facts.judge('with one bit flipped', spoiled.last, 'found', spoiled.status === 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMeasurement(
  'proof',
  USAGE,
  {
    files: { type: 'string', default: '200' },
  },
  main,
);
