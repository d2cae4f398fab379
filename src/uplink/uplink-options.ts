import type { Outbox } from '../domain/outbox.js';
import type { UploadBook } from '../domain/upload.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { BackoffOptions, MqttOptions } from '../platform/mqtt/index.js';
import type { CommandCounters, CommandDesk } from './commands/commands.js';
import type { EvidencePolicy } from './evidence-policy.js';
import type { InboxOptions } from './inbound/inbox.js';
import type { UplinkIdentity } from './link/topics.js';
import type { Delivery } from './messages/message-queue.js';

export interface UplinkOptions extends Pick<InboxOptions, 'sensors' | 'onCase' | 'onCountersign'> {
  /** How to reach the broker; `clientId` is made from the identity when left out. */
  readonly mqtt: Omit<MqttOptions, 'clientId' | 'maximumPacketBytes'> & { readonly clientId?: string };
  readonly identity: UplinkIdentity;
  readonly outbox: Outbox;
  readonly delivery: Delivery;
  /** Bytes of an evidence chunk, 1 to 262,144. */
  readonly chunkBytes: number;
  /** Unacknowledged publishes at once, at most. */
  readonly maxInFlight: number;
  /** First wait for an acknowledgement by the centre, doubled up to 10 min; default 30 s. */
  readonly ackTimeoutMs?: number;
  readonly backoff?: BackoffOptions;
  /** How long the end waits for what is in flight, milliseconds; default 3 s. */
  readonly flushMs?: number;
  /** How evidence goes; default: as fast as it goes, at once, over MQTT alone. */
  readonly evidence?: EvidencePolicy;
  /** Orders to upload files; default: none are taken. */
  readonly uploads?: UploadBook;
  /** Makes what decides on commands, which counts with the uplink's own counters. Default: none is understood. */
  readonly createCommands?: (base: string, counters: CommandCounters) => CommandDesk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}
