import type { InputSpec, Placement } from './detection.js';
import { type ColourPicture, type Fit, fillInput, fitOf, type Region } from './fill-input.js';
import { halved, type Taps } from './taps.js';

/** Writes pictures into one model's input, which it owns. */
export interface InputFiller {
  /**
   * As `fillInput` says; `yuv420p` by kernels. Numbers differ from its by no more than 0.05 before they are scaled.
   *
   * @throws {RangeError} when the picture has not its bytes, or the region lies outside.
   */
  fill(picture: ColourPicture, region: Region): Placement;
  /** Three planes, as the last call of `fill` left them; valid until its next. */
  planes(): Float32Array;
}

/** What the compiled module exports; every argument a byte offset or a number, see `kernels/assembly/input.ts`. */
interface Exports {
  fillRow(
    lumaUpper: number,
    lumaLower: number,
    lumaDown: number,
    uUpper: number,
    uLower: number,
    vUpper: number,
    vLower: number,
    chromaDown: number,
    lumaAt: number,
    lumaAcross: number,
    chromaAt: number,
    chromaAcross: number,
    places: number,
    tones: number,
    red: number,
    green: number,
    blue: number,
  ): void;
}

const PAGE_BYTES = 65_536;
/** Below this offset lies nothing, so that offset 0 is never a plane. */
const FIRST_OFFSET = 64;
/** Places that the kernel writes at once; a row of fewer is written plainly. */
const LANES = 4;
/** One, in the kernel's steps from above to below and from left to right. */
const Q15 = 32_768;
const Q14 = 16_384;

/** @param module the compiled `input.wasm`. */
export function createInputFiller(module: WebAssembly.Module, input: InputSpec): InputFiller {
  const plane = input.width * input.height;
  const tableBytes = align(4 * input.width);
  const tonesAt = FIRST_OFFSET;
  const tablesAt = tonesAt + 64;
  const outAt = tablesAt + 4 * tableBytes;
  const pictureAt = outAt + align(12 * plane);
  const memory = new WebAssembly.Memory({ initial: pagesOf(pictureAt) });
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  const [red, green, blue] = (input.order === 'rgb' ? [0, 1, 2] : [2, 1, 0]) as [number, number, number];
  new Float32Array(memory.buffer, tonesAt, 6).set(
    [red, green, blue].flatMap((at) => [input.scale[at] as number, -(input.mean[at] as number) * (input.scale[at] as number)]),
  );
  const planes = (): Float32Array => new Float32Array(memory.buffer, outAt, 3 * plane);

  function makeRoom(bytes: number): void {
    const missing = pagesOf(pictureAt + bytes) - memory.buffer.byteLength / PAGE_BYTES;
    // A second one as large would not fit into a small box's memory: it grows, and views are made anew.
    if (missing > 0) memory.grow(missing);
  }

  /** Only the lines that a region needs, each to where it lies in the whole: a picture in twenty tiles would be copied twenty times otherwise. */
  function copyRows({ width, height, data }: ColourPicture, region: Region): void {
    const target = new Uint8Array(memory.buffer, pictureAt, data.length);
    const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    // A sample of chroma above and one below are looked at too.
    const [first, end] = [Math.max(0, (region.y >> 1) - 1), Math.min(halfHeight, ((region.y + region.height) >> 1) + 2)];
    const u = width * height;
    const v = u + halfWidth * halfHeight;
    for (const [from, to] of [
      [region.y * width, (region.y + region.height) * width],
      [u + first * halfWidth, u + end * halfWidth],
      [v + first * halfWidth, v + end * halfWidth],
    ] as const)
      target.set(data.subarray(from, to), from);
  }

  function fillRows({ width, height }: ColourPicture, { columns, rows }: Fit): void {
    const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    const chromaRows = halved(rows, halfHeight);
    writeTaps(memory.buffer, tablesAt, tablesAt + tableBytes, columns);
    writeTaps(memory.buffer, tablesAt + 2 * tableBytes, tablesAt + 3 * tableBytes, halved(columns, halfWidth));
    const u = pictureAt + width * height;
    const v = u + halfWidth * halfHeight;
    const out = planes();
    const covered = columns.offset + columns.covered;
    for (let c = 0; c < 3; c++) {
      const padded = (input.pad - (input.mean[c] as number)) * (input.scale[c] as number);
      const from = c * plane;
      out.fill(padded, from, from + rows.offset * input.width);
      out.fill(padded, from + (rows.offset + rows.covered) * input.width, from + plane);
      if (columns.offset === 0 && covered === input.width) continue;
      for (let y = rows.offset; y < rows.offset + rows.covered; y++) {
        out.fill(padded, from + y * input.width, from + y * input.width + columns.offset);
        out.fill(padded, from + y * input.width + covered, from + (y + 1) * input.width);
      }
    }
    for (let row = 0; row < rows.covered; row++) {
      const y = rows.at[row] as number;
      const half = chromaRows.at[row] as number;
      const [upper, lower] = [half * halfWidth, Math.min(half + 1, halfHeight - 1) * halfWidth];
      const target = outAt + 4 * ((rows.offset + row) * input.width + columns.offset);
      kernel.fillRow(
        pictureAt + y * width,
        pictureAt + Math.min(y + 1, height - 1) * width,
        q15(rows.weight[row] as number),
        u + upper,
        u + lower,
        v + upper,
        v + lower,
        q15(chromaRows.weight[row] as number),
        tablesAt,
        tablesAt + tableBytes,
        tablesAt + 2 * tableBytes,
        tablesAt + 3 * tableBytes,
        columns.covered,
        tonesAt,
        target + 4 * red * plane,
        target + 4 * green * plane,
        target + 4 * blue * plane,
      );
    }
  }

  return {
    planes,
    fill(picture, region) {
      const fit = fitOf(picture, input, region);
      if (picture.format === 'rgb24' || fit.columns.covered < LANES) return fillInput(picture, input, planes(), region);
      makeRoom(picture.data.length);
      copyRows(picture, region);
      fillRows(picture, fit);
      return fit.placement;
    },
  };
}

/** Offsets first, then pairs of weights. */
function writeTaps(buffer: ArrayBuffer, at: number, across: number, taps: Taps): void {
  new Int32Array(buffer, at, taps.covered).set(taps.at);
  const weights = new Int16Array(buffer, across, 2 * taps.covered);
  for (let i = 0; i < taps.covered; i++) {
    const second = Math.round(Q14 * (taps.weight[i] as number));
    weights[2 * i] = Q14 - second;
    weights[2 * i + 1] = second;
  }
}

const q15 = (share: number): number => Math.min(Q15 - 1, Math.round(Q15 * share));
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;
/** One byte more than is laid out: what is read two at a time may end beyond the last. */
const pagesOf = (bytes: number): number => Math.ceil((bytes + 1) / PAGE_BYTES);
