/** An output of a made model: numbers that it always gives. */
export interface FixedOutput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A step of a made model. Attributes are whole numbers or lists of them. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** Constant numbers of a made model: 32-bit floats, or whole numbers of 64 bits as shapes are given. */
export interface OnnxConstant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** An input or output; a dimension that is a name may be any. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
  /** Default: 32-bit floats. */
  readonly type?: 'uint8';
}

/** Numbers of fields, types and wire types as https://github.com/onnx/onnx/blob/main/onnx/onnx.proto has them. */
const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;
const IR_VERSION = 8;
const OPSET = 13;

/** A whole ONNX model of a few steps. */
export function onnxModel(graph: {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}): Uint8Array {
  const fields = [
    ...graph.nodes.map((one) => field(1, node(one))),
    text(2, 'made'),
    ...graph.constants.map((one) => field(5, tensor(one))),
    ...graph.inputs.map((one) => field(11, valueInfo(one))),
    ...graph.outputs.map((one) => field(12, valueInfo(one))),
  ];
  return bytes([number(1, IR_VERSION), field(7, fields), field(8, [text(1, ''), number(2, OPSET)])]);
}

/**
 * A whole ONNX model that looks at nothing: whatever picture comes in, it gives the same outputs. For tests of what stands around models.
 *
 */
export function fixedOnnxModel(input: OnnxValue, outputs: readonly FixedOutput[]): Uint8Array {
  return onnxModel({
    inputs: [input],
    outputs: outputs.map(({ name, dims }) => ({ name, dims })),
    nodes: outputs.map(({ name }) => ({ op: 'Identity', inputs: [`${name}_fixed`], output: name })),
    constants: outputs.map(({ name, dims, data }) => ({ name: `${name}_fixed`, dims, data })),
  });
}

const node = ({ op, inputs, output, attributes = {} }: OnnxNode): Uint8Array[] => [
  ...inputs.map((name) => text(1, name)),
  ...[text(2, output), text(3, `give_${output}`), text(4, op)],
  ...Object.entries(attributes).map(([name, value]) =>
    field(
      5,
      typeof value === 'number'
        ? [text(1, name), number(3, value), number(20, ATTRIBUTE_INT)]
        : [text(1, name), ...value.map((one) => number(8, one)), number(20, ATTRIBUTE_INTS)],
    ),
  ),
];

const tensor = ({ name, dims, data }: OnnxConstant): Uint8Array[] => [
  ...dims.map((dim) => number(1, dim)),
  number(2, data instanceof Float32Array ? FLOAT : INT64),
  text(8, name),
  field(9, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]),
];

const valueInfo = ({ name, dims, type }: OnnxValue): Uint8Array[] => [
  text(1, name),
  field(2, [
    field(1, [
      number(1, type === 'uint8' ? UINT8 : FLOAT),
      field(
        2,
        dims.map((dim) => field(1, [typeof dim === 'number' ? number(1, dim) : text(2, dim)])),
      ),
    ]),
  ]),
];

/** A field that holds bytes: its number, how many, and they themselves. */
function field(id: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = bytes(parts);
  return bytes([varint(8 * id + 2), varint(content.length), content]);
}

const text = (id: number, value: string): Uint8Array => field(id, [new TextEncoder().encode(value)]);
const number = (id: number, value: number): Uint8Array => bytes([varint(8 * id), varint(value)]);

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...out, rest]);
}

const bytes = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
