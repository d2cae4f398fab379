/**
 * Makes a plane smaller by averaging: each place takes the mean of the pixels that it covers, so that nothing aliases and noise goes down.
 *
 * @param from `width × height` bytes.
 * @param to `toWidth × toHeight` bytes, not larger either way.
 * @throws {RangeError} when a plane would grow.
 * @example shrinkPlane(luma, 1920, 1080, small, 640, 360) // each byte of `small` the mean of nine
 */
export function shrinkPlane(from: Uint8Array, width: number, height: number, to: Uint8Array, toWidth: number, toHeight: number): void {
  if (toWidth > width || toHeight > height) throw new RangeError(`${width} × ${height} cannot shrink to ${toWidth} × ${toHeight}`);
  if (toWidth === width && toHeight === height) {
    to.set(from.subarray(0, width * height));
    return;
  }
  const sums = new Float64Array(toWidth);
  const edges = Int32Array.from({ length: toWidth + 1 }, (_, i) => Math.floor((i * width) / toWidth));
  for (let y = 0; y < toHeight; y++) {
    const top = Math.floor((y * height) / toHeight);
    const bottom = Math.floor(((y + 1) * height) / toHeight);
    sums.fill(0);
    for (let row = top; row < bottom; row++) {
      let at = row * width;
      for (let x = 0; x < toWidth; x++) {
        const end = row * width + (edges[x + 1] as number);
        let sum = 0;
        for (; at < end; at++) sum += from[at] as number;
        sums[x] = (sums[x] as number) + sum;
      }
    }
    for (let x = 0; x < toWidth; x++) {
      const pixels = ((edges[x + 1] as number) - (edges[x] as number)) * (bottom - top);
      to[y * toWidth + x] = Math.round((sums[x] as number) / pixels);
    }
  }
}
