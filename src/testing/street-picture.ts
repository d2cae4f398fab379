import type { Box } from '../domain/geometry.js';
import type { ScenePicture } from '../domain/street.js';
import { createRandom } from './random.js';
import { greyPicture } from './street-script.js';

/** Something with a pattern of its own, for pictures of scripts: the same seed looks the same. */
export interface Painted {
  readonly box: Box;
  readonly seed: number;
}

/**
 * A grey picture with noise in which things stand, the later before the earlier.
 *
 * @param light what every grey is multiplied by.
 */
export function paintedPicture(things: readonly Painted[], { seed = 1, light = 1, width = 200, height = 112 } = {}): ScenePicture {
  const picture = greyPicture(width, height);
  const noise = createRandom(seed);
  for (let i = 0; i < picture.luma.length; i++) picture.luma[i] = (110 + 4 * noise() - 2) * light;
  // Houses above, the road below: a street is never of one grey.
  for (let i = 0; i < width * Math.round(height / 8); i++) picture.luma[i] = (picture.luma[i] as number) / 2;
  for (const { box, seed: own } of things) {
    const pattern = createRandom(own);
    const cells = Array.from({ length: 8 * 6 }, () => 40 + 170 * pattern());
    const [x1, x2] = [Math.round(box.x1 * width), Math.round(box.x2 * width)];
    const [y1, y2] = [Math.round(box.y1 * height), Math.round(box.y2 * height)];
    for (let y = Math.max(0, y1); y < Math.min(height, y2); y++) {
      for (let x = Math.max(0, x1); x < Math.min(width, x2); x++) {
        const cell = Math.floor(((y - y1) / (y2 - y1)) * 6) * 8 + Math.floor(((x - x1) / (x2 - x1)) * 8);
        picture.luma[y * width + x] = Math.min(255, ((cells[cell] as number) + 6 * noise() - 3) * light);
      }
    }
  }
  return picture;
}
