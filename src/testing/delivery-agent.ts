import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProofFiles } from '../evidence/proof/proof-files.js';
import { systemClock } from '../platform/clock.js';
import { errorMessage } from '../platform/errors.js';
import { createLogger, type LogLevel } from '../platform/logger.js';
import { openSigningKey } from '../platform/proof/index.js';
import { openStore } from '../store/index.js';
import { createUplink } from '../uplink/index.js';
import { ended, makeEvidence, makeIncident } from './delivery-fixtures.js';

/** The delivering half of an agent as a process, to be killed: it says on standard output what is safely recorded. */

interface Orders {
  readonly folder: string;
  /** Broker; without one it only records. */
  readonly url: string | null;
  readonly delivery: 'broker' | 'centre';
  /** Incidents to record; the process stays up afterwards. */
  readonly incidents: number;
  /** Bytes of each one's clip; 0: no evidence. */
  readonly clipBytes: number;
  /** They take turns; one of them, `tower`, unless told otherwise. */
  readonly cameras?: readonly string[];
  /** Between two incidents, milliseconds; as fast as it goes unless told otherwise. */
  readonly everyMs?: number;
  readonly keepaliveMs?: number;
  /** How long the centre may take to acknowledge, milliseconds. */
  readonly ackTimeoutMs?: number;
  readonly logLevel?: LogLevel;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const { cameras = ['tower'], everyMs = 0 } = orders;
const logger = createLogger(orders.logLevel ?? 'silent');
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const signer = await openSigningKey(orders.folder, logger);
const store = openStore({
  path: join(orders.folder, 'store.sqlite'),
  site: 'estate',
  agent: 'box',
  proof: { signer, version: '0', configSha256: '0'.repeat(64) },
  clock: systemClock,
  logger,
});
const proofFiles = createProofFiles({ dataDir: orders.folder, records: store.records, signer, logger });
await proofFiles.start();
store.closeInterrupted('agent_restart');
for (const { plans } of store.unfinishedEvidence()) for (const plan of plans) store.evidenceFailed(plan.id, 'the agent was killed');
say('ready');

const uplink =
  orders.url === null
    ? null
    : createUplink({
        mqtt: { url: orders.url, keepaliveMs: orders.keepaliveMs ?? 5_000 },
        identity: { site: 'estate', agent: 'box', version: '0', prefix: 'parapet' },
        outbox: store.outbox,
        delivery: orders.delivery,
        chunkBytes: 8 * 1024,
        maxInFlight: 20,
        ackTimeoutMs: orders.ackTimeoutMs ?? 1_000,
        backoff: { minMs: 50, spreadMs: 200 },
        clock: systemClock,
        logger,
      });
uplink?.start();

let connected = false;
setInterval(() => {
  const now = uplink?.state().connected ?? false;
  if (now !== connected) say(`link ${now ? 'up' : 'down'} ${Date.now()}`);
  connected = now;
}, 20).unref();
/** One throw with its clip. What the disk does not take is not said to be recorded. */
async function recordOne(cameraId: string): Promise<void> {
  const incident = makeIncident({ cameraId });
  say(`recorded ${incident.id} ${store.recordIncident(incident).seq} ${cameraId}`);
  if (orders.clipBytes === 0) {
    say(`recorded ${incident.id} ${store.recordIncident(ended(incident)).seq} ${cameraId}`);
    return;
  }
  const clip = await makeEvidence(incident, 'clip', join(orders.folder, 'evidence', incident.id), orders.clipBytes);
  say(`recorded ${incident.id} ${store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]).seq} ${cameraId}`);
  store.recordEvidence(clip);
  proofFiles.catchUp();
  say(`evidence ${clip.id} ${clip.sha256}`);
}

for (let i = 0; i < orders.incidents; i++) {
  await recordOne(cameras[i % cameras.length] ?? 'tower').catch((error: unknown) => say(`failed ${errorMessage(error)}`));
  uplink?.wake();
  await delay(everyMs);
}
say('done');
// With or without a link, the process stays until it is ended.
let left = -1;
setInterval(() => {
  const { messages, transfers } = store.outbox.depth();
  const now = messages + transfers;
  if (now === 0) say('empty');
  else if (now !== left) say(`left ${now}`);
  left = now;
}, 50);
