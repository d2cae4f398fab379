import type { ScenePicture } from '../../domain/street.js';

/** How bright a lamp's place is, and the picture around it. */
export interface Light {
  /** Mean luma of the brightest tenth of the lamp's place, grey. */
  readonly glow: number;
  /** Median luma of the picture, grey: how dark it is. */
  readonly dark: number;
  /** Share of the rest of the picture that shines as lamps do. */
  readonly elsewhere: number;
}

/** Luma from which something shines, grey: what light falls on stays below it at night. */
const SHINES_GREY = 180;
const BRIGHTEST_SHARE = 0.1;
/** Every so many pixels of the picture are looked at. */
const STEP = 3;

/** @param place of the lamp, as places in the luma. */
export function lightOf({ luma }: ScenePicture, place: Int32Array): Light {
  const histogram = new Uint32Array(256);
  const lamp = new Uint32Array(256);
  let shining = 0;
  for (const at of place) {
    const grey = luma[at] as number;
    lamp[grey] = (lamp[grey] as number) + 1;
    if (grey >= SHINES_GREY) shining--;
  }
  for (let at = 0; at < luma.length; at += STEP) {
    const grey = luma[at] as number;
    histogram[grey] = (histogram[grey] as number) + 1;
    if (grey >= SHINES_GREY) shining += STEP;
  }
  return { glow: meanOfBrightest(lamp, place.length), dark: medianOf(histogram), elsewhere: Math.max(0, shining / luma.length) };
}

function meanOfBrightest(histogram: Uint32Array, count: number): number {
  const wanted = Math.max(1, Math.round(count * BRIGHTEST_SHARE));
  let [left, sum] = [wanted, 0];
  for (let grey = 255; grey >= 0 && left > 0; grey--) {
    const taken = Math.min(left, histogram[grey] as number);
    sum += taken * grey;
    left -= taken;
  }
  return sum / wanted;
}

function medianOf(histogram: Uint32Array): number {
  const half = histogram.reduce((sum, n) => sum + n, 0) / 2;
  let sum = 0;
  for (let grey = 0; grey < 256; grey++) {
    sum += histogram[grey] as number;
    if (sum >= half) return grey;
  }
  return 255;
}
