import type { EngineOptions, InferenceEngine } from './engine.js';
import { openOnnxModel } from './onnx/onnx-engine.js';

/**
 * Loads a model with what runs files of its kind.
 *
 * @throws {AgentError} MODEL_INVALID when the file is no model that can run; MODEL_MISSING when what would run it is not installed.
 */
export async function openEngine(options: EngineOptions): Promise<InferenceEngine> {
  return await openOnnxModel(options);
}
