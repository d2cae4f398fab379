import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColourPicture } from '../core/detection/fill-input.js';
import { fixedOnnxModel, onnxModel } from '../testing/onnx-model.js';
import type { OpenRequest } from './detector-child.js';
import { openDetector } from './detector-process.js';

/** Processes run compiled code; vitest's global set-up builds it. */
const built = new URL('../../dist/detectors/detector-child.js', import.meta.url);
const grey: ColourPicture = { width: 64, height: 32, format: 'yuv420p', data: new Uint8Array(64 * 48).fill(128) };

/** YOLOX's outputs for 64 × 32 and two labels, with one thing in place 33. */
function yoloxOutput(): Float32Array {
  const data = new Float32Array(42 * 7);
  data.set([0, 1, 0, 0, 0.9, 0.1, 0.8], 33 * 7);
  return data;
}

describe('a model in a process of its own', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-model-'));
    file = join(folder, 'fixed.onnx');
    await writeFile(
      file,
      fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, [{ name: 'output', dims: [1, 42, 7], data: yoloxOutput() }]),
    );
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  const asked = (path: string, providers: OpenRequest['engine']['providers'] = ['cpu']): OpenRequest => ({
    engine: { file: path, providers, threads: 1 },
    model: { labels: ['bag', 'person'], family: null, input: null },
  });
  const other = async (name: string, code: string): Promise<URL> => {
    await writeFile(join(folder, name), code);
    return pathToFileURL(join(folder, name));
  };

  it('says what it is, and what a picture shows', async () => {
    await using detector = await openDetector('fixed', asked(file), built);
    expect(detector.about).toEqual({ family: 'yolox', input: { width: 64, height: 32 }, classes: 2, provider: 'cpu', fallbacks: [] });
    const answers = await Promise.all([
      detector.detect(grey, { least: 0.3, tiles: null }),
      detector.detect(grey, { least: 0.9, tiles: null }),
    ]);
    expect(answers.map(({ detections }) => detections.map(({ label }) => label))).toEqual([['person'], []]);
    expect(answers[0]?.detections[0]?.box).toEqual({ x1: 0.125, y1: 0.25, x2: 0.375, y2: 0.75 });
    expect(answers[0]?.runMs).toBeGreaterThan(0);
  });

  it('runs on the processor where what is asked for is not there, and says of each why', async () => {
    await using detector = await openDetector('fixed', asked(file, ['tensorrt', 'cuda', 'webgpu', 'coreml']), built);
    expect(detector.about.provider).toBe('cpu');
    expect(detector.about.fallbacks).toEqual(['tensorrt', 'cuda', 'webgpu', 'coreml'].map((one) => expect.stringMatching(`^${one}: [^/]`)));
    expect((await detector.detect(grey, { least: 0.3, tiles: null })).detections).toHaveLength(1);
  });

  it.each([
    {
      what: 'that is not there',
      path: async () => join(folder, 'none.onnx'),
      message: /fixed: .*none\.onnx is no ONNX model that can run/,
    },
    { what: 'that is cut off', path: async () => await cut(), message: /fixed: .*cut\.onnx is no ONNX model that can run/ },
    {
      what: 'with other labels',
      path: async () => file,
      message: /its output is 1×42×7, not 1×42×8 as for 64 × 32 and 3 labels/,
      labels: ['a', 'b', 'c'],
    },
  ])('is none of a file $what', async ({ path, message, labels = ['bag', 'person'] }) => {
    const request = asked(await path());
    await expect(openDetector('fixed', { ...request, model: { ...request.model, labels } }, built)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(message),
    });
  });

  /** A model that does not say what its output looks like until it has run: how many numbers there are is computed from the picture. */
  const input = { name: 'images', dims: [1, 3, 32, 64] };
  const anySize = (...dims: readonly number[]): Uint8Array =>
    onnxModel({
      inputs: [input],
      outputs: [{ name: 'output', dims: ['pictures', 'places', 'numbers'] }],
      constants: [
        { name: 'nought', dims: [1], data: Float32Array.of(0) },
        { name: 'dims', dims: [3], data: BigInt64Array.from(dims, BigInt) },
      ],
      nodes: [
        { op: 'Mul', inputs: ['images', 'nought'], output: 'noughts' },
        { op: 'ReduceMax', inputs: ['noughts'], output: 'most', attributes: { keepdims: 0 } },
        { op: 'Cast', inputs: ['most'], output: 'more', attributes: { to: 7 } },
        { op: 'Add', inputs: ['dims', 'more'], output: 'shape' },
        { op: 'Expand', inputs: ['nought', 'shape'], output: 'output' },
      ],
    });
  it.each([
    ['with other labels', [1, 42, 8], /it was taken for yolox, and its output is 1×42×8, not 1×42×7 as for 64 × 32 and 2 labels/],
    ['of another input', [1, 20, 7], /it was taken for yolox, and its output is 1×20×7, not 1×42×7/],
  ] as const)('is none of a file %s, which shows when it has run', async (what, dims, message) => {
    const path = join(folder, `${what}.onnx`);
    await writeFile(path, anySize(...dims));
    await expect(openDetector('fixed', asked(path), built)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('is one of a file that does not say its outputs’ sizes, where they fit', async () => {
    const path = join(folder, 'any.onnx');
    await writeFile(path, anySize(1, 42, 7));
    await using detector = await openDetector('fixed', asked(path), built);
    expect(detector.about.family).toBe('yolox');
  });

  it.each([
    ['of the size that its entry says', { width: 96, height: 64 }],
    ['of a usual size', null],
  ] as const)('takes bytes pixel after pixel, %s where it takes any', async (_, size) => {
    const path = join(folder, 'bytes.onnx');
    const outputs = [
      { name: 'detection_boxes', dims: [1, 1, 4], data: Float32Array.of(0.25, 0, 1, 0.5) },
      { name: 'detection_scores', dims: [1, 1], data: Float32Array.of(0.5) },
      { name: 'detection_classes', dims: [1, 1], data: Float32Array.of(2) },
    ];
    await writeFile(path, fixedOnnxModel({ name: 'image', dims: [1, 'height', 'width', 3], type: 'uint8' }, outputs));
    const request = asked(path);
    await using detector = await openDetector('fixed', { ...request, model: { ...request.model, input: size } }, built);
    expect(detector.about).toMatchObject({ family: 'ssd', input: size ?? { width: 640, height: 640 } });
    const { detections } = await detector.detect(grey, { least: 0.3, tiles: null });
    expect(detections).toEqual([{ label: 'person', score: 0.5, box: { x1: 0, y1: 0.25, x2: 0.5, y2: 1 } }]);
  });

  it('is none that names classes beyond its labels', async () => {
    const path = join(folder, 'ssd.onnx');
    const outputs = [
      { name: 'detection_boxes', dims: [1, 1, 4], data: Float32Array.of(0, 0, 1, 1) },
      { name: 'detection_scores', dims: [1, 1], data: Float32Array.of(0.7) },
      { name: 'detection_classes', dims: [1, 1], data: Float32Array.of(18) },
    ];
    await writeFile(path, fixedOnnxModel(input, outputs));
    await expect(openDetector('fixed', asked(path), built)).rejects.toThrow(
      'fixed: it names class 17, counted from 0, and 2 labels are given',
    );
  });

  async function cut(): Promise<string> {
    const path = join(folder, 'cut.onnx');
    await writeFile(path, fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, []).slice(0, 20));
    return path;
  }

  it('is none of a family that it is only called', async () => {
    const request = asked(file);
    await expect(openDetector('fixed', { ...request, model: { ...request.model, family: 'detr' } }, built)).rejects.toThrow(
      'fixed: it is called detr, and it has no outputs named logits and pred_boxes, but output',
    );
  });

  it('that crashes at a picture takes no more than its process with it', async () => {
    const crashes = await other(
      'crashes.mjs',
      "process.once('message', ({ id }) => { process.send({ id, about: {} }); process.on('message', () => process.kill(process.pid, 'SIGSEGV')); });",
    );
    await using detector = await openDetector('fixed', asked(file), crashes);
    const both = await Promise.allSettled([
      detector.detect(grey, { least: 0.5, tiles: null }),
      detector.detect(grey, { least: 0.5, tiles: null }),
    ]);
    for (const one of both)
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { code: 'WORKER_FAILED', message: 'the process that runs the model fixed ended with SIGSEGV' },
      });
    await expect(detector.detect(grey, { least: 0.5, tiles: null })).rejects.toMatchObject({ code: 'WORKER_FAILED' });
  });

  it('that ends before it is open says what it said', async () => {
    const dies = await other('dies.mjs', "console.error('no such library'); process.exit(3);");
    await expect(openDetector('fixed', asked(file), dies)).rejects.toThrow(
      'the process that runs the model fixed ended with 3: no such library',
    );
  });

  it('is gone when it is disposed of, in the middle of a picture, too', async () => {
    const hangs = await other(
      'hangs.mjs',
      "process.once('message', ({ id }) => { process.send({ id, about: {} }); process.on('message', () => undefined); });",
    );
    const detector = await openDetector('fixed', asked(file), hangs);
    const waiting = expect(detector.detect(grey, { least: 0.5, tiles: null })).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    await detector[Symbol.asyncDispose]();
    await waiting;
  });
});
