import type { Outbox } from '../domain/outbox.js';
import type { SensorOutcome } from '../domain/sensor.js';
import type { UploadBook } from '../domain/upload.js';
import type { CaseStateMessage } from '../domain/wire/case.js';
import type { CountersignMessage } from '../domain/wire/proof.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { BackoffOptions, MqttOptions } from '../platform/mqtt/index.js';
import type { CommandCounters, CommandDesk } from './commands.js';
import type { EvidencePolicy } from './evidence-policy.js';
import type { Delivery } from './message-queue.js';
import type { UplinkIdentity } from './topics.js';

/** Whom an agent listens to beside its centre. */
export interface SensorEars {
  /** Whole topics, beside `sensors/<name>` below the agent's own. */
  topics(): readonly string[];
  /**
   * A message on `sensors/<name>`. Must not throw, and must bound what each sensor may cost: whoever floods one topic must not silence the others.
   *
   * @param retained the broker has kept it: it may have been heard before.
   */
  hear(name: string, payload: Uint8Array, retained: boolean): SensorOutcome;
  /** The same on one of {@link topics}. */
  hearTopic(topic: string, payload: Uint8Array, retained: boolean): SensorOutcome;
}

export interface UplinkOptions {
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
  /** The centre has said something of a case. Default: nobody wants to know. @throws {AgentError} when it cannot be kept: logged. */
  readonly onCase?: (state: CaseStateMessage) => void;
  /** Devices in the street that are heard; default: none. */
  readonly sensors?: SensorEars;
  /** How evidence goes; default: as fast as it goes, at once, over MQTT alone. */
  readonly evidence?: EvidencePolicy;
  /** Orders to upload files; default: none are taken. */
  readonly uploads?: UploadBook;
  /**
   * The centre has countersigned a record of the chain. Its signature is the receiver's of this call to check.
   *
   * @param message as it came. @throws {AgentError} when it cannot be kept: logged.
   */
  readonly onCountersign?: (countersign: CountersignMessage, message: object) => void;
  /** Makes what decides on commands, which counts with the uplink's own counters. Default: none is understood. */
  readonly createCommands?: (base: string, counters: CommandCounters) => CommandDesk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}
