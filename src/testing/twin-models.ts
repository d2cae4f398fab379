import { type OnnxConstant, type OnnxNode, onnxModel } from './onnx-model.js';
import { createRandom } from './random.js';
import { FLOAT, list, shape, type TfjsConstant, type TfjsNode, tfjsModel, word } from './tfjs-model.js';

const WIDTH = 64;
const HEIGHT = 32;
/** Centre, size and objectness, and two labels. */
const NUMBERS = 7;
const STRIDES = [8, 16, 32] as const;

/**
 * One small network, made of random numbers, in both formats: it looks at a picture of 64 × 32 in squares of three sizes and gives YOLOX's output for two labels.
 * What is one for TensorFlow is 1 × 32 × 64 × 3, and 1 × 3 × 32 × 64 for ONNX.
 */
export function twinModels(seed: number): { readonly onnx: Uint8Array; readonly tfjs: Readonly<Record<string, Uint8Array>> } {
  const random = createRandom(seed);
  const onnx: { nodes: OnnxNode[]; constants: OnnxConstant[] } = { nodes: [], constants: [] };
  const tfjs: { nodes: TfjsNode[]; constants: TfjsConstant[] } = {
    nodes: [{ name: 'images', op: 'Placeholder', attributes: { dtype: FLOAT, shape: shape(1, HEIGHT, WIDTH, 3) } }],
    constants: [{ name: 'axis', dims: [], data: Int32Array.of(1) }],
  };
  for (const stride of STRIDES) {
    const places = (WIDTH / stride) * (HEIGHT / stride);
    // Height, width, colours, numbers: TensorFlow's order. Sums stay near 0, where a sigmoid tells them apart.
    const weights = Float32Array.from({ length: stride * stride * 3 * NUMBERS }, () => ((random() - 0.5) * 8) / (128 * stride));
    const at = (y: number, x: number, c: number, n: number): number => weights[((y * stride + x) * 3 + c) * NUMBERS + n] as number;
    const turned = Float32Array.from({ length: weights.length }, (_, i) => {
      const [x, y] = [i % stride, Math.floor(i / stride) % stride];
      const [c, n] = [Math.floor(i / stride / stride) % 3, Math.floor(i / stride / stride / 3)];
      return at(y, x, c, n);
    });
    const [weight, seen, rows, size] = [`weight${stride}`, `seen${stride}`, `rows${stride}`, `size${stride}`];
    tfjs.constants.push(
      { name: weight, dims: [stride, stride, 3, NUMBERS], data: weights },
      { name: size, dims: [3], data: Int32Array.of(1, places, NUMBERS) },
    );
    tfjs.nodes.push(
      {
        ...{ name: seen, op: 'Conv2D', inputs: ['images', weight] },
        attributes: {
          ...{ T: FLOAT, strides: list(1, stride, stride, 1), dilations: list(1, 1, 1, 1) },
          ...{ padding: word('VALID'), data_format: word('NHWC') },
        },
      },
      { name: rows, op: 'Reshape', inputs: [seen, size], attributes: { T: FLOAT } },
    );
    onnx.constants.push(
      { name: weight, dims: [NUMBERS, 3, stride, stride], data: turned },
      { name: size, dims: [3], data: BigInt64Array.of(1n, BigInt(places), BigInt(NUMBERS)) },
    );
    onnx.nodes.push(
      { op: 'Conv', inputs: ['images', weight], output: seen, attributes: { kernel_shape: [stride, stride], strides: [stride, stride] } },
      { op: 'Transpose', inputs: [seen], output: `turned${stride}`, attributes: { perm: [0, 2, 3, 1] } },
      { op: 'Reshape', inputs: [`turned${stride}`, size], output: rows },
    );
  }
  const rows = STRIDES.map((stride) => `rows${stride}`);
  tfjs.nodes.push(
    { name: 'all', op: 'ConcatV2', inputs: [...rows, 'axis'], attributes: { T: FLOAT, N: { i: '3' } } },
    { name: 'sure', op: 'Sigmoid', inputs: ['all'], attributes: { T: FLOAT } },
  );
  onnx.nodes.push(
    { op: 'Concat', inputs: rows, output: 'all', attributes: { axis: 1 } },
    { op: 'Sigmoid', inputs: ['all'], output: 'output' },
  );
  const places = STRIDES.reduce((sum, stride) => sum + (WIDTH / stride) * (HEIGHT / stride), 0);
  return {
    onnx: onnxModel({
      ...onnx,
      inputs: [{ name: 'images', dims: [1, 3, HEIGHT, WIDTH] }],
      outputs: [{ name: 'output', dims: [1, places, NUMBERS] }],
    }),
    tfjs: tfjsModel({ ...tfjs, outputs: { output: 'sure:0' } }),
  };
}
