import { Worker } from 'node:worker_threads';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import type { Teaching } from '../../domain/lesson.js';
import type { FramesEnd } from '../../media/frame-reader.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import { answerLooks, type CameraEyes, type ThreadEyesData } from '../eyes/object-eyes.js';
import type { RuleFigures } from '../figures/rule-figures.js';
import type { RuleMemories } from '../learning/rule-memories.js';
import { type CameraFigures, createCountersMemory, readFigures } from './camera-counters.js';
import type { ThreadMessage } from './camera-loop.js';
import type { CameraThreadData, ThreadConnection, ThreadOrder } from './camera-thread.js';

/** How a camera's thread ended: with its stream, or by itself, which is a fault. */
export type WorkerEnd = FramesEnd | { readonly reason: 'crashed'; readonly error: AgentError };

export interface CameraWorkerOptions {
  readonly data: Omit<CameraThreadData, 'counters' | 'eyes'>;
  /** Where its objects are named; `null`: by nobody. */
  readonly eyes: CameraEyes | null;
  /** What was found, in order. Must not throw: there is nobody above it to catch. */
  readonly onIncidents: (incidents: readonly Incident[]) => void;
  /** What its rules remember otherwise than before. Must not throw either. */
  readonly onMemories: (memories: RuleMemories) => void;
  /** What its rules have counted and measured; `last`: the next figures begin anew. Must not throw. */
  readonly onFigures?: (figures: RuleFigures, last: boolean) => void;
  /** The compiled thread; another one in tests. */
  readonly threadUrl?: URL;
}

/**
 * The pixel work of one camera in a thread of its own. A connection ends with its stream of pictures: to end it, stop the decoder, which closes the stream.
 *
 * Where the data say that another connection may follow, the thread waits for it, so that what goes on in the street goes on
 * ([why](../../../docs/adr/0022-outliving-a-connection.md)). Otherwise it ends with its connection.
 */
export interface CameraWorker {
  /** The first connection's end. Resolves once, never rejects; all incidents have been handed over by then. */
  readonly ended: Promise<WorkerEnd>;
  /** Goes on with another connection, after the end of the one before; resolves with its end. */
  next(connection: ThreadConnection): Promise<WorkerEnd>;
  /** No other connection follows: ends what is open, and the thread. Resolves when that is done, or the thread was lost. */
  finish(): Promise<void>;
  figures(): CameraFigures;
  /** Hands over what is known of earlier incidents, before the next picture. */
  teach(teaching: Teaching): void;
  /** Goes on with other rules, facade, masks and zones; the stream stays, so they must be ones that it serves. */
  configure(camera: CameraConfig): void;
  /** For a thread that does not end although its stream has: one that hangs in a computation. */
  terminate(): Promise<void>;
}

/**
 * What a thread's own heap may take, MB. Pictures lie outside it, in WebAssembly memory; candidates and paths need some 20 MB in heavy
 * snow. Without limits the heap grows to hundreds of megabytes before it is swept.
 */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

/** The thread's own code; beside this file once compiled. */
const builtThread = new URL('./camera-thread.js', import.meta.url);

export function startCameraWorker(options: CameraWorkerOptions): CameraWorker {
  const counters = createCountersMemory();
  const { eyes } = options;
  const eyesData: ThreadEyesData | null =
    eyes === null ? null : { every: eyes.every, answered: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) };
  const data: CameraThreadData = { ...options.data, counters, eyes: eyesData };
  const worker = new Worker(options.threadUrl ?? builtThread, { workerData: data, name: `camera-${data.camera.id}`, resourceLimits });
  let crash: unknown = null;
  let endConnection: (end: FramesEnd) => void = () => undefined;
  const order = (message: ThreadOrder): void => worker.postMessage(message);
  const onLook = eyes === null || eyesData === null ? null : answerLooks(eyes, eyesData, (sighting) => order({ kind: 'seen', sighting }));
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'incidents') options.onIncidents(message.incidents);
    else if (message.kind === 'look') onLook?.(message);
    else if (message.kind === 'memories') options.onMemories(message.memories);
    else if (message.kind === 'figures') options.onFigures?.(message.figures, message.last);
    else endConnection(message.end);
  });
  worker.on('error', (error) => {
    crash = error;
  });
  const exited = new Promise<WorkerEnd>((resolve) => {
    worker.on('exit', (code) => resolve({ reason: 'crashed', error: crashError(data.camera.id, crash, code) }));
  });
  /** A connection's end that was told before the thread's own comes first. */
  const nextEnd = (): Promise<WorkerEnd> => {
    const told = new Promise<WorkerEnd>((resolve) => {
      endConnection = resolve;
    });
    return Promise.race([told, exited]);
  };
  return {
    ended: nextEnd(),
    next(connection) {
      const ended = nextEnd();
      order({ kind: 'connect', connection });
      return ended;
    },
    async finish() {
      order({ kind: 'finish' });
      await exited;
    },
    figures: () => readFigures(counters),
    teach: (teaching) => order({ kind: 'teach', teaching }),
    configure: (camera) => order({ kind: 'configure', camera }),
    async terminate() {
      await worker.terminate();
    },
  };
}

function crashError(camera: string, crash: unknown, code: number): AgentError {
  const why = crash === null ? `exit code ${code}` : errorMessage(crash);
  return new AgentError('WORKER_FAILED', `camera ${camera}: its thread ended unexpectedly (${why}); it is started again`, { cause: crash });
}
