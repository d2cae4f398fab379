import type { MediaTools } from '../../media/footage-tools.js';
import type { PlanarColours } from '../../media/redraw.js';
import { createSprite, type Size, type Sprite } from '../drawing/sprite.js';
import { fontFamily } from '../drawing/svg-text.js';
import type { Drawing } from './overlay-marks.js';

/** Rows of a full-size drawing that are drawn at a time: see `encodeSheet`. */
const stripRows = 128;

/** Turns drawings into sprites of one picture size. */
export interface Drawer {
  one(drawing: Drawing): Promise<Sprite>;
  /** The same for a drawing as large as the picture: a strip at a time takes less memory. */
  strips(drawing: Drawing): Promise<readonly Sprite[]>;
}

export function createDrawer(tools: Pick<MediaTools, 'renderSvg'>, size: Size, colours: PlanarColours): Drawer {
  const one = async ({ svg, region }: Drawing): Promise<Sprite> => {
    const left = Math.max(0, region.left);
    const top = Math.max(0, region.top);
    const width = Math.max(1, Math.min(size.width, region.left + region.width) - left);
    const height = Math.max(1, Math.min(size.height, region.top + region.height) - top);
    const rgba = await tools.renderSvg(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}" font-family="${fontFamily}">${svg}</svg>`,
      width,
      height,
    );
    return createSprite(rgba, { left, top, width, height }, size, colours);
  };
  const strips = async ({ svg, region }: Drawing): Promise<Sprite[]> => {
    const sprites: Sprite[] = [];
    for (let top = region.top; top < region.top + region.height; top += stripRows) {
      sprites.push(await one({ svg, region: { ...region, top, height: Math.min(stripRows, region.top + region.height - top) } }));
    }
    return sprites;
  };
  return { one, strips };
}
