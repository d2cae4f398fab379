import type { Polygon } from '../../domain/geometry.js';
import type { PlanarColours } from '../../media/redraw.js';
import { blackOut } from '../drawing/picture.js';
import { createSprite, type Size, type Sprite } from '../drawing/sprite.js';

/** Masks as a drawing that is laid over pictures of one size: black, whatever is under it. */
export function maskSprite(masks: readonly Polygon[], size: Size, colours: PlanarColours): Sprite {
  const pixels = size.width * size.height;
  const picture = { ...size, data: new Uint8Array(3 * pixels).fill(255) };
  blackOut(picture, masks);
  const rgba = new Uint8Array(4 * pixels);
  for (let i = 0; i < pixels; i++) rgba[4 * i + 3] = picture.data[3 * i] === 0 ? 255 : 0;
  return createSprite(rgba, { left: 0, top: 0, ...size }, size, colours);
}
