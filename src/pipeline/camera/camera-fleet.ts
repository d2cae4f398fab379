import { join } from 'node:path';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import type { Teaching } from '../../domain/lesson.js';
import {
  createFileFootage,
  createRingFootage,
  createSegmentRing,
  type EvidenceCamera,
  type Footage,
  type RingRoom,
  removeOldRings,
  type SegmentRing,
} from '../../evidence/index.js';
import type { MediaTools } from '../../media/footage-tools.js';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import type { CameraOwnSnapshot } from '../../platform/health/agent-snapshot.js';
import { parseSourceUrl, type SourceAddress } from '../../platform/input/source-url.js';
import type { Logger } from '../../platform/logger.js';
import type { StateChange } from '../../sources/supervisor.js';
import type { CameraEyes } from '../eyes/object-eyes.js';
import { createFigureTally, type FigureTally } from '../figures/figure-tally.js';
import { evidenceCamera } from '../incidents/evidence-camera.js';
import type { FoundIncident } from '../incidents/incident-intake.js';
import { changedMemories, type RuleKeeper, type RuleMemories } from '../learning/rule-memories.js';
import { loadKernels } from '../stages/load-kernels.js';
import { type CameraChannel, createCameraChannel, type StreamMoment } from './camera-channel.js';
import { sameStream } from './source-options.js';

export interface CameraFleetOptions {
  readonly cameras: readonly CameraConfig[];
  /** Folder of the running recordings. */
  readonly ringFolder: string;
  /** Folder of native clips of cameras whose clips are masked. */
  readonly originalsFolder: string;
  /** What the disk allows the running recordings. */
  readonly ringRoom?: RingRoom;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is known of a camera's earlier incidents. Must not throw, like all that follow. */
  readonly teachingOf: (cameraId: string) => Teaching;
  /** Incidents of a camera that its rules go on with when it is connected anew. */
  readonly openOf: (camera: CameraConfig) => readonly Incident[];
  /** What rules remember over connections. */
  readonly memories: RuleKeeper;
  /** What they have counted, over connections and restarts. */
  readonly counts: RuleKeeper;
  readonly onIncident: (found: FoundIncident) => void;
  readonly onState: (cameraId: string, change: StateChange) => void;
  readonly onCrash: (cameraId: string) => void;
  /** Where a camera's objects are named; `null`: by nobody. */
  readonly eyesOf: (camera: CameraConfig) => CameraEyes | null;
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
  /**
   * Goes on with another list of cameras. Rules, facades, masks and zones change while the stream runs on; a camera with another source or
   * another room for its recording is connected anew; cameras that are gone end, new ones begin. Whoever is in the way of nobody is not touched.
   *
   * @throws {AgentError} when a camera cannot be opened; those before it have changed then.
   */
  reconfigure(cameras: readonly CameraConfig[]): Promise<FleetChange>;
  /** The cameras as they are configured now. */
  configs(): readonly CameraConfig[];
  /** What a camera's stream shows now; `null` while it shows nothing. */
  moment(cameraId: string): StreamMoment | null;
  /** Notes the counts for the rates; call it every few seconds. */
  sample(): void;
  /** Puts on the disk what rules have counted since: before the outside is told of it, so that what was told never goes back. */
  keepCounts(): void;
  /** What is known of a camera's earlier incidents has changed, or that of all has faded. */
  teach(cameraId?: string): void;
  snapshots(): readonly CameraOwnSnapshot[];
  /** Ids of cameras that only a new process helps; one that is merely away is none. */
  stuck(): readonly string[];
}

/** Ids of cameras by what became of them. */
export interface FleetChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Connected anew. */
  readonly reconnected: readonly string[];
  /** The stream went on. */
  readonly changed: readonly string[];
}

interface Member {
  config: CameraConfig;
  readonly channel: CameraChannel;
  evidence: EvidenceCamera;
  readonly footage: Footage;
  readonly ring: SegmentRing | null;
  readonly eyes: CameraEyes | null;
  readonly stop: AbortController;
  running: Promise<void>;
  /** Why it could not be opened; only files give up. */
  failure: string | null;
}

/**
 * Opens the recordings of earlier runs and prepares every camera; nothing connects before `run`.
 *
 * @throws {AgentError} CONFIG_INVALID for a source of no known kind, STORE_FAILED or DISK_FULL for a recording's folder.
 */
export async function createCameraFleet(options: CameraFleetOptions): Promise<CameraFleet> {
  const { clock, logger } = options;
  const ringsStop = new AbortController();
  const kernels = await loadKernels();
  const members: Member[] = [];
  /** Figures of cameras that were connected anew go on. */
  const tallies = new Map<string, FigureTally>();
  /** Runs under way, of cameras that are gone too, and how they ended. */
  const runs = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let ends = 0;
  let started = false;
  let disposed = false;

  async function openRing(camera: CameraConfig): Promise<SegmentRing> {
    const ring = await createSegmentRing({
      folder: join(options.ringFolder, camera.id),
      maxBytes: camera.evidence.ring,
      ...(options.ringRoom === undefined ? {} : { room: options.ringRoom }),
      maxAgeMs: camera.evidence.ring_age,
      clock,
      logger: logger.child({ camera: camera.id, stage: 'ring' }),
      measureSegment: options.tools.measureSegment,
      signal: ringsStop.signal,
    });
    return ring;
  }

  /** A file is its own recording. */
  async function openFootage(address: SourceAddress, camera: CameraConfig): Promise<{ ring: SegmentRing | null; footage: Footage }> {
    if (address.kind === 'file') return { ring: null, footage: createFileFootage(address.path, null) };
    const ring = await openRing(camera);
    return { ring, footage: createRingFootage(ring) };
  }

  async function open(camera: CameraConfig): Promise<Member> {
    const { ring, footage } = await openFootage(parseSourceUrl(camera.source.url), camera);
    const eyes = options.eyesOf(camera);
    const channel = createCameraChannel({
      camera,
      kernels,
      ring,
      clock,
      logger,
      teaching: () => options.teachingOf(camera.id),
      memories: () => options.memories.of(camera.id),
      open: () => options.openOf(members.find(({ config }) => config.id === camera.id)?.config ?? camera),
      onMemories: (memories) => options.memories.keep({ [camera.id]: memories }),
      tally: tallyOf(camera),
      onIncident: options.onIncident,
      onState: (change) => options.onState(camera.id, change),
      onCrash: () => options.onCrash(camera.id),
      eyes,
    });
    const evidence = evidenceCamera(camera, footage, join(options.originalsFolder, camera.id));
    return {
      config: camera,
      channel,
      evidence,
      footage,
      ring,
      eyes,
      stop: new AbortController(),
      running: Promise.resolve(),
      failure: null,
    };
  }

  function tallyOf(camera: CameraConfig): FigureTally {
    const known = tallies.get(camera.id);
    const tally = known ?? createFigureTally({ camera, known: options.counts.of(camera.id), now: () => clock.now() });
    tallies.set(camera.id, tally);
    known?.configure(camera);
    return tally;
  }

  function keepCounts(): void {
    const changed: Record<string, RuleMemories> = {};
    for (const [id, tally] of tallies) {
      const counts = changedMemories(options.counts.of(id), tally.kept());
      if (Object.keys(counts).length > 0) changed[id] = counts;
    }
    options.counts.keep(changed);
  }

  /** Ends a camera and its recording; what was recorded stays on the disk. */
  async function close(member: Member): Promise<void> {
    member.stop.abort();
    await member.running;
    member.eyes?.[Symbol.dispose]();
    await member.ring?.[Symbol.asyncDispose]();
  }

  try {
    for (const camera of options.cameras) members.push(await open(camera));
    await removeOldRings(options.ringFolder, (name) => options.cameras.some(({ id }) => id === name), logger);
  } catch (error) {
    ringsStop.abort();
    for (const member of members) await close(member);
    throw error;
  }

  function start(member: Member): void {
    const run = runMember(member);
    member.running = run;
    runs.add(run);
    void run.then(() => runs.delete(run));
  }

  /** Never rejects. */
  async function runMember(member: Member): Promise<void> {
    try {
      const end = await member.channel.run(member.stop.signal);
      logger.info(
        { event: 'camera-ended', camera: member.config.id, reason: end.reason, detail: end.detail },
        'a camera has come to its end',
      );
    } catch (error) {
      member.failure = errorMessage(error);
      logger.error({ event: 'camera-failed', camera: member.config.id, reason: member.failure }, 'a camera cannot be used');
      failures.push(error);
    } finally {
      ends++;
    }
  }

  const sameRecording = (a: CameraConfig, b: CameraConfig): boolean =>
    sameStream(a, b) && a.evidence.ring === b.evidence.ring && a.evidence.ring_age === b.evidence.ring_age;

  async function reconfigure(cameras: readonly CameraConfig[]): Promise<FleetChange> {
    const change = { added: [] as string[], removed: [] as string[], reconnected: [] as string[], changed: [] as string[] };
    for (const member of [...members]) {
      if (cameras.some(({ id }) => id === member.config.id)) continue;
      members.splice(members.indexOf(member), 1);
      await close(member);
      keepCounts();
      tallies.delete(member.config.id);
      change.removed.push(member.config.id);
    }
    for (const camera of cameras) {
      const place = members.findIndex(({ config }) => config.id === camera.id);
      const member = members[place];
      if (member !== undefined && JSON.stringify(member.config) === JSON.stringify(camera)) continue;
      if (member !== undefined && sameRecording(member.config, camera)) {
        member.config = camera;
        member.evidence = evidenceCamera(camera, member.footage, join(options.originalsFolder, camera.id));
        member.channel.configure(camera);
        change.changed.push(camera.id);
        continue;
      }
      if (member !== undefined) {
        members.splice(place, 1);
        await close(member);
      }
      if (disposed) break;
      const opened = await open(camera);
      members.splice(member === undefined ? members.length : place, 0, opened);
      if (started) start(opened);
      (member === undefined ? change.added : change.reconnected).push(camera.id);
    }
    return change;
  }

  /** Changes of the list take turns. */
  let turn: Promise<unknown> = Promise.resolve();

  return {
    async run() {
      started = true;
      for (const member of members) start(member);
      // A camera that is being connected anew has ended for a moment.
      while (runs.size > 0) {
        await Promise.all(runs);
        await turn;
      }
      if (failures.length > 0 && failures.length === ends) throw failures[0];
    },
    reconfigure(cameras) {
      const done = turn.then(() => reconfigure(cameras));
      turn = done.catch(() => undefined);
      return done;
    },
    configs: () => members.map(({ config }) => config),
    moment: (cameraId) => members.find(({ config }) => config.id === cameraId)?.channel.moment() ?? null,
    evidenceCamera: (cameraId) => members.find(({ config }) => config.id === cameraId)?.evidence ?? null,
    sample() {
      for (const { channel } of members) channel.sample();
    },
    keepCounts,
    teach(cameraId) {
      for (const { config, channel } of members) if (cameraId === undefined || config.id === cameraId) channel.teach();
    },
    snapshots: () =>
      members.map(({ channel, failure }) => {
        const snapshot = channel.snapshot();
        return failure === null ? snapshot : { ...snapshot, state: 'offline', reason: failure };
      }),
    stuck: () => members.filter(({ channel }) => channel.stuck()).map(({ config }) => config.id),
    async [Symbol.asyncDispose]() {
      disposed = true;
      for (const { stop } of members) stop.abort();
      await turn;
      for (const member of members) member.stop.abort();
      await Promise.all(runs);
      ringsStop.abort();
      for (const member of members) await close(member);
      keepCounts();
    },
  };
}
