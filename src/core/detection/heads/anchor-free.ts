import { differs, gridOf, type Head, inWords } from './head.js';

const STRIDES = [8, 16, 32] as const;
/** Numbers of a box: centre and size. */
const BOX = 4;

/**
 * The layout of YOLOv8, v9 and v11: one output, a column for each place and a row for each number: cx, cy, w, h in pixels of the input, then the
 * classes' probabilities. Only models whose weights are free should be used so.
 */
export const yolov8: Head = {
  family: 'yolov8',
  overlapping: true,
  input: { order: 'rgb', fit: 'letterbox', anchor: 'centre', pad: 114, mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },

  misfit(outputs, input, classes) {
    const [output] = outputs;
    if (outputs.length !== 1 || output === undefined) return `it has ${outputs.length} outputs, not one`;
    const places = STRIDES.reduce((sum, stride) => sum + gridOf(input, stride).places, 0);
    const wanted = [1, BOX + classes, places];
    const { dims } = output;
    if (dims.length !== 3 || wanted.some((dim, i) => differs(dims[i], dim)))
      return `its output is ${inWords(dims)}, not ${inWords(wanted)} as for ${input.width} × ${input.height} and ${classes} labels`;
    return null;
  },

  decode([output], _input, least) {
    if (output === undefined) throw new RangeError('an output is missing');
    const { data, dims } = output;
    const [rows, places] = [dims[1] as number, dims[2] as number];
    // Row after row, as the numbers lie: the other way round every number would come from another line of memory.
    const best = data.slice(BOX * places, (BOX + 1) * places);
    const classes = new Uint16Array(places);
    for (let row = BOX + 1; row < rows; row++) {
      for (let place = 0; place < places; place++) {
        const value = data[row * places + place] as number;
        if (value <= (best[place] as number)) continue;
        best[place] = value;
        classes[place] = row - BOX;
      }
    }
    const found = [];
    for (let place = 0; place < places; place++) {
      const score = best[place] as number;
      // No number, which a broken model gives, is not enough either.
      if (!(score >= least)) continue;
      const [cx, cy] = [data[place] as number, data[places + place] as number];
      const [w, h] = [data[2 * places + place] as number, data[3 * places + place] as number];
      const box = { x1: cx - w / 2, y1: cy - h / 2, x2: cx + w / 2, y2: cy + h / 2 };
      found.push({ box, classId: classes[place] as number, score });
    }
    return found;
  },
};
