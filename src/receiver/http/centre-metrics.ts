import { Counter, Gauge, Registry } from 'prom-client';
import { centreStates } from '../../domain/wire/case-file.js';
import type { CaseStore, WebhookQueue } from '../cases/case-store.js';
import type { WebhookCounters } from '../cases/webhook-sender.js';
import type { ReceiverCounters } from '../context.js';

export interface CentreMetricsOptions {
  readonly counters: Readonly<ReceiverCounters>;
  readonly webhookCounters: Readonly<WebhookCounters>;
  readonly cases: Pick<CaseStore, 'counts'>;
  readonly webhooks: Pick<WebhookQueue, 'waiting'>;
  readonly brokerConnected: () => boolean;
  readonly storeReachable: () => boolean;
}

/** The figures of a receiver for Prometheus. */
export interface CentreMetrics {
  readonly contentType: string;
  /** @throws {AgentError} when the store fails. */
  text(): Promise<string>;
}

/** Counts since the receiver began, by the name that they have in its code. */
const counted: Readonly<Partial<Record<keyof ReceiverCounters, readonly [name: string, help: string]>>> = {
  events: ['parapet_centre_events_total', 'Events taken in for the first time.'],
  duplicates: ['parapet_centre_duplicates_total', 'Events that were there already.'],
  rejected: ['parapet_centre_rejected_total', 'Messages that were not understood or not believed.'],
  refused: ['parapet_centre_refused_total', 'Of the rejected, those that are not what their agent signed.'],
  records: ['parapet_centre_records_total', 'Records of chains taken in for the first time.'],
  recordGaps: ['parapet_centre_record_gaps_total', 'Records that were skipped when a later one came.'],
  chainsRestarted: ['parapet_centre_chains_restarted_total', 'Times that an agent has begun another chain.'],
  gaps: ['parapet_centre_gaps_total', 'Event numbers that were skipped when a later one came.'],
  evidenceVerified: ['parapet_centre_evidence_verified_total', 'Files whose hash was found right.'],
  evidenceMismatched: ['parapet_centre_evidence_mismatched_total', 'Files whose hash was wrong and that were asked for again.'],
  evidenceExpired: ['parapet_centre_evidence_expired_total', 'Files that were given up: nothing more came of them.'],
  needs: ['parapet_centre_needs_total', 'Requests for chunks.'],
};

export function createCentreMetrics(options: CentreMetricsOptions): CentreMetrics {
  const { counters, webhookCounters, cases, webhooks } = options;
  const registry = new Registry();
  const registers = [registry];
  const count = (name: string, help: string, value: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  };
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  for (const [key, [name, help]] of Object.entries(counted)) count(name, help, () => counters[key as keyof ReceiverCounters]);
  count('parapet_centre_webhooks_delivered_total', 'Notices of cases that were delivered.', () => webhookCounters.delivered);
  count('parapet_centre_webhook_failures_total', 'Tries to deliver a notice that failed.', () => webhookCounters.failures);
  count('parapet_centre_webhooks_given_up_total', 'Notices that nobody took for a day.', () => webhookCounters.givenUp);
  gauge('parapet_centre_broker_connected', '1 while the broker is connected.', () => (options.brokerConnected() ? 1 : 0));
  gauge('parapet_centre_store_ok', '0 while the database does not answer.', () => (options.storeReachable() ? 1 : 0));
  new Gauge({
    name: 'parapet_centre_cases',
    help: 'Cases by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      const counts = await cases.counts();
      for (const state of centreStates) this.set({ state }, counts[state] ?? 0);
    },
  });
  new Gauge({
    name: 'parapet_centre_webhooks_waiting',
    help: 'Notices of cases that wait for their delivery.',
    labelNames: ['host'],
    registers,
    async collect() {
      this.reset();
      // The rest of a URL may be a secret.
      for (const [url, waiting] of await webhooks.waiting()) this.inc({ host: new URL(url).host }, waiting);
    },
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
