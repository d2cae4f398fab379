// The per-pixel loops, in AssemblyScript (https://www.assemblyscript.org), compiled to WebAssembly with SIMD.
// Nothing is allocated here: every argument is a byte offset into the memory that ../kernels.ts lays out, and every
// plane holds one byte a pixel, row after row, width a multiple of 16; but the background itself see at {@link modelRow}
// ("q7" is a u16 in steps of 1/128 grey).
// src/testing/reference-kernels.ts says the same in plain TypeScript and is the tests' oracle: change both or neither.

export { label } from './label';

/** |a - b| for sixteen unsigned bytes. */
@inline
function absDiff(a: v128, b: v128): v128 {
  return v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
}

/** How many of sixteen bytes get their highest bit set by adding `lift`. */
@inline
function countLifted(d: v128, lift: v128): i32 {
  return popcnt<i32>(i8x16.bitmask(i8x16.add_sat_u(d, lift)));
}

/**
 * How different two pictures are: writes at `out` two u32, the number of pixels that differ by more than `over`
 * grey levels and the largest difference.
 */
export function difference(a: usize, b: usize, bytes: usize, over: u32, out: usize): void {
  // What is over the limit gets its highest bit set.
  const lift = i8x16.splat(<i8>(127 - over));
  let largest = i8x16.splat(0);
  let total: i32 = 0;
  let i: usize = 0;
  // Four groups a round keep the loop's own work small.
  for (; i + 64 <= bytes; i += 64) {
    const d0 = absDiff(v128.load(a + i), v128.load(b + i));
    const d1 = absDiff(v128.load(a + i, 16), v128.load(b + i, 16));
    const d2 = absDiff(v128.load(a + i, 32), v128.load(b + i, 32));
    const d3 = absDiff(v128.load(a + i, 48), v128.load(b + i, 48));
    largest = i8x16.max_u(largest, i8x16.max_u(i8x16.max_u(d0, d1), i8x16.max_u(d2, d3)));
    total += countLifted(d0, lift) + countLifted(d1, lift) + countLifted(d2, lift) + countLifted(d3, lift);
  }
  for (; i < bytes; i += 16) {
    const d = absDiff(v128.load(a + i), v128.load(b + i));
    largest = i8x16.max_u(largest, d);
    total += countLifted(d, lift);
  }
  storeDifference(out, total, largest);
}

/** What {@link difference} writes: the largest of sixteen lanes is taken. */
function storeDifference(out: usize, total: i32, largest: v128): void {
  store<u32>(out, total);
  let peak: u32 = 0;
  v128.store(out + 16, largest);
  for (let k: usize = 0; k < 16; k++) peak = max(peak, <u32>load<u8>(out + 16 + k));
  store<u32>(out + 4, peak);
}

/**
 * Where a row of the background begins. A group of sixteen pixels is 64 bytes there: their means, then their deviations, u16 in q7. Rows that are renewed
 * together, every {@link ROW_STEP}-th, follow each other: memory is then gone through in order, which is what processors read ahead in.
 */
@inline
function modelRow(model: usize, y: usize, width: usize, height: usize): usize {
  const together = (height + ROW_STEP - 1) / ROW_STEP;
  return model + ((y % ROW_STEP) * together + y / ROW_STEP) * width * 4;
}

/** Starts the background from one picture: mean = picture, deviation = `dev` (q7), threshold from it. */
export function resetModel(cur: usize, model: usize, mean8: usize, th8: usize, mask: usize, width: usize, height: usize, devQ7: i32, sigmas: i32, floor: i32): void {
  const d = i16x8.splat(<i16>devQ7);
  const limit = threshold(d, d, i16x8.splat(<i16>sigmas), i8x16.splat(<i8>floor), i16x8.splat(CUT_DEV_Q7));
  for (let y: usize = 0; y < height; y++) {
    const start = y * width;
    let m = modelRow(model, y, width, height);
    for (let i = start; i < start + width; i += 16, m += 64) {
      const c = v128.load(cur + i);
      v128.store(m, i16x8.shl(i16x8.extend_low_i8x16_u(c), 7));
      v128.store(m, i16x8.shl(i16x8.extend_high_i8x16_u(c), 7), 16);
      v128.store(m, d, 32);
      v128.store(m, d, 48);
      v128.store(mean8 + i, c);
      v128.store(th8 + i, v128.or(limit, v128.load(mask + i)));
    }
  }
}

/** A deviation is cut at 16 grey so that q4 x q3 stays below 2^15. */
@inline
const CUT_DEV_Q7: i16 = 16 * 128;

/** Rows of the background from one that is renewed to the next, as ../kernels.ts has it. */
@inline
const ROW_STEP: usize = 4;

/** Threshold of sixteen pixels from their deviation: max(floor, sigmas/8 x dev), at most 255 grey. All but the deviations the same in every lane. */
@inline
function threshold(devLow: v128, devHigh: v128, sigmas: v128, floor: v128, cutDev: v128): v128 {
  const low = i16x8.shr_u(i16x8.mul(i16x8.shr_u(i16x8.min_u(devLow, cutDev), 3), sigmas), 7);
  const high = i16x8.shr_u(i16x8.mul(i16x8.shr_u(i16x8.min_u(devHigh, cutDev), 3), sigmas), 7);
  return i8x16.max_u(i8x16.narrow_i16x8_u(low, high), floor);
}

/** The background's mean of eight pixels, moved towards the picture by a share of the difference. All q7. */
@inline
function nextMean(m: v128, delta: v128, alpha: v128, cut: v128, minusCut: v128): v128 {
  return i16x8.add(m, i16x8.q15mulr_sat_s(i16x8.max_s(i16x8.min_s(delta, cut), minusCut), alpha));
}

/** The same of their mean absolute deviation. An outlier may widen it only gradually: as if it were 3 x what it is, plus some slack. */
@inline
function nextDeviation(d: v128, delta: v128, alpha: v128, slack: v128): v128 {
  const reach = i16x8.add_sat_s(i16x8.add_sat_s(d, d), slack);
  const error = i16x8.min_s(i16x8.sub(i16x8.abs(delta), d), reach);
  // Never negative: the error is at least -d, and the factor below 1.
  return i16x8.add(d, i16x8.q15mulr_sat_s(error, alpha));
}

/**
 * Moves the background of every `step`-th row from `first` towards the picture: mean by `alphaMean` of the difference
 * (cut at `cut`), mean absolute deviation by `alphaDev`; both factors q15, `cut` and `slack` q7. Then renews the byte
 * planes that {@link detect} reads. Rows in between keep theirs. A row must have sixteen columns at least.
 */
export function updateModel(
  cur: usize, model: usize, mean8: usize, th8: usize, mask: usize, width: usize, height: usize, first: usize, step: usize,
  alphaMeanQ15: i32, alphaDevQ15: i32, cutQ7: i32, slackQ7: i32, sigmas: i32, floor: i32,
): void {
  const alphaMean = i16x8.splat(<i16>alphaMeanQ15);
  const alphaDev = i16x8.splat(<i16>alphaDevQ15);
  const cut = i16x8.splat(<i16>cutQ7);
  const slack = i16x8.splat(<i16>slackQ7);
  const half = i16x8.splat(64);
  // Named here rather than where they are used: the engine would make them anew for every sixteen pixels.
  const minusCut = i16x8.neg(cut);
  const factors = i16x8.splat(<i16>sigmas);
  const floors = i8x16.splat(<i8>floor);
  const cutDev = i16x8.splat(CUT_DEV_Q7);
  for (let y = first; y < height; y += step) {
    const start = y * width;
    let m = modelRow(model, y, width, height);
    const end = start + width;
    let i = start;
    // At least once, unlike `for`: only out of such a loop does V8 take what stays the same, here the factors above.
    do {
      const c = v128.load(cur + i);
      const mLow = v128.load(m);
      const mHigh = v128.load(m, 16);
      const deltaLow = i16x8.sub(i16x8.shl(i16x8.extend_low_i8x16_u(c), 7), mLow);
      const deltaHigh = i16x8.sub(i16x8.shl(i16x8.extend_high_i8x16_u(c), 7), mHigh);
      const meanLow = nextMean(mLow, deltaLow, alphaMean, cut, minusCut);
      const meanHigh = nextMean(mHigh, deltaHigh, alphaMean, cut, minusCut);
      v128.store(m, meanLow);
      v128.store(m, meanHigh, 16);
      const devLow = nextDeviation(v128.load(m, 32), deltaLow, alphaDev, slack);
      const devHigh = nextDeviation(v128.load(m, 48), deltaHigh, alphaDev, slack);
      v128.store(m, devLow, 32);
      v128.store(m, devHigh, 48);
      const low = i16x8.shr_u(i16x8.add(meanLow, half), 7);
      const high = i16x8.shr_u(i16x8.add(meanHigh, half), 7);
      v128.store(mean8 + i, i8x16.narrow_i16x8_u(low, high));
      v128.store(th8 + i, v128.or(threshold(devLow, devHigh, factors, floors, cutDev), v128.load(mask + i)));
      i += 16;
      m += 64;
    } while (i < end);
  }
}

/**
 * Foreground of one picture. For every group of sixteen pixels with at least one whose difference from the background
 * exceeds its threshold, writes 8 bytes at `out`: the group's first pixel index (u32), a bit a pixel that is foreground (u16), and a
 * bit a pixel that also moves, i.e. differs from the background by 1.5 thresholds and from both neighbours in time by one (u16).
 *
 * @returns the number of groups written, or -1 when `maxGroups` is not enough (most of the picture changes).
 */
export function detect(cur: usize, prev: usize, next: usize, mean8: usize, th8: usize, pixels: usize, out: usize, maxGroups: i32): i32 {
  let count: i32 = 0;
  let i: usize = 0;
  // Nearly all of a picture is background: four groups at a time are passed over with one question.
  for (; i + 64 <= pixels; i += 64) {
    const o01 = v128.or(excess(v128.load(cur + i), mean8 + i, th8 + i), excess(v128.load(cur + i, 16), mean8 + i + 16, th8 + i + 16));
    const o23 = v128.or(excess(v128.load(cur + i, 32), mean8 + i + 32, th8 + i + 32), excess(v128.load(cur + i, 48), mean8 + i + 48, th8 + i + 48));
    if (!v128.any_true(v128.or(o01, o23))) continue;
    for (let k = i; k < i + 64; k += 16) {
      count = detectGroup(cur, prev, next, mean8, th8, k, out, count, maxGroups);
      if (count < 0) return -1;
    }
  }
  for (; i < pixels; i += 16) {
    count = detectGroup(cur, prev, next, mean8, th8, i, out, count, maxGroups);
    if (count < 0) return -1;
  }
  return count;
}

/**
 * {@link detect}, and {@link difference} of `next` from `cur` written at `differs`, in one pass: every picture comes from memory once. What is returned is said
 * of the foreground; the difference is whole even where there was no room for that.
 */
export function detectAndCompare(
  cur: usize, prev: usize, next: usize, mean8: usize, th8: usize, pixels: usize, out: usize, maxGroups: i32, over: u32, differs: usize,
): i32 {
  const lift = i8x16.splat(<i8>(127 - over));
  let largest = i8x16.splat(0);
  let total: i32 = 0;
  let count: i32 = 0;
  let i: usize = 0;
  for (; i + 64 <= pixels; i += 64) {
    const c0 = v128.load(cur + i);
    const c1 = v128.load(cur + i, 16);
    const c2 = v128.load(cur + i, 32);
    const c3 = v128.load(cur + i, 48);
    const d0 = absDiff(c0, v128.load(next + i));
    const d1 = absDiff(c1, v128.load(next + i, 16));
    const d2 = absDiff(c2, v128.load(next + i, 32));
    const d3 = absDiff(c3, v128.load(next + i, 48));
    largest = i8x16.max_u(largest, i8x16.max_u(i8x16.max_u(d0, d1), i8x16.max_u(d2, d3)));
    total += countLifted(d0, lift) + countLifted(d1, lift) + countLifted(d2, lift) + countLifted(d3, lift);
    const o01 = v128.or(excess(c0, mean8 + i, th8 + i), excess(c1, mean8 + i + 16, th8 + i + 16));
    const o23 = v128.or(excess(c2, mean8 + i + 32, th8 + i + 32), excess(c3, mean8 + i + 48, th8 + i + 48));
    if (!v128.any_true(v128.or(o01, o23))) continue;
    for (let k = i; k < i + 64 && count >= 0; k += 16) count = detectGroup(cur, prev, next, mean8, th8, k, out, count, maxGroups);
  }
  for (; i < pixels; i += 16) {
    const d = absDiff(v128.load(cur + i), v128.load(next + i));
    largest = i8x16.max_u(largest, d);
    total += countLifted(d, lift);
    if (count >= 0) count = detectGroup(cur, prev, next, mean8, th8, i, out, count, maxGroups);
  }
  storeDifference(differs, total, largest);
  return count;
}

/** What each of sixteen pixels of a picture differs by from the background beyond its threshold, grey; 0: it is background. */
@inline
function excess(c: v128, mean8: usize, th8: usize): v128 {
  return i8x16.sub_sat_u(absDiff(c, v128.load(mean8)), v128.load(th8));
}

/** One group of {@link detect}: the number of groups written so far, or -1 when there is no room for another. */
function detectGroup(cur: usize, prev: usize, next: usize, mean8: usize, th8: usize, i: usize, out: usize, count: i32, maxGroups: i32): i32 {
  const c = v128.load(cur + i);
  const th = v128.load(th8 + i);
  const bg = absDiff(c, v128.load(mean8 + i));
  const low = i8x16.gt_u(bg, th);
  if (!v128.any_true(low)) return count;
  if (count == maxGroups) return -1;
  const moved = i8x16.min_u(absDiff(c, v128.load(prev + i)), absDiff(c, v128.load(next + i)));
  const high = i8x16.gt_u(bg, i8x16.add_sat_u(th, v128.and(i16x8.shr_u(th, 1), i8x16.splat(0x7f))));
  const fast = v128.and(high, i8x16.gt_u(moved, th));
  const at = out + (<usize>count << 3);
  store<u32>(at, <u32>i);
  store<u16>(at + 4, <u16>i8x16.bitmask(low));
  store<u16>(at + 6, <u16>i8x16.bitmask(fast));
  return count + 1;
}

/**
 * Moves a picture by a fraction of a pixel: out(x, y) = in(x + dx, y + dy), bilinear in steps of 1/16 pixel, edges repeated.
 * `dx16`, `dy16` are sixteenths of a pixel. The rows at the edge that lie outside repeat the outermost one.
 */
export function shift(input: usize, output: usize, width: i32, height: i32, dx16: i32, dy16: i32): void {
  const wholeX = dx16 >> 4;
  const wholeY = dy16 >> 4;
  const fx = dx16 & 15;
  const fy = dy16 & 15;
  const w00 = i16x8.splat(<i16>((16 - fx) * (16 - fy)));
  const w10 = i16x8.splat(<i16>(fx * (16 - fy)));
  const w01 = i16x8.splat(<i16>((16 - fx) * fy));
  const w11 = i16x8.splat(<i16>(fx * fy));
  const round = i16x8.splat(128);
  // Columns whose sources lie inside take the fast way, sixteen at a time.
  const left = max(0, -wholeX);
  const right = min(width, width - wholeX - 1);
  for (let y: i32 = 0; y < height; y++) {
    const y0 = min(max(y + wholeY, 0), height - 1);
    const y1 = min(max(y + wholeY + 1, 0), height - 1);
    const a = input + <usize>(y0 * width);
    const b = input + <usize>(y1 * width);
    const o = output + <usize>(y * width);
    let x: i32 = left;
    for (; x + 16 <= right; x += 16) {
      const p = <usize>(x + wholeX);
      const a0 = v128.load(a + p);
      const a1 = v128.load(a + p, 1);
      const b0 = v128.load(b + p);
      const b1 = v128.load(b + p, 1);
      const low = i16x8.add(
        i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(a0), w00), i16x8.mul(i16x8.extend_low_i8x16_u(a1), w10)),
        i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(b0), w01), i16x8.mul(i16x8.extend_low_i8x16_u(b1), w11)),
      );
      const high = i16x8.add(
        i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(a0), w00), i16x8.mul(i16x8.extend_high_i8x16_u(a1), w10)),
        i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(b0), w01), i16x8.mul(i16x8.extend_high_i8x16_u(b1), w11)),
      );
      v128.store(o + x, i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.add(low, round), 8), i16x8.shr_u(i16x8.add(high, round), 8)));
    }
    for (let at: i32 = 0; at < width; at++) {
      if (at == left) at = x;
      if (at >= width) break;
      const x0 = min(max(at + wholeX, 0), width - 1);
      const x1 = min(max(at + wholeX + 1, 0), width - 1);
      const v = <i32>load<u8>(a + x0) * (16 - fx) * (16 - fy) + <i32>load<u8>(a + x1) * fx * (16 - fy) + <i32>load<u8>(b + x0) * (16 - fx) * fy + <i32>load<u8>(b + x1) * fx * fy;
      store<u8>(o + at, <u8>((v + 128) >> 8));
    }
  }
}

/**
 * One Gauss-Newton step of registering a patch: sums over the square of `size` pixels (a multiple of 8) at (x, y) of the reference, compared with
 * the picture moved by (offX, offY) whole pixels. Writes five f64 at `out`: Σgx², Σgxgy, Σgy², Σgx·e, Σgy·e with central gradients g of the
 * reference (grey a pixel) and e = picture − reference − the patch's mean difference, so that a change of brightness is no shift; each e is
 * cut to ±32 grey so that a passing object counts little. The square and its surroundings of one pixel must lie inside both pictures.
 */
export function patchSums(ref: usize, cur: usize, width: i32, x: i32, y: i32, size: i32, offX: i32, offY: i32, out: usize): void {
  let totals = i32x4.splat(0);
  for (let j: i32 = 0; j < size; j++) {
    const r = ref + <usize>((y + j) * width + x);
    const c = cur + <usize>((y + j + offY) * width + x + offX);
    for (let i: usize = 0; i < <usize>size; i += 8) {
      totals = i32x4.add(totals, i32x4.extadd_pairwise_i16x8_s(i16x8.sub(v128.load8x8_u(c + i), v128.load8x8_u(r + i))));
    }
  }
  const mean = i16x8.splat(<i16>Math.round(<f64>sumOf(totals) / <f64>(size * size)));
  const most = i16x8.splat(32);
  const least = i16x8.splat(-32);
  let xx = i32x4.splat(0);
  let xy = i32x4.splat(0);
  let yy = i32x4.splat(0);
  let xe = i32x4.splat(0);
  let ye = i32x4.splat(0);
  for (let j: i32 = 0; j < size; j++) {
    const r = ref + <usize>((y + j) * width + x);
    const c = cur + <usize>((y + j + offY) * width + x + offX);
    for (let i: usize = 0; i < <usize>size; i += 8) {
      const gx = i16x8.sub(v128.load8x8_u(r + i + 1), v128.load8x8_u(r + i - 1));
      const gy = i16x8.sub(v128.load8x8_u(r + i + <usize>width), v128.load8x8_u(r + i - <usize>width));
      const difference = i16x8.sub(i16x8.sub(v128.load8x8_u(c + i), v128.load8x8_u(r + i)), mean);
      const e = i16x8.max_s(least, i16x8.min_s(most, difference));
      xx = i32x4.add(xx, i32x4.dot_i16x8_s(gx, gx));
      xy = i32x4.add(xy, i32x4.dot_i16x8_s(gx, gy));
      yy = i32x4.add(yy, i32x4.dot_i16x8_s(gy, gy));
      xe = i32x4.add(xe, i32x4.dot_i16x8_s(gx, e));
      ye = i32x4.add(ye, i32x4.dot_i16x8_s(gy, e));
    }
  }
  store<f64>(out, <f64>sumOf(xx) / 4);
  store<f64>(out + 8, <f64>sumOf(xy) / 4);
  store<f64>(out + 16, <f64>sumOf(yy) / 4);
  store<f64>(out + 24, <f64>sumOf(xe) / 2);
  store<f64>(out + 32, <f64>sumOf(ye) / 2);
}

@inline
function sumOf(lanes: v128): i32 {
  return i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
}
