import { Session } from 'node:inspector/promises';
import type { CameraConfig } from '../../config/index.js';
import type { Incident } from '../../domain/incident.js';
import { createFrameReader } from '../../media/frame-reader.js';
import { createWallClock } from '../../media/wall-clock.js';
import { sourceOptions } from '../../pipeline/camera/source-options.js';
import { createIdFactory } from '../../pipeline/incidents/incident-ids.js';
import { loadCameraParts } from '../../pipeline/stages/camera-parts.js';
import type { CameraPipeline } from '../../pipeline/stages/camera-pipeline.js';
import { createCameraPipeline } from '../../pipeline/stages/create-camera-pipeline.js';
import { loadKernels } from '../../pipeline/stages/load-kernels.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { createSource } from '../../sources/index.js';
import { divideProfile, type ProfileShares } from './profile.js';

/** Time between two looks of the profiler, microseconds: some 20 in a 1080p picture, at a cost of a few per cent. */
const SAMPLING_US = 200;

/** What the engine alone, between a picture in memory and its incidents, spent. */
export interface EngineRun {
  readonly pictures: number;
  /** CPU of this process during the engine's work, milliseconds. */
  readonly cpuMs: number;
  readonly shares: ProfileShares;
  /** Incidents that ended in it. */
  readonly incidents: number;
}

/**
 * Takes a video through the engine in the calling thread, under V8's own profiler: what its parts cost. Without threads of its own
 * the CPU clock around the engine's calls is exact, and a machine that is busy with other things does not show in it.
 *
 * @throws {AgentError} when the video cannot be read. The signal's reason when aborted.
 */
export async function runEngine(path: string, camera: CameraConfig, logger: Logger, signal: AbortSignal): Promise<EngineRun> {
  const kernels = await loadKernels();
  const parts = await loadCameraParts(camera);
  const source = createSource({ ...sourceOptions(camera, logger), url: path });
  await using connection = await source.connect(null, signal);
  let pipeline: CameraPipeline | null = null;
  const reader = createFrameReader({
    fds: connection.framesFds,
    cameraId: camera.id,
    format: connection.pixelFormat,
    roi: connection.roi ?? null,
    allocate: (picture) => {
      const created = createCameraPipeline({
        ...{ camera, parts, kernels, ...picture },
        // What a model costs is the model's: parapet models verify tells it.
        openEyes: () => null,
        createId: createIdFactory(path),
        monotonic: () => performance.now(),
      });
      pipeline = created;
      return () => created.frameBuffer();
    },
    wallClock: createWallClock(connection.wallClock, () => Date.now()),
  });
  const running = (): CameraPipeline | null => pipeline;
  const profiler = await startProfiler();
  let cpuUs = 0;
  let pictures = 0;
  let incidents = 0;
  for (const frame of reader.frames()) {
    const before = process.cpuUsage();
    incidents += ended(engineWork(() => running()?.process(frame) ?? []));
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    pictures++;
    // Reading blocks the thread: here it hears whether it shall end, and ffmpeg's own words.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) connection.stop('shutdown');
  }
  incidents += ended(running()?.finish() ?? []);
  const profile = await profiler.stop();
  signal.throwIfAborted();
  if (pictures === 0) throw new AgentError('SOURCE_FAILED', `${path}: no picture could be read; parapet probe says what it is`);
  return { pictures, cpuMs: cpuUs / 1000, shares: divideProfile(profile, engineWork.name, kernelNames(kernels)), incidents };
}

/** What the profile looks for: below it lies the engine's work and nothing else. */
function engineWork<T>(work: () => T): T {
  return work();
}

function ended(reports: readonly Incident[]): number {
  return reports.filter(({ phase }) => phase === 'end').length;
}

async function startProfiler() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await session.post('Profiler.start');
  return {
    async stop() {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return profile;
    },
  };
}

/** Exported functions of WebAssembly are named by their number, as they are in a profile. */
function kernelNames(module: WebAssembly.Module): ReadonlyMap<string, string> {
  const { exports } = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } });
  return new Map(
    Object.entries(exports).flatMap(([name, value]) => (typeof value === 'function' ? [[`wasm-function[${value.name}]`, name]] : [])),
  );
}
