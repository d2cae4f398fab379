import { describe, expect, it } from 'vitest';
import { decodeDetections } from './decode.js';
import type { OutputTensor } from './detection.js';
import { wholeOf } from './fill-input.js';
import { type Head, heads, recognise } from './heads/index.js';

const input = { width: 64, height: 32 };
const labels = ['person', null, 'car'];

/** An output in which every number is `fill` but those that are set. */
function output(name: string, dims: readonly number[], fill: number, set: Readonly<Record<number, number>> = {}): OutputTensor {
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(fill);
  for (const [at, value] of Object.entries(set)) data[Number(at)] = value;
  return { name, dims, data };
}

const head = (family: string): Head => {
  const found = heads.find((one) => one.family === family);
  if (found === undefined) throw new Error(family);
  return found;
};

// 64 × 32 has 8 × 4 places at stride 8, 4 × 2 at 16, 2 × 1 at 32: 42 in all.
const logit = (p: number): number => Math.log(p / (1 - p));
/** A distribution that is all on one number of strides, as logits. */
const bins = (at: number, ...strides: readonly number[]): Record<number, number> =>
  Object.fromEntries(strides.map((stride, side) => [at + 8 * side + stride, 60]));

/** Each family's outputs for one car of 0.72 at (8, 8) to (24, 24) of the input, and one thing without a label. */
const oneCar: Readonly<Record<string, readonly OutputTensor[]>> = {
  // Place 33 of all is (1, 0) at stride 16: its corner at (16, 0).
  yolox: [
    output('output', [1, 42, 8], 0, {
      ...{ [33 * 8]: 0, [33 * 8 + 1]: 1, [33 * 8 + 2]: 0, [33 * 8 + 3]: 0, [33 * 8 + 4]: 0.9, [33 * 8 + 7]: 0.8 },
      ...{ [3 * 8 + 4]: 1, [3 * 8 + 6]: 0.9 },
    }),
  ],
  yolov8: [output('output0', [1, 7, 42], 0, { [5]: 16, [42 + 5]: 16, [84 + 5]: 16, [126 + 5]: 16, [6 * 42 + 5]: 0.72, [5 * 42 + 7]: 0.9 })],
  // Place 9 at stride 8 is (1, 1): its centre at (12, 12).
  nanodet: [
    output('c8', [1, 32, 3], 0, { [9 * 3 + 2]: 0.72, [20 * 3 + 1]: 0.9 }),
    ...[output('c16', [1, 8, 3], 0), output('c32', [1, 2, 3], 0)],
    output('b8', [1, 32, 32], 0, {
      ...bins(9 * 32, 0, 0, 1, 1),
      [9 * 32]: 60,
      [9 * 32 + 1]: 60,
      [9 * 32 + 8]: 60,
      [9 * 32 + 9]: 60,
      [9 * 32 + 16 + 2]: 60,
      [9 * 32 + 24 + 2]: 60,
    }),
    ...[output('b16', [1, 8, 32], 0), output('b32', [1, 2, 32], 0)],
  ],
  picodet: [
    output('c8', [1, 32, 3], 0),
    output('c16', [1, 8, 3], 0, { [0 * 3 + 2]: 0 }),
    ...[output('c32', [1, 2, 3], 0), output('c64', [1, 1, 3], 0, { 2: 0.72 })],
    ...[output('b8', [1, 32, 32], 0), output('b16', [1, 8, 32], 0), output('b32', [1, 2, 32], 0)],
    // The only place at stride 64 has its centre at (32, 32).
    output('b64', [1, 1, 32], 0, bins(0, 1, 1, 1, 1)),
  ],
  detr: [
    output('logits', [1, 5, 3], -9, { [2 * 3 + 2]: logit(0.72), [4 * 3 + 1]: 3 }),
    output('pred_boxes', [1, 5, 4], 0.1, { [8]: 0.25, [9]: 0.5, [10]: 0.25, [11]: 0.5 }),
  ],
  rfdetr: [
    output('dets', [1, 5, 4], 0.1, { [8]: 0.25, [9]: 0.5, [10]: 0.25, [11]: 0.5 }),
    output('labels', [1, 5, 3], -9, { [2 * 3 + 2]: logit(0.72) }),
  ],
  detr_finished: [
    output('labels', [1, 2], 2),
    output('boxes', [1, 2, 4], 0, { 0: 8, 1: 8, 2: 24, 3: 24 }),
    output('scores', [1, 2], 0, { 0: 0.72 }),
  ],
  ssd: [
    output('detection_boxes', [1, 2, 4], 0, { 0: 0.25, 1: 0.125, 2: 0.75, 3: 0.375 }),
    output('detection_classes', [1, 2], 3),
    output('detection_scores', [1, 2], 0, { 0: 0.72 }),
  ],
};
const places: Readonly<Record<string, readonly number[]>> = { picodet: [0, 0, 1, 1] };

describe.each(heads.map((one) => [one.family] as const))('a model of the family %s', (family) => {
  const outputs = oneCar[family] as readonly OutputTensor[];
  const placement = { scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 };
  const reading = { head: head(family), input, labels };
  const shown = { picture: input, region: wholeOf(input), placement };

  it('is told by its outputs', () => {
    expect(head(family).misfit(outputs, input, labels.length)).toBeNull();
    expect(recognise(outputs, input, labels.length)).toEqual({ head: head(family) });
  });

  it('gives its boxes in parts of the picture, what has no label left out', () => {
    const found = decodeDetections(outputs, reading, shown, 0.3);
    const [x1, y1, x2, y2] = (places[family] ?? [8 / 64, 8 / 32, 24 / 64, 24 / 32]) as [number, number, number, number];
    expect(found).toHaveLength(1);
    expect(found[0]?.label).toBe('car');
    expect(found[0]?.score).toBeCloseTo(0.72, 5);
    for (const [side, value] of Object.entries({ x1, y1, x2, y2 })) expect(found[0]?.box[side as 'x1']).toBeCloseTo(value, 5);
  });

  it('gives none that it is less sure of', () => {
    expect(decodeDetections(outputs, reading, shown, 0.95)).toEqual([]);
  });

  it('gives nothing where its outputs are no numbers, all of them or any one', () => {
    const broken = (which: readonly OutputTensor[]) =>
      outputs.map((one) => (which.includes(one) ? { ...one, data: one.data.map(() => Number.NaN) } : one));
    for (const which of [outputs, ...outputs.map((one) => [one])]) {
      const raw = head(family).decode(broken(which), input, 0.3);
      expect(raw.filter(({ score }) => !(score >= 0.3))).toEqual([]);
    }
    expect(head(family).decode(broken(outputs), input, 0.3)).toEqual([]);
    expect(decodeDetections(broken(outputs), reading, shown, 0.3)).toEqual([]);
  });

  it('is none with other labels, or in words why', () => {
    const misfit = head(family).misfit(outputs, input, 5);
    const tellsClasses = !['detr_finished', 'ssd'].includes(family);
    expect(misfit === null).toBe(!tellsClasses);
    if (tellsClasses) expect(misfit).toMatch(/5|labels/);
  });
});

describe('a model that is none of these', () => {
  it('is told why by every family', () => {
    const known = recognise([output('embedding', [1, 512], 0)], input, 80);
    expect(known).toMatchObject({ head: null });
    expect('why' in known && known.why).toHaveLength(heads.length);
    expect('why' in known && known.why[0]).toBe('not yolox: its output is 1×512, not 1×42×85 as for 64 × 32 and 80 labels');
  });
});
