import { writeSync } from 'node:fs';
import { systemClock } from '../platform/clock.js';
import { createLogger } from '../platform/logger.js';
import { createReceiver, type ReceiverOptions } from '../receiver/index.js';

/**
 * The receiver as a process, to be killed: it says on standard output what it has taken. Arguments: URL of the broker, data
 * folder, and as JSON what a receiver among several differs in.
 */

type Several = Pick<ReceiverOptions, 'store' | 'shareGroup' | 'connections'> & { readonly clientId?: string };

const [url = '', dataDir = '', several = '{}'] = process.argv.slice(2);
const { clientId, ...differ } = JSON.parse(several) as Several;
const receiver = createReceiver({
  mqtt: { url, keepaliveMs: 5_000, ...(clientId === undefined ? {} : { clientId }) },
  prefix: 'parapet',
  dataDir,
  backoff: { minMs: 50, spreadMs: 200 },
  clock: systemClock,
  logger: createLogger('silent'),
  onEvent: ({ event }) => writeSync(1, `event ${event.id} ${event.seq}\n`),
  onEvidence: ({ evidence, path }) => writeSync(1, `evidence ${evidence} ${path}\n`),
  ...differ,
});
await receiver.start();
writeSync(1, 'ready\n');
