/** An output of a made model: numbers that it always gives. */
export interface FixedOutput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Numbers of fields and wire types as https://github.com/onnx/onnx/blob/main/onnx/onnx.proto has them. */
const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 13;

/**
 * A whole ONNX model that looks at nothing: whatever picture comes in, it gives the same outputs. For tests of what stands around models.
 *
 * @param input its name and dimensions; 32-bit floats.
 */
export function fixedOnnxModel(
  input: { readonly name: string; readonly dims: readonly number[] },
  outputs: readonly FixedOutput[],
): Uint8Array {
  const graph = [
    ...outputs.map(({ name }) => field(1, [text(1, `${name}_fixed`), text(2, name), text(3, `give_${name}`), text(4, 'Identity')])),
    text(2, 'fixed'),
    ...outputs.map((output) => field(5, tensor(output))),
    field(11, valueInfo(input.name, input.dims)),
    ...outputs.map(({ name, dims }) => field(12, valueInfo(name, dims))),
  ];
  return bytes([number(1, IR_VERSION), field(7, graph), field(8, [text(1, ''), number(2, OPSET)])]);
}

const tensor = ({ name, dims, data }: FixedOutput): Uint8Array[] => [
  ...dims.map((dim) => number(1, dim)),
  number(2, FLOAT),
  text(8, `${name}_fixed`),
  field(9, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]),
];

const valueInfo = (name: string, dims: readonly number[]): Uint8Array[] => [
  text(1, name),
  field(2, [
    field(1, [
      number(1, FLOAT),
      field(
        2,
        dims.map((dim) => field(1, [number(1, dim)])),
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
