import { differs, gridOf, type Head, inWords, placeOfLargest } from './head.js';

const STRIDES = [8, 16, 32] as const;
/** Numbers before the classes of a place: centre, size, and how sure it is that something is there. */
const BEFORE_CLASSES = 5;

/**
 * YOLOX: one output, a row for each place of three grids: dx, dy, log w, log h, objectness and the classes, the latter two already probabilities.
 *
 * @source Ge et al. 2021, YOLOX; its published ONNX export.
 */
export const yolox: Head = {
  family: 'yolox',
  overlapping: true,
  input: { order: 'bgr', fit: 'letterbox', anchor: 'top-left', pad: 114, mean: [0, 0, 0], scale: [1, 1, 1] },

  misfit(outputs, input, classes) {
    const places = STRIDES.reduce((sum, stride) => sum + gridOf(input, stride).places, 0);
    const [output] = outputs;
    if (outputs.length !== 1 || output === undefined) return `it has ${outputs.length} outputs, not one`;
    const { dims } = output;
    const wanted = [1, places, BEFORE_CLASSES + classes];
    if (dims.length !== 3 || wanted.some((dim, i) => differs(dims[i], dim)))
      return `its output is ${inWords(dims)}, not ${inWords(wanted)} as for ${input.width} × ${input.height} and ${classes} labels`;
    return null;
  },

  decode([output], input, least) {
    if (output === undefined) throw new RangeError('an output is missing');
    const { data, dims } = output;
    const row = dims[2] as number;
    const found = [];
    let at = 0;
    for (const stride of STRIDES) {
      const { columns, places } = gridOf(input, stride);
      for (let place = 0; place < places; place++, at += row) {
        const objectness = data[at + 4] as number;
        // Said so that no number, which a broken model gives, is not enough either.
        if (!(objectness >= least)) continue;
        const index = placeOfLargest(data, at + BEFORE_CLASSES, row - BEFORE_CLASSES);
        const score = objectness * (data[at + BEFORE_CLASSES + index] as number);
        if (!(score >= least)) continue;
        const cx = ((place % columns) + (data[at] as number)) * stride;
        const cy = (Math.floor(place / columns) + (data[at + 1] as number)) * stride;
        const w = Math.exp(data[at + 2] as number) * stride;
        const h = Math.exp(data[at + 3] as number) * stride;
        found.push({ box: { x1: cx - w / 2, y1: cy - h / 2, x2: cx + w / 2, y2: cy + h / 2 }, classId: index, score });
      }
    }
    return found;
  },
};
