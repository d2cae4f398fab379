import { connect, type IClientOptions, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Clock } from '../clock.js';
import { AgentError, errorMessage } from '../errors.js';
import { BrokerRefusal, brokenOff, LinkClosed } from './broker-error.js';
import { brokerTerm, type CertificateTerm, certificateTerms, certificateWarning } from './certificates.js';
import {
  type BrokerAddress,
  brokerCredentials,
  brokerName,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_KEEPALIVE_MS,
  DEFAULT_SESSION_EXPIRY_MS,
  isSecure,
  type MqttOptions,
  parseBrokerUrl,
  readTlsMaterial,
  type TlsMaterial,
} from './options.js';
import { createPacketGuard } from './packet-guard.js';

export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  /** MQTT 5 request and response. */
  readonly responseTopic: string | null;
  readonly correlationData: Buffer | null;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string | Buffer;
  /** Default 1. */
  readonly qos?: 0 | 1;
  readonly retain?: boolean;
  /** MQTT 5 only; left out on 3.1.1. */
  readonly correlationData?: Buffer;
  /** Where the answer shall go. MQTT 5 only. */
  readonly responseTopic?: string;
  /** The broker forgets the message after this many seconds, a retained one too. MQTT 5 only. */
  readonly expiryS?: number;
}

export interface LinkOptions {
  readonly mqtt: MqttOptions;
  readonly clock: Clock;
  readonly will?: { readonly topic: string; readonly payload: string };
  /** Throw away what the broker kept for this client id, and keep nothing after. */
  readonly cleanStart?: boolean;
  /**
   * Called one message at a time, in order; the message is acknowledged to the broker when it has returned (or its promise
   * has resolved). When it throws, the link is closed and the broker will send the message again.
   */
  readonly onMessage: (message: IncomingMessage) => void | Promise<void>;
  /** The link stands; called before the first message is handed over, so that it can be answered. */
  readonly onLink?: (link: MqttLink) => void;
  /** MQTT 5 was refused and 3.1.1 is tried, with the reason. */
  readonly onFallback?: (reason: string) => void;
  readonly signal?: AbortSignal;
}

/** One connection to a broker, from its acceptance to its end; a lost one is never mended but replaced. */
export interface MqttLink {
  readonly protocolVersion: 4 | 5;
  readonly sessionPresent: boolean;
  /** Unacknowledged publishes that the broker takes at once. */
  readonly receiveMaximum: number;
  /** Largest packet that the broker takes, bytes. */
  readonly maximumPacketBytes: number;
  /** Whether the broker keeps retained messages. */
  readonly retainAvailable: boolean;
  readonly keepaliveMs: number;
  /** Of the files that were used and of what the broker showed; none without TLS. */
  readonly certificates: readonly CertificateTerm[];
  /**
   * Sends a message and resolves when the broker has acknowledged it (QoS 0: when it is on its way); `true` when the
   * broker said that nobody has subscribed to it.
   *
   * @throws {BrokerRefusal} when the broker takes it not, {@link LinkClosed} when the link ends before its answer.
   */
  publish(message: OutgoingMessage): Promise<{ readonly unheard: boolean }>;
  /** @throws {BrokerRefusal | LinkClosed} */
  subscribe(filters: readonly string[]): Promise<void>;
  /** Resolves when the broker has answered, whatever it answered. @throws {LinkClosed} */
  unsubscribe(filters: readonly string[]): Promise<void>;
  /** How long the oldest unacknowledged publish has waited without any acknowledgement coming in, milliseconds; 0 with none. */
  stalledMs(): number;
  /** Resolves with the reason when the link has ended. */
  readonly closed: Promise<Error>;
  /** Ends it orderly: the last will is not published. */
  end(): Promise<void>;
  /** Ends it at once. */
  destroy(reason: Error): void;
}

/** MQTT's own limit of a packet, bytes. */
const PACKET_LIMIT_BYTES = 268_435_455;
/** Taken at least from a broker of MQTT 3.1.1, bytes: a box can hold it, and no honest centre sends a hundredth of it. */
const OLD_PROTOCOL_PACKET_BYTES = 16 * 1024 * 1024;
/** Not every broker says why it throws a client out, and a stolen client id is the usual reason when it happens again and again. */
const HUNG_UP_LATER = 'it closed the connection; if that repeats, give every box its own `agent` name';
const NO_MATCHING_SUBSCRIBERS = 16;
const LEAST_REFUSAL = 128;

/**
 * Connects once, with MQTT 5; a broker that does not speak it is asked again with 3.1.1.
 *
 * @throws whatever went wrong, unclassified: see `classifyBrokerError`.
 */
export async function connectMqtt(options: LinkOptions): Promise<MqttLink> {
  const address = parseBrokerUrl(options.mqtt.url);
  const tls = isSecure(address) ? await readTlsMaterial(options.mqtt.tls) : {};
  const own = certificateTerms(tls);
  const tryAs = async (protocolVersion: 4 | 5): Promise<MqttLink> => {
    try {
      return await attempt(protocolVersion, address, tls, own, options);
    } catch (error) {
      throw brokenOffForOwnCertificate(error, own, options) ?? error;
    }
  };
  try {
    return await tryAs(5);
  } catch (error) {
    if (!speaksOlderProtocol(error)) throw error;
    options.onFallback?.(errorMessage(error));
    return await tryAs(4);
  }
}

/**
 * With TLS 1.3 a broker judges the client's certificate after the client has begun to speak, and its reason may be lost with the connection:
 * a certificate that has run out is then the likeliest one.
 */
function brokenOffForOwnCertificate(error: unknown, own: readonly CertificateTerm[], { mqtt, clock }: LinkOptions): AgentError | null {
  const brokenOff = error instanceof LinkClosed || (error instanceof Error && 'code' in error && error.code === 'ECONNRESET');
  const client = own.find((term) => term.of === 'client');
  if (!brokenOff || client === undefined || client.notAfterMs > clock.now()) return null;
  const why = certificateWarning(client, clock.now());
  return new AgentError('BROKER_REFUSED', `MQTT broker ${brokerName(mqtt.url)} broke off the connection: ${why}`, { cause: error });
}

/** A 3.1.1 broker answers an unknown version with code 1, or just hangs up; MQTT 5 brokers that do not want 5 say 132. */
function speaksOlderProtocol(error: unknown): boolean {
  if (error instanceof BrokerRefusal) return error.reasonCode === 1 || error.reasonCode === 132;
  return error instanceof LinkClosed;
}

function attempt(
  protocolVersion: 4 | 5,
  address: BrokerAddress,
  tls: TlsMaterial,
  own: readonly CertificateTerm[],
  options: LinkOptions,
): Promise<MqttLink> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const client = connect(clientOptions(protocolVersion, address, tls, options));
    let failure: Error | null = null;
    let state: LinkState | null = null;
    const onAbort = (): void => stop(signal?.reason instanceof Error ? signal.reason : new LinkClosed('stopped'));
    const stop = (reason: Error): void => {
      failure ??= reason;
      // An orderly end under way waits for acknowledgements, and a second `end` would do nothing.
      if (client.disconnecting) client.stream.destroy();
      else client.end(true);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    // A broker that kept the session sends what it holds at once, and that may be read before `connect` is reported.
    let markReady: () => void;
    const ready = new Promise<void>((resolveReady) => {
      markReady = resolveReady;
    });
    client.handleMessage = (packet, done) => {
      const handled = ready.then(() => deliver(packet, options.onMessage));
      handled.then(
        () => done(),
        (error: unknown) => stop(error instanceof Error ? error : new Error(String(error))),
      );
    };
    client.once('connect', (connack) => {
      state = new LinkState(client, protocolVersion, connack, [...own, ...brokerTerm(client.stream)], options, stop);
      options.onLink?.(state);
      resolve(state);
      markReady();
    });
    const limitBytes = packetLimit(protocolVersion, options.mqtt);
    const tooLarge = (bytes: number): void => stop(new LinkClosed(`it sent a packet of ${bytes} bytes, at most ${limitBytes} are taken`));
    client.stream.on('data', createPacketGuard(limitBytes, tooLarge));
    client.on('packetreceive', (packet) => {
      // Nobody here asks for QoS 2, and what is begun with it and never ended would be kept for ever.
      if (packet.cmd === 'publish' && packet.qos === 2) stop(new LinkClosed('it sent a message with QoS 2, which nobody asked for'));
      if (packet.cmd === 'puback' && packet.reasonCode === NO_MATCHING_SUBSCRIBERS) state?.unheard.add(packet.messageId ?? 0);
    });
    client.on('disconnect', (packet) => {
      if (packet.reasonCode !== undefined && packet.reasonCode >= LEAST_REFUSAL) {
        failure ??= new BrokerRefusal('disconnect', packet.reasonCode);
      }
    });
    // After an error the stream may still stand (a malformed packet, for one): end it, whatever it was.
    client.on('error', (error) => stop(refusalOf(error, state === null ? 'connect' : 'disconnect')));
    client.on('close', () => {
      signal?.removeEventListener('abort', onAbort);
      const reason = failure ?? new LinkClosed(state === null ? brokenOff(options.mqtt.url) : HUNG_UP_LATER);
      if (state === null) reject(reason);
      else state.onClosed(reason);
    });
  });
}

function clientOptions(protocolVersion: 4 | 5, address: BrokerAddress, tls: TlsMaterial, options: LinkOptions): IClientOptions {
  const { mqtt, will } = options;
  const sessionExpiryMs = options.cleanStart === true ? 0 : (mqtt.sessionExpiryMs ?? DEFAULT_SESSION_EXPIRY_MS);
  return {
    protocol: address.protocol,
    host: address.host,
    port: address.port,
    path: address.path,
    ...tls,
    rejectUnauthorized: true,
    clientId: mqtt.clientId,
    ...brokerCredentials(mqtt),
    protocolVersion,
    clean: options.cleanStart === true || sessionExpiryMs === 0,
    keepalive: Math.ceil((mqtt.keepaliveMs ?? DEFAULT_KEEPALIVE_MS) / 1000),
    connectTimeout: mqtt.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    // Its own reconnection and queues are off: it has no jitter, and its queue is memory that forgets.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(will === undefined ? {} : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    ...(protocolVersion === 5
      ? {
          properties: {
            sessionExpiryInterval: Math.ceil(sessionExpiryMs / 1000),
            ...(mqtt.maximumPacketBytes === undefined ? {} : { maximumPacketSize: mqtt.maximumPacketBytes }),
          },
        }
      : {}),
  };
}

/** Bytes. A 3.1.1 broker cannot be told a limit: what is a little too large must be taken and refused, or it would be sent again for ever. */
function packetLimit(protocolVersion: 4 | 5, { maximumPacketBytes = PACKET_LIMIT_BYTES }: MqttOptions): number {
  return protocolVersion === 5 ? maximumPacketBytes : Math.max(maximumPacketBytes, OLD_PROTOCOL_PACKET_BYTES);
}

async function deliver(packet: IPublishPacket, onMessage: LinkOptions['onMessage']): Promise<void> {
  const { payload, properties } = packet;
  const correlation = properties?.correlationData;
  await onMessage({
    topic: packet.topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    retained: packet.retain,
    responseTopic: properties?.responseTopic ?? null,
    correlationData: correlation === undefined ? null : Buffer.from(correlation),
  });
}

/** A refused CONNECT arrives as a plain error with a numeric code, and so does what mqtt.js does not take of a broker. */
function refusalOf(error: Error, what: 'connect' | 'disconnect'): Error {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code !== 'number') return error;
  return what === 'connect' ? new BrokerRefusal(what, code) : new LinkClosed(`${error.message} (reason ${code})`);
}

class LinkState implements MqttLink {
  readonly sessionPresent: boolean;
  readonly receiveMaximum: number;
  readonly maximumPacketBytes: number;
  readonly retainAvailable: boolean;
  readonly keepaliveMs: number;
  readonly closed: Promise<Error>;
  /** Packet ids whose acknowledgement said that nobody has subscribed. */
  readonly unheard = new Set<number>();
  private resolveClosed!: (reason: Error) => void;
  private closedBy: Error | null = null;
  /** Unanswered requests, oldest first, with the monotonic time they were sent at. */
  private readonly pending = new Map<(reason: Error) => void, number>();
  private lastAnswerAtMs = 0;

  constructor(
    private readonly client: MqttClient,
    readonly protocolVersion: 4 | 5,
    connack: IConnackPacket,
    readonly certificates: readonly CertificateTerm[],
    private readonly options: LinkOptions,
    readonly destroy: (reason: Error) => void,
  ) {
    this.sessionPresent = connack.sessionPresent;
    this.receiveMaximum = connack.properties?.receiveMaximum ?? 65_535;
    this.maximumPacketBytes = connack.properties?.maximumPacketSize ?? PACKET_LIMIT_BYTES;
    this.retainAvailable = connack.properties?.retainAvailable ?? true;
    this.keepaliveMs = (client.keepalive ?? 0) * 1000;
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
  }

  publish(message: OutgoingMessage): Promise<{ unheard: boolean }> {
    const { topic, payload, qos = 1, retain = false, correlationData, responseTopic, expiryS } = message;
    return this.request('publish', (done) => {
      const properties = {
        ...(correlationData === undefined ? {} : { correlationData }),
        ...(responseTopic === undefined ? {} : { responseTopic }),
        ...(expiryS === undefined ? {} : { messageExpiryInterval: expiryS }),
      };
      const options = { qos, retain: retain && this.retainAvailable, ...(this.protocolVersion === 5 ? { properties } : {}) };
      this.client.publish(topic, payload, options, (error, packet) => {
        const id = packet !== undefined && 'messageId' in packet ? (packet.messageId ?? 0) : 0;
        done(error, { unheard: this.unheard.delete(id) });
      });
    });
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    await this.request('subscribe', (done) =>
      this.client.subscribe([...filters], { qos: 1 }, (error) =>
        done(error === null || error === undefined ? undefined : subscribeError(error, filters), undefined),
      ),
    );
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    await this.request('unsubscribe', (done) => this.client.unsubscribe([...filters], (error) => done(error ?? undefined, undefined)));
  }

  stalledMs(): number {
    const oldest = this.pending.values().next();
    if (oldest.done === true) return 0;
    return this.options.clock.monotonic() - Math.max(oldest.value, this.lastAnswerAtMs);
  }

  async end(): Promise<void> {
    if (this.closedBy === null) this.client.end();
    await this.closed;
  }

  onClosed(reason: Error): void {
    this.closedBy = reason;
    this.resolveClosed(reason);
    for (const reject of this.pending.keys()) reject(linkClosed(reason));
    this.pending.clear();
  }

  /** mqtt.js forgets to answer what was in flight when a kept session's connection ends; so requests are counted here. */
  private request<T>(
    what: 'publish' | 'subscribe' | 'unsubscribe',
    send: (done: (error: Error | undefined, value: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.closedBy !== null) {
        reject(linkClosed(this.closedBy));
        return;
      }
      this.pending.set(reject, this.options.clock.monotonic());
      send((error, value) => {
        if (!this.pending.delete(reject)) return;
        this.lastAnswerAtMs = this.options.clock.monotonic();
        if (error === undefined || error === null) resolve(value);
        else reject(requestError(what, error));
      });
    });
  }
}

function linkClosed(reason: Error): LinkClosed {
  return reason instanceof LinkClosed ? reason : new LinkClosed(reason.message, { cause: reason });
}

/** mqtt.js keeps the broker's answers, one a filter, in the packet of its error. */
function subscribeError(error: Error, filters: readonly string[]): Error {
  const packet: unknown = 'packet' in error ? error.packet : undefined;
  const granted: unknown = typeof packet === 'object' && packet !== null && 'granted' in packet ? packet.granted : undefined;
  if (!Array.isArray(granted)) return error;
  const refused = filters.filter((_, index) => Number(granted[index]) >= LEAST_REFUSAL);
  const [code] = granted.map(Number).filter((one) => one >= LEAST_REFUSAL);
  return code === undefined ? error : new BrokerRefusal('subscribe', code, refused.join(', '));
}

function requestError(what: 'publish' | 'subscribe' | 'unsubscribe', error: Error): Error {
  if (error instanceof BrokerRefusal) return error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'number' && code >= LEAST_REFUSAL ? new BrokerRefusal(what, code) : error;
}
