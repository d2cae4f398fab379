import type { ColourPicture } from '../core/detection/fill-input.js';
import { openDetector } from './detector-process.js';
import type { EngineOptions } from './engine.js';
import type { ModelAbout } from './model-detector.js';
import type { ModelEntry } from './model-entry.js';
import { sha256OfModel } from './model-files.js';

/** What a model's file turned out to be. */
export interface CheckedModel {
  readonly about: ModelAbout;
  /** Whether it is the very file that the registry means; `null`: the registry does not know. Another export of the same weights is not, and may be meant. */
  readonly asPublished: boolean | null;
  /** Milliseconds that one picture costs, with all that is done before and after it: the quickest of some. */
  readonly pictureMs: number;
}

/** Pictures that it looks at: the first makes room and compiles, another may have waited for other programs. */
const TRIES = 3;

/**
 * Opens a model in a process of its own, has it look at a grey picture, and says what it is.
 *
 * @param file is there, as `modelFile` says.
 * @param engine where it is to run; default: on one thread of the processor.
 * @param childUrl the compiled process; another one in tests.
 * @throws {AgentError} MODEL_MISSING when the library that runs it is not there; MODEL_INVALID when it is cut off, no model, of another family, or has
 * other labels; WORKER_FAILED when the process dies of it.
 */
export async function checkModel(
  entry: ModelEntry,
  file: string,
  engine: Omit<EngineOptions, 'file'> = { providers: ['cpu'], threads: 1 },
  childUrl?: URL,
): Promise<CheckedModel> {
  await using detector = await openDetector(entry.name, { engine: { ...engine, file }, model: entry }, childUrl);
  const asPublished = entry.sha256 === null ? null : (await sha256OfModel(file)) === entry.sha256;
  const picture = greyPicture(detector.about);
  let pictureMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES; i++) {
    const { prepareMs, runMs, readMs } = await detector.detect(picture, { least: LEAST_SCORE, tiles: null });
    pictureMs = Math.min(pictureMs, prepareMs + runMs + readMs);
  }
  return { about: detector.about, asPublished, pictureMs };
}

/** Score from which boxes are asked for: a usual one, so that reading them costs what it will. */
const LEAST_SCORE = 0.3;

/** Nothing to see, which is enough to see whether a model runs. */
function greyPicture({ input }: ModelAbout): ColourPicture {
  const chroma = Math.ceil(input.width / 2) * Math.ceil(input.height / 2);
  return { ...input, format: 'yuv420p', data: new Uint8Array(input.width * input.height + 2 * chroma).fill(128) };
}
