/** A step of a made graph model; attributes as TensorFlow writes them in JSON. */
export interface TfjsNode {
  readonly name: string;
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Constant numbers of a made graph model. */
export interface TfjsConstant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array;
}

const PRODUCER = 1087;

/** An attribute that is a word. */
export const word = (text: string): unknown => ({ s: Buffer.from(text).toString('base64') });
/** One that is a list of whole numbers. */
export const list = (...numbers: readonly number[]): unknown => ({ list: { i: numbers.map(String) } });
/** One that is dimensions, -1 for any. */
export const shape = (...dims: readonly number[]): unknown => ({ shape: { dim: dims.map((size) => ({ size: String(size) })) } });
export const FLOAT = { type: 'DT_FLOAT' } as const;

/**
 * The files of a whole graph model of TensorFlow.js: its `model.json`, and its weights cut in two as converters cut them.
 *
 * @param outputs names by which its results are known, and the nodes that give them.
 */
export function tfjsModel(graph: {
  readonly nodes: readonly TfjsNode[];
  readonly constants: readonly TfjsConstant[];
  readonly outputs: Readonly<Record<string, string>>;
}): Readonly<Record<string, Uint8Array>> {
  const weights = Buffer.concat(graph.constants.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  const dtypeOf = (data: TfjsConstant['data']): string => (data instanceof Float32Array ? 'float32' : 'int32');
  const node = [
    ...graph.constants.map(({ name, dims, data }) => ({
      name,
      op: 'Const',
      attr: {
        dtype: { type: dtypeOf(data) === 'int32' ? 'DT_INT32' : 'DT_FLOAT' },
        value: { tensor: { tensorShape: { dim: dims.map((size) => ({ size: String(size) })) } } },
      },
    })),
    ...graph.nodes.map(({ name, op, inputs = [], attributes = {} }) => ({ name, op, input: inputs, attr: attributes })),
  ];
  const model = {
    format: 'graph-model',
    generatedBy: 'Parapet’s tests',
    signature: { outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, of]) => [name, { name: of }])) },
    modelTopology: { node, versions: { producer: PRODUCER } },
    weightsManifest: [
      {
        paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'],
        weights: graph.constants.map(({ name, dims, data }) => ({ name, shape: dims, dtype: dtypeOf(data) })),
      },
    ],
  };
  const half = Math.floor(weights.length / 2);
  return {
    'model.json': Buffer.from(JSON.stringify(model)),
    'group1-shard1of2.bin': weights.subarray(0, half),
    'group1-shard2of2.bin': weights.subarray(half),
  };
}
