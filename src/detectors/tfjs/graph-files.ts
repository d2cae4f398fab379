import { readFile } from 'node:fs/promises';
import type { io } from '@tensorflow/tfjs';
import { z } from 'zod';
import { AgentError, errorMessage } from '../../platform/errors.js';
import { readModelJson, weightFilesOf } from '../model-files.js';

/** What is asked of a `model.json`; the library knows the rest. */
const graphSchema = z.looseObject({
  format: z.string().optional(),
  modelTopology: z.looseObject({ node: z.array(z.looseObject({ name: z.string(), op: z.string() })).min(1) }),
  weightsManifest: z.array(z.looseObject({ weights: z.array(z.looseObject({ name: z.string() })) })),
});

/** A value's own kind of number, bytes; what is quantised takes those of its storage. */
const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2, complex64: 8 };

/**
 * Reads a graph model and its weights.
 *
 * @throws {AgentError} MODEL_INVALID with what is wrong, a weights' file that is cut off included.
 */
export async function readGraphModel(file: string): Promise<io.ModelArtifacts> {
  const value = await readModelJson(file).catch((error: unknown) => {
    throw error instanceof AgentError ? error : refuse(file, errorMessage(error));
  });
  const parsed = graphSchema.safeParse(value);
  if (!parsed.success) {
    const { format } = value as { readonly format?: unknown };
    const what = typeof format === 'string' && format !== 'graph-model' ? `it is a ${format}, not a graph-model` : issueOf(parsed.error);
    return refuse(file, what);
  }
  const { weightsManifest, ...rest } = parsed.data;
  const specs = weightsManifest.flatMap(({ weights }) => weights as unknown as io.WeightsManifestEntry[]);
  const parts = await Promise.all(
    weightFilesOf(file, value).map(async (path) => {
      return await readFile(path).catch((error: unknown) => refuse(file, `its weights cannot be read: ${errorMessage(error)}`));
    }),
  );
  const weights = Uint8Array.from(Buffer.concat(parts));
  const wanted = specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  if (weights.length < wanted) return refuse(file, `its weights have ${weights.length} bytes, and ${wanted} are needed: they are cut off`);
  return { ...(rest as io.ModelArtifacts), weightSpecs: specs, weightData: weights.buffer };
}

/** Of one weight; strings say their own length, and are checked by the library. */
function bytesOf({ shape, dtype, quantization }: io.WeightsManifestEntry): number {
  return (shape ?? []).reduce((a, b) => a * b, 1) * (BYTES[quantization?.dtype ?? dtype] ?? 0);
}

function issueOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not a graph model'}`;
}

function refuse(file: string, what: string): never {
  throw new AgentError('MODEL_INVALID', `${file} is no TensorFlow.js model: ${what}`);
}
