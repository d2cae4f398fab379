import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColourPicture } from '../../core/detection/fill-input.js';
import { createRandom } from '../../testing/random.js';
import { FLOAT, shape, tfjsModel, word } from '../../testing/tfjs-model.js';
import { twinModels } from '../../testing/twin-models.js';
import type { OpenRequest } from '../detector-child.js';
import { openDetector } from '../detector-process.js';
import { openTfjsModel } from './tfjs-engine.js';

/** Processes run compiled code; vitest's global set-up builds it. */
const built = new URL('../../../dist/detectors/detector-child.js', import.meta.url);

function noise(): ColourPicture {
  const random = createRandom(8);
  return { width: 160, height: 90, format: 'yuv420p', data: Uint8Array.from({ length: 160 * 135 }, () => Math.floor(256 * random())) };
}

describe('a model of TensorFlow.js', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-tfjs-'));
    const { onnx, tfjs } = twinModels(4);
    await writeFile(join(folder, 'twin.onnx'), onnx);
    await keep('twin', tfjs);
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  /** Puts a model's files into a folder of their own. */
  async function keep(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
    await mkdir(join(folder, name), { recursive: true });
    for (const [file, content] of Object.entries(files)) await writeFile(join(folder, name, file), content);
    return join(folder, name, 'model.json');
  }
  const options = (file: string, providers: OpenRequest['engine']['providers'] = ['cpu']): OpenRequest['engine'] => ({
    file,
    providers,
    threads: 1,
  });
  const request = (file: string, labels = ['bag', 'person']): OpenRequest => ({
    engine: options(file),
    model: { labels, family: null, input: null },
  });

  it('finds by WebAssembly what its ONNX twin finds', async () => {
    await using tfjs = await openDetector('twin', request(join(folder, 'twin', 'model.json')), built);
    await using onnx = await openDetector('twin', request(join(folder, 'twin.onnx')), built);
    expect(tfjs.about).toEqual({ family: 'yolox', input: { width: 64, height: 32 }, classes: 2, provider: 'wasm', fallbacks: [] });
    expect(onnx.about).toEqual({ ...tfjs.about, provider: 'cpu' });
    const ask = { least: 0.2, tiles: null };
    const [wanted, found] = [(await onnx.detect(noise(), ask)).detections, (await tfjs.detect(noise(), ask)).detections];
    expect(wanted.length).toBeGreaterThan(5);
    expect(found.map(({ label }) => label)).toEqual(wanted.map(({ label }) => label));
    found.forEach(({ box, score }, i) => {
      expect(score).toBeCloseTo(wanted[i]?.score ?? 0, 5);
      for (const side of ['x1', 'y1', 'x2', 'y2'] as const) expect(box[side]).toBeCloseTo(wanted[i]?.box[side] ?? 0, 5);
    });
  });

  it('runs on the processor where a graphics card is asked for, and says so', async () => {
    const file = join(folder, 'twin', 'model.json');
    await using detector = await openDetector('twin', { ...request(file), engine: options(file, ['cuda', 'cpu']) }, built);
    expect(detector.about.provider).toBe('wasm');
    expect(detector.about.fallbacks).toEqual(['cuda: TensorFlow.js runs on the processor here']);
  });

  it('runs in plain JavaScript what WebAssembly has no code for, and says so', async () => {
    const nodes = [
      { name: 'images', op: 'Placeholder', attributes: { dtype: FLOAT, shape: shape(1, 2, 2, 3) } },
      {
        ...{ name: 'mixed', op: 'Einsum', inputs: ['images', 'mix'] },
        attributes: { T: FLOAT, N: { i: '2' }, equation: word('bhwc,cd->bhwd') },
      },
    ];
    const constants = [{ name: 'mix', dims: [3, 1], data: Float32Array.of(1, 2, 4) }];
    const file = await keep('rare', tfjsModel({ nodes, constants, outputs: { out: 'mixed:0' } }));
    await using engine = await openTfjsModel(options(file));
    expect(engine.provider).toBe('cpu');
    expect(engine.fallbacks.at(-1)).toEqual(expect.stringMatching(/^wasm: .*not registered/));
    const [out] = await engine.run(new Map([['images', { dims: [1, 2, 2, 3], data: new Float32Array(12).fill(1) }]]));
    expect(out?.dims).toEqual([1, 2, 2, 1]);
    expect([...(out?.data ?? [])]).toEqual([7, 7, 7, 7]);
  });

  it('with neither package installed needs one, and both are named', async () => {
    const none = async (name: string): Promise<never> => {
      throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
    };
    const opened = openTfjsModel(options(join(folder, 'twin', 'model.json')), none);
    await expect(opened).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringMatching(
        /model\.json needs TensorFlow\.js, and neither is installed: npm install @tensorflow\/tfjs-node, or, .* npm install @tensorflow\/tfjs @tensorflow\/tfjs-backend-wasm$/,
      ),
    });
  });

  const unloadable = (): never => {
    throw new Error('libtensorflow.so.2: cannot open shared object file');
  };
  const outdated = (): unknown => ({
    tidy: () => {
      throw new TypeError('(0 , util_1.isNullOrUndefined) is not a function');
    },
  });
  it.each([
    ['load', unloadable, 'libtensorflow.so.2: cannot open shared object file'],
    ['compute on this Node', outdated, '(0 , util_1.isNullOrUndefined) is not a function'],
  ])('is run by the other package where the native one does not %s, and that is said', async (_, native, why) => {
    const load = async (name: string): Promise<unknown> => (name.endsWith('tfjs-node') ? native() : await import(name));
    await using engine = await openTfjsModel(options(join(folder, 'twin', 'model.json')), load);
    expect(engine.provider).toBe('wasm');
    expect(engine.fallbacks).toEqual([`@tensorflow/tfjs-node: ${why}`]);
  });

  it('may have as many outputs as it finds things, and leaves nothing behind', async () => {
    const constant = (name: string, dims: readonly number[], ...numbers: readonly number[]) => ({
      name,
      dims,
      data: Float32Array.from(numbers),
    });
    const nodes = [
      { name: 'images', op: 'Placeholder', attributes: { dtype: FLOAT, shape: shape(1, 2, 2, 3) } },
      { name: 'kept', op: 'NonMaxSuppressionV3', inputs: ['boxes', 'scores', 'most', 'overlap', 'least'], attributes: { T: FLOAT } },
    ];
    const constants = [
      constant('boxes', [3, 4], 0, 0, 1, 1, 0, 0, 1, 0.9, 2, 2, 3, 3),
      constant('scores', [3], 0.9, 0.8, 0.7),
      { name: 'most', dims: [], data: Int32Array.of(5) },
      ...[constant('overlap', [], 0.5), constant('least', [], 0.1)],
    ];
    const file = await keep('finds', tfjsModel({ nodes, constants, outputs: { kept: 'kept:0' } }));
    await using engine = await openTfjsModel(options(file));
    expect(engine.outputs).toEqual([{ name: 'kept', dims: [2] }]);
    const look = async () => await engine.run(new Map([['images', { dims: [1, 2, 2, 3], data: new Float32Array(12) }]]));
    expect([...((await look())[0]?.data ?? [])]).toEqual([0, 2]);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) await look();
    expect(tf.memory().numTensors).toBe(before);
  });

  const part = (name: string): Uint8Array => twinModels(4).tfjs[name] as Uint8Array;
  const edited = (edit: (model: Record<string, unknown>) => unknown): string =>
    JSON.stringify(edit(JSON.parse(new TextDecoder().decode(part('model.json')))));
  it.each([
    ['cut off', async () => await keep('cut', { 'model.json': part('model.json').slice(0, 500) }), /is no TensorFlow\.js model: .*JSON/],
    [
      'without some of its weights',
      async () => await keep('bare', { 'model.json': part('model.json'), 'group1-shard2of2.bin': part('group1-shard2of2.bin') }),
      /its weights cannot be read: .*group1-shard1of2\.bin/,
    ],
    [
      'with weights that are cut off',
      async () => await keep('short', { ...twinModels(4).tfjs, 'group1-shard2of2.bin': new Uint8Array(9) }),
      /its weights have \d+ bytes, and \d+ are needed: they are cut off/,
    ],
    [
      'of another kind',
      async () => await keep('layers', { 'model.json': edited((model) => ({ ...model, format: 'layers-model', modelTopology: {} })) }),
      /it is a layers-model, not a graph-model/,
    ],
    ['that is other JSON', async () => await keep('json', { 'model.json': '{"a": 1}' }), /modelTopology: /],
    [
      'that reaches for files elsewhere',
      async () =>
        await keep('reach', {
          'model.json': edited((model) => ({ ...model, weightsManifest: [{ paths: ['../../etc/passwd'], weights: [] }] })),
        }),
      /it names no files of weights beside it/,
    ],
  ] as const)('is none of a file %s', async (_, file, message) => {
    await expect(openTfjsModel(options(await file()))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('is none with other labels', async () => {
    await expect(openDetector('twin', request(join(folder, 'twin', 'model.json'), ['a', 'b', 'c']), built)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('its output is 1×42×7, not 1×42×8 as for 64 × 32 and 3 labels'),
    });
  });
});
