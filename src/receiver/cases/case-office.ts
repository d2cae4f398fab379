import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logger.js';
import type { IncomingMessage, OutgoingMessage } from '../../platform/mqtt/index.js';
import type { Signer } from '../../platform/proof/index.js';
import type { CentreDatabase } from '../database/index.js';
import type { ReceivedTopic } from '../topics.js';
import { type AgentAsker, createAgentAsker } from './ask-agents.js';
import { type CaseEvidence, createCaseEvidence } from './case-evidence.js';
import type { CaseRules, CaseStore, WebhookQueue } from './case-store.js';
import { createCentreCases } from './centre-cases.js';
import { createCentreWebhooks } from './centre-webhooks.js';
import { takeInspection } from './inspections.js';
import { createMoveTeller } from './tell-agents.js';
import { createUploadDesk, type UploadDesk, type UploadDeskOptions } from './uploads.js';
import { createWebhookSender, type WebhookCounters, type WebhookTarget } from './webhook-sender.js';

export interface CaseOfficeOptions {
  readonly database: CentreDatabase;
  readonly dataDir: string;
  readonly rules: CaseRules;
  readonly webhooks: readonly WebhookTarget[];
  /** First part of every topic. */
  readonly prefix: string;
  /** Last part of the topic that answers to commands come on, this receiver's alone. */
  readonly replyName: string;
  /** Signs commands to agents; `null` before the receiver has its key. */
  readonly signer: () => Signer | null;
  /** Resolves when the broker has taken the message; `null` while there is no link. */
  readonly publish: () => ((message: OutgoingMessage) => Promise<unknown>) | null;
  readonly takeChunk: UploadDeskOptions['takeChunk'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** All that a receiver does for its cases besides opening them. */
export interface CaseOffice extends AsyncDisposable {
  readonly cases: CaseStore;
  readonly evidence: CaseEvidence;
  readonly webhooks: WebhookQueue;
  readonly webhookCounters: Readonly<WebhookCounters>;
  readonly uploads: UploadDesk;
  readonly asker: AgentAsker;
  /** An agent has answered: to a solved case, or to a command. @throws {Rejected} */
  take(
    topic: Extract<ReceivedTopic, { kind: 'inspection' | 'reply' }>,
    message: Pick<IncomingMessage, 'payload' | 'correlationData'>,
  ): Promise<void>;
  start(): Promise<void>;
  /** Tells agents what they have not been told; call it every second or so. It never throws. */
  round(): Promise<void>;
}

export function createCaseOffice(options: CaseOfficeOptions): CaseOffice {
  const { database, dataDir, rules, prefix, replyName, signer, publish, takeChunk, clock, logger } = options;
  const cases = createCentreCases(database, rules);
  const webhooks = createCentreWebhooks(database);
  const webhookCounters: WebhookCounters = { delivered: 0, failures: 0, givenUp: 0 };
  const sender = createWebhookSender({ queue: webhooks, targets: options.webhooks, counters: webhookCounters, clock, logger });
  const moves = createMoveTeller({ cases, prefix, publish, clock, logger });
  const uploads = createUploadDesk({ database, dataDir, takeChunk, clock });
  const asker = createAgentAsker({ prefix, replyName, signer, publish, clock });
  return {
    cases,
    webhooks,
    webhookCounters,
    uploads,
    asker,
    evidence: createCaseEvidence(database, dataDir),
    async take(topic, { payload, correlationData }) {
      if (topic.kind === 'inspection') await takeInspection({ cases, clock, logger }, topic, payload);
      else asker.takeReply(topic, correlationData, payload);
    },
    async start() {
      await uploads.clean();
      sender.start();
    },
    round: () => moves.round(),
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  };
}
