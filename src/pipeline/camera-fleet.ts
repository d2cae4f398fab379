import { join } from 'node:path';
import type { CameraConfig } from '../config/camera-schema.js';
import type { Teaching } from '../domain/lesson.js';
import {
  createFileFootage,
  createRingFootage,
  createSegmentRing,
  type EvidenceCamera,
  type Footage,
  removeOldRings,
  type SegmentRing,
} from '../evidence/index.js';
import type { MediaTools } from '../media/footage-tools.js';
import type { CameraOwnSnapshot } from '../platform/agent-snapshot.js';
import type { Clock } from '../platform/clock.js';
import { errorMessage } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { parseSourceUrl, type SourceAddress } from '../platform/source-url.js';
import type { StateChange } from '../sources/supervisor.js';
import { type CameraChannel, createCameraChannel } from './camera-channel.js';
import { evidenceCamera } from './evidence-camera.js';
import type { FoundIncident } from './incident-intake.js';
import { loadKernels } from './load-kernels.js';

export interface CameraFleetOptions {
  readonly cameras: readonly CameraConfig[];
  /** Folder of the running recordings. */
  readonly ringFolder: string;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is known of a camera's earlier incidents. Must not throw, like all that follow. */
  readonly teachingOf: (cameraId: string) => Teaching;
  readonly onIncident: (found: FoundIncident) => void;
  readonly onState: (cameraId: string, change: StateChange) => void;
  readonly onCrash: (cameraId: string) => void;
}

/** All cameras of an agent, each on its own. Disposing ends them and their recordings. */
export interface CameraFleet extends AsyncDisposable {
  /**
   * Starts them all. Resolves when every one has come to an end of its own, which only files do; rejects with the first
   * failure when none could be opened.
   */
  run(): Promise<void>;
  /** What evidence needs of a camera; `null` when it is not configured. */
  evidenceCamera(cameraId: string): EvidenceCamera | null;
  /** Notes the counts for the rates; call it every few seconds. */
  sample(): void;
  /** What is known of a camera's earlier incidents has changed, or that of all has faded. */
  teach(cameraId?: string): void;
  snapshots(): readonly CameraOwnSnapshot[];
}

interface Member {
  readonly config: CameraConfig;
  readonly channel: CameraChannel;
  readonly evidence: EvidenceCamera;
  /** Why it could not be opened; only files give up. */
  failure: string | null;
}

/** The ring is bounded by its bytes; of a camera that is seldom there, nothing older than this is of use, milliseconds. */
const RING_AGE_MS = 86_400_000;

/**
 * Opens the recordings of earlier runs and prepares every camera; nothing connects before `run`.
 *
 * @throws {AgentError} CONFIG_INVALID for a source of no known kind, STORE_FAILED or DISK_FULL for a recording's folder.
 */
export async function createCameraFleet(options: CameraFleetOptions): Promise<CameraFleet> {
  const { clock, logger } = options;
  const stop = new AbortController();
  const ringsStop = new AbortController();
  const kernels = await loadKernels();
  const rings: AsyncDisposable[] = [];
  const members: Member[] = [];
  let running: Promise<unknown> = Promise.resolve();

  async function openRing(camera: CameraConfig): Promise<SegmentRing> {
    const ring = await createSegmentRing({
      folder: join(options.ringFolder, camera.id),
      maxBytes: camera.evidence.ring,
      maxAgeMs: RING_AGE_MS,
      clock,
      logger: logger.child({ camera: camera.id, stage: 'ring' }),
      measureSegment: options.tools.measureSegment,
      signal: ringsStop.signal,
    });
    rings.push(ring);
    return ring;
  }

  /** A file is its own recording. */
  async function openFootage(address: SourceAddress, camera: CameraConfig): Promise<{ ring: SegmentRing | null; footage: Footage }> {
    if (address.kind === 'file') return { ring: null, footage: createFileFootage(address.path, null) };
    const ring = await openRing(camera);
    return { ring, footage: createRingFootage(ring) };
  }

  async function open(camera: CameraConfig): Promise<void> {
    const { ring, footage } = await openFootage(parseSourceUrl(camera.source.url), camera);
    const channel = createCameraChannel({
      camera,
      kernels,
      ring,
      clock,
      logger,
      teaching: () => options.teachingOf(camera.id),
      onIncident: options.onIncident,
      onState: (change) => options.onState(camera.id, change),
      onCrash: () => options.onCrash(camera.id),
    });
    members.push({ config: camera, channel, evidence: evidenceCamera(camera, footage), failure: null });
  }

  async function closeRings(): Promise<void> {
    ringsStop.abort();
    for (const ring of rings) await ring[Symbol.asyncDispose]();
  }

  try {
    for (const camera of options.cameras) await open(camera);
    await removeOldRings(options.ringFolder, (name) => options.cameras.some(({ id }) => id === name), logger);
  } catch (error) {
    await closeRings();
    throw error;
  }

  async function runMember(member: Member): Promise<void> {
    try {
      const end = await member.channel.run(stop.signal);
      logger.info(
        { event: 'camera-ended', camera: member.config.id, reason: end.reason, detail: end.detail },
        'a camera has come to its end',
      );
    } catch (error) {
      member.failure = errorMessage(error);
      logger.error({ event: 'camera-failed', camera: member.config.id, reason: member.failure }, 'a camera cannot be used');
      throw error;
    }
  }

  return {
    async run() {
      const runs = Promise.allSettled(members.map(runMember));
      running = runs;
      const results = await runs;
      const failures = results.filter((result) => result.status === 'rejected');
      if (failures.length > 0 && failures.length === results.length) throw failures[0]?.reason;
    },
    evidenceCamera: (cameraId) => members.find(({ config }) => config.id === cameraId)?.evidence ?? null,
    sample() {
      for (const { channel } of members) channel.sample();
    },
    teach(cameraId) {
      for (const { config, channel } of members) if (cameraId === undefined || config.id === cameraId) channel.teach();
    },
    snapshots: () =>
      members.map(({ channel, failure }) => {
        const snapshot = channel.snapshot();
        return failure === null ? snapshot : { ...snapshot, state: 'offline', reason: failure };
      }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await closeRings();
    },
  };
}
