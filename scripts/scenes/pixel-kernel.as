// The loops over all pixels for vectors of eight; `plain-kernel.mjs` holds the same sums in plain JavaScript and says what they mean.
// AssemblyScript, compiled when first needed (`pixel-kernel.mjs`).

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

@inline
function between(a: v128, b: v128, weight: v128): v128 {
  return i16x8.add(a, i16x8.q15mulr_sat_s(i16x8.sub(b, a), weight));
}

@inline
function one(a: usize, b: usize, last: i32, x: i32, wx: i32, wy: i32): i32 {
  const here = column(a, b, min(last, max(0, x)), wy);
  const next = column(a, b, min(last, max(0, x + 1)), wy);
  return here + (((next - here) * wx + 0x4000) >> 15);
}

@inline
function column(a: usize, b: usize, x: i32, wy: i32): i32 {
  const va = <i32>load<i16>(a + 2 * x);
  return va + (((<i32>load<i16>(b + 2 * x) - va) * wy + 0x4000) >> 15);
}

export function develop(linear: usize, tone: usize, strengths: usize, toned: usize, sigma: usize, count: i32): void {
  for (let i: usize = 0, n = <usize>count; i < n; i++) {
    const level = load<i16>(tone + 2 * <usize>load<u16>(linear + 2 * i));
    store<i16>(toned + 2 * i, level);
    store<u8>(sigma + i, load<u8>(strengths + <usize>(level >> 6)));
  }
}

/** Lays `rows` × `cols` of a bent cut-out over the picture. The pointers are those of its first pixel. */
export function overlay(alpha: usize, light: usize, stride: i32, wx: i32, wy: i32, linear: usize, width: i32, cols: i32, rows: i32): void {
  const below = 2 * <usize>stride;
  const vx = i16x8.splat(<i16>wx);
  const vy = i16x8.splat(<i16>wy);
  for (let y = 0; y < rows; y++) {
    if (cols == 8) {
      const a = window(alpha, below, vx, vy);
      const l = window(light, below, vx, vy);
      const was = v128.load(linear);
      const half = i16x8.shr_u(was, 1);
      const now = i16x8.max_s(i16x8.add_sat_s(i16x8.sub(half, i16x8.q15mulr_sat_s(half, a)), l), i16x8.splat(0));
      v128.store(linear, v128.or(i16x8.shl(now, 1), v128.and(was, i16x8.splat(1))));
    } else {
      for (let x: usize = 0; x < <usize>cols; x++) {
        const a = corner(alpha + 2 * x, below, wx, wy);
        const l = corner(light + 2 * x, below, wx, wy);
        const was = <i32>load<u16>(linear + 2 * x);
        const half = was >> 1;
        const now = min(32767, max(0, half - ((half * a + 0x4000) >> 15) + l));
        store<u16>(linear + 2 * x, <u16>((now << 1) | (was & 1)));
      }
    }
    alpha += below;
    light += below;
    linear += 2 * <usize>width;
  }
}

@inline
function window(at: usize, below: usize, vx: v128, vy: v128): v128 {
  const here = between(v128.load(at), v128.load(at + below), vy);
  const next = between(v128.load(at + 2), v128.load(at + below + 2), vy);
  return between(here, next, vx);
}

@inline
function corner(at: usize, below: usize, wx: i32, wy: i32): i32 {
  const here = pair(at, at + below, wy);
  return here + (((pair(at + 2, at + below + 2, wy) - here) * wx + 0x4000) >> 15);
}

@inline
function pair(a: usize, b: usize, wy: i32): i32 {
  const va = <i32>load<i16>(a);
  return va + (((<i32>load<i16>(b) - va) * wy + 0x4000) >> 15);
}

/** Tints the colour samples under a cut-out: one for every second pixel of every second row. */
export function tint(alpha: usize, stride: i32, u: usize, v: usize, width: i32, tintU: i32, tintV: i32, cols: i32, rows: i32): void {
  for (let y = 0; y < rows; y++) {
    for (let x: usize = 0; x < <usize>cols; x++) {
      const a = (<i32>load<i16>(alpha + 4 * x) * 3) >> 2;
      if (a == 0) continue;
      const cu = <i32>load<u8>(u + x);
      const cv = <i32>load<u8>(v + x);
      store<u8>(u + x, <u8>(cu + (((tintU - cu) * a + 0x4000) >> 15)));
      store<u8>(v + x, <u8>(cv + (((tintV - cv) * a + 0x4000) >> 15)));
    }
    alpha += 4 * <usize>stride;
    u += width;
    v += width;
  }
}
