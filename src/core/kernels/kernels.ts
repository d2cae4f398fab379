import type { Box } from '../../domain/geometry.js';

/**
 * The per-pixel loops over one camera's pictures: WebAssembly with SIMD (see `assembly/`), and the memory they work in.
 * Everything is laid out once; nothing is allocated while frames flow.
 */
export interface Kernels {
  readonly width: number;
  readonly height: number;
  /** Columns of a row in memory: the width rounded up to a multiple of 16. */
  readonly stride: number;
  /** Views of the picture slots, `stride × height` bytes each; how they are used is the caller's business. */
  readonly slots: readonly Uint8Array[];
  /** Background, grey 0..255. Read only. */
  readonly mean: Uint8Array;
  /** 255 where nothing is to be found, 0 elsewhere; the columns beyond the width are always 255. */
  readonly mask: Uint8Array;

  /** How slots `a` and `b` differ. Valid until the next comparison. */
  difference(a: number, b: number, over: number): Difference;
  /** Mean absolute deviation of a pixel from the background, 1/128 grey. */
  deviationAt(x: number, y: number): number;
  /** Begins the background anew from a slot. */
  resetModel(slot: number, deviationGrey: number, threshold: Threshold): void;
  /** Moves the background of every `step`-th row from row `first` towards a slot. */
  updateModel(slot: number, first: number, step: number, rates: ModelRates, threshold: Threshold): void;
  /** Finds the foreground of slot `cur`, and what of it also differs from its neighbours in time, for {@link components}. */
  detect(cur: number, prev: number, next: number): void;
  /** The same together with the {@link difference} of `next` and `cur`: cheaper than one after the other, since pictures come from memory once. */
  detectAndCompare(cur: number, prev: number, next: number, over: number): Difference;
  /** Components of the foreground that was found last; `null` when so much changes that they cannot be told apart. */
  components(gap: number): Components | null;
  /**
   * Components of only those of its pixels that also move: what a moving shadow or a change of light, still
   * over most of its area, would swallow. The earlier result is no longer valid.
   */
  movingComponents(gap: number): Components | null;
  /** What moves in one picture, with the picture before in place of the background: for when that is of no use. Otherwise as {@link components}. */
  changedComponents(cur: number, prev: number, next: number, gap: number): Components | null;
  /** Writes slot `from` moved by (dx, dy) pixels into slot `to`: to(x, y) = from(x + dx, y + dy), in steps of 1/16 pixel. */
  shift(from: number, to: number, dx: number, dy: number): void;
  /** Normal equations of registering a square of the background, `size` a multiple of 8, against a slot; see `patchSums` in `assembly/`. */
  patchSums(slot: number, x: number, y: number, size: number, offX: number, offY: number): PatchSums;
}

/** How two pictures differ. */
export interface Difference {
  /** Pixels that differ by more than was asked for. */
  readonly changed: number;
  /** Largest difference, grey. */
  readonly largest: number;
}

export interface Threshold {
  /** Multiple of the mean absolute deviation, in eighths: 30 is 3.75 × MAD = 3 σ of Gaussian noise. */
  readonly deviationsEighths: number;
  /** Lowest threshold, grey levels. */
  readonly floorGrey: number;
}

export interface ModelRates {
  /** Share of the difference taken over at each update, 0..1. */
  readonly mean: number;
  readonly deviation: number;
  /** Differences count at most this much for the mean, grey levels. */
  readonly cutGrey: number;
  /** An outlier counts for the deviation at most 3 × the deviation plus this, grey levels. */
  readonly slackGrey: number;
}

export interface PatchSums {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
  readonly xe: number;
  readonly ye: number;
}

/** Connected foreground, read straight from the kernels' memory: valid until the next call for any. */
export interface Components {
  readonly count: number;
  /** Foreground pixels in all. */
  readonly areaPx: number;
  /** Share of the picture's area, in 16 × 9 cells, that holds more than 5 % foreground: 1 when everything changed, small for one large thing. */
  spread(): number;
  box(index: number): Box;
  areaOf(index: number): number;
  /** Pixels that also differ from the pictures before and after. */
  movingOf(index: number): number;
  /** Largest difference from the background, grey. */
  peakOf(index: number): number;
  /** Sum of absolute differences over the area, grey. */
  weightOf(index: number): number;
  /** Sum of signed differences, grey: positive is brighter than the background. */
  signedOf(index: number): number;
  /** Difference-weighted centre, pixels; the centre of the first pixel is (0.5, 0.5). */
  centreX(index: number): number;
  centreY(index: number): number;
}

/** What the compiled module exports; every argument a byte offset or a number, see `assembly/index.ts`. */
interface Exports {
  difference(a: number, b: number, bytes: number, over: number, out: number): void;
  resetModel(
    cur: number,
    model: number,
    mean8: number,
    th8: number,
    mask: number,
    width: number,
    height: number,
    devQ7: number,
    sigmas: number,
    floor: number,
  ): void;
  updateModel(
    cur: number,
    model: number,
    mean8: number,
    th8: number,
    mask: number,
    width: number,
    height: number,
    first: number,
    step: number,
    alphaMeanQ15: number,
    alphaDevQ15: number,
    cutQ7: number,
    slackQ7: number,
    sigmas: number,
    floor: number,
  ): void;
  detect(cur: number, prev: number, next: number, mean8: number, th8: number, pixels: number, out: number, maxGroups: number): number;
  detectAndCompare(
    cur: number,
    prev: number,
    next: number,
    mean8: number,
    th8: number,
    pixels: number,
    out: number,
    maxGroups: number,
    over: number,
    differs: number,
  ): number;
  label(
    groups: number,
    count: number,
    movingOnly: number,
    cur: number,
    mean8: number,
    width: number,
    gap: number,
    runs: number,
    maxRuns: number,
    blobs: number,
  ): number;
  shift(input: number, output: number, width: number, height: number, dx16: number, dy16: number): void;
  patchSums(ref: number, cur: number, width: number, x: number, y: number, size: number, offX: number, offY: number, out: number): void;
}

/**
 * Every how many rows the background is meant to be renewed at one frame: each row every 4th frame, which spares three quarters of the cost. Rows are laid out for
 * that; any other step is possible, but slower. More, and a row lags behind a change of light.
 */
export const ROW_STEP = 4;
const PAGE_BYTES = 65_536;
const BLOB_INTS = 16;
/** Runs of foreground pixels that can be told apart; a 4K picture full of heavy snow has some 15,000. */
const MAX_RUNS = 32_768;
/** Share of all groups of sixteen pixels that may hold foreground before a picture is given up as "everything changes". */
const MAX_GROUP_SHARE = 0.25;
/** Below this offset lies nothing, so that offset 0 is never a plane. */
const FIRST_OFFSET = 1024;

/**
 * Instantiates the kernels for pictures of one size.
 *
 * @param module the compiled `kernels.wasm`.
 * @param slotCount picture slots to lay out.
 * @throws {RangeError} when the size is not 16..8192 pixels each way.
 * @example createKernels(module, 1920, 1080, 4).stride // 1920
 */
export function createKernels(module: WebAssembly.Module, width: number, height: number, slotCount: number): Kernels {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 16 || side > 8192)
      throw new RangeError(`picture must be 16..8192 pixels each way: ${width}x${height}`);
  }
  const stride = Math.ceil(width / 16) * 16;
  const pixels = stride * height;
  const maxGroups = Math.ceil((pixels / 16) * MAX_GROUP_SHARE);

  let top = FIRST_OFFSET;
  const place = (bytes: number): number => {
    const at = top;
    top += Math.ceil(bytes / 64) * 64;
    return at;
  };
  const out = 64;
  const slotAt = Array.from({ length: slotCount }, () => place(pixels));
  const modelAt = place(stride * 4 * ROW_STEP * Math.ceil(height / ROW_STEP));
  const mean8At = place(pixels);
  const thresholdAt = place(pixels);
  const maskAt = place(pixels);
  const groupsAt = place(maxGroups * 8);
  const runsAt = place(MAX_RUNS * 16);
  const blobsAt = place(MAX_RUNS * BLOB_INTS * 4);

  const memory = new WebAssembly.Memory({ initial: Math.ceil(top / PAGE_BYTES) + 1 });
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  const plane = (at: number): Uint8Array => new Uint8Array(memory.buffer, at, pixels);
  const model = new Uint16Array(memory.buffer, modelAt, 2 * stride * ROW_STEP * Math.ceil(height / ROW_STEP));
  const outInts = new Uint32Array(memory.buffer, out, 2);
  const outFloats = new Float64Array(memory.buffer, out, 5);
  const mask = plane(maskAt);
  for (let y = 0; y < height; y++) mask.fill(255, y * stride + width, (y + 1) * stride);
  const groupInts = new Int32Array(memory.buffer, groupsAt, maxGroups * 2);
  const groupHalves = new Uint16Array(memory.buffer, groupsAt, maxGroups * 4);

  const slot = (index: number): number => {
    const at = slotAt[index];
    if (at === undefined) throw new RangeError(`no picture slot ${index}`);
    return at;
  };
  /** The foreground found last: its groups, negative where there was no room for them; of which picture, and against which. */
  let groups = 0;
  let foundIn = 0;
  let foundAgainst = mean8At;
  const components = componentView(memory.buffer, blobsAt, () => spreadOf(groupInts, groupHalves, groups, stride, width, height));
  const differs = { changed: 0, largest: 0 };
  const readDifference = (): Difference => {
    differs.changed = outInts[0] as number;
    differs.largest = outInts[1] as number;
    return differs;
  };
  const found = (count: number, inAt: number, againstAt: number): void => {
    groups = count;
    foundIn = inAt;
    foundAgainst = againstAt;
  };
  const label = (gap: number, movingOnly: boolean): Components | null => {
    if (groups < 0) return null;
    const count = kernel.label(groupsAt, groups, movingOnly ? 1 : 0, foundIn, foundAgainst, stride, gap, runsAt, MAX_RUNS, blobsAt);
    return count < 0 ? null : components(count);
  };
  const detect = (cur: number, prev: number, next: number, againstAt: number): void => {
    found(kernel.detect(slot(cur), slot(prev), slot(next), againstAt, thresholdAt, pixels, groupsAt, maxGroups), slot(cur), againstAt);
  };
  const q15 = (share: number): number => Math.min(32_767, Math.round(share * 32_768));
  const q7 = (grey: number): number => Math.min(32_767, Math.round(grey * 128));

  return {
    width,
    height,
    stride,
    slots: slotAt.map(plane),
    mean: plane(mean8At),
    deviationAt(x, y) {
      const row = (y % ROW_STEP) * Math.ceil(height / ROW_STEP) + Math.floor(y / ROW_STEP);
      return model[row * 2 * stride + 32 * (x >> 4) + 16 + (x & 15)] as number;
    },
    mask,
    difference(a, b, over) {
      kernel.difference(slot(a), slot(b), pixels, over, out);
      return readDifference();
    },
    resetModel(index, deviationGrey, threshold) {
      kernel.resetModel(
        slot(index),
        modelAt,
        mean8At,
        thresholdAt,
        maskAt,
        stride,
        height,
        q7(deviationGrey),
        threshold.deviationsEighths,
        threshold.floorGrey,
      );
    },
    updateModel(index, first, step, rates, threshold) {
      kernel.updateModel(
        slot(index),
        modelAt,
        mean8At,
        thresholdAt,
        maskAt,
        stride,
        height,
        first,
        step,
        q15(rates.mean),
        q15(rates.deviation),
        q7(rates.cutGrey),
        q7(rates.slackGrey),
        threshold.deviationsEighths,
        threshold.floorGrey,
      );
    },
    detect: (cur, prev, next) => detect(cur, prev, next, mean8At),
    detectAndCompare(cur, prev, next, over) {
      found(
        kernel.detectAndCompare(slot(cur), slot(prev), slot(next), mean8At, thresholdAt, pixels, groupsAt, maxGroups, over, out),
        slot(cur),
        mean8At,
      );
      return readDifference();
    },
    components: (gap) => label(gap, false),
    movingComponents: (gap) => label(gap, true),
    changedComponents(cur, prev, next, gap) {
      detect(cur, prev, next, slot(prev));
      return label(gap, true);
    },
    shift(from, to, dx, dy) {
      kernel.shift(slot(from), slot(to), stride, height, Math.round(dx * 16), Math.round(dy * 16));
    },
    patchSums(index, x, y, size, offX, offY) {
      kernel.patchSums(mean8At, slot(index), stride, x, y, size, offX, offY, out);
      const [xx, xy, yy, xe, ye] = outFloats as unknown as [number, number, number, number, number];
      return { xx, xy, yy, xe, ye };
    },
  };
}

const CELLS_ACROSS = 16;
const CELLS_DOWN = 9;
const CELL_FOREGROUND = 0.05;

function spreadOf(ints: Int32Array, halves: Uint16Array, groups: number, stride: number, width: number, height: number): number {
  const cells = new Uint32Array(CELLS_ACROSS * CELLS_DOWN);
  for (let g = 0; g < groups; g++) {
    const pixel = ints[2 * g] as number;
    const y = Math.floor(pixel / stride);
    const column = Math.min(CELLS_ACROSS - 1, Math.floor(((pixel - y * stride) * CELLS_ACROSS) / width));
    const cell = Math.floor((y * CELLS_DOWN) / height) * CELLS_ACROSS + column;
    cells[cell] = (cells[cell] as number) + bitCount(halves[4 * g + 2] as number);
  }
  const limit = (CELL_FOREGROUND * width * height) / cells.length;
  return cells.filter((n) => n > limit).length / cells.length;
}

function bitCount(bits: number): number {
  let rest = bits;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** One view for all calls: nothing is made while frames flow. */
function componentView(buffer: ArrayBuffer, blobsAt: number, spread: () => number): (count: number) => Components {
  const ints = new Int32Array(buffer, blobsAt, MAX_RUNS * BLOB_INTS);
  const floats = new Float64Array(buffer, blobsAt, (MAX_RUNS * BLOB_INTS) / 2);
  const int = (index: number, field: number): number => ints[index * BLOB_INTS + field] as number;
  const float = (index: number, field: number): number => floats[(index * BLOB_INTS) / 2 + field] as number;
  const view = {
    count: 0,
    areaPx: 0,
    spread,
    box: (i: number) => ({ x1: int(i, 0), y1: int(i, 1), x2: int(i, 2), y2: int(i, 3) }),
    areaOf: (i: number) => int(i, 4),
    movingOf: (i: number) => int(i, 5),
    weightOf: (i: number) => int(i, 6),
    peakOf: (i: number) => int(i, 7),
    signedOf: (i: number) => int(i, 12),
    centreX: (i: number) => float(i, 4) / int(i, 6) + 0.5,
    centreY: (i: number) => float(i, 5) / int(i, 6) + 0.5,
  };
  return (count) => {
    view.count = count;
    view.areaPx = 0;
    for (let i = 0; i < count; i++) view.areaPx += int(i, 4);
    return view;
  };
}
