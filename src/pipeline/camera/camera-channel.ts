import { ulid } from 'ulid';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import type { Teaching } from '../../domain/lesson.js';
import type { SegmentRing } from '../../evidence/index.js';
import type { Clock } from '../../platform/clock.js';
import { errorMessage } from '../../platform/errors.js';
import type { CameraOwnSnapshot } from '../../platform/health/agent-snapshot.js';
import type { Logger } from '../../platform/logger.js';
import type { SourceConnection, SourceEnd } from '../../sources/contract.js';
import { createSource } from '../../sources/index.js';
import { type Consumer, createSupervisor, type StateChange } from '../../sources/supervisor.js';
import type { CameraEyes } from '../eyes/object-eyes.js';
import type { FigureTally } from '../figures/figure-tally.js';
import { createRateMeter } from '../figures/rate-meter.js';
import type { FoundIncident } from '../incidents/incident-intake.js';
import type { RuleMemories } from '../learning/rule-memories.js';
import { addFigures, type CameraFigures, noFigures } from './camera-counters.js';
import type { ThreadConnection } from './camera-thread.js';
import { type CameraWorker, startCameraWorker, type WorkerEnd } from './camera-worker.js';
import { sameStream, sourceOptions } from './source-options.js';

export interface CameraChannelOptions {
  readonly camera: CameraConfig;
  readonly kernels: WebAssembly.Module;
  /** Where the stream is recorded; `null` for a file, which is its own recording. */
  readonly ring: SegmentRing | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is known of earlier incidents; asked for every connection. Must not throw. */
  readonly teaching: () => Teaching;
  /** What its rules remembered; asked for every connection. Must not throw. */
  readonly memories: () => RuleMemories;
  /** What the connection before left open; asked for every connection of a camera, of none to a file. Must not throw. */
  readonly open: () => readonly Incident[];
  /** Must not throw. */
  readonly onMemories: (memories: RuleMemories) => void;
  /** Where its rules' figures are added up: over connections, and over channels. */
  readonly tally: FigureTally;
  /** Must not throw. */
  readonly onIncident: (found: FoundIncident) => void;
  readonly onState: (change: StateChange) => void;
  /** The thread was lost with what it knew: incidents that it had open will never be ended by it. Must not throw. */
  readonly onCrash: () => void;
  /** Where its objects are named; `null`: by nobody. */
  readonly eyes: CameraEyes | null;
  /** The compiled thread; another one in tests. */
  readonly threadUrl?: URL;
}

/**
 * No step of a camera takes so long beside its own `source.timeout`, milliseconds: ending a connection has 10 s for the reader and 2 s for
 * ffmpeg, a pause 2 s. Ten times that, since what follows is the end of the whole agent.
 */
const STUCK_MS = 120_000;
/** A connection asks the camera about its stream and waits for its first picture, each with a second try. */
const TIMEOUTS_A_CONNECTION = 4;

/**
 * How long a camera's thread waits for it to be connected again, milliseconds; what is open then is ended, but for what can be known again later. What stands still
 * stays where it is for longer, but whoever is there may have come and gone; and each thread that waits holds some 50 MB.
 */
export const LONGEST_PAUSE_MS = 600_000;
/** How long a thread that waits may take to end what is open, milliseconds: it takes some ten. */
const FINISH_MS = 10_000;

/** A moment of a camera's stream. */
export interface StreamMoment {
  readonly connectionId: string;
  /** Milliseconds on the stream's clock: of the newest picture. */
  readonly ptsMs: number;
}

/** One camera from its connection to its incidents. Whatever happens to it, other cameras do not notice. */
export interface CameraChannel {
  /** Runs until the signal aborts; a file's channel, until the file ends. @throws {AgentError} when a file cannot be opened. */
  run(signal: AbortSignal): Promise<SourceEnd>;
  /** Notes the counts for the rates; call it every few seconds. */
  sample(): void;
  /** What is known of earlier incidents has changed, or faded. */
  teach(): void;
  /** From now on, with the stream that it has. @throws {RangeError} when another source is meant: that is another channel. */
  configure(camera: CameraConfig): void;
  state(): StateChange;
  /** What its stream's clock shows now, and where it is recorded; `null` while no picture comes. */
  moment(): StreamMoment | null;
  /** Whether something in it has not ended for so long that only a new process helps; see `Supervisor.quietMs`. */
  stuck(): boolean;
  snapshot(): CameraOwnSnapshot;
}

export function createCameraChannel(options: CameraChannelOptions): CameraChannel {
  const { ring, clock } = options;
  let { camera } = options;
  const logger = options.logger.child({ camera: camera.id });
  const rates = { camera: createRateMeter(), skipped: createRateMeter(), processed: createRateMeter() };
  /** Of threads that have ended. */
  let past: CameraFigures = noFigures;
  /** Looks at the pictures of a connection, or waits for the next one. */
  let running: CameraWorker | null = null;
  /** Ends the wait for the next connection. */
  let waiting: AbortController | null = null;
  let picture: string | null = null;
  /** The latest connection, and what the thread had counted before it. */
  let latest = { id: '', frames: 0 };
  /** Of the connection whose pictures come. */
  let shown: string | null = null;
  /** The connection that is being recorded, or was to be. */
  let recording: string | null = null;
  /** Of a connection that is not recorded: how often the disk had been opened again by then. */
  let unrecordedSince: number | null = null;

  const figures = (): CameraFigures => (running === null ? past : addFigures(past, running.figures()));

  /** A folder for the next connection's segments. Without room for it detection goes on all the same. */
  async function beginRecording(): Promise<string | null> {
    if (ring === null) return null;
    await endRecording();
    unrecordedSince = null;
    const id = ulid();
    try {
      const folder = await ring.begin(id);
      recording = id;
      return folder;
    } catch (error) {
      unrecordedSince = ring.room?.timesReopened() ?? null;
      logger.error(
        { event: 'recording-failed', reason: errorMessage(error) },
        'this connection is not recorded, its incidents will have no clip',
      );
      return null;
    }
  }

  async function endRecording(): Promise<void> {
    const id = recording;
    recording = null;
    if (ring === null || id === null) return;
    await ring.end(id).catch((error: unknown) => {
      logger.error({ event: 'recording-unfinished', reason: errorMessage(error) }, 'the end of a recording could not be taken in');
    });
  }

  function consume(connection: SourceConnection): Consumer {
    const { stream, framesFds, pixelFormat, roi = null, wallClock } = connection;
    // A file is its own recording: any id will do.
    const connectionId = recording ?? ulid();
    shown = connectionId;
    picture = `${stream.width}×${stream.height} ${stream.codec}`;
    waiting?.abort();
    latest = { id: connectionId, frames: running?.figures().frames ?? 0 };
    const [worker, end] = lookAt({ framesFds, pixelFormat, roi, wallClock });
    const ended = end.then((told) => {
      options.tally.close();
      shown = null;
      if (told.reason === 'crashed') {
        lose(worker);
        logger.error({ event: 'worker-crashed', err: told.error }, told.error.message);
        options.onCrash();
      } else if (source.live) void waitForNext(worker);
      else lose(worker);
      return { reason: told.reason };
    });
    // Evidence of the last incident waits for the recording's end, not for the next connection.
    void Promise.all([connection.ended, ended]).then(endRecording);
    return { frames: () => worker.figures().frames - latest.frames, ended, terminate: worker.terminate };
  }

  /** Has a connection looked at: by the thread that waits for it, or a new one. */
  function lookAt(connection: ThreadConnection): readonly [CameraWorker, Promise<WorkerEnd>] {
    if (running !== null) return [running, running.next(connection)];
    const worker = startCameraWorker({
      data: {
        ...{ camera, kernels: options.kernels, connection },
        ...{ teaching: options.teaching(), memories: options.memories(), idSeed: null },
        // A file that is over is over.
        carried: source.live ? options.open() : null,
      },
      onMemories: options.onMemories,
      onFigures: (figures, last) => {
        options.tally.take(figures);
        if (last) options.tally.close();
      },
      eyes: options.eyes,
      onIncidents: (incidents) => {
        for (const incident of incidents) options.onIncident({ incident, connectionId: latest.id });
      },
      ...(options.threadUrl === undefined ? {} : { threadUrl: options.threadUrl }),
    });
    running = worker;
    return [worker, worker.ended];
  }

  /** A thread has ended. */
  function lose(worker: CameraWorker): void {
    past = addFigures(past, worker.figures());
    running = null;
  }

  /** Ends a thread when the camera stays away for too long. */
  async function waitForNext(worker: CameraWorker): Promise<void> {
    const wait = new AbortController();
    waiting = wait;
    await clock.delay(LONGEST_PAUSE_MS, wait.signal).catch(() => undefined);
    if (wait.signal.aborted || running !== worker) return;
    await finish(worker);
  }

  /** Has a thread that waits end what is open. */
  async function finish(worker: CameraWorker): Promise<void> {
    lose(worker);
    const limit = new AbortController();
    const late = clock.delay(FINISH_MS, limit.signal).then(
      () => true,
      () => false,
    );
    const hangs = await Promise.race([worker.finish().then(() => false), late]);
    limit.abort();
    if (!hangs) return;
    logger.error({ event: 'reader-hung' }, 'a thread that waited for its camera did not end when told to; it is terminated');
    await worker.terminate();
    options.onCrash();
  }

  const source = createSource(sourceOptions(camera, logger));

  const supervisor = createSupervisor({
    source,
    clock,
    logger,
    stallMs: camera.source.stall,
    segmentsFolder: beginRecording,
    // Once for each time that the disk is well again: what is wrong besides would have it connect every second.
    canRecordAgain: () => unrecordedSince !== null && ring?.room?.isOpen() === true && ring.room.timesReopened() > unrecordedSince,
    consume,
    onState: options.onState,
  });

  return {
    async run(signal) {
      try {
        return await supervisor.run(signal);
      } finally {
        waiting?.abort();
        if (running !== null) await finish(running);
        await endRecording();
      }
    },
    sample() {
      const { frames, skippedFrames, repeatedFrames, vetoedFrames } = figures();
      const nowMs = clock.monotonic();
      rates.camera.note(frames + skippedFrames, nowMs);
      rates.skipped.note(skippedFrames, nowMs);
      rates.processed.note(frames - repeatedFrames - vetoedFrames, nowMs);
    },
    teach: () => running?.teach(options.teaching()),
    configure(next) {
      if (!sameStream(next, camera)) throw new RangeError(`camera ${camera.id} has another source now`);
      camera = next;
      options.tally.configure(next);
      running?.configure(next);
    },
    state: () => supervisor.state(),
    moment() {
      const { frames, lastPtsMs } = running?.figures() ?? noFigures;
      return shown === null || frames <= latest.frames ? null : { connectionId: shown, ptsMs: lastPtsMs };
    },
    stuck: () => supervisor.quietMs() > STUCK_MS + TIMEOUTS_A_CONNECTION * camera.source.timeout,
    snapshot() {
      const { state, sinceMs, detail } = supervisor.state();
      const { frames, skippedFrames, repeatedFrames, vetoedFrames, candidates, stageMs } = figures();
      return {
        id: camera.id,
        state,
        sinceMs,
        reason: detail ?? options.eyes?.problem()?.message ?? options.eyes?.slowness() ?? null,
        picture,
        cameraFps: rates.camera.perSecond(),
        processFps: rates.processed.perSecond(),
        skippedFps: rates.skipped.perSecond(),
        frames,
        skippedFrames,
        repeatedFrames,
        vetoedFrames,
        candidates,
        stageMs,
        restarts: supervisor.restarts(),
        ringBytes: ring?.usage().bytes ?? 0,
        modelOk: options.eyes === null ? null : options.eyes.problem() === null,
        detector: options.eyes?.figures() ?? null,
        counted: options.tally.now(),
      };
    },
  };
}
