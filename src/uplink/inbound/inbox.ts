import type { Outbox } from '../../domain/outbox.js';
import type { SensorOutcome } from '../../domain/sensor.js';
import type { CaseStateMessage } from '../../domain/wire/case.js';
import type { ResendMessage } from '../../domain/wire/delivery.js';
import type { CountersignMessage, RefusalMessage } from '../../domain/wire/proof.js';
import { createAggregatedWarning } from '../../platform/aggregated-warning.js';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { BrokerRefusal, type IncomingMessage, type MqttLink } from '../../platform/mqtt/index.js';
import type { Replies } from '../commands/replies.js';
import type { EvidenceSender } from '../files/evidence-sender.js';
import type { UplinkCounters } from '../link/counters.js';
import { DEFAULT_ACK_TIMEOUT_MS, type MessageQueue } from '../messages/message-queue.js';
import type { Settler } from '../messages/settler.js';
import { caseFilter, parseInbound } from './inbound.js';
import { createInboundLimits } from './inbound-limits.js';
import { createSensorSubscriptions } from './sensor-subscriptions.js';

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

export interface InboxOptions {
  /** Of the agent's own topics. */
  readonly base: string;
  readonly outbox: Pick<Outbox, 'resend'>;
  readonly queue: Pick<MessageQueue, 'confirmed' | 'resendUnconfirmed'>;
  readonly evidence: Pick<EvidenceSender, 'needed' | 'confirmed' | 'resendUnconfirmed'>;
  readonly replies: Pick<Replies, 'take'>;
  readonly settler: Pick<Settler, 'grouped'>;
  readonly counters: UplinkCounters;
  /** Does what touches the disk; trouble with it is logged. */
  readonly guarded: <T>(work: () => T) => T | undefined;
  /** There is something to send. */
  readonly pump: () => void;
  /** The centre has said something of a case. Default: nobody wants to know. @throws {AgentError} when it cannot be kept: logged. */
  readonly onCase?: (state: CaseStateMessage) => void;
  /** Devices in the street that are heard; default: none. */
  readonly sensors?: SensorEars;
  /**
   * The centre has countersigned a record of the chain. Its signature is the receiver's of this call to check.
   *
   * @param message as it came. @throws {AgentError} when it cannot be kept: logged.
   */
  readonly onCountersign?: (countersign: CountersignMessage, message: object) => void;
  /** Silence of the centre after which its acknowledgement has all be sent again that waits for one, milliseconds; default 30 s. */
  readonly ackTimeoutMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes what comes in from the centre and from devices: decides whether it may cost time, what it means, and whose it is. */
export interface Inbox {
  /** Has a new link hear what must not cost the connection when the broker refuses it. */
  listen(link: MqttLink): void;
  /** Other topics of sensors are to be heard from now on. */
  listenToSensors(link: MqttLink): void;
  /** Throws nothing: what cannot be understood is counted and logged. */
  take(message: IncomingMessage): void;
  /** When the centre last acknowledged something, or the agent began, monotonic milliseconds. */
  lastAckMs(): number;
}

export function createInbox(options: InboxOptions): Inbox {
  const { base, outbox, sensors, queue, evidence, replies, settler, counters, guarded, pump, clock, logger } = options;
  const badInbound = createAggregatedWarning(logger, clock, 'bad-inbound', 'a message from the centre was not understood');
  const inboundDropped = createAggregatedWarning(logger, clock, 'inbound-dropped', 'messages come faster than they may, one is dropped');
  const refusedByCentre = createAggregatedWarning(logger, clock, 'refused-by-centre', 'the centre does not take what was sent');
  const limits = createInboundLimits(clock);
  const subscriptions = sensors === undefined ? null : createSensorSubscriptions({ base, topics: () => sensors.topics(), logger });
  let lastAckMs = clock.monotonic();

  /** Whether it came from a device in the street, and not from the centre. */
  function hear({ topic, payload, retained }: IncomingMessage): boolean {
    if (sensors === undefined) return false;
    const own = topic.startsWith(`${base}/sensors/`);
    if (!own && topic.startsWith(`${base}/`)) return false;
    const outcome = own
      ? sensors.hear(topic.slice(base.length + '/sensors/'.length), payload, retained)
      : sensors.hearTopic(topic, payload, retained);
    if (outcome === 'unknown' && !own) subscriptions?.stray(topic);
    if (outcome === 'too_often') counters.inboundDropped++;
    return true;
  }

  function take(message: IncomingMessage): void {
    if (hear(message)) return;
    const below = message.topic.slice(base.length + 1);
    if (!limits.admits(below)) {
      counters.inboundDropped++;
      inboundDropped(below.slice(0, 100));
      return;
    }
    try {
      const inbound = parseInbound(base, message);
      if (inbound.kind === 'command') replies.take(inbound.name, message);
      else if (inbound.kind === 'case') onCase(inbound.state);
      else if (inbound.kind === 'refusal') onRefusal(inbound.refusal);
      else if (inbound.kind === 'countersign') guarded(() => options.onCountersign?.(inbound.countersign, inbound.message));
      else if (inbound.kind === 'need') guarded(() => evidence.needed(inbound.need));
      else if (inbound.kind === 'resend') guarded(() => onResend(inbound.resend));
      else guarded(() => onAck(inbound.ack.key, inbound.ack.sha256));
    } catch (error) {
      // A mistake of this program, thrown on, would end the link, and the broker would send the message again and again.
      if (error instanceof TypeError)
        logger.error({ event: 'inbound-crashed', topic: below.slice(0, 100), err: error }, errorMessage(error));
      else if (!(error instanceof RangeError)) throw error;
      counters.badInbound++;
      badInbound(errorMessage(error));
    }
  }

  function onCase(state: CaseStateMessage): void {
    counters.cases++;
    guarded(() => options.onCase?.(state));
  }

  /** What was refused is kept where the centre must acknowledge it: whoever mends the cause (a key that the centre does not know) loses nothing. */
  function onRefusal({ key, reason }: RefusalMessage): void {
    counters.refusedByCentre++;
    refusedByCentre(`${key}: ${reason}`);
  }

  /** A broker, or the centre's database, has lost what had counted as delivered. */
  function onResend({ camera, first, last }: ResendMessage): void {
    const { queued, gone } = outbox.resend(camera, first, last);
    counters.eventsAskedFor += queued + gone;
    const line = { event: 'events-asked-for', camera, first, last, queued, gone };
    if (queued + gone > 0) logger.warn(line, `the centre lacks events of ${camera}: ${queued} are sent again, ${gone} are gone`);
    pump();
  }

  function onAck(key: string, sha256: string): void {
    const evidenceId = /^evidence\/([^/]+)$/.exec(key)?.[1];
    const outcome = evidenceId === undefined ? queue.confirmed(key, sha256) : evidence.confirmed(evidenceId, sha256);
    if (outcome === 'mismatch') throw new RangeError(`ack of ${key} with a hash that is not its own`);
    // The centre was silent and is back: what waits for it need not wait for its own time.
    const nowMs = clock.monotonic();
    if (nowMs - lastAckMs > (options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS)) {
      queue.resendUnconfirmed();
      evidence.resendUnconfirmed();
    }
    lastAckMs = nowMs;
    // `unknown`: a repeat, or of something this process has not sent yet; the centre acknowledges every repeat again.
    settler.grouped();
    pump();
  }

  return {
    listen(link) {
      void link.subscribe([`${base}/${caseFilter}`]).catch((error: unknown) => {
        // Without it the agent learns nothing from the centre, and works all the same. Of a link that is gone its end tells.
        if (error instanceof BrokerRefusal)
          logger.warn(
            { event: 'cases-unheard', reason: error.message },
            `${caseFilter} cannot be heard: ${error.message}; allow the agent to read it`,
          );
      });
      subscriptions?.follow(link);
    },
    listenToSensors: (link) => subscriptions?.follow(link),
    take,
    lastAckMs: () => lastAckMs,
  };
}
