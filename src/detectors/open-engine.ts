import type { EngineOptions, InferenceEngine } from './engine.js';
import { isGraphFile } from './model-files.js';
import { openOnnxModel } from './onnx/onnx-engine.js';
import { openTfjsModel } from './tfjs/tfjs-engine.js';

/**
 * Loads a model with what runs files of its kind: TensorFlow.js a `model.json`, onnxruntime everything else.
 *
 * @throws {AgentError} MODEL_INVALID when the file is no model that can run; MODEL_MISSING when what would run it is not installed.
 */
export async function openEngine(options: EngineOptions): Promise<InferenceEngine> {
  return await (isGraphFile(options.file) ? openTfjsModel(options) : openOnnxModel(options));
}
