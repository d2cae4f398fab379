import { createAggregatedWarning } from '../../platform/aggregated-warning.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { type Backoff, createBackoff } from '../../platform/time/backoff.js';
import type { WaitingNotice, WebhookQueue } from './case-store.js';
import { signNotice } from './webhook-signature.js';

/** Who is told of cases. */
export interface WebhookTarget {
  /** https, or http where the owner allows it. */
  readonly url: string;
  /** Shared with the one who is told. */
  readonly secret: string;
}

export interface WebhookCounters {
  delivered: number;
  /** Tries that failed. */
  failures: number;
  /** Notices that could not be delivered for a day. */
  givenUp: number;
}

export interface WebhookSenderOptions {
  readonly queue: WebhookQueue;
  readonly targets: readonly WebhookTarget[];
  readonly counters: WebhookCounters;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Delivers notices of cases. What waits is in the database, so that neither a restart nor a night loses it. */
export interface WebhookSender extends AsyncDisposable {
  start(): void;
  /** Sends what is due now, of every target. It never throws. */
  round(): Promise<void>;
}

/** How long one try may take, milliseconds. */
const TIMEOUT_MS = 10_000;
/** How long a notice is ours alone: longer than a try, so that two receivers do not send it together, milliseconds. */
const LEASE_MS = 20_000;
/** How long a notice is tried, milliseconds. */
const GIVE_UP_AFTER_MS = 86_400_000;
/** Between two looks into the queue, milliseconds. */
const EVERY_MS = 1_000;
/** Waits after failures, milliseconds: from a moment's trouble to a night's. */
const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 3_600_000;

/**
 * Each target is served by itself, one notice at a time: a slow or dead one holds up no other. After a failure the target rests
 * (decorrelated jitter, 1 s to 1 h); a notice that it alone refuses waits while others go on. Redirects are not followed: a
 * target that has been taken over must not point us at a neighbour inside the network.
 */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { queue, targets, clock, logger, random = Math.random } = options;
  const stopping = new AbortController();
  const servers = targets.map((target) => createServer(target, { ...options, random, signal: stopping.signal }));
  let running: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    await Promise.all(servers.map((serve) => serve()));
  }

  async function run(): Promise<void> {
    try {
      const forgotten = await queue.forgetOthers(targets.map(({ url }) => url));
      if (forgotten > 0)
        logger.warn({ event: 'webhook-forgotten', forgotten }, `${forgotten} notices to webhooks that are not configured any more`);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.error({ event: 'webhook-queue', code: error.code }, error.message);
    }
    while (!stopping.signal.aborted) {
      await round();
      await clock.delay(EVERY_MS, stopping.signal).catch(() => undefined);
    }
  }

  return {
    start() {
      running = run();
    },
    round,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}

type ServerOptions = Required<WebhookSenderOptions> & { readonly signal: AbortSignal };

function createServer(target: WebhookTarget, { queue, counters, clock, logger, random, signal }: ServerOptions): () => Promise<void> {
  const { host } = new URL(target.url);
  const warn = createAggregatedWarning(logger, clock, 'webhook-failed', 'a notice of a case could not be delivered');
  const backoff: Backoff = createBackoff({ minMs: MIN_WAIT_MS, spreadMs: 3 * MIN_WAIT_MS, youngForMs: 0, maxMs: MAX_WAIT_MS, random });
  let restsUntilMs = 0;

  async function next(): Promise<boolean> {
    const nowMs = clock.now();
    const [notice] = await queue.due(target.url, nowMs, nowMs + LEASE_MS, 1);
    if (notice === undefined) return false;
    const outcome = await send(notice, target, clock, signal);
    if (signal.aborted) return false;
    if (outcome.kind === 'taken') {
      counters.delivered++;
      backoff.reset();
      await queue.done(notice.id);
      return true;
    }
    counters.failures++;
    warn(`${host}: ${outcome.why}`);
    const waitMs = Math.round(outcome.kind === 'away' ? backoff.next(0) : refusedWaitMs(notice.failures, random));
    if (clock.now() - notice.createdAtMs >= GIVE_UP_AFTER_MS) {
      counters.givenUp++;
      await queue.done(notice.id);
      const line = { event: 'webhook-given-up', host, notice: notice.key, reason: outcome.why };
      logger.error(line, `${host} has not taken ${notice.key} for a day: it is given up`);
    } else {
      await queue.failed(notice.id, clock.now() + waitMs, outcome.why);
    }
    if (outcome.kind === 'refused') return true;
    restsUntilMs = clock.monotonic() + waitMs;
    return false;
  }

  return async () => {
    try {
      while (!signal.aborted && clock.monotonic() >= restsUntilMs) if (!(await next())) return;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      warn(error.message);
    }
  };
}

/** Of one notice that is refused while others are taken: drawn up to three times as long after each try. */
function refusedWaitMs(failures: number, random: () => number): number {
  return MIN_WAIT_MS + random() * (Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 3 ** Math.min(failures + 1, 20)) - MIN_WAIT_MS);
}

type Outcome =
  | { readonly kind: 'taken' }
  /** This one, for good or for now; others may be taken. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody is there, or not well. */
  | { readonly kind: 'away'; readonly why: string };

async function send(notice: WaitingNotice, { url, secret }: WebhookTarget, clock: Clock, signal: AbortSignal): Promise<Outcome> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'idempotency-key': notice.key,
        ...signNotice(secret, notice.key, notice.body, clock.now()),
      },
      body: notice.body,
      redirect: 'manual',
      signal: AbortSignal.any([timeout, signal]),
    });
    // What it says besides its status is of no use, and may be large.
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'taken' };
    const why = `it answered ${status}${status >= 300 && status < 400 ? ', and redirects are not followed' : ''}`;
    return status === 429 || status >= 500 || status < 400 ? { kind: 'away', why } : { kind: 'refused', why };
  } catch (error) {
    if (timeout.aborted) return { kind: 'away', why: `it did not answer within ${TIMEOUT_MS / 1000} s` };
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { kind: 'away', why: errorMessage(cause) };
  }
}
