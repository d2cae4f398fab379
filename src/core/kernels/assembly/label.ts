// Components of the foreground, in AssemblyScript: a part of the module that index.ts is.

// One component: 16 x i32 at `blobs`.
//  0 x1  1 y1  2 x2  3 y2 (half-open)  4 area  5 moving pixels  6 sum of weights  7 peak difference
//  8,9 sum of weight x X (f64)  10,11 sum of weight x Y (f64)  12 sum of signed differences  13 parent while labelling  14, 15 free
const BLOB: usize = 64;

@inline
function root(blobs: usize, index: i32): i32 {
  let at = index;
  let parent = load<i32>(blobs + <usize>at * BLOB, 52);
  while (parent != at) {
    const grand = load<i32>(blobs + <usize>parent * BLOB, 52);
    store<i32>(blobs + <usize>at * BLOB, grand, 52);
    at = parent;
    parent = grand;
  }
  return at;
}

function merge(blobs: usize, a: i32, b: i32): i32 {
  const i = root(blobs, a);
  const j = root(blobs, b);
  if (i == j) return i;
  const keep = min(i, j);
  const drop = max(i, j);
  const k = blobs + <usize>keep * BLOB;
  const d = blobs + <usize>drop * BLOB;
  store<i32>(d, keep, 52);
  store<i32>(k, min(load<i32>(k, 0), load<i32>(d, 0)), 0);
  store<i32>(k, min(load<i32>(k, 4), load<i32>(d, 4)), 4);
  store<i32>(k, max(load<i32>(k, 8), load<i32>(d, 8)), 8);
  store<i32>(k, max(load<i32>(k, 12), load<i32>(d, 12)), 12);
  store<i32>(k, load<i32>(k, 16) + load<i32>(d, 16), 16);
  store<i32>(k, load<i32>(k, 20) + load<i32>(d, 20), 20);
  store<i32>(k, load<i32>(k, 24) + load<i32>(d, 24), 24);
  store<i32>(k, max(load<i32>(k, 28), load<i32>(d, 28)), 28);
  store<f64>(k, load<f64>(k, 32) + load<f64>(d, 32), 32);
  store<f64>(k, load<f64>(k, 40) + load<f64>(d, 40), 40);
  store<i32>(k, load<i32>(k, 48) + load<i32>(d, 48), 48);
  return keep;
}

/**
 * Connects foreground pixels to components. Pixels belong together when they are at most `gap` columns apart in a row, or in
 * neighbouring rows (one empty row allowed) and at most `gap` columns apart. `runs` is scratch space for `maxRuns` x 16 bytes.
 * With `movingOnly` only pixels that also move count.
 * Components are written compactly to the front of `blobs` (64 bytes each, fields above).
 *
 * @returns the number of components, or -1 when `maxRuns` is not enough.
 */
export function label(groups: usize, count: i32, movingOnly: i32, cur: usize, mean8: usize, width: i32, gap: i32, runs: usize, maxRuns: i32, blobs: usize): i32 {
  // A run: first column i32, last column i32 (inclusive), blob i32, free i32. Three rows are in play: this one's runs
  // begin at `start0`, those of the last two rows that had any at `start1` and `start2`, with cursors that move along with x.
  let runCount: i32 = 0;
  let start0: i32 = 0;
  let start1: i32 = 0;
  let start2: i32 = 0;
  let cursor1: i32 = 0;
  let cursor2: i32 = 0;
  let row0: i32 = -9;
  let row1: i32 = -9;
  let row2: i32 = -9;
  let blobCount: i32 = 0;
  for (let g: i32 = 0; g < count; g++) {
    const at = groups + (<usize>g << 3);
    const pixel = <i32>load<u32>(at);
    const fast = <u32>load<u16>(at + 6);
    let bits = movingOnly != 0 ? fast : <u32>load<u16>(at + 4);
    if (bits == 0) continue;
    const y = pixel / width;
    const x0 = pixel - y * width;
    if (y != row0) {
      start2 = start1;
      start1 = start0;
      start0 = runCount;
      row2 = row1;
      row1 = row0;
      row0 = y;
      cursor1 = start1;
      cursor2 = start2;
    }
    while (bits != 0) {
      const from = ctz<u32>(bits);
      const shifted = bits >> from;
      const length = ctz<u32>(~shifted);
      const x1 = x0 + <i32>from;
      const x2 = x1 + <i32>length; // half-open
      bits &= ~(((<u32>1 << length) - 1) << from);

      // What the pixels of this run add up to.
      let weight: i32 = 0;
      let signed: i32 = 0;
      let peak: i32 = 0;
      let weightX: i32 = 0;
      const base = pixel - x0;
      for (let x = x1; x < x2; x++) {
        const d = <i32>load<u8>(cur + <usize>(base + x)) - <i32>load<u8>(mean8 + <usize>(base + x));
        const a = d < 0 ? -d : d;
        weight += a;
        signed += d;
        weightX += a * (x - x1);
        peak = max(peak, a);
      }
      const moving = <i32>popcnt<u32>(fast & (((<u32>1 << length) - 1) << from));

      // A new blob, then united with what it touches.
      if (runCount == maxRuns) return -1;
      let blob = blobCount++;
      const b = blobs + <usize>blob * BLOB;
      store<i32>(b, x1, 0);
      store<i32>(b, y, 4);
      store<i32>(b, x2, 8);
      store<i32>(b, y + 1, 12);
      store<i32>(b, x2 - x1, 16);
      store<i32>(b, moving, 20);
      store<i32>(b, weight, 24);
      store<i32>(b, peak, 28);
      store<f64>(b, <f64>weightX + <f64>weight * <f64>x1, 32);
      store<f64>(b, <f64>weight * <f64>y, 40);
      store<i32>(b, signed, 48);
      store<i32>(b, blob, 52);
      if (runCount > start0) {
        const before = runs + (<usize>(runCount - 1) << 4);
        if (x1 - load<i32>(before, 4) <= gap + 1) blob = merge(blobs, load<i32>(before, 8), blob);
      }
      const r = runs + (<usize>runCount << 4);
      store<i32>(r, x1, 0);
      store<i32>(r, x2 - 1, 4);
      store<i32>(r, blob, 8);
      runCount++;
      if (y - row1 <= 2) cursor1 = touch(runs, cursor1, start0, x1, x2 - 1, gap, blobs, blob);
      if (y - row2 <= 2) cursor2 = touch(runs, cursor2, start1, x1, x2 - 1, gap, blobs, blob);
    }
  }
  // Keep the roots only, in order.
  let kept: i32 = 0;
  for (let i: i32 = 0; i < blobCount; i++) {
    const b = blobs + <usize>i * BLOB;
    if (load<i32>(b, 52) != i) continue;
    if (kept != i) memory.copy(blobs + <usize>kept * BLOB, b, BLOB);
    kept++;
  }
  return kept;
}

/** Unites `blob` with those of the runs [from, to) that it touches; returns where the next run of this row may begin to look. */
function touch(runs: usize, from: i32, to: i32, first: i32, last: i32, gap: i32, blobs: usize, blob: i32): i32 {
  let start = from;
  for (let i = from; i < to; i++) {
    const r = runs + (<usize>i << 4);
    if (load<i32>(r, 4) + gap + 1 < first) {
      start = i + 1;
      continue;
    }
    if (load<i32>(r, 0) > last + gap + 1) break;
    merge(blobs, load<i32>(r, 8), blob);
  }
  return start;
}
