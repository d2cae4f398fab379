import type { ResolvedConfig } from '../../config/schema.js';
import type { OutboxDepth } from '../../domain/outbox.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type {
  AgentSnapshot,
  BrokerSnapshot,
  CameraOwnSnapshot,
  DiskSnapshot,
  InferenceSnapshot,
} from '../../platform/health/agent-snapshot.js';
import { certificateWarning } from '../../platform/mqtt/index.js';
import type { ClockWatch } from '../../platform/time/clock-watch.js';
import type { Store } from '../../store/index.js';
import type { Uplink } from '../../uplink/index.js';
import type { EvidenceFigures } from '../incidents/evidence-desk.js';
import type { IncidentIntake } from '../incidents/incident-intake.js';
import type { IncidentTally } from '../incidents/incident-tally.js';
import type { Learning } from '../learning/learning.js';

export interface SnapshotSources {
  /** As it is in force. */
  readonly config: ResolvedConfig;
  readonly version: string;
  /** Monotonic milliseconds of the agent's start. */
  readonly startedMs: number;
  readonly clock: Clock;
  readonly cameras: readonly CameraOwnSnapshot[];
  readonly tally: IncidentTally;
  readonly learning: Pick<Learning, 'of'>;
  readonly intake: Pick<IncidentIntake, 'problem' | 'waiting' | 'lost'>;
  readonly store: Pick<Store, 'outbox' | 'damage'>;
  readonly uplink: Pick<Uplink, 'state' | 'counters' | 'heldAbove'> | null;
  readonly evidence: EvidenceFigures;
  readonly disk: DiskSnapshot;
  /** Files that were held and went by retention. */
  readonly unaskedFiles: number;
  readonly clockWatch: Pick<ClockWatch, 'figures'>;
  readonly inference: InferenceSnapshot | null;
}

/** Collects what the parts of an agent know of themselves. Never throws: a store that fails is part of the answer. */
export function takeSnapshot(sources: SnapshotSources): AgentSnapshot {
  const { config, clock, tally, learning, intake } = sources;
  const depth = outboxDepth(sources);
  const damage = sources.store.damage();
  const oldestMs = depth.oldestCreatedAtMs;
  return {
    site: config.site,
    agent: config.agent,
    version: sources.version,
    nowMs: clock.now(),
    clock: sources.clockWatch.figures(),
    uptimeS: (clock.monotonic() - sources.startedMs) / 1000,
    rssBytes: process.memoryUsage.rss(),
    cameras: sources.cameras.map((camera) => ({ ...camera, incidents: tally.of(camera.id), learning: learning.of(camera.id) })),
    broker: sources.uplink === null ? null : brokerOf(sources.uplink, clock.now()),
    store: {
      problem: intake.problem() ?? depth.problem,
      damages: damage.times,
      lastDamage: damage.last,
      waitingIncidents: intake.waiting(),
      lostIncidents: intake.lost(),
      outboxMessages: depth.messages,
      outboxTransfers: depth.transfers,
      outboxBytes: depth.bytes,
      outboxOldestS: oldestMs === null ? null : Math.max(0, (clock.now() - oldestMs) / 1000),
      heldFiles: depth.heldFiles,
      heldBytes: depth.heldBytes,
    },
    evidenceFlow: {
      hold: config.mqtt.evidence.hold,
      holding: sources.uplink !== null && sources.uplink.heldAbove() !== null,
      bytesPerSecond: config.mqtt.evidence.bandwidth,
      unaskedFiles: sources.unaskedFiles,
    },
    evidence: sources.evidence,
    inference: sources.inference,
    disk: sources.disk,
  };
}

interface Depth extends OutboxDepth {
  readonly heldFiles: number;
  readonly heldBytes: number;
  readonly problem: string | null;
}

function outboxDepth({ store, uplink }: SnapshotSources): Depth {
  try {
    const heldAbove = uplink?.heldAbove() ?? null;
    const held = heldAbove === null ? { files: 0, bytes: 0 } : store.outbox.held(heldAbove);
    return { ...store.outbox.depth(), heldFiles: held.files, heldBytes: held.bytes, problem: null };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { messages: 0, transfers: 0, bytes: 0, oldestCreatedAtMs: null, heldFiles: 0, heldBytes: 0, problem: error.message };
  }
}

function brokerOf({ state, counters }: Pick<Uplink, 'state' | 'counters'>, nowMs: number): BrokerSnapshot {
  const { connected, sinceMs, connects, lastError, certificates } = state();
  const { messagesDelivered, messagesResent, evidenceDelivered, evidenceFailed, evidenceBytes } = counters;
  const { refusals, unheard, cases, commands, commandsRefused, refusedByCentre, eventsAskedFor, badInbound, inboundDropped } = counters;
  const { uploadsDone, uploadsFailed, uploadedBytes } = counters;
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
    uploadsDone,
    uploadsFailed,
    uploadedBytes,
    refusals,
    unheard,
    cases,
    commands,
    commandsRefused,
    refusedByCentre,
    eventsAskedFor,
    badInbound,
    inboundDropped,
  };
}
