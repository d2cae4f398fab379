import type { CameraConfig } from '../../config/camera-schema.js';
import type { CameraAnswer, CameraDetector } from '../../detectors/camera-detector.js';
import type { InferenceService } from '../../detectors/inference-service.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { createModelPace } from './model-pace.js';
import { type CameraEyes, createAwaitedPictures } from './object-eyes.js';

export interface CameraEyesOptions {
  readonly camera: Pick<CameraConfig, 'id' | 'detector'>;
  /** Name of its model. */
  readonly model: string;
  /** See {@link CameraEyes.every}. */
  readonly every: boolean;
  /** The process that runs now; another one after a change of the config, `null` while there is none. */
  readonly service: () => InferenceService | null;
  /** Why the model cannot be asked. */
  readonly problem: () => AgentError | null;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
}

/** For so long a process that is away is waited for, milliseconds; then the camera goes by what moves. It is mostly back within two seconds. */
const AWAY_MS = 10_000;
/** Share of a part that it has in common with its neighbour: a person on a seam lies whole in one of them. */
const TILE_OVERLAP = 0.2;

/** One camera's way to its model, through whatever becomes of the process that runs it. */
export function createCameraEyes({ camera, model, every, service, problem, clock, logger }: CameraEyesOptions): CameraEyes {
  const { tiles, min_score } = camera.detector;
  const wholeAlone = tiles.columns * tiles.rows === 1;
  const awaited = createAwaitedPictures();
  const pace = createModelPace();
  let place: { readonly service: InferenceService; readonly detector: CameraDetector } | null = null;
  /** Since when the process has been away, monotonic milliseconds. */
  let awaySinceMs: number | null = null;

  function leavePlace(): void {
    place?.detector[Symbol.dispose]();
    place = null;
    awaited.giveUp();
    pace.interrupted();
  }

  /** This camera's place at the process that runs now; `null` where its model is not to be had. */
  function detectorNow(): CameraDetector | null {
    const now = service();
    if (now !== null && place?.service === now) return place.detector;
    if (place !== null) leavePlace();
    const about = now?.models.get(model);
    if (now === null || about === undefined || about instanceof AgentError) return null;
    const detector = now.camera(camera.id, model, {
      least: min_score,
      tiles: wholeAlone ? null : { ...tiles, overlap: TILE_OVERLAP },
    });
    detector.onAnswer(hear);
    place = { service: now, detector };
    return detector;
  }

  /** Whether the process has been away for longer than it is waited for. */
  function isAway(): boolean {
    if (service()?.figures().running === true) {
      awaySinceMs = null;
      return false;
    }
    awaySinceMs ??= clock.monotonic();
    return clock.monotonic() - awaySinceMs > AWAY_MS;
  }

  function hear(answer: CameraAnswer): void {
    if ('failed' in answer) pace.interrupted();
    else if (pace.answered(clock.monotonic())) tellPace();
    awaited.hear({ ptsMs: answer.ptsMs, detections: 'failed' in answer ? null : answer.detections });
  }

  function tellPace(): void {
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
      const detector = problem() !== null || isAway() ? null : detectorNow();
      if (detector === null) return answer({ ptsMs, detections: 'no-model' });
      if (every) {
        void detector.ask(picture, ptsMs).then((told) => answer({ ptsMs, detections: 'failed' in told ? null : told.detections }));
        return;
      }
      awaited.add(ptsMs, answer);
      if (detector.offer(picture, ptsMs) === 'taken') return;
      awaited.replace();
      pace.replaced();
    },
    problem,
    slowness,
    figures: () => place?.detector.counters() ?? null,
    [Symbol.dispose]: leavePlace,
  };
}
