/** For each place of one side of a model's input: which pixels of the picture it is made of. */
export interface Taps {
  /** Places before the picture begins, and places that it covers; what comes after is padding too. */
  readonly offset: number;
  readonly covered: number;
  /** The first of the two pixels that a covered place lies between. */
  readonly at: Int32Array;
  /** How far towards the second, 0..1. */
  readonly weight: Float32Array;
}

/**
 * Lays a span of a picture's pixels into a side of an input, pixels' centres on pixels' centres.
 *
 * @param places of the input's side.
 * @param from first pixel of the span.
 * @param pixels of the span; nothing beyond them is looked at.
 * @param scale places a pixel.
 * @param offset places before the picture.
 */
export function tapsOf(places: number, from: number, pixels: number, scale: number, offset: number): Taps {
  const covered = Math.min(places - offset, Math.round(pixels * scale));
  const at = new Int32Array(covered);
  const weight = new Float32Array(covered);
  for (let i = 0; i < covered; i++) {
    const place = Math.max(0, Math.min(pixels - 1, (i + 0.5) / scale - 0.5));
    const first = Math.min(Math.floor(place), Math.max(0, pixels - 2));
    at[i] = from + first;
    weight[i] = place - first;
  }
  return { offset, covered, at, weight };
}

/**
 * The same places on a plane of half the size, as chroma comes: a sample stands for two by two pixels, so its centre is half a pixel off theirs.
 *
 * @param samples of that plane's side.
 */
export function halved({ offset, covered, at, weight }: Taps, samples: number): Taps {
  const half = { offset, covered, at: new Int32Array(covered), weight: new Float32Array(covered) };
  for (let i = 0; i < covered; i++) {
    const place = Math.max(0, Math.min(samples - 1, ((at[i] as number) + (weight[i] as number) + 0.5) / 2 - 0.5));
    const first = Math.min(Math.floor(place), Math.max(0, samples - 2));
    half.at[i] = first;
    half.weight[i] = place - first;
  }
  return half;
}
