// A row of a model's input out of a camera's planes, in AssemblyScript (https://www.assemblyscript.org), compiled to WebAssembly with SIMD.
// Every argument is a byte offset into the memory that ../../detection/input-filler.ts lays out, or a number. ../../detection/fill-input.ts
// says the same in plain TypeScript and is the tests' oracle: change both or neither.

/** What an i32 of {@link between} counts in: 1/128 grey from above to below, times 1/16384 from left to right. */
@inline
const UNIT: f32 = 1.0 / 2097152.0;

/**
 * Four places of a plane, each between four pixels: two of the row `upper`, two of the row `lower`, in units of {@link UNIT}.
 *
 * @param at four i32: the first of each place's two pixels.
 * @param down how far from `upper` to `lower`, Q15, in every lane.
 * @param across four pairs of i16: the weights of the two pixels, Q14.
 */
@inline
function between(upper: usize, lower: usize, at: usize, down: v128, across: usize): v128 {
  const a = <usize>load<i32>(at);
  const b = <usize>load<i32>(at, 4);
  const c = <usize>load<i32>(at, 8);
  const d = <usize>load<i32>(at, 12);
  let pairs = i64x2.splat(0);
  pairs = v128.load16_lane(upper + a, pairs, 0);
  pairs = v128.load16_lane(upper + b, pairs, 1);
  pairs = v128.load16_lane(upper + c, pairs, 2);
  pairs = v128.load16_lane(upper + d, pairs, 3);
  pairs = v128.load16_lane(lower + a, pairs, 4);
  pairs = v128.load16_lane(lower + b, pairs, 5);
  pairs = v128.load16_lane(lower + c, pairs, 6);
  pairs = v128.load16_lane(lower + d, pairs, 7);
  const top = i16x8.shl(i16x8.extend_low_i8x16_u(pairs), 7);
  const bottom = i16x8.shl(i16x8.extend_high_i8x16_u(pairs), 7);
  const column = i16x8.add(top, i16x8.q15mulr_sat_s(i16x8.sub(bottom, top), down));
  return i32x4.dot_i16x8_s(column, v128.load(across));
}

/** A colour as the model wants it: cut to 0..255, times its scale, plus its shift. */
@inline
function put(value: v128, scale: v128, shift: v128, out: usize): void {
  const cut = f32x4.pmin(f32x4.pmax(value, f32x4.splat(0)), f32x4.splat(255));
  v128.store(out, f32x4.add(f32x4.mul(cut, scale), shift));
}

/**
 * Writes `places` numbers, at least 4, of each colour's plane. BT.601 with 16..235 for luma.
 *
 * @param luma, u, v offsets of the two rows of each plane that this row lies between, and how far from the upper to the lower, Q15.
 * @param lumaAt, chromaAt `places` i32: first pixel of each place; lumaAcross, chromaAcross: pairs of i16, Q14.
 * @param tones six f32: scale and shift of red, green and blue.
 * @param red, green, blue where the row of each plane begins.
 */
export function fillRow(
  lumaUpper: usize,
  lumaLower: usize,
  lumaDown: i32,
  uUpper: usize,
  uLower: usize,
  vUpper: usize,
  vLower: usize,
  chromaDown: i32,
  lumaAt: usize,
  lumaAcross: usize,
  chromaAt: usize,
  chromaAcross: usize,
  places: i32,
  tones: usize,
  red: usize,
  green: usize,
  blue: usize,
): void {
  const downLuma = i16x8.splat(<i16>lumaDown);
  const downChroma = i16x8.splat(<i16>chromaDown);
  const redScale = v128.load32_splat(tones);
  const redShift = v128.load32_splat(tones, 4);
  const greenScale = v128.load32_splat(tones, 8);
  const greenShift = v128.load32_splat(tones, 12);
  const blueScale = v128.load32_splat(tones, 16);
  const blueShift = v128.load32_splat(tones, 20);
  const last = places - 4;
  for (let x: i32 = 0; x < places; x += 4) {
    // The last four overlap those before them where the row is no multiple of four: nothing is written beyond it.
    const i = <usize>min(x, last) << 2;
    const y = f32x4.convert_i32x4_s(between(lumaUpper, lumaLower, lumaAt + i, downLuma, lumaAcross + i));
    const u = f32x4.convert_i32x4_s(between(uUpper, uLower, chromaAt + i, downChroma, chromaAcross + i));
    const v = f32x4.convert_i32x4_s(between(vUpper, vLower, chromaAt + i, downChroma, chromaAcross + i));
    const light = f32x4.sub(f32x4.mul(y, f32x4.splat(1.164383 * UNIT)), f32x4.splat(1.164383 * 16.0));
    const cb = f32x4.sub(f32x4.mul(u, f32x4.splat(UNIT)), f32x4.splat(128));
    const cr = f32x4.sub(f32x4.mul(v, f32x4.splat(UNIT)), f32x4.splat(128));
    put(f32x4.add(light, f32x4.mul(cr, f32x4.splat(1.596027))), redScale, redShift, red + i);
    const green1 = f32x4.sub(light, f32x4.mul(cb, f32x4.splat(0.391762)));
    put(f32x4.sub(green1, f32x4.mul(cr, f32x4.splat(0.812968))), greenScale, greenShift, green + i);
    put(f32x4.add(light, f32x4.mul(cb, f32x4.splat(2.017232))), blueScale, blueShift, blue + i);
  }
}
