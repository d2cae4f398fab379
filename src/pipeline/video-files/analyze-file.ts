import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { SourceEnd } from '../../sources/contract.js';
import { createSource } from '../../sources/index.js';
import type { CameraFigures } from '../camera/camera-counters.js';
import { startCameraWorker, type WorkerEnd } from '../camera/camera-worker.js';
import { sourceOptions } from '../camera/source-options.js';
import type { CameraEyes } from '../eyes/object-eyes.js';
import type { RuleFigures } from '../figures/rule-figures.js';
import { loadKernels } from '../stages/load-kernels.js';

export interface AnalyzeFileOptions {
  readonly path: string;
  /** Its facade, masks and rules count. */
  readonly camera: CameraConfig;
  /** Wall clock of the file's beginning, UTC milliseconds since 1970; `null`: as its metadata says, or 1970. */
  readonly startMs: number | null;
  /** Read it no faster than it plays. */
  readonly paced: boolean;
  /** Where its objects are named; `null`: by nobody. */
  readonly eyes: CameraEyes | null;
  readonly onIncidents: (incidents: readonly Incident[]) => void;
  /** Seconds on the file's clock. */
  readonly onProgress: (progress: { readonly atS: number; readonly durationS: number | null }) => void;
  readonly progressEveryMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface AnalysisResult {
  readonly figures: CameraFigures;
  /** What its rules counted and measured, by their names. */
  readonly ruleFigures: RuleFigures;
  /** Length as the file claims, seconds; `null` when it does not. */
  readonly durationS: number | null;
  /** Whether its metadata says when it was recorded. */
  readonly namesItsTime: boolean;
  /** Time of the last picture, seconds. */
  readonly lastS: number;
  /** Made from the file's contents: what ids are made from. */
  readonly idSeed: string;
  /** Why the rest of the file was not looked at; `null` when all of it was. */
  readonly problem: AgentError | null;
  /** What is wrong with the file although it was read to its end, one line; `null` when nothing is. */
  readonly blemish: string | null;
}

/**
 * Takes a file through the same thread and pipeline as a live camera's. Deterministic: the same bytes give the same
 * incidents, whatever the file is called and however fast it is read.
 *
 * @throws {AgentError} when the file cannot be opened at all. The signal's reason when aborted.
 */
export async function analyzeFile(options: AnalyzeFileOptions): Promise<AnalysisResult> {
  const { path, camera, clock, logger, signal } = options;
  const source = createSource({
    ...sourceOptions(camera, logger),
    url: path,
    paced: options.paced,
    ...(options.startMs === null ? {} : { epochMs: options.startMs }),
  });
  const kernels = await loadKernels();
  await using connection = await source.connect(null, signal);
  const idSeed = `${camera.id}/${await fingerprint(path)}`;
  const { framesFds, pixelFormat, roi = null, wallClock, stream } = connection;
  let ruleFigures: RuleFigures = {};
  const worker = startCameraWorker({
    data: { camera, kernels, connection: { framesFds, pixelFormat, roi, wallClock }, teaching: null, memories: {}, carried: null, idSeed },
    eyes: options.eyes,
    // The same bytes give the same events: nothing is taken along from one analysis to the next.
    onMemories: () => undefined,
    onIncidents: options.onIncidents,
    onFigures: (latest) => {
      ruleFigures = latest;
    },
  });
  const over = new AbortController();
  const reporting = reportProgress(clock, over.signal, options.progressEveryMs, () =>
    options.onProgress({ atS: worker.figures().lastPtsMs / 1000, durationS: stream.durationS }),
  );
  const workerEnd = await worker.ended;
  if (workerEnd.reason !== 'ended' && workerEnd.reason !== 'cut') connection.stop('reader-failed');
  const sourceEnd = await connection.ended;
  over.abort();
  await reporting;
  signal.throwIfAborted();
  const figures = worker.figures();
  return {
    figures,
    ruleFigures,
    durationS: stream.durationS,
    namesItsTime: stream.creationTimeMs !== null,
    lastS: figures.lastPtsMs / 1000,
    idSeed,
    problem: problemOf(path, workerEnd, sourceEnd),
    blemish: sourceEnd.reason === 'end-of-file' ? sourceEnd.detail : null,
  };
}

function problemOf(path: string, worker: WorkerEnd, source: SourceEnd): AgentError | null {
  if (worker.reason === 'crashed') return worker.error;
  if (worker.reason === 'resolution-changed') {
    return new AgentError('SOURCE_FAILED', `${path}: the size of its pictures changes; split the file there and analyze the parts`);
  }
  if (worker.reason === 'malformed') return new AgentError('SOURCE_FAILED', `${path}: its pictures could not be read (${worker.detail})`);
  if (source.reason === 'end-of-file') return null;
  const code = source.reason === 'truncated' ? 'SOURCE_TRUNCATED' : 'SOURCE_FAILED';
  return new AgentError(code, `${path}: ${source.detail ?? source.reason}`);
}

async function reportProgress(clock: Clock, signal: AbortSignal, everyMs: number, report: () => void): Promise<void> {
  while (!signal.aborted) {
    report();
    await clock.delay(everyMs, signal).catch(() => undefined);
  }
}

/** How much of the file's beginning counts, bytes: enough that two recordings differ in it. */
const FINGERPRINT_BYTES = 64 * 1024;

/** What tells a file from others by its contents, at no cost. */
async function fingerprint(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(FINGERPRINT_BYTES), 0, FINGERPRINT_BYTES, 0);
    const { size } = await file.stat();
    return createHash('sha256').update(`${size}/`).update(buffer.subarray(0, bytesRead)).digest('hex');
  } finally {
    await file.close();
  }
}
