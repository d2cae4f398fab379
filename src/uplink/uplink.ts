import { STATUS_SCHEMA, type StatusMessage } from '../domain/wire/status.js';
import { createAggregatedWarning } from '../platform/aggregated-warning.js';
import { AgentError } from '../platform/errors.js';
import { BrokerRefusal, createMqttSession, type MqttLink, reasonText, type SessionState } from '../platform/mqtt/index.js';
import { createReplies } from './commands/replies.js';
import { type EvidencePolicy, PLAIN_EVIDENCE } from './evidence-policy.js';
import { createEvidenceSender } from './files/evidence-sender.js';
import { createFilePublisher } from './files/file-publisher.js';
import { heldAbove } from './files/hold.js';
import { inboundFilters, MAX_INBOUND_BYTES } from './inbound/inbound.js';
import { createInbox } from './inbound/inbox.js';
import { createBandwidth } from './link/bandwidth.js';
import { createUplinkCounters, type UplinkCounters } from './link/counters.js';
import { createFlow, type Flow, PACKET_OVERHEAD_BYTES, type Packet } from './link/flow.js';
import { agentClientId, isForeign, topicBase, wholeTopic } from './link/topics.js';
import { createMessageQueue } from './messages/message-queue.js';
import { createNotices } from './messages/notices.js';
import { createRetainedStates } from './messages/retained-states.js';
import { createSettler } from './messages/settler.js';
import type { UplinkOptions } from './uplink-options.js';
import { createUploadSender } from './uploads/upload-sender.js';

/** Brings the outbox to the centre. It starts and works without a broker: rows wait. */
export interface Uplink extends AsyncDisposable {
  start(): void;
  /** New rows wait in the outbox. */
  wake(): void;
  /** Publishes a retained message now and after every new connection; only the latest payload of a topic counts. Topic below the base, or whole with a leading `/`. */
  publishRetained(topic: string, payload: object): void;
  /** Has the broker forget a retained message, now and after every new connection. Topic as above. */
  clearRetained(topic: string): void;
  /**
   * Publishes a file as it is, retained, when nothing else waits; only the latest of a topic counts. Without a link it waits for one; a file that is
   * gone or too large by then is passed over, and logged. Topic below the base.
   */
  publishFile(topic: string, path: string): void;
  /** Publishes if connected, once, QoS 0: figures that are stale when late. Topic below the base. */
  publishTransient(topic: string, payload: object): void;
  state(): SessionState;
  /** Other topics of sensors are to be heard from now on. */
  listen(): void;
  /** How evidence goes from now on. */
  setEvidence(policy: EvidencePolicy): void;
  /** Size above which files are held now, bytes; `null` when none is. */
  heldAbove(): number | null;
  readonly counters: Readonly<UplinkCounters>;
}

const MAX_CHUNK_BYTES = 256 * 1024;
const DEFAULT_FLUSH_MS = 3_000;
/** Refused lanes and late acknowledgements are looked after this often, milliseconds. */
const TICK_MS = 500;
const PACKET_TOO_LARGE = 149;
/** Without an acknowledgement for this long evidence goes although messages wait for the centre, milliseconds: some round trips and a busy disk. */
const CENTRE_SILENT_MS = 5_000;

/** Builds the uplink; nothing happens before `start()`. */
export function createUplink(options: UplinkOptions): Uplink {
  const { identity, outbox, delivery, chunkBytes, clock, logger } = options;
  if (!(chunkBytes >= 1 && chunkBytes <= MAX_CHUNK_BYTES)) throw new RangeError(`chunkBytes must be 1..${MAX_CHUNK_BYTES}: ${chunkBytes}`);
  const base = topicBase(identity);
  const counters = createUplinkCounters();
  const unheard = createAggregatedWarning(logger, clock, 'unheard', 'the broker took a message although nobody has subscribed to it');
  const storeTrouble = createAggregatedWarning(logger, clock, 'outbox-trouble', 'the outbox cannot be used, messages wait');
  const stopping = new AbortController();

  let policy = options.evidence ?? PLAIN_EVIDENCE;
  const bandwidth = createBandwidth(clock, policy.bytesPerSecond);
  const heldNow = (): number | null => heldAbove(policy.hold, clock.now());
  const timeout = options.ackTimeoutMs === undefined ? {} : { ackTimeoutMs: options.ackTimeoutMs };
  const queue = createMessageQueue({ outbox, delivery, counters, clock, logger, ...timeout });
  const evidence = createEvidenceSender({
    outbox,
    delivery,
    identity,
    chunkBytes,
    heldAbove: heldNow,
    counters,
    clock,
    logger,
    onSettled: () => {
      pump();
      // The centre may have given a URL for it while its last pieces went: nothing else tells that it may be uploaded now.
      uploader?.wake();
    },
    // The centre knows of the file, so it may be uploaded.
    onAnnounced: () => uploader?.wake(),
    ...timeout,
  });
  const uploader =
    options.uploads === undefined
      ? null
      : createUploadSender({
          uploads: options.uploads,
          policy: () => policy.upload,
          bandwidth,
          messagesGo: () => up?.flow.hasMessages() === true,
          report(message) {
            notices.publish(`uploads/${message.evidence}`, message);
            pump();
          },
          onTaken: (evidenceId) => guarded(() => evidence.sentElsewhere(evidenceId)),
          onGivenUp: evidence.wake,
          onAltered: (evidenceId, why) => guarded(() => evidence.altered(evidenceId, why)),
          counters,
          clock,
          logger,
        });
  const settler = createSettler(clock, stopping.signal, () => {
    guarded(() => queue.settle());
    pump();
  });
  const states = createRetainedStates({ base, counters, logger });
  const notices = createNotices({ base, counters, logger });
  const commands = options.createCommands?.(base, counters);
  const replies = createReplies({ base, commands, counters, onReply: pump, clock, logger });
  const inbox = createInbox({ ...options, base, queue, evidence, replies, settler, counters, guarded, pump });
  const files = createFilePublisher({ base, heldAbove: heldNow, logger });
  let up: { readonly flow: Flow; readonly stopEvidence: AbortController } | null = null;
  let sending = Promise.resolve();
  let uploading = Promise.resolve();

  const session = createMqttSession({
    mqtt: {
      ...options.mqtt,
      clientId: options.mqtt.clientId ?? agentClientId(identity),
      maximumPacketBytes: MAX_INBOUND_BYTES + PACKET_OVERHEAD_BYTES,
    },
    will: () => ({ topic: `${base}/status`, payload: JSON.stringify(status('offline')) }),
    subscriptions: inboundFilters.map((filter) => `${base}/${filter}`),
    onMessage: (message) => inbox.take(message),
    onUp,
    clock,
    logger,
    ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });

  function status(which: StatusMessage['status']): StatusMessage {
    return { schema: STATUS_SCHEMA, status: which, version: identity.version, since: new Date(clock.now()).toISOString() };
  }

  function onUp(link: MqttLink): void {
    states.set('status', JSON.stringify(status('online')));
    states.linkUp();
    queue.resendUnconfirmed();
    inbox.listen(link);
    const flow = createFlow(link, options.maxInFlight, () => guarded(() => nextPacket(link)) ?? null, { bandwidth, messagesSoon, clock });
    const stopEvidence = new AbortController();
    const port = { maximumPacketBytes: link.maximumPacketBytes, offer: flow.offer };
    // The last link's run may still be reading a file.
    sending = sending.then(() => evidence.run(port, stopEvidence.signal));
    up = { flow, stopEvidence };
    files.linkUp(port);
    void link.closed.then((reason) => {
      stopEvidence.abort();
      flow.close(reason);
      files.linkDown(port);
      if (up?.flow === flow) up = null;
      queue.linkLost();
      replies.linkLost();
      settler.soon();
    });
    pump();
  }

  function nextPacket(link: MqttLink): Packet | null {
    const state = states.next((topic) => !isForeign(topic));
    if (state !== null) return state;
    for (let message = queue.next(); message !== null; message = queue.next()) {
      const { id, topic, payload, retain } = message;
      if (Buffer.byteLength(payload) + PACKET_OVERHEAD_BYTES > link.maximumPacketBytes) {
        queue.setAside(id, `larger than the broker's limit of ${link.maximumPacketBytes} bytes, ${reasonText(PACKET_TOO_LARGE)}`);
        continue;
      }
      return {
        message: { topic: wholeTopic(base, topic), payload, retain },
        accepted: (result) => {
          // A state is kept for who comes later.
          if (result.unheard && !retain) {
            counters.unheard++;
            unheard(topic);
            queue.unheard(id);
          } else queue.accepted(id);
          settler.soon();
        },
        failed: (error) => {
          // When the link is gone `linkLost` has seen to it.
          if (error instanceof BrokerRefusal) queue.refused(id, error.message);
          settler.soon();
        },
      };
    }
    // Home Assistant is told of some ten entities a camera: an event does not wait behind them.
    return states.next(isForeign) ?? notices.next() ?? replies.next();
  }

  /**
   * A centre that acknowledges will have more in a moment, and a piece of evidence in between would hold that up by as long as it takes on a slow
   * link. One that has fallen silent must not keep evidence for ever.
   */
  function messagesSoon(): boolean {
    return clock.monotonic() - inbox.lastAckMs() < CENTRE_SILENT_MS && guarded(() => queue.awaitsRoom()) === true;
  }

  /** A full or failing disk must not end the uplink: the rows are still there, and the next tick tries again. */
  function guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      storeTrouble(error.message);
      return undefined;
    }
  }

  function pump(): void {
    up?.flow.pump();
  }

  async function tick(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await clock.delay(TICK_MS, stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
        return;
      }
      settler.soon();
    }
  }

  async function flush(): Promise<void> {
    const untilMs = clock.monotonic() + (options.flushMs ?? DEFAULT_FLUSH_MS);
    const waiting = (): boolean => up !== null && (up.flow.busy() || (delivery === 'broker' && guarded(() => !queue.idle()) === true));
    while (waiting() && clock.monotonic() < untilMs) await clock.delay(20);
  }

  return {
    start() {
      session.start();
      void tick();
      if (uploader !== null) uploading = uploader.run(stopping.signal);
    },
    wake() {
      evidence.wake();
      uploader?.wake();
      pump();
    },
    publishRetained(topic, payload) {
      if (states.set(topic, JSON.stringify(payload))) pump();
    },
    clearRetained(topic) {
      if (states.set(topic, '')) pump();
    },
    publishFile: (topic, path) => files.publish(topic, path),
    publishTransient(topic, payload) {
      const message = { topic: `${base}/${topic}`, payload: JSON.stringify(payload), qos: 0 } as const;
      session
        .link()
        ?.publish(message)
        .catch((error: unknown) => logger.debug({ event: 'transient-lost', topic, err: error }));
    },
    state: () => session.state(),
    setEvidence(next) {
      policy = next;
      bandwidth.limit(next.bytesPerSecond);
      evidence.wake();
      pump();
    },
    listen() {
      const link = session.link();
      if (link !== null) inbox.listenToSensors(link);
    },
    heldAbove: heldNow,
    counters,
    async [Symbol.asyncDispose]() {
      up?.stopEvidence.abort();
      await flush();
      stopping.abort();
      const link = session.link();
      if (link !== null) {
        const goodbye = link.publish({ topic: `${base}/status`, payload: JSON.stringify(status('offline')), retain: true });
        await Promise.race([goodbye.catch((error: unknown) => logger.debug({ event: 'goodbye-lost', err: error })), clock.delay(500)]);
      }
      await session[Symbol.asyncDispose]();
      await sending;
      await uploading;
      guarded(() => queue.settle());
    },
  };
}
