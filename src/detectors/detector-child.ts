import { readFile } from 'node:fs/promises';
import type { ColourPicture } from '../core/detection/fill-input.js';
import { AgentError, type ErrorCode, errorMessage } from '../platform/errors.js';
import type { EngineOptions } from './engine.js';
import { createModelDetector, type DetectAsk, type DetectorAnswer, type ModelAbout, type ModelDetector } from './model-detector.js';
import type { ModelEntry } from './model-entry.js';
import { openEngine } from './open-engine.js';

/** A model to be opened: what runs it, and what is known of it. */
export interface OpenRequest {
  readonly engine: EngineOptions;
  readonly model: Pick<ModelEntry, 'labels' | 'family' | 'input'>;
}

/** What the process is asked, a number each. Things are done one after the other, in the order in which they were asked. */
export type ChildRequest =
  | { readonly id: number; readonly open: string; readonly request: OpenRequest }
  | { readonly id: number; readonly detect: string; readonly picture: ColourPicture; readonly ask: DetectAsk };

/** What it answers. */
export type ChildReply =
  | { readonly id: number; readonly about: ModelAbout }
  | { readonly id: number; readonly answer: DetectorAnswer }
  | { readonly id: number; readonly failed: string; readonly code: ErrorCode };

/** Beside the compiled code; the build copies it there. */
const inputKernelUrl = new URL('../core/kernels/input.wasm', import.meta.url);

/** Score from which a box of the first, grey picture is read: so low that some are, and a model with more classes than labels shows. */
const LEAST = 0.01;

const models = new Map<string, ModelDetector>();
/** Ends when everything asked so far is done. Two pictures at once would write into one model's input. */
let last: Promise<void> = Promise.resolve();

process.on('message', (request: ChildRequest) => {
  last = last.then(async () => {
    const reply = await replyTo(request);
    if (process.connected) process.send?.(reply);
  });
});

async function replyTo(request: ChildRequest): Promise<ChildReply> {
  const { id } = request;
  try {
    if ('open' in request) return { id, about: await open(request.open, request.request) };
    const model = models.get(request.detect);
    if (model === undefined) throw new TypeError(`no model ${request.detect} is open`);
    return { id, answer: await model.detect(request.picture, request.ask) };
  } catch (error) {
    return { id, failed: errorMessage(error), code: error instanceof AgentError ? error.code : 'MODEL_INVALID' };
  }
}

/** Nothing to see, which is enough to see whether a model runs. */
function greyPicture({ input: { width, height } }: ModelAbout): ColourPicture {
  const bytes = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return { width, height, format: 'yuv420p', data: new Uint8Array(bytes).fill(128) };
}

async function open(name: string, { engine, model }: OpenRequest): Promise<ModelAbout> {
  const opened = await openEngine(engine);
  try {
    const kernel = new WebAssembly.Module(await readFile(inputKernelUrl));
    const detector = createModelDetector(opened, model, kernel, () => performance.now());
    // Its outputs may be known only once it has run; and the first run plans the memory of those to come.
    await detector.detect(greyPicture(detector.about), { least: LEAST, tiles: null });
    models.set(name, detector);
    return detector.about;
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}
