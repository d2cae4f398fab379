import type { Box } from '../domain/geometry.js';
import type { ScenePicture } from '../domain/street.js';
import { createRandom } from './random.js';

/** A street as a camera sees it from above, made up: textured, repeatable, with things in it and in any light. */
export interface MadeScene {
  /** Boxes with a brightness and a pattern of their own, the later ones in front. Normalised. */
  readonly things?: readonly { readonly box: Box; readonly grey: number; readonly seed?: number }[];
  /** Contrast and brightness of the whole; 1 and 0 are as it was. */
  readonly gain?: number;
  readonly offset?: number;
  /** Standard deviation of the camera's noise, grey levels. */
  readonly noise?: number;
  /** How far the camera has turned, pixels. */
  readonly shift?: readonly [number, number];
  /** Of the ground's texture. */
  readonly seed?: number;
}

const WIDTH = 320;
const HEIGHT = 180;

export function makeScene({ things = [], gain = 1, offset = 0, noise = 2, shift = [0, 0], seed = 1 }: MadeScene = {}): ScenePicture {
  const ground = texture(seed, 9);
  const random = createRandom(seed + 100 * things.length + Math.round(10 * (gain + offset)));
  const luma = new Uint8Array(WIDTH * HEIGHT);
  const patterns = things.map(({ box, grey, seed: own = 7 }) => ({ box, grey, pattern: texture(own, 4) }));
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [sx, sy] = [x + shift[0], y + shift[1]];
      const front = patterns.findLast(({ box }) => {
        const [u, v] = [(sx + 0.5) / WIDTH, (sy + 0.5) / HEIGHT];
        return u >= box.x1 && u < box.x2 && v >= box.y1 && v < box.y2;
      });
      const grey = front === undefined ? 110 + 60 * ground(sx, sy) : front.grey + 50 * front.pattern(sx, sy);
      const told = gain * grey + offset + noise * (random() + random() + random() - 1.5) * 2;
      luma[y * WIDTH + x] = Math.max(1, Math.min(255, Math.round(told)));
    }
  }
  const chroma = (WIDTH / 2) * (HEIGHT / 2);
  return { width: WIDTH, height: HEIGHT, luma, cb: new Uint8Array(chroma).fill(128), cr: new Uint8Array(chroma).fill(128) };
}

/** Smooth noise of a grain in pixels, -0.5..0.5. */
function texture(seed: number, grainPx: number): (x: number, y: number) => number {
  // Repeats after so many nodes, which no picture here has.
  const side = 256;
  const random = createRandom(seed * 7919);
  const nodes = Float32Array.from({ length: side * side }, () => random() - 0.5);
  const node = (i: number, j: number): number => nodes[(j & (side - 1)) * side + (i & (side - 1))] as number;
  return (x, y) => {
    const [u, v] = [x / grainPx, y / grainPx];
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [a, b] = [u - i, v - j];
    return (node(i, j) * (1 - a) + node(i + 1, j) * a) * (1 - b) + (node(i, j + 1) * (1 - a) + node(i + 1, j + 1) * a) * b;
  };
}
