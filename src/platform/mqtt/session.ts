import type { Clock } from '../clock.js';
import { AgentError } from '../errors.js';
import type { Logger } from '../logger.js';
import { type BackoffOptions, createBackoff } from '../time/backoff.js';
import { classifyBrokerError, LinkClosed } from './broker-error.js';
import { type CertificateTerm, certificateTerms, certificateWarning } from './certificates.js';
import { connectMqtt, type IncomingMessage, type MqttLink } from './link.js';
import { brokerName, isSecure, type MqttOptions, parseBrokerUrl, readTlsMaterial } from './options.js';

export interface MqttSessionOptions {
  readonly mqtt: MqttOptions;
  /** Made anew for every connection, so that it can tell the time. */
  readonly will?: () => { readonly topic: string; readonly payload: string };
  readonly subscriptions: readonly string[];
  readonly onMessage: (message: IncomingMessage) => void | Promise<void>;
  /** A link is up and its subscriptions stand. */
  readonly onUp: (link: MqttLink) => void;
  readonly backoff?: BackoffOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

export interface SessionState {
  readonly connected: boolean;
  /** Since when, UTC milliseconds since 1970. */
  readonly sinceMs: number;
  /** Connections made since the start. */
  readonly connects: number;
  /** Why the last one ended or failed, or `null`. */
  readonly lastError: AgentError | null;
  /** As last looked at; empty without TLS and before the first connection. */
  readonly certificates: readonly CertificateTerm[];
}

/** Keeps one link to a broker alive, for ever, with its own backoff and watchdog. */
export interface MqttSession extends AsyncDisposable {
  start(): void;
  /** The link that is up, or `null`. It is there when the first message comes, before `onUp`. */
  link(): MqttLink | null;
  state(): SessionState;
}

/**
 * An unacknowledged publish may wait this many keepalives with no acknowledgement coming in at all, and the tick below adds
 * at most 0.05: a dead link is noticed within 1.5 keepalives. Lower ones would cut slow uplinks: 128 KiB in 42 s is 25 kbit/s.
 */
const STALLED_AFTER_KEEPALIVES = 1.4;
const TICKS_PER_KEEPALIVE = 20;
const MAX_TICK_MS = 1_000;
/** A link may stand for months, and files be renewed meanwhile: they are looked at again this often, milliseconds. */
const CERTIFICATES_EVERY_MS = 12 * 3_600_000;

/**
 * Does nothing until `start()`. A dead link is noticed within 1.5 × keepalive: by mqtt.js's own ping when nothing is sent,
 * by the watchdog here when publishes go out and no acknowledgement returns.
 */
export function createMqttSession(options: MqttSessionOptions): MqttSession {
  const { clock, logger } = options;
  const stopping = new AbortController();
  const signal = options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const backoff = createBackoff(options.backoff);
  const broker = brokerName(options.mqtt.url);
  let current: MqttLink | null = null;
  let state: SessionState = { connected: false, sinceMs: clock.now(), connects: 0, lastError: null, certificates: [] };
  let running: Promise<void> | null = null;
  let stopped = false;

  async function run(): Promise<void> {
    let downSinceMs = clock.monotonic();
    let failures = 0;
    while (!signal.aborted && !stopped) {
      let reason: unknown;
      try {
        const link = await open();
        logger.info(
          { event: 'broker-connected', broker, protocol: link.protocolVersion, session: link.sessionPresent, failures },
          `connected to ${broker}${failures > 0 ? ` after ${failures} failed tries` : ''}`,
        );
        failures = 0;
        // Also one that is lost at once: all agents of the broker have lost it together again, and need to be spread anew.
        backoff.reset();
        reason = await watch(link);
        downSinceMs = clock.monotonic();
      } catch (error) {
        reason = error;
      }
      current = null;
      if (signal.aborted || stopped) break;
      failures++;
      await pause(classifyBrokerError(reason, options.mqtt.url), failures, backoff.next(clock.monotonic() - downSinceMs));
    }
    state = { ...state, connected: false, sinceMs: clock.now() };
  }

  async function open(): Promise<MqttLink> {
    const will = options.will?.();
    const link = await connectMqtt({
      mqtt: options.mqtt,
      clock,
      signal,
      onMessage: options.onMessage,
      onLink: (made) => {
        current = made;
      },
      ...(will === undefined ? {} : { will }),
      onFallback: (why) => logger.warn({ event: 'broker-fallback', broker, why }, `${broker} does not take MQTT 5 (${why}): trying 3.1.1`),
    });
    try {
      if (options.subscriptions.length > 0) await link.subscribe(options.subscriptions);
    } catch (error) {
      link.destroy(error instanceof Error ? error : new LinkClosed(String(error)));
      throw error;
    }
    state = { connected: true, sinceMs: clock.now(), connects: state.connects + 1, lastError: null, certificates: link.certificates };
    warnOfCertificates();
    options.onUp(link);
    return link;
  }

  /** Waits until the link has ended, and ends it when it makes no progress. */
  async function watch(link: MqttLink): Promise<Error> {
    const over = new AbortController();
    const ended = link.closed.finally(() => over.abort());
    const limitMs = link.keepaliveMs * STALLED_AFTER_KEEPALIVES;
    const tickMs = Math.min(MAX_TICK_MS, link.keepaliveMs / TICKS_PER_KEEPALIVE);
    let lastTickMs = clock.monotonic();
    let certificatesMs = lastTickMs;
    while (limitMs > 0 && (await delayed(tickMs, over.signal))) {
      const sinceTickMs = clock.monotonic() - lastTickMs;
      lastTickMs += sinceTickMs;
      if (lastTickMs - certificatesMs >= CERTIFICATES_EVERY_MS) {
        certificatesMs = lastTickMs;
        await lookAtCertificates(link);
      }
      // After a long pause of this process the answers may lie unread: let them in before judging.
      if (sinceTickMs > 5 * tickMs + MAX_TICK_MS) continue;
      if (link.stalledMs() > limitMs) {
        const waitedS = (link.stalledMs() / 1000).toFixed(1);
        link.destroy(new LinkClosed(`connected, but it has acknowledged nothing for ${waitedS} s`));
      }
    }
    return ended;
  }

  function warnOfCertificates(): void {
    for (const term of state.certificates) {
      const warning = certificateWarning(term, clock.now());
      if (warning !== null) logger.warn({ event: 'certificate-expires', broker, of: term.of, not_after: isoTime(term) }, warning);
    }
  }

  /** The files as they are now: they count at the next connection. The broker's own is known from this one. */
  async function lookAtCertificates(link: MqttLink): Promise<void> {
    if (!isSecure(parseBrokerUrl(options.mqtt.url))) return;
    const shown = link.certificates.filter((term) => term.of === 'broker');
    try {
      state = { ...state, certificates: [...certificateTerms(await readTlsMaterial(options.mqtt.tls)), ...shown] };
      warnOfCertificates();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.warn(
        { event: 'certificate-unreadable', broker, code: error.code },
        `${error.message}; this connection stands, the next one will not`,
      );
    }
  }

  async function pause(error: AgentError, failures: number, waitMs: number): Promise<void> {
    const repeated = state.lastError?.message === error.message;
    state = { ...state, connected: false, sinceMs: state.connected ? clock.now() : state.sinceMs, lastError: error };
    const line = { event: 'broker-lost', broker, code: error.code, failures, waitMs: Math.round(waitMs) };
    // One line for an outage, not one for every try; the line at its end tells how many there were.
    logger[repeated ? 'debug' : 'warn'](line, `${error.message}; next try in ${(waitMs / 1000).toFixed(1)} s`);
    await delayed(waitMs, signal);
  }

  /** True after the time, false when aborted before. */
  async function delayed(ms: number, until: AbortSignal): Promise<boolean> {
    if (until.aborted) return false;
    try {
      await clock.delay(ms, until);
      return true;
    } catch (error) {
      if (until.aborted) return false;
      throw error;
    }
  }

  return {
    start() {
      if (running !== null) throw new TypeError('the session has been started already');
      running = run();
    },
    link: () => current,
    state: () => state,
    async [Symbol.asyncDispose]() {
      stopped = true;
      if (current !== null) {
        const link = current;
        const giveUp = setTimeout(() => link.destroy(new LinkClosed('the broker did not take the goodbye')), 1_000);
        await link.end().finally(() => clearTimeout(giveUp));
      }
      stopping.abort();
      await running;
    },
  };
}

function isoTime({ notAfterMs }: CertificateTerm): string {
  return new Date(notAfterMs).toISOString();
}
