import { join } from 'node:path';
import { REFUSAL_SCHEMA } from '../domain/wire/proof.js';
import { createAggregatedWarning } from '../platform/aggregated-warning.js';
import type { Clock } from '../platform/clock.js';
import { AgentError, errorMessage } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import {
  type BackoffOptions,
  createMqttSession,
  type IncomingMessage,
  type MqttLink,
  type MqttOptions,
  type SessionState,
} from '../platform/mqtt/index.js';
import { centreKeyNames, openSigningKey, type Signer } from '../platform/proof/index.js';
import { type CaseOffice, createCaseOffice } from './cases/case-office.js';
import { createPlainCaseRules } from './cases/case-rules.js';
import type { CaseRules } from './cases/case-store.js';
import type { WebhookTarget } from './cases/webhook-sender.js';
import { type ReceivedCompletion, takeCompletion } from './completions.js';
import { createReceiverCounters, type ReceiverContext, type ReceiverCounters, Rejected } from './context.js';
import { countersignDaily } from './countersign.js';
import { type CentreDatabase, createPostgresDatabase, createSqliteDatabase, type DatabaseHealth } from './database/index.js';
import { createEventSink, type ReceivedEvent } from './events.js';
import { createEvidenceSink, type ReceivedEvidence } from './evidence.js';
import { createGapDesk } from './gap-desk.js';
import { createKeyring } from './keyring.js';
import { createRecordSink } from './records.js';
import { Refused } from './refused.js';
import { migrations } from './schema.js';
import { createSenderLimits } from './sender-limits.js';
import { type CentreStatus, readStatus } from './status.js';
import { ownFilters, parseTopic, receiverFilters, senderOf } from './topics.js';

export interface ReceiverOptions {
  /** `clientId` is `parapet-receiver` when left out; two receivers at one broker need two, and each the same one after a restart. */
  readonly mqtt: Omit<MqttOptions, 'clientId' | 'maximumPacketBytes'> & { readonly clientId?: string };
  /** First part of every topic. */
  readonly prefix: string;
  /** Folder for everything received; made when missing. Receivers that share a database share it too. */
  readonly dataDir: string;
  /** PostgreSQL for several receivers; default: a SQLite file in `dataDir`, for one. */
  readonly store?: { readonly url: string; readonly password: string | null; readonly connections: number };
  /** Group of the shared subscription (MQTT 5): each message goes to one of its members. Default: none, all messages come here. */
  readonly shareGroup?: string;
  /** Connections to the broker; more than one needs a group. Default 1. */
  readonly connections?: number;
  /** Largest single file that is taken, bytes; default 512 MiB. */
  readonly maxEvidenceBytes?: number;
  /** Fingerprints of the agents' keys by `<site>/<agent>`; of others the first key that is seen is trusted. */
  readonly pinnedKeys?: ReadonlyMap<string, string>;
  /** What makes a case of an event, and whose notices are queued; default: confirmed events, without codes and webhooks. */
  readonly caseRules?: CaseRules;
  /** Where the notices go: the webhooks of `caseRules`, with their secrets. */
  readonly webhooks?: readonly WebhookTarget[];
  /** Signs commands to agents and countersigns their chains; default: `centre.key` in `dataDir`, made at the first start. */
  readonly signer?: Signer;
  /** Default: from 0.5 to 3 s, after an hour's outage to 60 s. */
  readonly backoff?: BackoffOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /** Once for each event number, after it is on the disk. */
  readonly onEvent?: (received: ReceivedEvent) => void;
  /** Once for each file, after its hash was found right and it is on the disk. */
  readonly onEvidence?: (received: ReceivedEvidence) => void;
  /** Once for each incident whose evidence has all been dealt with. */
  readonly onComplete?: (received: ReceivedCompletion) => void;
  /** For each message whose signature, hash or place in the chain is wrong: its topic, and why. */
  readonly onRefused?: (line: string) => void;
}

/** The reference central side. Nothing is acknowledged before it is safely on the disk. */
export interface Receiver extends AsyncDisposable {
  /** Puts right what a crash cut short, then connects. @throws {AgentError} STORE_FAILED, DISK_FULL. */
  start(): Promise<void>;
  /** Of all connections together: connected when each is. */
  state(): SessionState;
  database(): DatabaseHealth;
  /** What is here, what is missing and what is lost. @throws {AgentError} STORE_FAILED. */
  status(): Promise<CentreStatus>;
  readonly counters: Readonly<ReceiverCounters>;
  readonly office: Pick<CaseOffice, 'cases' | 'evidence' | 'webhooks' | 'webhookCounters' | 'uploads' | 'asker'>;
}

const DEFAULT_MAX_EVIDENCE_BYTES = 512 * 1024 * 1024;
/** Largest packet taken from the broker, bytes: an event of 1 MiB and its header. */
const MAX_PACKET_BYTES = 1024 * 1024 + 4096;
const SWEEP_MS = 1_000;
/**
 * Receivers are few, so they need not come back one after the other as thousands of agents must, milliseconds. What agents send before a receiver is back
 * waits for their next try, 30 s later.
 */
const BACKOFF: BackoffOptions = { minMs: 500, spreadMs: 3_000, maxMs: 60_000 };

/**
 * How long the broker keeps the session of a member of a group that is away, at most, milliseconds. Brokers go on dealing out its share (mosquitto and EMQX
 * do), so that a session kept for a day would hold up a part of all messages after a machine has died; a minute covers a restart.
 */
const SHARED_SESSION_MS = 60_000;

export function createReceiver(options: ReceiverOptions): Receiver {
  const { prefix, dataDir, clock, logger } = options;
  const counters = createReceiverCounters();
  const rejected = createAggregatedWarning(logger, clock, 'message-rejected', 'a message was rejected');
  const refused = createAggregatedWarning(logger, clock, 'message-refused', 'what came is not what its agent signed');
  const dropped = createAggregatedWarning(logger, clock, 'message-dropped', 'messages come faster than they may, one is dropped');
  const limits = createSenderLimits(clock);
  const stopping = new AbortController();
  const { connections = 1, shareGroup } = options;
  if (connections > 1 && shareGroup === undefined) throw new RangeError('several connections need a group that shares the messages');
  const clientId = options.mqtt.clientId ?? 'parapet-receiver';
  const database = createCentreDatabase(options);
  const keyring = createKeyring({ dataDir, database, pinned: options.pinnedKeys ?? new Map(), now: () => clock.now(), logger });
  const caseRules = options.caseRules ?? createPlainCaseRules();
  const unordered = shareGroup !== undefined;
  const context: ReceiverContext = { dataDir, name: clientId, database, counters, keyring, caseRules, unordered, clock, logger, tell };
  const records = createRecordSink(context);
  const events = createEventSink(context, options.onEvent ?? (() => undefined));
  const evidence = createEvidenceSink(
    context,
    records,
    options.maxEvidenceBytes ?? DEFAULT_MAX_EVIDENCE_BYTES,
    options.onEvidence ?? (() => undefined),
  );
  const gaps = createGapDesk(context);
  const office = createCaseOffice({
    database,
    dataDir,
    rules: caseRules,
    webhooks: options.webhooks ?? [],
    prefix,
    replyName: clientId,
    signer: () => signer,
    publish: linkPublisher,
    takeChunk: (topic, payload) => evidence.take(topic, payload),
    clock,
    logger,
  });
  const onComplete = options.onComplete ?? (() => undefined);
  /** The centre's key, once it has been read. */
  let signer: Signer | null = null;
  let sweeping: Promise<void> = Promise.resolve();
  let countersigning: Promise<void> = Promise.resolve();
  /** Messages in hand: one at a time of each connection. */
  const taking = new Set<Promise<void>>();

  const sessions = Array.from({ length: connections }, (_, index) =>
    createMqttSession({
      mqtt: {
        ...options.mqtt,
        ...(shareGroup === undefined
          ? {}
          : { sessionExpiryMs: Math.min(options.mqtt.sessionExpiryMs ?? SHARED_SESSION_MS, SHARED_SESSION_MS) }),
        clientId: connections === 1 ? clientId : `${clientId}-${index + 1}`,
        maximumPacketBytes: MAX_PACKET_BYTES,
      },
      subscriptions: [...receiverFilters(prefix, shareGroup), ...(index === 0 ? ownFilters(prefix, clientId) : [])],
      onMessage: take,
      onUp: expectMqtt5,
      clock,
      logger,
      backoff: options.backoff ?? BACKOFF,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }),
  );
  const anyLink = (): MqttLink | null => sessions.find((session) => session.link() !== null)?.link() ?? null;

  function expectMqtt5(link: MqttLink): void {
    if (shareGroup === undefined || link.protocolVersion === 5) return;
    const message =
      'the broker speaks MQTT 3.1.1: whether it knows shared subscriptions ($share/…) is not said there; use one that speaks MQTT 5';
    logger.warn({ event: 'share-group-doubtful', group: shareGroup }, message);
  }

  function linkPublisher(): MqttLink['publish'] | null {
    const link = anyLink();
    return link === null ? null : (message) => link.publish(message);
  }

  /** What is lost here is asked for or sent again: the agent repeats what has not been acknowledged. */
  function tell(site: string, agent: string, topic: 'ack' | 'need', message: object): void {
    anyLink()
      ?.publish({ topic: `${prefix}/${site}/${agent}/${topic}`, payload: JSON.stringify(message) })
      .catch((error: unknown) => logger.debug({ event: 'answer-lost', topic, err: error }));
  }

  function take(message: IncomingMessage): Promise<void> {
    const handled = handle(message);
    taking.add(handled);
    return handled.finally(() => taking.delete(handled));
  }

  /** A bad message is dropped; a disk that fails is thrown on: the link ends and the broker keeps the message for later. */
  async function handle(message: IncomingMessage): Promise<void> {
    const sender = senderOf(prefix, message.topic);
    if (!limits.admits(sender)) {
      counters.dropped++;
      dropped(message.topic.slice(0, 200));
      return;
    }
    try {
      const topic = parseTopic(prefix, message.topic);
      if (topic === null) throw new Rejected('unknown topic');
      if (topic.kind === 'event') await events.take(topic, message.payload);
      else if (topic.kind === 'record') await records.take(topic, message.payload);
      else if (topic.kind === 'key') await records.takeKey(topic, message.payload);
      else if (topic.kind === 'inspection' || topic.kind === 'reply') await office.take(topic, message);
      else if (topic.kind === 'gone') await gaps.takeGone(topic, message.payload);
      else if (topic.kind === 'completion') await takeCompletion(context, topic, message.payload, onComplete);
      else await evidence.take(topic, message.payload);
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) {
        // A mistake of this program. Thrown on, it would end the link, and the broker would send the message again and again.
        logger.error(
          { event: 'message-crashed', topic: message.topic.slice(0, 200), err: error },
          'a message could not be dealt with, it is passed over',
        );
      } else if (!(error instanceof Rejected)) throw diskError(error, dataDir);
      counters.rejected++;
      limits.doubt(sender);
      const line = `${message.topic.slice(0, 200)}: ${error.message}`;
      if (error instanceof Refused) refuse(error, line);
      else rejected(line);
    }
  }

  /** Told to the people here and to the agent; what was refused stays in the agent's outbox where that waits for the centre. */
  function refuse({ of, message }: Refused, line: string): void {
    counters.refused++;
    refused(line);
    options.onRefused?.(line);
    const { site, agent, ackKey, sha256 } = of;
    if (ackKey !== null) tell(site, agent, 'ack', { schema: REFUSAL_SCHEMA, key: ackKey, sha256, reason: message.slice(0, 500) });
  }

  async function sweep(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await clock.delay(SWEEP_MS, stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
        return;
      }
      if (anyLink() === null) continue;
      await office.round();
      try {
        await evidence.sweep();
        await gaps.sweep();
      } catch (error) {
        // The next message meets the same disk, and ends the link; until then there is nothing to lose.
        const trouble = diskError(error, dataDir);
        if (!(trouble instanceof AgentError)) throw error;
        logger.error({ event: 'sweep-failed', code: trouble.code }, trouble.message);
      }
    }
  }

  return {
    async start() {
      await database.open();
      await events.reconcile();
      await evidence.reconcile();
      await office.start();
      for (const session of sessions) session.start();
      sweeping = sweep();
      // The key that agents know, where there is one; otherwise its own.
      const key = options.signer ?? (await openSigningKey(dataDir, logger, centreKeyNames));
      signer = key;
      countersigning = countersignDaily({
        signer: key,
        heads: () => records.heads(),
        tell: (site, agent, message) => tell(site, agent, 'ack', message),
        clock,
        logger,
        signal: stopping.signal,
      });
    },
    state: () => together(sessions.map((session) => session.state())),
    database: () => database.health(),
    status: () => readStatus(database),
    counters,
    office,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await office[Symbol.asyncDispose]();
      await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
      await sweeping;
      await countersigning;
      for (const one of taking) await one.catch((error: unknown) => logger.debug({ event: 'message-unfinished', err: error }));
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The database of a receiver, by itself: for what looks into it while the receiver does not run. It is not open yet. */
export function createCentreDatabase({
  store,
  dataDir,
  clock,
  logger,
}: Pick<ReceiverOptions, 'store' | 'dataDir' | 'clock' | 'logger'>): CentreDatabase {
  if (store === undefined) return createSqliteDatabase({ path: join(dataDir, '.receiver', 'index.sqlite'), migrations, clock, logger });
  return createPostgresDatabase({ ...store, migrations, clock, logger });
}

/** @param states at least one. */
function together(states: readonly SessionState[]): SessionState {
  return states.reduce((all, state) => ({
    connected: all.connected && state.connected,
    sinceMs: Math.max(all.sinceMs, state.sinceMs),
    connects: all.connects + state.connects,
    lastError: all.lastError ?? state.lastError,
    certificates: all.certificates.length > 0 ? all.certificates : state.certificates,
  }));
}

function diskError(error: unknown, dataDir: string): unknown {
  if (error instanceof AgentError || !(error instanceof Error && 'syscall' in error)) return error;
  const full = 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  const message = `what was received cannot be written under ${dataDir} (${errorMessage(error)}); ${full ? 'make room' : 'look at the disk and its permissions'}`;
  return new AgentError(full ? 'DISK_FULL' : 'STORE_FAILED', message, { cause: error });
}
