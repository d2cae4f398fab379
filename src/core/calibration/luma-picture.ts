/** Brightness of a picture, row by row, grey levels 0..255. */
export interface LumaPicture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** `width × height` values. */
  readonly data: Float32Array;
}

/**
 * The median over time of every pixel: what moves (people, leaves, rain, a lamp that goes on once) is gone, and so is most of the
 * sensor's noise.
 *
 * @param frames luma planes of `width × height` bytes each, at least one; an odd number gives true medians, an even one the upper of both middles.
 * @throws {RangeError} when there is none or one has another size.
 */
export function medianPicture(frames: readonly Uint8Array[], width: number, height: number): LumaPicture {
  const pixels = width * height;
  if (frames.length === 0 || frames.some((frame) => frame.length !== pixels)) {
    throw new RangeError(`expected pictures of ${width} × ${height} pixels`);
  }
  const data = new Float32Array(pixels);
  const values = new Uint8Array(frames.length);
  const middle = frames.length >> 1;
  for (let i = 0; i < pixels; i++) {
    for (let k = 0; k < frames.length; k++) values[k] = (frames[k] as Uint8Array)[i] as number;
    data[i] = values.sort()[middle] as number;
  }
  return { width, height, data };
}

/** Smoothed with the binomial weights 1 2 1 in both directions (some 0.7 pixels); the outermost pixels stay as they are. */
export function smoothPicture({ width, height, data }: LumaPicture): LumaPicture {
  const across = new Float32Array(data);
  for (let y = 0; y < height; y++) {
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      across[i] = ((data[i - 1] as number) + 2 * (data[i] as number) + (data[i + 1] as number)) / 4;
    }
  }
  const smooth = new Float32Array(across);
  for (let i = width; i < width * (height - 1); i++) {
    smooth[i] = ((across[i - width] as number) + 2 * (across[i] as number) + (across[i + width] as number)) / 4;
  }
  return { width, height, data: smooth };
}
