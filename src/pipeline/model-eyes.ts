import type { CameraConfig } from '../config/camera-schema.js';
import type { ResolvedConfig } from '../config/schema.js';
import type { CameraAnswer, CameraDetector } from '../detectors/camera-detector.js';
import type { OpenRequest } from '../detectors/detector-child.js';
import { type InferenceService, openInference } from '../detectors/inference-service.js';
import { entryNamed, modelFile, ownRegistry, readRegistry } from '../detectors/model-registry.js';
import type { Clock } from '../platform/clock.js';
import { AgentError } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { workOf } from '../rules/registry.js';
import { createModelPace, type PaceCounters } from './model-pace.js';
import { type CameraEyes, createAwaitedPictures } from './object-eyes.js';

export interface ModelEyesOptions {
  readonly config: Pick<ResolvedConfig, 'inference' | 'cameras'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The models that an agent's cameras ask for, in one process, and each camera's way to its own. */
export interface ModelEyes extends AsyncDisposable {
  /** `null`: none of its rules wants names, or its config wants no model. @param every see {@link CameraEyes.every}. */
  of(camera: CameraConfig, every: boolean): CameraEyes | null;
  /** Times that the process was lost and started again. */
  restarts(): number;
  /** Goes on with another config: models that are new are opened. */
  reconfigure(config: Pick<ResolvedConfig, 'inference' | 'cameras'>): Promise<void>;
}

/** What a config says where it wants no model although one is configured for all. */
const NO_MODEL = 'none';

/** Name of the model that a camera's rules want; `null`: none. */
export function modelOf({ detector, rules }: Pick<CameraConfig, 'detector' | 'rules'>): string | null {
  if (detector.model === null || detector.model === NO_MODEL) return null;
  const wanted = rules.some((rule) => {
    const work = workOf(rule);
    return work.input === 'street' && work.labels(rule).length > 0;
  });
  return wanted ? detector.model : null;
}

/** Opens what the cameras ask for. A model that cannot be used is told of, and costs only the cameras that ask for it. */
export async function openModelEyes(options: ModelEyesOptions): Promise<ModelEyes> {
  const { clock, logger } = options;
  const problems = new Map<string, AgentError>();
  /** Of processes that gave way to another config's. */
  let restartsBefore = 0;
  let open: { readonly key: string; readonly service: InferenceService } | null = null;

  async function requestsOf({ inference, cameras }: ModelEyesOptions['config']): Promise<Map<string, OpenRequest>> {
    const requests = new Map<string, OpenRequest>();
    const wanted = new Set(cameras.map(modelOf).filter((name) => name !== null));
    if (wanted.size === 0) return requests;
    const entries = await readRegistry(inference.registry ?? ownRegistry).catch((error: unknown) => fail([...wanted], error));
    for (const name of entries === null ? [] : wanted) {
      try {
        const model = entryNamed(entries ?? [], name);
        requests.set(name, {
          engine: { file: await modelFile(model, inference.folder), providers: inference.providers, threads: inference.threads },
          model,
        });
      } catch (error) {
        fail([name], error);
      }
    }
    return requests;
  }

  /** Notes that models cannot be used. */
  function fail(names: readonly string[], error: unknown): null {
    if (!(error instanceof AgentError)) throw error;
    for (const name of names) problems.set(name, error);
    logger.error(
      { event: 'model-unusable', models: names, code: error.code },
      `objects are not named by ${names.join(', ')}: ${error.message}`,
    );
    return null;
  }

  async function reconfigure(config: ModelEyesOptions['config']): Promise<void> {
    problems.clear();
    const requests = await requestsOf(config);
    const key = JSON.stringify([...requests]);
    if (open?.key === key) return;
    const before = open;
    open = requests.size === 0 ? null : { key, service: await openInference({ models: requests, clock, logger }) };
    for (const [name, about] of open?.service.models ?? []) if (about instanceof AgentError) problems.set(name, about);
    restartsBefore += before?.service.figures().restarts ?? 0;
    await before?.service[Symbol.asyncDispose]();
  }

  function of(camera: CameraConfig, every: boolean): CameraEyes | null {
    const model = modelOf(camera);
    if (model === null) return null;
    const { tiles, min_score } = camera.detector;
    const whole = tiles.columns * tiles.rows === 1;
    let place = null as { readonly service: InferenceService; readonly detector: CameraDetector } | null;
    const awaited = createAwaitedPictures();
    const pace = createModelPace();

    function hear(answer: CameraAnswer): void {
      awaited.hear({ ptsMs: answer.ptsMs, detections: 'failed' in answer ? null : answer.detections });
    }

    /** This camera's place at the process that runs now; `null` where its model cannot be used. */
    function detectorNow(name: string): CameraDetector | null {
      if (open === null || problems.has(name)) return null;
      if (place?.service === open.service) return place.detector;
      place?.detector[Symbol.dispose]();
      awaited.giveUp();
      try {
        const detector = open.service.camera(camera.id, name, {
          least: min_score,
          tiles: whole ? null : { ...tiles, overlap: TILE_OVERLAP },
        });
        detector.onAnswer(hear);
        place = { service: open.service, detector };
        return detector;
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        problems.set(name, error);
        return null;
      }
    }

    function watchPace(counters: PaceCounters): void {
      if (!pace.note(counters, clock.monotonic())) return;
      const slow = slowness();
      if (slow === null) logger.info({ event: 'model-keeps-up', camera: camera.id }, `${model} looks at ${camera.id} often enough again`);
      else logger.warn({ event: 'model-slow', camera: camera.id, perSecond: pace.tooFew() }, `${camera.id}: ${slow}`);
    }

    function slowness(): string | null {
      const perSecond = pace.tooFew();
      if (perSecond === null) return null;
      return `${model} looks at it only ${perSecond.toFixed(2)} times a second, and what moves is missed: take a smaller model, fewer tiles or cameras, or more threads or another provider (inference.threads, inference.providers)`;
    }

    return {
      every,
      look(picture, ptsMs, answer) {
        const detector = detectorNow(model);
        if (detector === null) return answer({ ptsMs, detections: null });
        if (every) {
          void detector.ask(picture, ptsMs).then((told) => answer({ ptsMs, detections: 'failed' in told ? null : told.detections }));
          return;
        }
        awaited.add(ptsMs, answer);
        detector.offer(picture, ptsMs);
        watchPace(detector.counters());
      },
      problem: () => problems.get(model) ?? null,
      slowness,
      figures: () => place?.detector.counters() ?? null,
    };
  }

  await reconfigure(options.config);
  return {
    of,
    restarts: () => restartsBefore + (open?.service.figures().restarts ?? 0),
    reconfigure,
    async [Symbol.asyncDispose]() {
      const last = open;
      open = null;
      await last?.service[Symbol.asyncDispose]();
    },
  };
}

/** Share of a part that it has in common with its neighbour: a person on a seam lies whole in one of them. */
const TILE_OVERLAP = 0.2;
