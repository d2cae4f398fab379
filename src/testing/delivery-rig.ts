import { systemClock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { BackoffOptions } from '../platform/mqtt/index.js';
import { createReceiver, type Receiver, type ReceiverOptions } from '../receiver/index.js';
import type { Store } from '../store/index.js';
import { createUplink, type Uplink, type UplinkOptions } from '../uplink/index.js';
import { until } from './delivery-fixtures.js';

/** So that a test need not wait for the next try. */
const quickBackoff: BackoffOptions = { minMs: 50, spreadMs: 200 };

/** The uplink of the agent `estate/box`, not yet started: small chunks, a short wait for the next try. @param url of the broker. */
export function makeUplink(store: Store, url: string, logger: Logger, differ: Partial<UplinkOptions> = {}): Uplink {
  return createUplink({
    mqtt: { url, keepaliveMs: 5_000 },
    identity: { site: 'estate', agent: 'box', version: '1.2.3', prefix: 'parapet' },
    outbox: store.outbox,
    delivery: 'centre',
    chunkBytes: 16 * 1024,
    maxInFlight: 20,
    backoff: quickBackoff,
    flushMs: 200,
    clock: systemClock,
    logger,
    ...differ,
  });
}

/** A receiver, started and connected. @param url of the broker. */
export async function startTestReceiver(
  url: string,
  dataDir: string,
  logger: Logger,
  differ: Partial<ReceiverOptions> = {},
): Promise<Receiver> {
  const receiver = createReceiver({
    mqtt: { url, keepaliveMs: 5_000 },
    prefix: 'parapet',
    dataDir,
    backoff: quickBackoff,
    clock: systemClock,
    logger,
    ...differ,
  });
  try {
    await receiver.start();
    await until('the receiver is connected', () => receiver.state().connected);
  } catch (error) {
    await receiver[Symbol.asyncDispose]();
    throw error;
  }
  return receiver;
}
