import type { Detection } from '../core/detection/detection.js';
import type { ColourPicture } from '../core/detection/fill-input.js';
import type { Tiles } from '../core/detection/tiles.js';
import { AgentError } from '../platform/errors.js';
import type { DetectAsk, ModelAbout } from './model-detector.js';

/** How a camera's pictures are looked at. */
export interface CameraOptions {
  /** Score from which a box counts, 0..1. */
  readonly least: number;
  /** Parts that the model looks at one by one, after the whole, for small things: each costs as much as a picture. Default: none. */
  readonly tiles?: Tiles | null;
}

/** What a picture showed, or why that is not known. */
export type CameraAnswer = LookedAt | NotLookedAt;

export interface LookedAt {
  /** Of the picture, as it was given. */
  readonly ptsMs: number;
  /** The surest first. */
  readonly detections: readonly Detection[];
  /** Milliseconds for writing the model's input, for the model itself, for reading its outputs, and from the offer to this answer. */
  readonly prepareMs: number;
  readonly runMs: number;
  readonly readMs: number;
  readonly tookMs: number;
}

export interface NotLookedAt {
  readonly ptsMs: number;
  /** WORKER_FAILED: the process was lost; MODEL_INVALID: the model gives what no such model gives. */
  readonly failed: AgentError;
}

/** Pictures of a camera and a model: offered = replaced + answered + failed + those that wait or are in the works. */
export interface CameraDetectorCounters {
  readonly offered: number;
  /** Never looked at, because a later one came first. */
  readonly replaced: number;
  readonly answered: number;
  readonly failed: number;
  /** Milliseconds that the model ran for this camera. */
  readonly runMs: number;
}

/** One camera's place at one model. Pictures are answered in their order. Disposing of it drops what waits. */
export interface CameraDetector extends Disposable {
  readonly about: ModelAbout;
  /**
   * Gives a picture to be looked at. One may wait beside the one in the works: a later one takes its place, since an old picture is worth nothing.
   *
   * @param picture not copied here: it must not change until it is answered or replaced.
   * @param ptsMs on the stream's own clock.
   * @returns `replaced` when one that waited was dropped for it.
   */
  offer(picture: ColourPicture, ptsMs: number): 'taken' | 'replaced';
  /** Who hears what the offered pictures showed; several may. */
  onAnswer(callback: (answer: CameraAnswer) => void): void;
  /** Looks at a picture however long that takes: for files, of which every picture counts. Goes before what is offered. It never rejects. */
  ask(picture: ColourPicture, ptsMs: number): Promise<CameraAnswer>;
  counters(): CameraDetectorCounters;
}

/** A picture that waits or is in the works. */
export interface Job {
  readonly picture: ColourPicture;
  readonly ptsMs: number;
  /** Monotonic, milliseconds. */
  readonly sinceMs: number;
  /** Takes the answer of a picture that was asked for. */
  readonly answer: ((answer: CameraAnswer) => void) | null;
}

/** The service's side of a {@link CameraDetector}. */
export interface CameraQueue {
  readonly detector: CameraDetector;
  readonly modelName: string;
  readonly cameraId: string;
  readonly ask: DetectAsk;
  /** Whether something waits and nothing is in the works. */
  ready(): boolean;
  /** Takes what comes next; it is in the works until it is settled. @throws {RangeError} when nothing waits. */
  take(): Job;
  /** Lets the next one be taken; its answer may come a little later. */
  release(): void;
  /** Counts an answer and hands it on. */
  settle(job: Job, answer: CameraAnswer): void;
  /** Answers what waits, but not what is in the works: the offered picture alone, or those asked for too. */
  fail(error: AgentError, which: 'offered' | 'all'): void;
}

export interface QueueOptions {
  readonly cameraId: string;
  readonly modelName: string;
  readonly about: ModelAbout;
  readonly camera: CameraOptions;
  readonly monotonic: () => number;
  /** Something waits. */
  readonly wake: (queue: CameraQueue) => void;
  readonly gone: (queue: CameraQueue) => void;
  /** Why nothing can be looked at any more, once it is so. */
  readonly closed: () => AgentError | null;
}

/** Makes a camera's place at a model. */
export function createCameraQueue(options: QueueOptions): CameraQueue {
  const { about, camera, monotonic } = options;
  const listeners = new Set<(answer: CameraAnswer) => void>();
  const asked: Job[] = [];
  let offered: Job | null = null;
  let busy = false;
  let gone: AgentError | null = null;
  const counters = { offered: 0, replaced: 0, answered: 0, failed: 0, runMs: 0 };

  function settle(job: Job, answer: CameraAnswer): void {
    if ('failed' in answer) counters.failed++;
    else {
      counters.answered++;
      counters.runMs += answer.runMs;
    }
    if (job.answer !== null) job.answer(answer);
    else for (const listener of listeners) listener(answer);
  }

  /** Whoever offers hears of it after the offer, not during it. */
  function refuse(job: Job, failed: AgentError): void {
    queueMicrotask(() => settle(job, { ptsMs: job.ptsMs, failed }));
  }

  function enter(job: Job, put: () => void): void {
    counters.offered++;
    const why = gone ?? options.closed();
    if (why !== null) {
      refuse(job, why);
      return;
    }
    put();
    options.wake(queue);
  }

  const detector: CameraDetector = {
    about,
    offer(picture, ptsMs) {
      const replaces = offered !== null;
      const job: Job = { picture, ptsMs, sinceMs: monotonic(), answer: null };
      enter(job, () => {
        if (replaces) counters.replaced++;
        offered = job;
      });
      return replaces ? 'replaced' : 'taken';
    },
    onAnswer(callback) {
      listeners.add(callback);
    },
    ask: (picture, ptsMs) =>
      new Promise((answer) => {
        const job: Job = { picture, ptsMs, sinceMs: monotonic(), answer };
        enter(job, () => asked.push(job));
      }),
    counters: () => ({ ...counters }),
    [Symbol.dispose]() {
      listeners.clear();
      gone = new AgentError('WORKER_FAILED', `${options.cameraId} is looked at no more`);
      queue.fail(gone, 'all');
      options.gone(queue);
    },
  };
  const queue: CameraQueue = {
    detector,
    modelName: options.modelName,
    cameraId: options.cameraId,
    ask: { least: camera.least, tiles: camera.tiles ?? null },
    ready: () => !busy && (offered !== null || asked.length > 0),
    take() {
      const job = asked.shift() ?? offered;
      if (job === null) throw new RangeError(`nothing of ${options.cameraId} waits`);
      if (job === offered) offered = null;
      busy = true;
      return job;
    },
    release() {
      busy = false;
    },
    settle,
    fail(error, which) {
      const jobs = [...(which === 'all' ? asked.splice(0) : []), ...(offered === null ? [] : [offered])];
      offered = null;
      for (const job of jobs) refuse(job, error);
    },
  };
  return queue;
}
