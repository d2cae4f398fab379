import { decodeDetections, MAX_DETECTIONS } from '../core/detection/decode.js';
import type { Detection, InputSpec, OutputTensor } from '../core/detection/detection.js';
import { type ColourPicture, type Region, wholeOf } from '../core/detection/fill-input.js';
import { type Head, heads, recognise, type Size } from '../core/detection/heads/index.js';
import { createInputFiller } from '../core/detection/input-filler.js';
import { type FoundInRegion, mergeRegions, regionsOf, type Tiles } from '../core/detection/tiles.js';
import { AgentError } from '../platform/errors.js';
import type { EngineInput, InferenceEngine, InputShape } from './engine.js';
import { labelsOf, type ModelEntry } from './model-entry.js';

/** What a model turned out to be. */
export interface ModelAbout {
  readonly family: string;
  readonly input: Size;
  readonly classes: number;
  readonly provider: string;
  readonly fallbacks: readonly string[];
}

/** What one picture showed, and what it took. */
export interface DetectorAnswer {
  /** The surest first. */
  readonly detections: readonly Detection[];
  /** Milliseconds for writing the input, for the model itself, and for reading its outputs; with tiles, of all of them. */
  readonly prepareMs: number;
  readonly runMs: number;
  readonly readMs: number;
}

/** How a picture is looked at. */
export interface DetectAsk {
  /** Score from which a box counts, 0..1. */
  readonly least: number;
  /** Parts that the model looks at one by one, after the whole; `null`: the whole alone. */
  readonly tiles: Tiles | null;
}

/** A model that looks at pictures, one at a time. */
export interface ModelDetector extends AsyncDisposable {
  readonly about: ModelAbout;
  /**
   * @throws {AgentError} MODEL_INVALID when what the model gives is not what such a model gives.
   * @throws {RangeError} when the picture has not its bytes, tiles are none, or the model names a class beyond its labels.
   */
  detect(picture: ColourPicture, ask: DetectAsk): Promise<DetectorAnswer>;
}

/** Sides of the input, pixels, of a model that takes any when its entry names none. */
const USUAL_SIDE = 640;

/**
 * Tells what a loaded model is and makes it a detector.
 *
 * @param model what the registry says of it, or only its labels.
 * @param inputKernel the compiled `input.wasm`.
 * @throws {AgentError} MODEL_INVALID with what does not fit.
 */
export function createModelDetector(
  engine: InferenceEngine,
  model: Pick<ModelEntry, 'labels' | 'family' | 'input'>,
  inputKernel: WebAssembly.Module,
  now: () => number,
): ModelDetector {
  const labels = labelsOf(model);
  const layout = layoutOf(engine.inputs, model.input);
  const head = headOf(engine, layout, labels.length, model.family);
  const input: InputSpec = { ...head.input, ...layout.size };
  const filler = createInputFiller(inputKernel, input);
  /** Outputs of any size tell at the first run what they are. */
  let outputsChecked = !engine.outputs.some(({ dims }) => dims.length === 0 || dims.some((dim) => dim < 0));

  function check(outputs: readonly OutputTensor[]): void {
    const misfit = head.misfit(outputs, layout.size, labels.length);
    if (misfit !== null) throw invalid(`it was taken for ${head.family}, and ${misfit}`);
    outputsChecked = true;
  }

  return {
    about: {
      ...{ family: head.family, input: layout.size, classes: labels.length },
      ...{ provider: engine.provider, fallbacks: engine.fallbacks },
    },
    async detect(picture, { least, tiles }) {
      const found: FoundInRegion[] = [];
      const took = { prepareMs: 0, runMs: 0, readMs: 0 };
      const regions: readonly Region[] = [wholeOf(picture), ...(tiles === null ? [] : regionsOf(picture, tiles))];
      for (const region of regions) {
        const startMs = now();
        const placement = filler.fill(picture, region);
        const values = new Map<string, EngineInput>([[layout.picture.name, layout.lay(filler.planes())]]);
        if (layout.sizes !== null) values.set(layout.sizes, sizesOf(layout.size));
        const preparedMs = now();
        const outputs = await engine.run(values);
        const ranMs = now();
        if (!outputsChecked) check(outputs);
        const detections = decodeDetections(outputs, { head, input: layout.size, labels }, { picture, region, placement }, least);
        found.push({ region, detections });
        took.prepareMs += preparedMs - startMs;
        took.runMs += ranMs - preparedMs;
        took.readMs += now() - ranMs;
      }
      const startMs = now();
      const detections = found.length === 1 ? (found[0] as FoundInRegion).detections : mergeRegions(found, picture, MAX_DETECTIONS);
      return { ...took, detections, readMs: took.readMs + now() - startMs };
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

interface Layout {
  readonly picture: InputShape;
  readonly size: Size;
  /** The input that is told the picture's size, of models that ask for it. */
  readonly sizes: string | null;
  /** Three planes as the model wants them. */
  lay(planes: Float32Array): EngineInput;
}

/** Which input takes the picture, how large, and whether colours come plane after plane or pixel after pixel. */
function layoutOf(inputs: readonly InputShape[], wanted: Size | null): Layout {
  const picture = inputs.find(({ dims }) => dims.length === 4);
  if (picture === undefined) throw invalid('it has no input that takes a picture: none has four dimensions');
  const { dims } = picture;
  const planar = dims[1] === 3 || (dims[3] !== 3 && picture.type === 'float32');
  if (!planar && dims[3] !== 3) throw invalid(`its input is ${dims.join('×')}, and nowhere three colours`);
  const [height, width] = (planar ? dims.slice(2) : dims.slice(1, 3)) as [number, number];
  const size = { width: width > 0 ? width : (wanted?.width ?? USUAL_SIDE), height: height > 0 ? height : (wanted?.height ?? USUAL_SIDE) };
  if (wanted !== null && (wanted.width !== size.width || wanted.height !== size.height))
    throw invalid(`its input is ${size.width} × ${size.height}, and ${wanted.width} × ${wanted.height} is given`);
  if (planar && picture.type !== 'float32') throw invalid(`its input takes ${picture.type} plane after plane, which no family here does`);
  const sizes = inputs.find((input) => input !== picture && input.dims.length === 2 && input.dims[1] === 2)?.name ?? null;
  return { picture, size, sizes, lay: planar ? planarly(size) : pixelwise(size, picture.type) };
}

const planarly =
  ({ width, height }: Size) =>
  (planes: Float32Array): EngineInput => ({ dims: [1, 3, height, width], data: planes });

function pixelwise({ width, height }: Size, type: InputShape['type']): (planes: Float32Array) => EngineInput {
  const plane = width * height;
  const data = type === 'uint8' ? new Uint8Array(3 * plane) : type === 'int32' ? new Int32Array(3 * plane) : new Float32Array(3 * plane);
  const whole = type !== 'float32';
  return (planes) => {
    for (let i = 0; i < plane; i++)
      for (let c = 0; c < 3; c++) {
        const value = planes[c * plane + i] as number;
        data[3 * i + c] = whole ? Math.round(value) : value;
      }
    return { dims: [1, height, width, 3], data };
  };
}

/** A model that asks for the picture's size is told its own input's: boxes come back in pixels of that, as from every other. */
const sizesOf = ({ width, height }: Size): EngineInput => ({ dims: [1, 2], data: BigInt64Array.from([BigInt(width), BigInt(height)]) });

function headOf({ outputs }: InferenceEngine, { size }: Layout, classes: number, family: string | null): Head {
  if (family === null) {
    const known = recognise(outputs, size, classes);
    if (known.head !== null) return known.head;
    throw invalid(`no family of models has such outputs (${known.why.join('; ')})`);
  }
  const head = heads.find((one) => one.family === family);
  if (head === undefined) throw new RangeError(`there is no family ${family}`);
  const misfit = head.misfit(outputs, size, classes);
  if (misfit !== null) throw invalid(`it is called ${family}, and ${misfit}`);
  return head;
}

const invalid = (what: string): AgentError => new AgentError('MODEL_INVALID', what);
