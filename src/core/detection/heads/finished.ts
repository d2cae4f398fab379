import type { OutputShape, OutputTensor } from '../detection.js';
import type { RawDetection } from '../suppress.js';
import { type Head, named, type Size } from './head.js';

/** Outputs by which a family is known, and how they are read. */
interface Finished {
  readonly family: string;
  readonly names: { readonly boxes: string; readonly scores: string; readonly classes: string };
  readonly input: Head['input'];
  /** The number of the first class. */
  readonly firstClass: number;
  readonly box: (numbers: Float32Array, at: number, size: Size) => RawDetection['box'];
}

/** Models that do all the work themselves: boxes, scores and classes, a row each, with nothing left to suppress. */
const finishedHead = ({ family, names, input, firstClass, box }: Finished): Head => ({
  family,
  overlapping: false,
  input,

  misfit(outputs) {
    const missing = Object.values(names).filter((name) => !outputs.some((output) => output.name === name));
    if (missing.length === 0) return null;
    return `it has no output named ${missing.join(', ')}, but ${outputs.map((output: OutputShape) => output.name).join(', ')}`;
  },

  decode(outputs: readonly OutputTensor[], size, least) {
    const scores = named(outputs, names.scores).data;
    const classes = named(outputs, names.classes).data;
    const boxes = named(outputs, names.boxes).data;
    const found = [];
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      // Rows beyond the number of things found are filled with zeros or below.
      if (score >= least) found.push({ box: box(boxes, 4 * i, size), classId: Math.round(classes[i] as number) - firstClass, score });
    }
    return found;
  },
});

/** SSD with its suppression built in, as TensorFlow's object detection exports it: boxes as y1, x1, y2, x2 in 0..1, classes from 1. */
export const ssd = finishedHead({
  family: 'ssd',
  names: { boxes: 'detection_boxes', scores: 'detection_scores', classes: 'detection_classes' },
  input: { order: 'rgb', fit: 'stretch', anchor: 'top-left', pad: 0, mean: [0, 0, 0], scale: [1, 1, 1] },
  firstClass: 1,
  box: (n, at, { width, height }) => ({
    ...{ x1: (n[at + 1] as number) * width, y1: (n[at] as number) * height },
    ...{ x2: (n[at + 3] as number) * width, y2: (n[at + 2] as number) * height },
  }),
});

/** RT-DETR and D-FINE as their own exporters write them: a second input is told the picture's size, and boxes come as x1, y1, x2, y2 of it. */
export const finishedDetr = finishedHead({
  family: 'detr_finished',
  names: { boxes: 'boxes', scores: 'scores', classes: 'labels' },
  input: { order: 'rgb', fit: 'stretch', anchor: 'top-left', pad: 0, mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },
  firstClass: 0,
  box: (n, at) => ({ x1: n[at] as number, y1: n[at + 1] as number, x2: n[at + 2] as number, y2: n[at + 3] as number }),
});
