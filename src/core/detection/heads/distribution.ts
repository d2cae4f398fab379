import type { OutputShape, OutputTensor } from '../detection.js';
import { gridOf, type Head, inWords, placeOfLargest, type Size } from './head.js';

/** Distances are told as probabilities of 0, 1, … 7 strides. */
const BINS = 8;
const SIDES = 4;

/** A scale's two maps among a model's outputs, by their place. */
interface Scale {
  readonly stride: number;
  readonly classes: number;
  readonly boxes: number;
}

/**
 * NanoDet and PP-PicoDet: for each scale a map of classes, already probabilities, and one of boxes, for each side a distribution of its distance from
 * the place's centre.
 *
 * @source Li et al. 2020, Generalized Focal Loss; the published ONNX exports of NanoDet (three scales) and PP-PicoDet (four).
 */
const distributionHead = (family: string, strides: readonly number[]): Head => ({
  family,
  overlapping: true,
  input: {
    ...{ order: 'bgr', fit: 'letterbox', anchor: 'top-left', pad: 0 },
    ...{ mean: [103.53, 116.28, 123.675], scale: [1 / 57.375, 1 / 57.12, 1 / 58.395] },
  },

  misfit(outputs, input, classes) {
    if (outputs.length !== 2 * strides.length) return `it has ${outputs.length} outputs, not ${2 * strides.length}`;
    const scales = scalesOf(outputs, input, strides);
    if (typeof scales === 'string') return scales;
    const of = (outputs[(scales[0] as Scale).classes] as OutputShape).dims[2];
    return of === classes ? null : `it tells ${of} classes apart, and ${classes} labels are given`;
  },

  decode(outputs, input, least) {
    const scales = scalesOf(outputs, input, strides);
    if (typeof scales === 'string') throw new RangeError(scales);
    const found = [];
    for (const { stride, classes, boxes } of scales) {
      const { columns, places } = gridOf(input, stride);
      const { data, dims } = outputs[classes] as OutputTensor;
      const sides = (outputs[boxes] as OutputTensor).data;
      const count = dims[2] as number;
      for (let place = 0; place < places; place++) {
        const index = placeOfLargest(data, place * count, count);
        const value = data[place * count + index] as number;
        // No number, which a broken model gives, is not enough either.
        if (!(value >= least)) continue;
        const cx = ((place % columns) + 0.5) * stride;
        const cy = (Math.floor(place / columns) + 0.5) * stride;
        const at = place * SIDES * BINS;
        const left = expected(sides, at) * stride;
        const top = expected(sides, at + BINS) * stride;
        const right = expected(sides, at + 2 * BINS) * stride;
        const bottom = expected(sides, at + 3 * BINS) * stride;
        found.push({ box: { x1: cx - left, y1: cy - top, x2: cx + right, y2: cy + bottom }, classId: index, score: value });
      }
    }
    return found;
  },
});

export const nanodet = distributionHead('nanodet', [8, 16, 32]);
export const picodet = distributionHead('picodet', [8, 16, 32, 64]);

/** Which outputs belong together: by their number of places, and the boxes by their 32 numbers. What is wrong with them, in words, otherwise. */
function scalesOf(outputs: readonly OutputShape[], input: Size, strides: readonly number[]): readonly Scale[] | string {
  const scales: Scale[] = [];
  for (const stride of strides) {
    const { places } = gridOf(input, stride);
    const maps = outputs.flatMap(({ dims }, i) => (dims.length === 3 && dims[1] === places ? [i] : []));
    const boxes = maps.find((i) => (outputs[i] as OutputShape).dims[2] === SIDES * BINS);
    const classes = maps.find((i) => i !== boxes);
    if (boxes === undefined || classes === undefined) {
      const have = outputs.map(({ dims }) => inWords(dims)).join(', ');
      return `among its outputs (${have}) there are no two of ${places} places, as for ${input.width} × ${input.height} at stride ${stride}`;
    }
    scales.push({ stride, classes, boxes });
  }
  return scales;
}

/** Mean of a distribution over 0, 1, … 7 that is given as logits. */
function expected(data: Float32Array, at: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < BINS; i++) largest = Math.max(largest, data[at + i] as number);
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < BINS; i++) {
    const p = Math.exp((data[at + i] as number) - largest);
    sum += p;
    weighted += i * p;
  }
  return weighted / sum;
}
