import type { PlanarColours } from '../../media/redraw.js';

/** Size of a picture, pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Whole pixels of a picture; may lie partly outside it. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A drawing that is ready to be laid over pictures of one size, `yuv420p`. It holds the pixels that are drawn and nothing else, as runs
 * along rows: laying it costs what is drawn, whatever lies between.
 */
export interface Sprite {
  readonly luma: Runs;
  readonly blue: Runs;
  readonly red: Runs;
}

interface Runs {
  /** For each run where it begins in the picture's bytes, and how long it is. */
  readonly spans: Int32Array;
  readonly values: Uint8Array;
  /** 1..255. */
  readonly opacities: Uint8Array;
}

/** @source ITU-R BT.601 and BT.709: the shares of red and blue in luma. */
const shares = { bt601: { red: 0.299, blue: 0.114 }, bt709: { red: 0.2126, blue: 0.0722 } } as const;

/**
 * Makes a sprite of RGBA pixels (not premultiplied). What lies outside the picture is left out. A chroma sample stands for the
 * pixels it covers, by their opacity.
 *
 * @param rgba of the region, `4 × width × height` bytes.
 * @param size of the pictures it will be laid over.
 */
export function createSprite(rgba: Uint8Array, region: Region, size: Size, colours: PlanarColours): Sprite {
  const { red: kr, blue: kb } = shares[colours.matrix];
  const [lumaScale, lumaZero, chromaScale] = colours.fullRange ? [1, 0, 127.5 / 255] : [219 / 255, 16, 112 / 255];
  const chromaWidth = Math.ceil(size.width / 2);
  const chromaHeight = Math.ceil(size.height / 2);
  const left = Math.max(0, region.left);
  const right = Math.min(size.width, region.left + region.width);
  const bottom = Math.min(size.height, region.top + region.height);
  const cellLeft = left >> 1;
  const cells = Math.max(0, ((right + 1) >> 1) - cellLeft);
  const luma = createRunWriter();
  const blue = createRunWriter();
  const red = createRunWriter();
  // Opacity, and blue and red difference weighed by it, of the chroma samples of two rows.
  const sums = new Float32Array(3 * cells);
  const lumaBytes = size.width * size.height;

  const endCells = (row: number): void => {
    for (let cell = 0; cell < cells; cell++) {
      const weight = sums[3 * cell] ?? 0;
      if (weight === 0) continue;
      const column = cellLeft + cell;
      const covered = (2 * column + 1 < size.width ? 2 : 1) * (2 * row + 1 < size.height ? 2 : 1);
      const opacity = Math.round(weight / covered);
      const at = lumaBytes + row * chromaWidth + column;
      if (opacity > 0) {
        blue.put(at, 128 + (sums[3 * cell + 1] ?? 0) / weight, opacity);
        red.put(at + chromaWidth * chromaHeight, 128 + (sums[3 * cell + 2] ?? 0) / weight, opacity);
      }
    }
    sums.fill(0);
  };
  for (let y = Math.max(0, region.top); y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const from = 4 * ((y - region.top) * region.width + (x - region.left));
      const opacity = rgba[from + 3] ?? 0;
      if (opacity === 0) continue;
      const r = rgba[from] ?? 0;
      const b = rgba[from + 2] ?? 0;
      const brightness = kr * r + (1 - kr - kb) * (rgba[from + 1] ?? 0) + kb * b;
      luma.put(y * size.width + x, lumaZero + lumaScale * brightness, opacity);
      const cell = 3 * ((x >> 1) - cellLeft);
      sums[cell] = (sums[cell] ?? 0) + opacity;
      sums[cell + 1] = (sums[cell + 1] ?? 0) + (opacity * chromaScale * (b - brightness)) / (1 - kb);
      sums[cell + 2] = (sums[cell + 2] ?? 0) + (opacity * chromaScale * (r - brightness)) / (1 - kr);
    }
    if (y % 2 === 1 || y === bottom - 1) endCells(y >> 1);
  }
  return { luma: luma.done(), blue: blue.done(), red: red.done() };
}

/** Lays a sprite over a picture of the size it was made for. @param planes of a `yuv420p` picture. */
export function lay(sprite: Sprite, planes: Uint8Array): void {
  for (const { spans, values, opacities } of [sprite.luma, sprite.blue, sprite.red]) {
    let from = 0;
    for (let i = 0; i < spans.length; i += 2) {
      const begin = spans[i] as number;
      const end = begin + (spans[i + 1] as number);
      for (let at = begin; at < end; at++, from++) {
        const under = planes[at] as number;
        // Plus 127: rounded to the nearest, and the same on every machine.
        planes[at] = under + Math.floor((((values[from] as number) - under) * (opacities[from] as number) + 127) / 255);
      }
    }
  }
}

/** Collects samples by rising address. */
function createRunWriter() {
  const spans: number[] = [];
  let values = new Uint8Array(1024);
  let opacities = new Uint8Array(1024);
  let count = 0;
  let next = -1;
  return {
    put(at: number, value: number, opacity: number): void {
      if (count === values.length) {
        values = widened(values);
        opacities = widened(opacities);
      }
      if (at === next) spans[spans.length - 1] = (spans.at(-1) as number) + 1;
      else spans.push(at, 1);
      next = at + 1;
      values[count] = Math.min(255, Math.max(0, Math.round(value)));
      opacities[count] = opacity;
      count++;
    },
    done: (): Runs => ({ spans: Int32Array.from(spans), values: values.slice(0, count), opacities: opacities.slice(0, count) }),
  };
}

function widened(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(2 * bytes.length);
  wider.set(bytes);
  return wider;
}
