import { type InputSpec, type Placement, placementOf } from './detection.js';

/** A picture in colour: `yuv420p` as a camera's planes come (BT.601, 16..235), or rows of red, green and blue bytes. */
export interface ColourPicture {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly format: 'yuv420p' | 'rgb24';
  /** Without padding. */
  readonly data: Uint8Array;
}

/**
 * Writes a picture into a model's input: scaled (bilinear, pixels' centres on pixels' centres), padded, its planes in the model's order and normalised.
 * Colours of `yuv420p` are converted after scaling: a quarter of the work of converting before.
 *
 * @param out three planes of `width × height` numbers each, all of them written.
 * @returns where the picture lies.
 * @throws {RangeError} when sizes and lengths do not agree.
 */
export function fillInput(picture: ColourPicture, input: InputSpec, out: Float32Array): Placement {
  const { width, height } = picture;
  const plane = input.width * input.height;
  if (out.length !== 3 * plane) throw new RangeError(`${out.length} numbers for an input of ${input.width} × ${input.height}`);
  if (picture.data.length < bytesOf(picture)) throw new RangeError(`${picture.data.length} bytes for a picture of ${width} × ${height}`);
  const placement = placementOf(input, width, height);
  const columns = tapsOf(input.width, width, placement.scaleX, placement.offsetX);
  const rows = tapsOf(input.height, height, placement.scaleY, placement.offsetY);
  const rgb = picture.format === 'yuv420p' ? yuvRow(picture, columns) : rgbRow(picture, columns);
  const line = new Float32Array(3 * input.width);
  const from = input.order === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  const padded = from.map((_, i) => (input.pad - (input.mean[i] as number)) * (input.scale[i] as number));
  for (let y = 0; y < input.height; y++) {
    const inside = rows.inside[y] === 1;
    if (inside) rgb(rows.at[y] as number, rows.weight[y] as number, line);
    for (let i = 0; i < 3; i++) {
      const target = out.subarray(i * plane + y * input.width, i * plane + (y + 1) * input.width);
      if (!inside) {
        target.fill(padded[i] as number);
        continue;
      }
      const channel = (from[i] as number) * input.width;
      const mean = input.mean[i] as number;
      const scale = input.scale[i] as number;
      for (let x = 0; x < input.width; x++)
        target[x] = columns.inside[x] === 1 ? ((line[channel + x] as number) - mean) * scale : (padded[i] as number);
    }
  }
  return placement;
}

const bytesOf = ({ width, height, format }: ColourPicture): number =>
  format === 'rgb24' ? 3 * width * height : width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);

/** For each place of the input: the first of the two pixels that it lies between, how far towards the second, and whether it lies on the picture. */
interface Taps {
  readonly at: Int32Array;
  readonly weight: Float32Array;
  readonly inside: Uint8Array;
}

function tapsOf(places: number, pixels: number, scale: number, offset: number): Taps {
  const at = new Int32Array(places);
  const weight = new Float32Array(places);
  const inside = new Uint8Array(places);
  const covered = Math.round(pixels * scale);
  for (let i = 0; i < places; i++) {
    if (i < offset || i >= offset + covered) continue;
    inside[i] = 1;
    const place = Math.max(0, Math.min(pixels - 1, (i - offset + 0.5) / scale - 0.5));
    at[i] = Math.min(Math.floor(place), Math.max(0, pixels - 2));
    weight[i] = place - (at[i] as number);
  }
  return { at, weight, inside };
}

/** Puts one scaled row as its red, green and blue, 0..255, into `line`, one after the other. */
type ScaledRow = (y: number, weight: number, line: Float32Array) => void;

function rgbRow({ width, height, data }: ColourPicture, columns: Taps): ScaledRow {
  return (y, weight, line) => {
    const places = columns.at.length;
    const upper = 3 * y * width;
    const lower = 3 * Math.min(y + 1, height - 1) * width;
    for (let x = 0; x < places; x++) {
      const left = 3 * (columns.at[x] as number);
      const right = 3 * Math.min((columns.at[x] as number) + 1, width - 1);
      const w = columns.weight[x] as number;
      for (let c = 0; c < 3; c++) {
        const a = mix(data[upper + left + c] as number, data[upper + right + c] as number, w);
        const b = mix(data[lower + left + c] as number, data[lower + right + c] as number, w);
        line[c * places + x] = mix(a, b, weight);
      }
    }
  };
}

function yuvRow({ width, height, data }: ColourPicture, columns: Taps): ScaledRow {
  const halfWidth = Math.ceil(width / 2);
  const halfHeight = Math.ceil(height / 2);
  const u = width * height;
  const v = u + halfWidth * halfHeight;
  return (y, weight, line) => {
    const places = columns.at.length;
    const upper = y * width;
    const lower = Math.min(y + 1, height - 1) * width;
    // A chroma sample stands for two by two pixels: its centre is half a pixel off theirs.
    const chromaY = clamp((y + weight + 0.5) / 2 - 0.5, halfHeight - 1);
    const upperChroma = Math.floor(chromaY) * halfWidth;
    const lowerChroma = Math.min(Math.floor(chromaY) + 1, halfHeight - 1) * halfWidth;
    const weightY = chromaY - Math.floor(chromaY);
    for (let x = 0; x < places; x++) {
      const left = columns.at[x] as number;
      const right = Math.min(left + 1, width - 1);
      const w = columns.weight[x] as number;
      const luma = mix(
        mix(data[upper + left] as number, data[upper + right] as number, w),
        mix(data[lower + left] as number, data[lower + right] as number, w),
        weight,
      );
      const chromaX = clamp((left + w + 0.5) / 2 - 0.5, halfWidth - 1);
      const l = Math.floor(chromaX);
      const r = Math.min(l + 1, halfWidth - 1);
      const wx = chromaX - l;
      const chroma = (plane: number): number =>
        mix(
          mix(data[plane + upperChroma + l] as number, data[plane + upperChroma + r] as number, wx),
          mix(data[plane + lowerChroma + l] as number, data[plane + lowerChroma + r] as number, wx),
          weightY,
        ) - 128;
      const [cb, cr] = [chroma(u), chroma(v)];
      const l601 = 1.164383 * (luma - 16);
      line[x] = clamp(l601 + 1.596027 * cr, 255);
      line[places + x] = clamp(l601 - 0.391762 * cb - 0.812968 * cr, 255);
      line[2 * places + x] = clamp(l601 + 2.017232 * cb, 255);
    }
  };
}

const mix = (a: number, b: number, weight: number): number => a + (b - a) * weight;
const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));
