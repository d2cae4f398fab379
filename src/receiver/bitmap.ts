/** One bit for each of `count` chunks, all clear; lowest bit first. */
export function createBitmap(count: number): Uint8Array {
  return new Uint8Array(Math.ceil(count / 8));
}

export function hasBit(bitmap: Uint8Array, index: number): boolean {
  return ((bitmap[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
}

export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
}

/** Numbers below `count` whose bit is clear, in order, at most `limit`. */
export function clearBits(bitmap: Uint8Array, count: number, limit: number): number[] {
  const clear: number[] = [];
  for (let index = 0; index < count && clear.length < limit; index++) if (!hasBit(bitmap, index)) clear.push(index);
  return clear;
}
