import type { GraphModel, Tensor } from '@tensorflow/tfjs';
import type { OutputShape } from '../../core/detection/detection.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { EngineInput, EngineOptions, InferenceEngine, InputShape } from '../engine.js';
import { readGraphModel } from './graph-files.js';
import { type Library, loadLibrary } from './library.js';

/**
 * Loads a graph model of TensorFlow.js: a `model.json` with its weights beside it. The library's own native part runs it where that is installed, else WebAssembly,
 * and plain JavaScript what WebAssembly has no code for. In Node, WebAssembly has one thread.
 *
 * @param load finds a package; another way in tests.
 * @throws {AgentError} MODEL_INVALID when the file is no model that can run; MODEL_MISSING when no library is installed.
 */
export async function openTfjsModel(
  { file, providers }: EngineOptions,
  load?: (name: string) => Promise<unknown>,
): Promise<InferenceEngine> {
  const graph = await readGraphModel(file);
  const { tf, backends, passedOver } = await loadLibrary(file, load);
  const fallbacks = [
    ...providers.filter((one) => one !== 'cpu').map((one) => `${one}: TensorFlow.js runs on the processor here`),
    ...passedOver,
  ];
  for (const [i, backend] of backends.entries()) {
    try {
      await use(tf, backend);
      return await engineOf(tf, backend, await tf.loadGraphModel(tf.io.fromMemory(graph)), fallbacks);
    } catch (error) {
      const reason = errorMessage(error).slice(0, 300);
      if (i === backends.length - 1 || !reason.includes('not registered'))
        throw new AgentError('MODEL_INVALID', `${file} is no TensorFlow.js model that can run: ${reason}`, { cause: error });
      fallbacks.push(`${backend}: ${reason}`);
    }
  }
  throw new TypeError('no backend was tried');
}

/** The library has one backend at a time for all its models. */
async function use(tf: Library, backend: string): Promise<void> {
  if (tf.getBackend() === backend) return;
  if (!(await tf.setBackend(backend))) throw new Error(`${backend} does not start`);
}

async function engineOf(tf: Library, backend: string, model: GraphModel, fallbacks: readonly string[]): Promise<InferenceEngine> {
  const inputs = model.inputs.map(({ name, shape, dtype }, i): InputShape => {
    const type = dtype === 'int32' ? 'int32' : 'float32';
    return { name: model.inputNodes[i] ?? name, dims: (shape ?? []).map((dim) => dim ?? -1), type };
  });
  const named = Object.keys((model.modelSignature as { outputs?: object } | undefined)?.outputs ?? {});
  const outputNames = named.length > 0 ? named : model.outputNodes;
  /** Whether some of it is known only while it runs, which takes another call. */
  let dynamic = false;

  async function execute(feeds: Record<string, Tensor>): Promise<readonly Tensor[]> {
    if (!dynamic) {
      try {
        return [model.execute(feeds, outputNames)].flat();
      } catch (error) {
        if (!errorMessage(error).includes('executeAsync')) throw error;
        dynamic = true;
      }
    }
    return [await model.executeAsync(feeds, outputNames)].flat();
  }

  const engine = {
    ...{ provider: backend, fallbacks, inputs },
    async run(values: ReadonlyMap<string, EngineInput>) {
      await use(tf, backend);
      const feeds = Object.fromEntries([...values].map(([name, value]) => [name, tensorOf(tf, value)]));
      const results: Tensor[] = [];
      try {
        results.push(...(await execute(feeds)));
        return await Promise.all(
          results.map(async (result, i) => ({
            name: outputNames[i] as string,
            dims: result.shape,
            data: Float32Array.from(await result.data()),
          })),
        );
      } finally {
        tf.dispose([Object.values(feeds), results]);
      }
    },
    async [Symbol.asyncDispose]() {
      model.dispose();
    },
  };
  return { ...engine, outputs: await outputsOf(engine, outputNames) };
}

/** The file does not say what its outputs look like: a picture of zeros does. Where an input may be of any size, their names alone are known. */
async function outputsOf(engine: Pick<InferenceEngine, 'inputs' | 'run'>, names: readonly string[]): Promise<readonly OutputShape[]> {
  const zeros = new Map<string, EngineInput>();
  for (const { name, dims, type } of engine.inputs) {
    // The first is how many pictures at once.
    const known = dims.map((dim, i) => (dim < 0 && i === 0 ? 1 : dim));
    if (known.length === 0 || known.some((dim) => dim < 0)) return names.map((one) => ({ name: one, dims: [] }));
    const count = known.reduce((a, b) => a * b, 1);
    zeros.set(name, { dims: known, data: type === 'float32' ? new Float32Array(count) : new Int32Array(count) });
  }
  return (await engine.run(zeros)).map(({ name, dims }) => ({ name, dims }));
}

function tensorOf(tf: Library, { dims, data }: EngineInput): Tensor {
  if (data instanceof Float32Array) return tf.tensor(data, [...dims], 'float32');
  return tf.tensor(data instanceof Int32Array ? data : Int32Array.from(data, Number), [...dims], 'int32');
}
