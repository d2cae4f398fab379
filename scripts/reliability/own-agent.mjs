import { join } from 'node:path';
import { createProofFiles } from '../../dist/evidence/proof/proof-files.js';
import { openSigningKey } from '../../dist/platform/proof/index.js';
import { openStore } from '../../dist/store/index.js';
import { makeEvidence, silentLogger } from '../../dist/testing/delivery-fixtures.js';
import { createUplink } from '../../dist/uplink/index.js';

/** The delivering half of an agent in this process, where its clock can be simulated; the same parts as src/testing/delivery-agent.ts. */
export async function createOwnAgent({ folder, url, clock, options = {} }) {
  const logger = silentLogger();
  const signer = await openSigningKey(folder, logger);
  const proof = { signer, version: '0', configSha256: '0'.repeat(64) };
  const store = openStore({ path: join(folder, 'store.sqlite'), site: 'estate', agent: 'box', proof, clock, logger });
  const files = createProofFiles({ dataDir: folder, records: store.records, signer, logger });
  await files.start();
  const uplink = createUplink({
    mqtt: { url, keepaliveMs: 5_000 },
    identity: { site: 'estate', agent: 'box', version: '0', prefix: 'parapet' },
    outbox: store.outbox,
    delivery: 'centre',
    chunkBytes: 8 * 1024,
    maxInFlight: 20,
    clock,
    logger,
    ...options,
  });
  const lines = [];
  let over = false;
  uplink.start();
  return {
    store,
    uplink,
    /** Records a message. @returns its number. */
    event(incident, plans = []) {
      const { seq } = store.recordIncident(incident, plans);
      lines.push(['recorded', incident.id, String(seq), incident.cameraId]);
      uplink.wake();
      return seq;
    },
    /** A clip of so many bytes. */
    async clip(incident, id, bytes) {
      const evidence = await makeEvidence(incident, 'clip', join(folder, 'evidence', incident.id, 'clip.mp4'), bytes, id);
      store.recordEvidence(evidence);
      files.catchUp();
      lines.push(['evidence', id, evidence.sha256]);
      uplink.wake();
    },
    /** What a process would have said, for the judge. */
    words: (first) => lines.filter(([word]) => word === first).map(([, ...rest]) => rest),
    left: () => {
      const { messages, transfers } = store.outbox.depth();
      return { messages, transfers };
    },
    /** Once or more often. */
    async end() {
      if (over) return;
      over = true;
      await uplink[Symbol.asyncDispose]();
      await files.idle();
      store.close();
    },
  };
}
