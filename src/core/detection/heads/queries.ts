import { type Head, inWords, named, placeOfLargest, sigmoid } from './head.js';

/** Numbers of a box: centre and size, 0..1 of the input. */
const BOX = 4;

/**
 * Transformers that answer a fixed number of queries, each with a box and a logit a class: RT-DETR, D-FINE and RF-DETR as they are usually exported.
 * No box comes twice.
 *
 * @param names of the output with the logits, and of that with the boxes.
 */
const queryHead = (family: string, names: { readonly logits: string; readonly boxes: string }, input: Head['input']): Head => ({
  family,
  overlapping: false,
  input,

  misfit(outputs, _input, classes) {
    const logits = outputs.find(({ name }) => name === names.logits);
    const boxes = outputs.find(({ name }) => name === names.boxes);
    if (logits === undefined || boxes === undefined)
      return `it has no outputs named ${names.logits} and ${names.boxes}, but ${outputs.map(({ name }) => name).join(', ')}`;
    if (logits.dims.length !== 3 || boxes.dims.length !== 3 || boxes.dims[2] !== BOX)
      return `its outputs are ${inWords(logits.dims)} and ${inWords(boxes.dims)}, not queries × classes and queries × ${BOX}`;
    const of = logits.dims[2] as number;
    return of < 0 || of === classes ? null : `it tells ${of} classes apart, and ${classes} labels are given`;
  },

  decode(outputs, size, least) {
    const { data, dims } = named(outputs, names.logits);
    const boxes = named(outputs, names.boxes).data;
    const [queries, classes] = [dims[1] as number, dims[2] as number];
    const found = [];
    for (let query = 0; query < queries; query++) {
      const index = placeOfLargest(data, query * classes, classes);
      const score = sigmoid(data[query * classes + index] as number);
      // No number, which a broken model gives, is not enough either.
      if (!(score >= least)) continue;
      const [cx, cy, w, h] = boxes.subarray(query * BOX, query * BOX + BOX) as unknown as [number, number, number, number];
      const box = {
        ...{ x1: (cx - w / 2) * size.width, y1: (cy - h / 2) * size.height },
        ...{ x2: (cx + w / 2) * size.width, y2: (cy + h / 2) * size.height },
      };
      found.push({ box, classId: index, score });
    }
    return found;
  },
});

const STRETCHED = { order: 'rgb', fit: 'stretch', anchor: 'top-left', pad: 0 } as const;

export const detr = queryHead(
  'detr',
  { logits: 'logits', boxes: 'pred_boxes' },
  { ...STRETCHED, mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },
);
export const rfdetr = queryHead(
  'rfdetr',
  { logits: 'labels', boxes: 'dets' },
  { ...STRETCHED, mean: [123.675, 116.28, 103.53], scale: [1 / 58.395, 1 / 57.12, 1 / 57.375] },
);
