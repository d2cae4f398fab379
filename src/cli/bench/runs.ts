import { readFileSync } from 'node:fs';
import type { CameraConfig } from '../../config/index.js';
import { startFfmpeg } from '../../media/ffmpeg.js';
import { inputArguments } from '../../media/input.js';
import { analyzeFile } from '../../pipeline/video-files/analyze-file.js';
import { systemClock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';

/** Clock ticks a second in `/proc`: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** CPU that this process with all its threads, and its children that have ended, used so far; user and system, milliseconds. */
export interface CpuReading {
  readonly ownMs: number;
  readonly childrenMs: number;
}

/** @throws {AgentError} where the system has no `/proc`. */
function readCpu(): CpuReading {
  const { user, system } = process.cpuUsage();
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'utf8');
  } catch (error) {
    const where = `this system does not tell what child processes cost (${errorMessage(error)})`;
    throw new AgentError('BAD_USAGE', `${where}; run parapet bench on Linux, best on the box that the agent will run on`, { cause: error });
  }
  // The name before the last bracket may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[13]) + Number(fields[14]);
  return { ownMs: (user + system) / 1000, childrenMs: (ticks * 1000) / TICKS_PER_S };
}

/** `ffmpeg -threads 1 -i VIDEO -f null -`: what everything is measured against. @returns its CPU, milliseconds. */
export async function runDecodeAlone(path: string, signal: AbortSignal): Promise<number> {
  const before = readCpu();
  const { options, source } = inputArguments({ kind: 'file', path });
  await using ffmpeg = startFfmpeg(
    {
      inputs: [{ options: ['-threads', '1', ...options], source }],
      outputs: [{ options: ['-map', '0:v:0', '-f', 'null'], target: '-' }],
    },
    { signal },
  );
  await ffmpeg.ready;
  const { reason, complaints } = await ffmpeg.exited;
  signal.throwIfAborted();
  if (reason !== 'finished') throw new AgentError('SOURCE_FAILED', `${path}: it cannot be decoded: ${complaints.at(-1) ?? reason}`);
  return readCpu().childrenMs - before.childrenMs;
}

/** One run of the real thing. */
export interface WholeRun {
  readonly pictures: number;
  readonly tookMs: number;
  /** CPU of this process's threads. */
  readonly ownMs: number;
  /** CPU of ffmpeg. */
  readonly ffmpegMs: number;
  /** Time of the last picture, seconds. */
  readonly lastS: number;
}

/** A video as `analyze` takes it: ffmpeg, the pipes, a thread with kernels and rules. The start of Node.js is not in it. */
export async function runWhole(path: string, camera: CameraConfig, logger: Logger, signal: AbortSignal): Promise<WholeRun> {
  const before = readCpu();
  const startedMs = systemClock.monotonic();
  const { figures, lastS, problem } = await analyzeFile({
    ...{ path, camera, startMs: null, paced: false, clock: systemClock, logger, signal },
    eyes: null,
    onIncidents: () => undefined,
    onProgress: () => undefined,
    progressEveryMs: 1000,
  });
  if (problem !== null) throw problem;
  const after = readCpu();
  return {
    pictures: figures.frames,
    tookMs: systemClock.monotonic() - startedMs,
    ownMs: after.ownMs - before.ownMs,
    ffmpegMs: after.childrenMs - before.childrenMs,
    lastS,
  };
}
