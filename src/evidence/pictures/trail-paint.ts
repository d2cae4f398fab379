import type { TrajectoryPoint } from '../../domain/incident.js';
import type { RgbPicture } from '../../media/image.js';
import { type PictureCut, patchOf, pixelBox } from '../drawing/picture.js';

/**
 * In the rim, differences from the background (largest of the three channels, grey levels 0..255) below the first are
 * left out as noise and compression, above the second taken over in full. Higher: faint blur is cut off. Lower: the
 * patch shows as a tile.
 */
const rimFadeGrey = [6, 16] as const;

/** A picture of the scene into which one object is painted again and again, at each of its positions. */
export interface TrailCanvas {
  /** The scene with what has been painted so far. */
  readonly picture: RgbPicture;
  /** See {@link clarityOf}. */
  clarity(picture: RgbPicture, at: TrajectoryPoint): number;
  /**
   * Paints the object as it stands at `at` in `from`. Where instances overlap, the pixel that differs most from the
   * background wins, so that a later picture cannot wipe out an earlier instance. Cost: the patch alone.
   *
   * @param from holds at least what `patchOf` says.
   */
  paint(from: PictureCut, at: TrajectoryPoint): void;
}

/** How clearly a picture shows something at `at` that the background has not: mean difference, grey levels 0..255. */
export function clarityOf(background: RgbPicture, picture: RgbPicture, at: TrajectoryPoint): number {
  const { width, height } = background;
  const core = pixelBox(at, width, height);
  let sum = 0;
  for (let y = core.y1; y < core.y2; y++) {
    for (let x = core.x1; x < core.x2; x++) {
      const offset = 3 * (y * width + x);
      sum += difference(background.data, picture.data, offset, offset);
    }
  }
  return sum / Math.max(1, (core.x2 - core.x1) * (core.y2 - core.y1));
}

/**
 * @param background picture of the scene without the object; it is copied.
 * @param hide takes out of a copy of it what nobody is to see: the object is painted over that.
 */
export function createTrailCanvas(background: RgbPicture, hide: (picture: RgbPicture) => void = () => undefined): TrailCanvas {
  const { width, height } = background;
  // Not slice(): that of a Buffer copies nothing.
  const scene = new Uint8Array(background.data);
  const canvas = new Uint8Array(background.data);
  hide({ width, height, data: canvas });
  const ground = new Uint8Array(canvas);
  const strongest = new Uint8Array(width * height);

  return {
    picture: { width, height, data: canvas },
    clarity: (picture, at) => clarityOf({ width, height, data: scene }, picture, at),
    paint(from, at) {
      const core = { cx: at.x * width, cy: at.y * height, halfW: (at.w * width) / 2, halfH: (at.h * height) / 2 };
      const patch = patchOf(background, at);
      const rimPx = Math.max(2, Math.min(core.cx - patch.x1 - core.halfW, core.cy - patch.y1 - core.halfH));
      for (let y = patch.y1; y < patch.y2; y++) {
        for (let x = patch.x1; x < patch.x2; x++) {
          const outX = Math.max(0, Math.abs(x + 0.5 - core.cx) - core.halfW);
          const outY = Math.max(0, Math.abs(y + 0.5 - core.cy) - core.halfH);
          const nearness = 1 - smoothStep(Math.hypot(outX, outY) / rimPx);
          if (nearness === 0) continue;
          const pixel = y * width + x;
          const source = 3 * ((y - from.y) * from.width + (x - from.x));
          const apart = difference(scene, from.data, 3 * pixel, source);
          const strength = Math.round(nearness * apart);
          if (strength <= (strongest[pixel] ?? 0)) continue;
          strongest[pixel] = strength;
          const inCore = outX === 0 && outY === 0;
          const opacity = inCore ? 1 : nearness * smoothStep((apart - rimFadeGrey[0]) / (rimFadeGrey[1] - rimFadeGrey[0]));
          for (let c = 0; c < 3; c++) {
            const under = ground[3 * pixel + c] ?? 0;
            canvas[3 * pixel + c] = Math.round(under + opacity * ((from.data[source + c] ?? 0) - under));
          }
        }
      }
    },
  };
}

/** Largest difference of the three channels of two pixels, given by their byte offsets; 0..255. */
function difference(a: Uint8Array, b: Uint8Array, offsetA: number, offsetB: number): number {
  let largest = 0;
  for (let c = 0; c < 3; c++) largest = Math.max(largest, Math.abs((a[offsetA + c] ?? 0) - (b[offsetB + c] ?? 0)));
  return largest;
}

/** 0 below 0, 1 above 1, smooth between. */
function smoothStep(value: number): number {
  const t = Math.min(1, Math.max(0, value));
  return t * t * (3 - 2 * t);
}
