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

/** Sets in `into` every bit that is set in `from`; both are as long. */
export function addBits(into: Uint8Array, from: Uint8Array): void {
  for (const [index, byte] of from.entries()) into[index] = (into[index] ?? 0) | byte;
}

/** How many of the first `count` bits are clear. */
export function countClear(bitmap: Uint8Array, count: number): number {
  let clear = 0;
  for (let index = 0; index < count; index++) if (!hasBit(bitmap, index)) clear++;
  return clear;
}
