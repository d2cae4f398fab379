import type { SessionState } from '../../platform/mqtt/index.js';
import type { DatabaseHealth } from '../database/index.js';

/** The answer of `/healthz`. */
export interface CentreHealth {
  /** What must work works: a broker that is away is told of, and keeps what it holds for us. */
  readonly ok: boolean;
  readonly version: string;
  readonly uptime_s: number;
  readonly broker: { readonly ok: boolean; readonly reason: string | null };
  readonly store: { readonly ok: boolean; readonly reason: string | null };
}

/** Reasons name hosts and files: they are for those who have a token. */
export function judgeCentre(
  {
    version,
    uptimeS,
    broker,
    store,
  }: { version: string; uptimeS: number; broker: Pick<SessionState, 'connected' | 'lastError'>; store: DatabaseHealth },
  withReasons: boolean,
): CentreHealth {
  return {
    ok: store.reachable,
    version,
    uptime_s: Math.round(uptimeS),
    broker: { ok: broker.connected, reason: withReasons && !broker.connected ? (broker.lastError?.message ?? null) : null },
    store: { ok: store.reachable, reason: withReasons ? store.trouble : null },
  };
}
