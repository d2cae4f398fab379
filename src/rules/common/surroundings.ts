import { median } from '../../core/median.js';
import type { Box } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';
import { correlation, type Patch, spread, takePatch } from './scene-patch.js';

/**
 * The place of an incident and what lies around it, in two pictures of one camera that may be hours apart. The surroundings are the control: only
 * where they are the same can anything be said of the place itself.
 */
export interface Surroundings {
  /** How well the surroundings agree, -1..1: the median of what their parts say; `null`: they have nothing to hold on to. */
  readonly agreement: number | null;
  /** Both pictures at the place, cell by cell; the second in the first one's light, as the surroundings tell it. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Cells along a side of the place and what is around it. 64 of a place of a fifth of the picture are some pixels of 640 each; fewer blur a bag away. */
export const GRID = 64;
/** Cells along a side of a part of the surroundings: smaller ones are noise, larger ones always hold somebody who walks by. */
const PART = 8;
/** How far the camera may have turned meanwhile, cells: up to a twentieth of what is looked at. */
const FARTHEST_SHIFT = 3;
const WIDE = GRID + 2 * FARTHEST_SHIFT;
/** What is around: so many times the place on each side of it, … */
const AROUND = 0.75;
/** … but at least so much of the picture. Smaller, and a thing of 2 % has nothing but noise beside it. */
const LEAST_AROUND = 0.08;
/** The place itself with a rim, as a share of its sides: its shadow and its trembling box belong to it. */
export const RIM = 0.1;
/** Below this a part is a plain wall or a clear sky, standard deviation in grey levels: it agrees with everything. */
const FLAT_GREY = 4;
/** Fewer parts with something to see say nothing. */
const LEAST_PARTS = 5;

/** The frame that is compared: the place and its surroundings, inside the picture. */
export function frameAround({ x1, y1, x2, y2 }: Box): Box {
  const [dx, dy] = [Math.max(LEAST_AROUND, AROUND * (x2 - x1)), Math.max(LEAST_AROUND, AROUND * (y2 - y1))];
  return { x1: Math.max(0, x1 - dx), y1: Math.max(0, y1 - dy), x2: Math.min(1, x2 + dx), y2: Math.min(1, y2 + dy) };
}

/** Cells of the grid that belong to the place. */
export function cellsOf(place: Box, frame: Box, rim = 0): readonly number[] {
  const [w, h] = [frame.x2 - frame.x1, frame.y2 - frame.y1];
  const [dx, dy] = [rim * (place.x2 - place.x1), rim * (place.y2 - place.y1)];
  const cells: number[] = [];
  for (let row = 0; row < GRID; row++) {
    const y = frame.y1 + (h * (row + 0.5)) / GRID;
    if (y < place.y1 - dy || y >= place.y2 + dy) continue;
    for (let column = 0; column < GRID; column++) {
      const x = frame.x1 + (w * (column + 0.5)) / GRID;
      if (x >= place.x1 - dx && x < place.x2 + dx) cells.push(row * GRID + column);
    }
  }
  return cells;
}

/** What a picture shows of a place and around it: all of the picture that comparing it later takes. */
export const surroundingsOf = (picture: ScenePicture, place: Box): Patch => takePatch(picture, frameAround(place), GRID, GRID);

/**
 * Lays a second picture over a first: finds how far it is shifted by what lies around the place, and its light.
 *
 * @param own of the first picture, as {@link surroundingsOf} took it of the same place.
 * @param place normalised to 0..1 of the full frame, not empty.
 */
export function compareSurroundings(own: Patch, second: ScenePicture, place: Box): Surroundings {
  const frame = frameAround(place);
  const excluded = new Set(cellsOf(place, frame, RIM));
  const parts = partsOf(own, excluded);
  const wide = takeWide(second, frame);
  const best = parts.length < LEAST_PARTS ? { agreement: null, dx: 0, dy: 0 } : bestShift(own, wide, parts);
  const grey = new Float32Array(GRID * GRID);
  gather(wide.grey, ALL_IN_WIDE, best.dy * WIDE + best.dx, grey);
  const light = lightOf(own, grey, parts);
  return {
    agreement: best.agreement,
    first: own.grey,
    second: grey.map((value) => light.gain * value + light.offset),
  };
}

/** The shift by which the parts of two pictures agree best. */
function bestShift(own: Patch, wide: Patch, parts: readonly (readonly number[])[]) {
  const compared = parts.map((cells) => ({ own: valuesAt(own.grey, cells), at: inWide(cells), seen: new Float32Array(cells.length) }));
  let best = { agreement: Number.NEGATIVE_INFINITY, dx: 0, dy: 0 };
  for (const [dx, dy] of SHIFTS) {
    const agreement = median(
      compared.map((part) => {
        gather(wide.grey, part.at, dy * WIDE + dx, part.seen);
        return correlation(part.own, part.seen, FLAT_GREY / 2);
      }),
    );
    // As it is, unless another shift is clearly better.
    if (agreement > best.agreement + 0.01) best = { agreement, dx, dy };
  }
  return best;
}

/** A frame with as many cells more on each side as it may be shifted by: every shift is a part of it. */
function takeWide(picture: ScenePicture, { x1, y1, x2, y2 }: Box): Patch {
  const [dx, dy] = [((x2 - x1) / GRID) * FARTHEST_SHIFT, ((y2 - y1) / GRID) * FARTHEST_SHIFT];
  return takePatch(picture, { x1: x1 - dx, y1: y1 - dy, x2: x2 + dx, y2: y2 + dy }, WIDE, WIDE);
}

/** Where cells of a frame lie in the wide one that is not shifted. */
function inWide(cells: readonly number[]): Int32Array {
  return Int32Array.from(cells, (cell) => (Math.floor(cell / GRID) + FARTHEST_SHIFT) * WIDE + (cell % GRID) + FARTHEST_SHIFT);
}

const ALL_IN_WIDE = inWide(Array.from({ length: GRID * GRID }, (_, cell) => cell));

function gather(from: Float32Array, at: Int32Array, offset: number, to: Float32Array): void {
  for (let i = 0; i < at.length; i++) to[i] = from[(at[i] as number) + offset] as number;
}

/** Parts of the surroundings in which there is something to see: their cells. */
function partsOf(patch: Patch, excluded: ReadonlySet<number>): readonly (readonly number[])[] {
  const parts: (readonly number[])[] = [];
  for (let top = 0; top < GRID; top += PART) {
    for (let left = 0; left < GRID; left += PART) {
      const cells: number[] = [];
      for (let y = top; y < top + PART; y++) for (let x = left; x < left + PART; x++) cells.push(y * GRID + x);
      const free = cells.filter((cell) => !excluded.has(cell));
      if (free.length >= cells.length / 2 && spread(valuesAt(patch.grey, free)) >= FLAT_GREY) parts.push(free);
    }
  }
  return parts;
}

/** By distance, so that of equals the smaller shift counts. */
const SHIFTS = shifts();

function shifts(): readonly (readonly [number, number])[] {
  const all: [number, number][] = [];
  for (let dy = -FARTHEST_SHIFT; dy <= FARTHEST_SHIFT; dy++) for (let dx = -FARTHEST_SHIFT; dx <= FARTHEST_SHIFT; dx++) all.push([dx, dy]);
  return all.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
}

export const valuesAt = (grey: Float32Array, cells: readonly number[]): Float32Array =>
  Float32Array.from(cells, (cell) => grey[cell] as number);

/** How the second picture's light becomes the first one's: by the middle of what the parts say, so that somebody who walks by does not count. */
function lightOf(
  own: Patch,
  other: Float32Array,
  parts: readonly (readonly number[])[],
): { readonly gain: number; readonly offset: number } {
  if (parts.length === 0) return { gain: 1, offset: 0 };
  const means = parts.map((cells) => [meanOf(valuesAt(own.grey, cells)), meanOf(valuesAt(other, cells))] as const);
  const contrast = median(parts.map((cells) => spread(valuesAt(own.grey, cells)) / Math.max(1, spread(valuesAt(other, cells)))));
  const gain = Math.min(3, Math.max(1 / 3, contrast));
  return { gain, offset: median(means.map(([a, b]) => a - gain * b)) };
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return values.length === 0 ? 0 : sum / values.length;
}
