import { type LumaPicture, medianPicture } from '../../core/calibration/luma-picture.js';
import type { RgbPicture } from '../../media/image.js';
import type { FileInput, RtspInput } from '../../media/input.js';
import { samplePictures } from '../../media/sample-pictures.js';

/** What stands still in some seconds of video. */
export interface Still {
  readonly median: LumaPicture;
  /** The last picture, in colour. */
  readonly scene: RgbPicture;
}

/** Reads some pictures and keeps what stands still in them. */
export async function readStill(
  input: FileInput | RtspInput,
  sampling: { readonly count: number; readonly everyS: number },
  signal: AbortSignal,
): Promise<Still> {
  const planes: Uint8Array[] = [];
  let scene: RgbPicture = { width: 0, height: 0, data: new Uint8Array() };
  await samplePictures(
    { input, ...sampling },
    ({ width, height, data }) => {
      planes.push(lumaOf(data));
      scene = { width, height, data: new Uint8Array(data) };
    },
    signal,
  );
  return { median: medianPicture(planes, scene.width, scene.height), scene };
}

/** @source ITU-R BT.601, as integers: 0.299, 0.587, 0.114. */
function lumaOf(rgb: Uint8Array): Uint8Array {
  const luma = new Uint8Array(rgb.length / 3);
  for (let i = 0, k = 0; i < luma.length; i++, k += 3) {
    luma[i] = (77 * (rgb[k] as number) + 150 * (rgb[k + 1] as number) + 29 * (rgb[k + 2] as number) + 128) >> 8;
  }
  return luma;
}
