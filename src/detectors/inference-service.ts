import { createAggregatedWarning } from '../platform/aggregated-warning.js';
import type { Clock } from '../platform/clock.js';
import { AgentError, errorMessage } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { createBackoff } from '../platform/time/backoff.js';
import {
  type CameraAnswer,
  type CameraDetector,
  type CameraOptions,
  type CameraQueue,
  createCameraQueue,
  type Job,
} from './camera-detector.js';
import { createCameraTurns } from './camera-turns.js';
import type { OpenRequest } from './detector-child.js';
import { type DetectorProcess, startDetectorProcess } from './detector-process.js';
import type { ModelAbout } from './model-detector.js';

/** Pictures that are with the process at once: one in the works, one on its way, so that the next run does not wait for a transfer. */
const AT_PROCESS = 2;
/** First and longest wait before a lost process is started again, milliseconds. Shorter, and a model that always crashes keeps a core busy with starting. */
const WAIT_MS = { first: 1_000, longest: 60_000 } as const;
/** A process that lived so long was a good one, milliseconds: the next wait is a first one again. */
const HEALTHY_MS = 60_000;
/** Longest that a picture may take, milliseconds; with tiles and a large model on a small box it takes some ten seconds. What takes longer hangs. */
const ANSWER_WITHIN_MS = 60_000;
/** Longest that opening a model may take, milliseconds: TensorRT builds an engine for some minutes at the first time. What takes longer hangs. */
const OPEN_WITHIN_MS = 15 * 60_000;

export interface InferenceOptions {
  /** By the names by which cameras ask for them. */
  readonly models: ReadonlyMap<string, OpenRequest>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends what is being opened, too. */
  readonly signal?: AbortSignal;
  /** Uniform in [0, 1); spreads the waits. */
  readonly random?: () => number;
  /** The compiled process; another one in tests. */
  readonly childUrl?: URL;
}

export interface InferenceFigures {
  /** Processes that were lost and started again, or are about to be. */
  readonly restarts: number;
  /** Whether a process is there to be asked. */
  readonly running: boolean;
}

/** One process that looks at the pictures of all cameras, and is started again when it is lost. */
export interface InferenceService extends AsyncDisposable {
  /** What each model turned out to be, or why it cannot be used. */
  readonly models: ReadonlyMap<string, ModelAbout | AgentError>;
  /**
   * A camera's place at a model. A camera may have several; turns go round the cameras that have something waiting.
   *
   * @throws {AgentError} MODEL_INVALID, MODEL_MISSING or WORKER_FAILED with what is wrong with that model.
   * @throws {RangeError} when no model has this name, or the options lie out of bounds.
   */
  camera(cameraId: string, modelName: string, options: CameraOptions): CameraDetector;
  figures(): InferenceFigures;
}

/** Starts the process and opens the models, one after the other. A model that cannot be opened fails only the cameras that ask for it. */
export async function openInference(options: InferenceOptions): Promise<InferenceService> {
  const { clock, logger } = options;
  const backoff = createBackoff({
    ...{ minMs: WAIT_MS.first, spreadMs: WAIT_MS.first, youngForMs: 0, maxMs: WAIT_MS.longest },
    ...(options.random === undefined ? {} : { random: options.random }),
  });
  const warn = createAggregatedWarning(logger, clock, 'detection-failed', 'a picture could not be looked at');
  const models = new Map<string, ModelAbout | AgentError>();
  const queues = createCameraTurns();
  const closing = new AbortController();
  /** The one that is asked; `null` while there is none. */
  let running: DetectorProcess | null = null;
  /** The one that is there at all. */
  let current: DetectorProcess | null = null;
  let atProcess = 0;
  let restarts = 0;

  const closed = (): AgentError | null =>
    closing.signal.aborted ? new AgentError('WORKER_FAILED', 'nothing is looked at any more: the agent ends') : null;

  function pump(): void {
    while (running !== null && atProcess < AT_PROCESS) {
      const queue = queues.next();
      if (queue === null) return;
      void serve(queue, running);
    }
  }

  async function serve(queue: CameraQueue, by: DetectorProcess): Promise<void> {
    const job = queue.take();
    queues.taken(queue);
    atProcess++;
    const answer = await lookAt(queue, job, by);
    atProcess--;
    queue.release();
    // The process first: it can work while whoever hears the answer does.
    pump();
    queue.settle(job, answer);
  }

  async function lookAt(queue: CameraQueue, { picture, ptsMs, sinceMs }: Job, by: DetectorProcess): Promise<CameraAnswer> {
    const inTime = new AbortController();
    const { cameraId, modelName } = queue;
    const late = `${modelName} has looked at a picture for more than ${ANSWER_WITHIN_MS / 1000} s`;
    void endWhenLate({ camera: cameraId, model: modelName }, late, ANSWER_WITHIN_MS, by, inTime.signal);
    try {
      const answer = await by.detect(queue.modelName, picture, queue.ask);
      return { ptsMs, ...answer, tookMs: clock.monotonic() - sinceMs };
    } catch (error) {
      const failed = error instanceof AgentError ? error : new AgentError('MODEL_INVALID', errorMessage(error), { cause: error });
      // A lost process is told of once, not for every picture that it had.
      if (failed.code !== 'WORKER_FAILED') warn(`${queue.cameraId}: ${failed.message}`);
      return { ptsMs, failed };
    } finally {
      inTime.abort();
    }
  }

  /** Ends a process that hangs. */
  async function endWhenLate(whose: object, late: string, withinMs: number, by: DetectorProcess, inTime: AbortSignal): Promise<void> {
    try {
      await clock.delay(withinMs, inTime);
    } catch (error) {
      if (inTime.aborted) return;
      throw error;
    }
    logger.error({ event: 'inference-hung', ...whose }, `${late}; its process is ended`);
    await by[Symbol.asyncDispose]();
  }

  /**
   * Opens models in a new process. One that it dies of is left out, and the others are opened in another: they come to no harm by it.
   *
   * @returns `null` when none could be opened.
   */
  async function start(names: readonly string[]): Promise<DetectorProcess | null> {
    const left = new Set(names);
    while (left.size > 0 && !closing.signal.aborted) {
      const held = startDetectorProcess(`${left.size === 1 ? 'the model' : 'the models'} ${[...left].join(', ')}`, options.childUrl);
      current = held;
      const deadly = await openAll(held, left);
      if (deadly === null && left.size > 0 && !closing.signal.aborted) return held;
      await held[Symbol.asyncDispose]();
      if (deadly !== null) left.delete(deadly);
    }
    return null;
  }

  /** Opens what can be opened and strikes the rest off. @returns the model that the process died of. */
  async function openAll(held: DetectorProcess, names: Set<string>): Promise<string | null> {
    for (const name of names) {
      const inTime = new AbortController();
      void endWhenLate(
        { model: name },
        `${name} has been opened for more than ${OPEN_WITHIN_MS / 1000} s`,
        OPEN_WITHIN_MS,
        held,
        inTime.signal,
      );
      try {
        const about = await held.open(name, options.models.get(name) as OpenRequest);
        models.set(name, about);
        report(name, about);
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        if (closing.signal.aborted) return null;
        models.set(name, error);
        logger.error({ event: 'model-failed', model: name, code: error.code }, error.message);
        if (error.code === 'WORKER_FAILED') return name;
        names.delete(name);
      } finally {
        inTime.abort();
      }
    }
    return null;
  }

  function report(name: string, { family, provider, fallbacks }: ModelAbout): void {
    logger.info({ event: 'model-opened', model: name, family, provider }, `${name}: ${family}, on ${provider}`);
    for (const why of fallbacks)
      logger.warn({ event: 'model-fallback', model: name, provider }, `${name} runs on ${provider}, not on ${why}`);
  }

  function tellAll(error: AgentError, which: 'offered' | 'all'): void {
    for (const queue of queues) queue.fail(error, which);
  }

  /** Attends to the process until the service is closed, and starts it again. */
  async function keepRunning(first: DetectorProcess, names: readonly string[]): Promise<void> {
    for (let held: DetectorProcess | null = first; !closing.signal.aborted; held = await start(names)) {
      const sinceMs = clock.monotonic();
      running = held;
      for (const queue of queues) refuseFailed(queue);
      pump();
      const death = held === null ? failureAmong(names) : await held.ended;
      running = null;
      if (closing.signal.aborted) return;
      restarts++;
      if (clock.monotonic() - sinceMs >= HEALTHY_MS) backoff.reset();
      const waitMs = Math.round(backoff.next(0));
      logger.error(
        { event: 'inference-lost', waitMs, cameras: new Set([...queues].map(({ cameraId }) => cameraId)).size },
        `${death.message}; starting again in ${(waitMs / 1000).toFixed(1)} s`,
      );
      // What was asked for waits for the next process, but not for a third one.
      tellAll(death, held === null ? 'all' : 'offered');
      await clock.delay(waitMs, closing.signal).catch(() => undefined);
    }
  }

  /** A model may be gone when it is opened again. */
  function refuseFailed(queue: CameraQueue): void {
    const about = models.get(queue.modelName);
    if (about instanceof AgentError && running !== null) queue.fail(about, 'all');
  }

  function failureAmong(names: readonly string[]): AgentError {
    const failures = names.map((name) => models.get(name)).filter((about) => about instanceof AgentError);
    return failures[0] ?? new AgentError('WORKER_FAILED', 'no model could be opened');
  }

  const stop = (): void => {
    closing.abort();
    void current?.[Symbol.asyncDispose]();
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted === true) stop();
  const first = await start([...options.models.keys()]);
  const usable = [...models].flatMap(([name, about]) => (about instanceof AgentError ? [] : [name]));
  const attended = first === null ? Promise.resolve() : keepRunning(first, usable);

  return {
    models,
    camera(cameraId, modelName, camera) {
      const about = models.get(modelName);
      if (about === undefined) throw new RangeError(`there is no model ${modelName}`);
      if (about instanceof AgentError) throw about;
      if (!(camera.least >= 0 && camera.least <= 1)) throw new RangeError(`a score is 0 to 1, not ${camera.least}`);
      const queue = createCameraQueue({
        ...{ cameraId, modelName, about, camera, closed },
        monotonic: () => clock.monotonic(),
        wake(woken) {
          refuseFailed(woken);
          pump();
        },
        gone: queues.remove,
      });
      queues.add(queue);
      return queue.detector;
    },
    figures: () => ({ restarts, running: running !== null }),
    async [Symbol.asyncDispose]() {
      options.signal?.removeEventListener('abort', stop);
      closing.abort();
      await current?.[Symbol.asyncDispose]();
      await attended;
      const why = closed();
      if (why !== null) tellAll(why, 'all');
    },
  };
}
