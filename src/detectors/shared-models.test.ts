import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InputSpec, OutputTensor } from '../core/detection/detection.js';
import { type ColourPicture, fillInput } from '../core/detection/fill-input.js';
import { recognise } from '../core/detection/heads/index.js';
import { samplePictures } from '../media/sample-pictures.js';
import { hasSharedData, sharedData } from '../testing/shared-data.js';
import { openOnnxModel } from './onnx/onnx-engine.js';

const models = sharedData('models');
const clip = sharedData('street/pedestrians_a.mp4');
const present = hasSharedData(['models', 'street/pedestrians_a.mp4'], 'real models on a real street');

interface Plain {
  readonly score: number;
  readonly box: readonly [number, number, number, number];
}

/** YOLOX by its paper, one place after the other. */
function plainYolox([output]: readonly OutputTensor[]): Plain[] {
  const found: Plain[] = [];
  let row = 0;
  for (const stride of [8, 16, 32])
    for (let gy = 0; gy < 416 / stride; gy++)
      for (let gx = 0; gx < 416 / stride; gx++, row++) {
        const v = [...(output?.data.subarray(85 * row, 85 * row + 85) ?? [])] as [number, number, number, number, number, ...number[]];
        const [cx, cy, w, h] = [(v[0] + gx) * stride, (v[1] + gy) * stride, Math.exp(v[2]) * stride, Math.exp(v[3]) * stride];
        found.push({ score: v[4] * Math.max(...v.slice(5)), box: [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] });
      }
  return found;
}

/** NanoDet and PicoDet by the paper on generalised focal loss. */
const plainDistribution =
  (strides: readonly number[], order: readonly (readonly [number, number])[]) =>
  (outputs: readonly OutputTensor[]): Plain[] =>
    strides.flatMap((stride, i) => {
      const [classes, boxes] = (order[i] as readonly [number, number]).map((at) => (outputs[at] as OutputTensor).data) as [
        Float32Array,
        Float32Array,
      ];
      const side = Math.ceil(416 / stride);
      return Array.from({ length: side * side }, (_, place): Plain => {
        const distance = [0, 1, 2, 3].map((edge) => {
          const p = [...boxes.subarray(32 * place + 8 * edge, 32 * place + 8 * edge + 8)].map(Math.exp);
          const sum = p.reduce((a, b) => a + b, 0);
          return p.reduce((mean, value, k) => mean + (k * value) / sum, 0) * stride;
        }) as [number, number, number, number];
        const [cx, cy] = [((place % side) + 0.5) * stride, (Math.floor(place / side) + 0.5) * stride];
        const score = Math.max(...classes.subarray(80 * place, 80 * place + 80));
        return { score, box: [cx - distance[0], cy - distance[1], cx + distance[2], cy + distance[3]] };
      });
    });

async function pictureOf(path: string): Promise<ColourPicture> {
  const found: ColourPicture[] = [];
  await samplePictures({ input: { kind: 'file', path }, everyS: 0, count: 1 }, ({ width, height, data }) => {
    found.push({ width, height, format: 'rgb24', data: Uint8Array.from(data) });
  });
  return found[0] as ColourPicture;
}

describe.runIf(present)('boxes of published models', () => {
  it.each([
    ['yolox_nano.onnx', 'yolox', plainYolox],
    [
      'opencvzoo_nanodet_2022nov.onnx',
      'nanodet',
      plainDistribution(
        [8, 16, 32],
        [
          [0, 3],
          [1, 4],
          [2, 5],
        ],
      ),
    ],
    [
      'picodet_s_416_coco.onnx',
      'picodet',
      plainDistribution(
        [8, 16, 32, 64],
        [
          [0, 4],
          [1, 5],
          [2, 6],
          [3, 7],
        ],
      ),
    ],
  ] as const)('of %s are those of a plain reading of its outputs', async (file, family, plain) => {
    await using engine = await openOnnxModel({ file: join(models, file), providers: ['cpu'], threads: 1 });
    const size = { width: 416, height: 416 };
    const known = recognise(engine.outputs, size, 80);
    expect(known.head?.family).toBe(family);
    if (known.head === null) return;
    const input: InputSpec = { ...known.head.input, ...size };
    const planes = new Float32Array(3 * 416 * 416);
    fillInput(await pictureOf(clip), input, planes);
    const outputs = await engine.run(new Map([[engine.inputs[0]?.name ?? '', { dims: [1, 3, 416, 416], data: planes }]]));
    const least = 0.05;
    const wanted = plain(outputs).filter(({ score }) => score >= least);
    const found = known.head.decode(outputs, size, least);
    expect(found.length).toBeGreaterThan(5);
    expect(found).toHaveLength(wanted.length);
    found.forEach(({ box, score }, i) => {
      const other = wanted[i] as Plain;
      [box.x1, box.y1, box.x2, box.y2, score].forEach((value, k) => {
        expect(Math.abs(value - ([...other.box, other.score][k] as number))).toBeLessThan(1e-3);
      });
    });
  });
});
