import type { ColourPicture } from '../core/detection/fill-input.js';
import { AgentError, type ErrorCode, errorMessage } from '../platform/errors.js';
import type { EngineOptions } from './engine.js';
import { createModelDetector, type DetectorAnswer, type ModelAbout, type ModelDetector } from './model-detector.js';
import type { ModelEntry } from './model-entry.js';
import { openOnnxModel } from './onnx/onnx-engine.js';

/** The first thing that the process is told. */
export interface OpenRequest {
  readonly engine: EngineOptions;
  readonly model: Pick<ModelEntry, 'labels' | 'family' | 'input'>;
}

/** What it is asked from then on. */
export interface DetectRequest {
  readonly id: number;
  readonly picture: ColourPicture;
  readonly least: number;
}

/** What it answers; what failed carries the id of what was asked, `null` for the opening. */
export type DetectorReply =
  | { readonly about: ModelAbout }
  | { readonly id: number; readonly answer: DetectorAnswer }
  | { readonly id: number | null; readonly failed: string; readonly code: ErrorCode };

let detector: ModelDetector | null = null;

process.once('message', (request: OpenRequest) => {
  void open(request).then(async (reply) => {
    process.send?.(reply);
    process.on('message', (next: DetectRequest) => void detect(next).then((done) => process.connected && process.send?.(done)));
  });
});

async function open({ engine, model }: OpenRequest): Promise<DetectorReply> {
  try {
    detector = createModelDetector(await openOnnxModel(engine), model, () => performance.now());
    return { about: detector.about };
  } catch (error) {
    return { id: null, ...failure(error) };
  }
}

async function detect({ id, picture, least }: DetectRequest): Promise<DetectorReply> {
  try {
    if (detector === null) throw new TypeError('no model is open');
    return { id, answer: await detector.detect(picture, least) };
  } catch (error) {
    return { id, ...failure(error) };
  }
}

const failure = (error: unknown): { readonly failed: string; readonly code: ErrorCode } => ({
  failed: errorMessage(error),
  code: error instanceof AgentError ? error.code : 'MODEL_INVALID',
});
