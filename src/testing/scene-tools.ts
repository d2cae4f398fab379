import { writeFile } from 'node:fs/promises';
import type { MediaTools } from '../media/footage-tools.js';
import type { FallScene } from './fall-scene.js';

/**
 * Media tools without ffmpeg: they show the scene itself, draw nothing, and encode
 * nothing: a JPEG is its raw pixels.
 *
 * @param stampOf the time that a picture claims, for clocks that lie; seconds.
 */
export function createSceneTools(scene: FallScene, stampOf: (index: number) => number = (index) => index / scene.fps): MediaTools {
  return {
    async writeClip({ fromS, toS, path }) {
      await writeFile(path, `clip ${fromS} ${toS}`);
      return { fromS: Math.floor(fromS), toS };
    },
    async readPictures({ fromS, toS }, onPicture) {
      for (let i = 0; i < scene.durationS * scene.fps; i++) {
        const atS = stampOf(i);
        if (atS >= fromS && atS <= toS) onPicture({ width: scene.width, height: scene.height, data: scene.picture(i), atS });
      }
    },
    pictureSize: async () => ({ width: scene.width, height: scene.height }),
    measureSegment: async () => null,
    renderSvg: async (_svg, width, height) => new Uint8Array(4 * width * height),
    resizePicture: async (_picture, width, height) => ({ width, height, data: new Uint8Array(3 * width * height) }),
    encodeJpeg: async (picture) => picture.data,
  };
}
