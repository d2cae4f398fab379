import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { sha256OfFiles } from '../platform/disk/file-hash.js';
import { AgentError, errorMessage } from '../platform/errors.js';

/** Names of weights' files: beside the model, and nowhere else, whatever a file from elsewhere says. */
const manifestSchema = z.looseObject({
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/)) })),
});

/** Whether a model is one of TensorFlow.js, by its name; all others are ONNX. */
export const isGraphFile = (file: string): boolean => file.endsWith('.json');

/**
 * Names of the files with a TensorFlow.js model's weights, in their order.
 *
 * @param model the parsed `model.json`.
 * @throws {AgentError} MODEL_INVALID when it does not name them, or names something outside its folder.
 */
export function weightNamesOf(file: string, model: unknown): readonly string[] {
  const parsed = manifestSchema.safeParse(model);
  if (parsed.success) return parsed.data.weightsManifest.flatMap(({ paths }) => paths);
  throw new AgentError('MODEL_INVALID', `${file} is no TensorFlow.js model: it names no files of weights beside it`);
}

/** The same with their folder. */
export const weightFilesOf = (file: string, model: unknown): readonly string[] =>
  weightNamesOf(file, model).map((name) => join(dirname(file), name));

/**
 * SHA-256 of a model, hexadecimal: of its file; of a TensorFlow.js model, of its `model.json` and then its weights in their order, as
 * `cat model.json group1-shard* | sha256sum` says.
 *
 * @throws {AgentError} MODEL_INVALID when a TensorFlow.js model is none.
 * @throws what reading throws, ENOENT included.
 */
export async function sha256OfModel(file: string): Promise<string> {
  return await sha256OfFiles(file, ...(isGraphFile(file) ? weightFilesOf(file, await readModelJson(file)) : []));
}

/**
 * @throws {AgentError} MODEL_INVALID when the file is not JSON.
 * @throws what reading throws, ENOENT included.
 */
export async function readModelJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AgentError('MODEL_INVALID', `${file} is no TensorFlow.js model: ${errorMessage(error)}`, { cause: error });
  }
}
