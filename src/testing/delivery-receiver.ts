import { writeSync } from 'node:fs';
import { systemClock } from '../platform/clock.js';
import { createLogger } from '../platform/logger.js';
import { createReceiver } from '../receiver/index.js';

/** The receiver as a process, to be killed. Arguments: URL of the broker, data folder. */

const [url = '', dataDir = ''] = process.argv.slice(2);
const receiver = createReceiver({
  mqtt: { url, keepaliveMs: 5_000 },
  prefix: 'parapet',
  dataDir,
  backoff: { minMs: 50, spreadMs: 200 },
  clock: systemClock,
  logger: createLogger('silent'),
  onEvidence: ({ evidence, path }) => writeSync(1, `evidence ${evidence} ${path}\n`),
});
await receiver.start();
writeSync(1, 'ready\n');
