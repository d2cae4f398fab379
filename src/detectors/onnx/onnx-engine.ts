import type { InferenceSession } from 'onnxruntime-node';
import type { OutputTensor } from '../../core/detection/detection.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { EngineInput, EngineOptions, InferenceEngine, InputShape, Provider } from '../engine.js';

/** Errors alone: a model whose weights are also inputs, which is usual, writes hundreds of lines otherwise. */
const LOG_ERRORS = 3;

/**
 * Threads sleep between pieces of work. Left to itself the library has them spin, which on a machine that also decodes cameras' streams doubles the CPU of
 * two threads (15 instead of 8 ms for YOLOX-nano) and makes each picture slower, not faster.
 */
const SLEEPING = { session: { intra_op: { allow_spinning: '0' } } } as const;

/** Types of inputs that pictures and their sizes come as. */
const inputTypes: readonly InputShape['type'][] = ['float32', 'uint8', 'int32', 'int64'];

/**
 * Loads an ONNX model. Providers are tried in their order; what cannot be had is noted, and the CPU runs it.
 *
 * @throws {AgentError} MODEL_INVALID when the file is no model that can run.
 */
export async function openOnnxModel({ file, providers, threads }: EngineOptions): Promise<InferenceEngine> {
  const ort = await import('onnxruntime-node');
  const fallbacks: string[] = [];
  for (const provider of [...providers.filter((one) => one !== 'cpu'), 'cpu'] satisfies Provider[]) {
    try {
      const session = await ort.InferenceSession.create(file, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
        extra: SLEEPING,
        logSeverityLevel: LOG_ERRORS,
      });
      return engineOf(ort, session, provider, fallbacks);
    } catch (error) {
      if (provider === 'cpu')
        throw new AgentError('MODEL_INVALID', `${file} is no ONNX model that can run: ${reason(error)}`, { cause: error });
      fallbacks.push(`${provider}: ${reason(error)}`);
    }
  }
  throw new TypeError('no provider was tried');
}

function engineOf(
  ort: typeof import('onnxruntime-node'),
  session: InferenceSession,
  provider: Provider,
  fallbacks: readonly string[],
): InferenceEngine {
  const inputs = session.inputMetadata.flatMap((input) =>
    input.isTensor ? [{ name: input.name, dims: input.shape.map(dimOf), type: typeOf(input.name, input.type) }] : [],
  );
  const outputs = session.outputMetadata.flatMap((output) =>
    output.isTensor ? [{ name: output.name, dims: output.shape.map(dimOf) }] : [],
  );
  return {
    provider,
    fallbacks,
    inputs,
    outputs,
    async run(values) {
      const feeds = Object.fromEntries([...values].map(([name, value]) => [name, tensorOf(ort, value)]));
      const results = await session.run(feeds);
      return outputs.map(({ name }) => {
        const tensor = results[name];
        if (tensor === undefined) throw new AgentError('MODEL_INVALID', `the model gave no output ${name}`);
        return { name, dims: tensor.dims, data: numbersOf(tensor.data) };
      });
    },
    async [Symbol.asyncDispose]() {
      await session.release();
    },
  };
}

const dimOf = (dim: number | string): number => (typeof dim === 'number' ? dim : -1);

function typeOf(name: string, type: string): InputShape['type'] {
  const known = inputTypes.find((one) => one === type);
  if (known === undefined) throw new AgentError('MODEL_INVALID', `its input ${name} is of type ${type}, which no picture comes as`);
  return known;
}

function tensorOf(ort: typeof import('onnxruntime-node'), { dims, data }: EngineInput): InstanceType<typeof ort.Tensor> {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, dims);
  if (data instanceof Uint8Array) return new ort.Tensor('uint8', data, dims);
  if (data instanceof Int32Array) return new ort.Tensor('int32', data, dims);
  return new ort.Tensor('int64', data, dims);
}

/** Classes often come as whole numbers of 64 bits. */
function numbersOf(data: unknown): OutputTensor['data'] {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data as ArrayLike<number>);
}

/** What the library says, without the places and conditions in its own code. */
const reason = (error: unknown): string =>
  errorMessage(error)
    .replace(/^.*?failed:\s*/i, '')
    .replace(/^\/onnxruntime_src\/.* was false\.\s*/, '')
    .slice(0, 300);
