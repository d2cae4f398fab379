import type { ResolvedConfig } from '../../config/index.js';
import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logger.js';
import {
  type CentreServer,
  createCaseRoutes,
  createCentreMetrics,
  createEvidenceRoutes,
  judgeCentre,
  startCentreServer,
} from '../../receiver/http/index.js';
import { type Receiver, statusMessage } from '../../receiver/index.js';
import type { CentreParts } from '../shared/centre-from-config.js';

export interface ReceiveHttpOptions {
  readonly config: ResolvedConfig['receiver']['http'];
  readonly receiver: Receiver;
  readonly parts: CentreParts;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Starts the HTTP interface of a receiver; `null` where the config has it off. @throws {AgentError} PORT_IN_USE. */
export async function startReceiveHttp({
  config,
  receiver,
  parts,
  version,
  clock,
  logger,
}: ReceiveHttpOptions): Promise<CentreServer | null> {
  if (config.listen === null) return null;
  const { cases, evidence, webhooks, webhookCounters, uploads, asker } = receiver.office;
  const startedMs = clock.monotonic();
  return startCentreServer({
    listen: config.listen,
    tokens: parts.tokens,
    routes: createCaseRoutes({ cases, evidence, view: parts.view, clock }),
    evidence: createEvidenceRoutes({ evidence, uploads, asker, publicUrl: config.public_url?.replace(/\/+$/, '') ?? null }),
    health: (withReasons) => {
      const uptimeS = (clock.monotonic() - startedMs) / 1000;
      return judgeCentre({ version, uptimeS, broker: receiver.state(), store: receiver.database() }, withReasons);
    },
    metrics: createCentreMetrics({
      counters: receiver.counters,
      webhookCounters,
      cases,
      webhooks,
      brokerConnected: () => receiver.state().connected,
      storeReachable: () => receiver.database().reachable,
    }),
    status: async () => statusMessage(await receiver.status()),
    clock,
    logger: logger.child({ component: 'http' }),
  });
}
