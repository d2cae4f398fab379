import type { ResolvedConfig } from '../config/schema.js';
import type { AgentSnapshot, BrokerSnapshot, CameraOwnSnapshot, DiskSnapshot } from '../platform/agent-snapshot.js';
import type { Clock } from '../platform/clock.js';
import { AgentError } from '../platform/errors.js';
import { certificateWarning } from '../platform/mqtt/index.js';
import type { Store } from '../store/index.js';
import type { Uplink } from '../uplink/index.js';
import type { EvidenceFigures } from './evidence-desk.js';
import type { IncidentIntake } from './incident-intake.js';
import type { IncidentTally } from './incident-tally.js';
import type { Learning } from './learning.js';

export interface SnapshotSources {
  readonly config: ResolvedConfig;
  readonly version: string;
  /** Monotonic milliseconds of the agent's start. */
  readonly startedMs: number;
  readonly clock: Clock;
  readonly cameras: readonly CameraOwnSnapshot[];
  readonly tally: IncidentTally;
  readonly learning: Pick<Learning, 'of'>;
  readonly intake: Pick<IncidentIntake, 'problem' | 'waiting' | 'lost'>;
  readonly store: Pick<Store, 'outbox'>;
  readonly uplink: Pick<Uplink, 'state' | 'counters'> | null;
  readonly evidence: EvidenceFigures;
  readonly disk: DiskSnapshot;
}

/** Collects what the parts of an agent know of themselves. Never throws: a store that fails is part of the answer. */
export function takeSnapshot(sources: SnapshotSources): AgentSnapshot {
  const { config, clock, tally, learning, intake } = sources;
  const depth = outboxDepth(sources);
  const oldestMs = depth.oldestCreatedAtMs;
  return {
    site: config.site,
    agent: config.agent,
    version: sources.version,
    nowMs: clock.now(),
    uptimeS: (clock.monotonic() - sources.startedMs) / 1000,
    rssBytes: process.memoryUsage.rss(),
    cameras: sources.cameras.map((camera) => ({ ...camera, incidents: tally.of(camera.id), learning: learning.of(camera.id) })),
    broker: sources.uplink === null ? null : brokerOf(sources.uplink, clock.now()),
    store: {
      problem: intake.problem() ?? depth.problem,
      waitingIncidents: intake.waiting(),
      lostIncidents: intake.lost(),
      outboxMessages: depth.messages,
      outboxTransfers: depth.transfers,
      outboxBytes: depth.bytes,
      outboxOldestS: oldestMs === null ? null : Math.max(0, (clock.now() - oldestMs) / 1000),
    },
    evidence: sources.evidence,
    disk: sources.disk,
  };
}

function outboxDepth({ store }: SnapshotSources): ReturnType<Store['outbox']['depth']> & { readonly problem: string | null } {
  try {
    return { ...store.outbox.depth(), problem: null };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { messages: 0, transfers: 0, bytes: 0, oldestCreatedAtMs: null, problem: error.message };
  }
}

function brokerOf({ state, counters }: Pick<Uplink, 'state' | 'counters'>, nowMs: number): BrokerSnapshot {
  const { connected, sinceMs, connects, lastError, certificates } = state();
  const { messagesDelivered, messagesResent, evidenceDelivered, evidenceFailed, evidenceBytes } = counters;
  const { refusals, unheard, cases, commands, commandsRefused, refusedByCentre, badInbound, inboundDropped } = counters;
  return {
    connected,
    sinceMs,
    connects,
    lastError: lastError?.message ?? null,
    certificates,
    warning: certificates.map((term) => certificateWarning(term, nowMs)).find((warning) => warning !== null) ?? null,
    messagesDelivered,
    messagesResent,
    evidenceDelivered,
    evidenceFailed,
    evidenceBytes,
    refusals,
    unheard,
    cases,
    commands,
    commandsRefused,
    refusedByCentre,
    badInbound,
    inboundDropped,
  };
}
