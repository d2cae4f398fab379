import type { OutputShape, OutputTensor } from '../core/detection/detection.js';

/** How a model wants an input laid out. */
export interface InputShape {
  readonly name: string;
  /** -1: any. */
  readonly dims: readonly number[];
  readonly type: 'float32' | 'uint8' | 'int32' | 'int64';
}

/** A loaded model: numbers in, numbers out. What they mean is a head's business. One call at a time. */
export interface InferenceEngine extends AsyncDisposable {
  /** What runs it, such as `cpu`. */
  readonly provider: string;
  /** Providers that were asked for and could not be had, with the reason each; empty as a rule. */
  readonly fallbacks: readonly string[];
  readonly inputs: readonly InputShape[];
  readonly outputs: readonly OutputShape[];
  /** @param values by input; the arrays may be reused once it is done. */
  run(values: ReadonlyMap<string, EngineInput>): Promise<readonly OutputTensor[]>;
}

export interface EngineInput {
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint8Array | Int32Array | BigInt64Array;
}

/** Where a model may run, in the order in which it is tried; `cpu` is always last. */
export type Provider = 'cpu' | 'cuda' | 'tensorrt' | 'webgpu' | 'coreml';

export interface EngineOptions {
  /** Path of the model's file. */
  readonly file: string;
  readonly providers: readonly Provider[];
  /** Threads that one run may take. */
  readonly threads: number;
}
