import { type InputSpec, type Placement, placementOf } from './detection.js';
import { halved, type Taps, tapsOf } from './taps.js';

/** A picture in colour: `yuv420p` as a camera's planes come (BT.601, 16..235), or rows of red, green and blue bytes. */
export interface ColourPicture {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly format: 'yuv420p' | 'rgb24';
  /** Without padding. */
  readonly data: Uint8Array;
}

/** A part of a picture, pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a region of a picture and a model's input lie to each other. */
export interface Fit {
  /** In pixels of the whole picture. */
  readonly placement: Placement;
  readonly columns: Taps;
  readonly rows: Taps;
}

/**
 * @param region inside the picture.
 * @throws {RangeError} when the picture has not its bytes, or the region lies outside.
 */
export function fitOf(picture: ColourPicture, input: InputSpec, region: Region): Fit {
  const { width, height, data } = picture;
  if (data.length < bytesOf(picture)) throw new RangeError(`${data.length} bytes for a picture of ${width} × ${height}`);
  const { x, y } = region;
  if (!(x >= 0 && y >= 0 && region.width >= 1 && region.height >= 1 && x + region.width <= width && y + region.height <= height))
    throw new RangeError(`no part of ${width} × ${height}: ${region.width} × ${region.height} at ${x}, ${y}`);
  const { scaleX, scaleY, offsetX, offsetY } = placementOf(input, region.width, region.height);
  return {
    placement: { scaleX, scaleY, offsetX: offsetX - x * scaleX, offsetY: offsetY - y * scaleY },
    columns: tapsOf(input.width, x, region.width, scaleX, offsetX),
    rows: tapsOf(input.height, y, region.height, scaleY, offsetY),
  };
}

/** All of a picture. */
export const wholeOf = ({ width, height }: Pick<ColourPicture, 'width' | 'height'>): Region => ({ x: 0, y: 0, width, height });

/**
 * Writes a picture into a model's input: scaled (bilinear, pixels' centres on pixels' centres), padded, its planes in the model's order and normalised.
 * Colours of `yuv420p` are converted after scaling: a quarter of the work of converting before. `input-filler.ts` does the same faster, and is held to this.
 *
 * @param out three planes of `width × height` numbers each, all of them written.
 * @param region the part of the picture that is meant.
 * @returns where the picture lies.
 * @throws {RangeError} when sizes and lengths do not agree.
 */
export function fillInput(picture: ColourPicture, input: InputSpec, out: Float32Array, region: Region = wholeOf(picture)): Placement {
  const plane = input.width * input.height;
  if (out.length !== 3 * plane) throw new RangeError(`${out.length} numbers for an input of ${input.width} × ${input.height}`);
  const { placement, columns, rows } = fitOf(picture, input, region);
  const rowOf = picture.format === 'yuv420p' ? yuvRow(picture, columns, rows) : rgbRow(picture, columns, rows);
  const line = new Float32Array(3 * columns.covered);
  const from = input.order === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  for (let c = 0; c < 3; c++) {
    const [mean, scale] = [input.mean[c] as number, input.scale[c] as number];
    out.fill((input.pad - mean) * scale, c * plane, (c + 1) * plane);
  }
  for (let row = 0; row < rows.covered; row++) {
    rowOf(row, line);
    for (let c = 0; c < 3; c++) {
      const target = c * plane + (rows.offset + row) * input.width + columns.offset;
      const channel = (from[c] as number) * columns.covered;
      const [mean, scale] = [input.mean[c] as number, input.scale[c] as number];
      for (let x = 0; x < columns.covered; x++) out[target + x] = ((line[channel + x] as number) - mean) * scale;
    }
  }
  return placement;
}

const bytesOf = ({ width, height, format }: ColourPicture): number =>
  format === 'rgb24' ? 3 * width * height : width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);

/** Puts one scaled row as its red, green and blue, 0..255, into `line`, one after the other. */
type ScaledRow = (row: number, line: Float32Array) => void;

function rgbRow({ width, height, data }: ColourPicture, columns: Taps, rows: Taps): ScaledRow {
  return (row, line) => {
    const y = rows.at[row] as number;
    const weight = rows.weight[row] as number;
    const upper = 3 * y * width;
    const lower = 3 * Math.min(y + 1, height - 1) * width;
    for (let x = 0; x < columns.covered; x++) {
      const left = 3 * (columns.at[x] as number);
      const right = 3 * Math.min((columns.at[x] as number) + 1, width - 1);
      const w = columns.weight[x] as number;
      for (let c = 0; c < 3; c++) {
        const a = mix(data[upper + left + c] as number, data[upper + right + c] as number, w);
        const b = mix(data[lower + left + c] as number, data[lower + right + c] as number, w);
        line[c * columns.covered + x] = mix(a, b, weight);
      }
    }
  };
}

function yuvRow({ width, height, data }: ColourPicture, columns: Taps, rows: Taps): ScaledRow {
  const halfWidth = Math.ceil(width / 2);
  const halfHeight = Math.ceil(height / 2);
  const chromaColumns = halved(columns, halfWidth);
  const chromaRows = halved(rows, halfHeight);
  const sample = (plane: number, stride: number, lines: number, across: Taps, down: Taps, x: number, row: number): number => {
    const y = down.at[row] as number;
    const upper = plane + y * stride;
    const lower = plane + Math.min(y + 1, lines - 1) * stride;
    const left = across.at[x] as number;
    const right = Math.min(left + 1, stride - 1);
    const w = across.weight[x] as number;
    return mix(
      mix(data[upper + left] as number, data[upper + right] as number, w),
      mix(data[lower + left] as number, data[lower + right] as number, w),
      down.weight[row] as number,
    );
  };
  const u = width * height;
  const v = u + halfWidth * halfHeight;
  return (row, line) => {
    for (let x = 0; x < columns.covered; x++) {
      const luma = 1.164383 * (sample(0, width, height, columns, rows, x, row) - 16);
      const cb = sample(u, halfWidth, halfHeight, chromaColumns, chromaRows, x, row) - 128;
      const cr = sample(v, halfWidth, halfHeight, chromaColumns, chromaRows, x, row) - 128;
      line[x] = clamp(luma + 1.596027 * cr);
      line[columns.covered + x] = clamp(luma - 0.391762 * cb - 0.812968 * cr);
      line[2 * columns.covered + x] = clamp(luma + 2.017232 * cb);
    }
  };
}

const mix = (a: number, b: number, weight: number): number => a + (b - a) * weight;
const clamp = (value: number): number => Math.max(0, Math.min(255, value));
