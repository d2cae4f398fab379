// The sensor's loops for vectors of eight; `sensor-kernel.mjs` holds the same sums in plain JavaScript and says what they mean.
// AssemblyScript, compiled when first needed (`sensor-kernel.mjs`).

export function addNoise(from: usize, sigma: usize, noise: usize, out: usize, count: i32): void {
  let i: usize = 0;
  const n = <usize>count;
  for (; i + 16 <= n; i += 16) {
    v128.store(out + i, i8x16.narrow_i16x8_u(noisy(from + 2 * i, sigma + i, noise + i), noisy(from + 2 * i + 16, sigma + i + 8, noise + i + 8)));
  }
  for (; i < n; i++) {
    const spread = (<i32>load<u8>(sigma + i) * <i32>load<i8>(noise + i) + 8) >> 4;
    const level = (<i32>load<i16>(from + 2 * i) + spread + 32) >> 6;
    store<u8>(out + i, <u8>min(255, max(0, level)));
  }
}

// @ts-ignore: decorator
@inline
function noisy(from: usize, sigma: usize, noise: usize): v128 {
  const s = i16x8.shl(v128.load_ext<u8>(sigma), 4);
  const z = i16x8.shl(v128.load_ext<i8>(noise), 7);
  const level = i16x8.add(v128.load(from), i16x8.q15mulr_sat_s(s, z));
  return i16x8.shr_s(i16x8.add(level, i16x8.splat(32)), 6);
}

export function shiftRow(a: usize, b: usize, to: usize, width: i32, dx: i32, wx: i32, wy: i32): void {
  const last = width - 1;
  const start = min(width, max(0, -dx));
  const end = max(start, min(width, last - dx));
  let x = 0;
  for (; x < start; x++) store<i16>(to + 2 * x, <i16>one(a, b, last, x + dx, wx, wy));
  const vx = i16x8.splat(<i16>wx);
  const vy = i16x8.splat(<i16>wy);
  for (; x + 8 <= end; x += 8) {
    const k = 2 * <usize>(x + dx);
    const here = between(v128.load(a + k), v128.load(b + k), vy);
    const next = between(v128.load(a + k + 2), v128.load(b + k + 2), vy);
    v128.store(to + 2 * x, between(here, next, vx));
  }
  for (; x < width; x++) store<i16>(to + 2 * x, <i16>one(a, b, last, x + dx, wx, wy));
}

// @ts-ignore: decorator
@inline
function between(a: v128, b: v128, weight: v128): v128 {
  return i16x8.add(a, i16x8.q15mulr_sat_s(i16x8.sub(b, a), weight));
}

// @ts-ignore: decorator
@inline
function one(a: usize, b: usize, last: i32, x: i32, wx: i32, wy: i32): i32 {
  const here = column(a, b, min(last, max(0, x)), wy);
  const next = column(a, b, min(last, max(0, x + 1)), wy);
  return here + (((next - here) * wx + 0x4000) >> 15);
}

// @ts-ignore: decorator
@inline
function column(a: usize, b: usize, x: i32, wy: i32): i32 {
  const va = <i32>load<i16>(a + 2 * x);
  return va + (((<i32>load<i16>(b + 2 * x) - va) * wy + 0x4000) >> 15);
}
