import type { ScenePicture } from '../../domain/street.js';
import { type Patch, takePatch } from '../common/scene-patch.js';

/** What a camera sees, small: its edges are where the scene's are. */
export interface View {
  readonly patch: Patch;
  /** Cells with an edge, and its slope there, grey over two cells. */
  readonly cells: Int32Array;
  readonly slopeX: Float32Array;
  readonly slopeY: Float32Array;
}

export const COLUMNS = 96;
export const ROWS = 54;
const WHOLE = { x1: 0, y1: 0, x2: 1, y2: 1 };
/** Slope that makes an edge, grey over two cells: as the analyser's. */
const EDGE_GREY = 18;
/** Edges kept at most, evenly spread, and at least: a sky has none. */
const MOST_EDGES = 600;
const LEAST_EDGES = 40;
/** How far the camera may be off when it was turned back by hand, cells: a fiftieth of the picture. Farther, and any view fits by chance somewhere. */
export const REACH = 2;
/** And when it shakes. */
export const SHAKE = 1;
/** An edge is where it was when its slope points the same way (cosine) and is at least this share of what it was, and more than noise. */
const SAME_DIRECTION = 0.7;
const SAME_STRENGTH = 0.2;
const NOISE_GREY = 4;

/** @returns `null` where there is nothing to hold on to. */
export const takeView = (picture: ScenePicture): View | null => viewOf(takePatch(picture, WHOLE, COLUMNS, ROWS));

/** The same of a remembered patch. */
export function viewOf(patch: Patch): View | null {
  const all: number[] = [];
  for (let y = REACH + 1; y < ROWS - REACH - 1; y++) {
    for (let x = REACH + 1; x < COLUMNS - REACH - 1; x++) {
      const cell = y * COLUMNS + x;
      if (Math.abs(slopeXAt(patch, cell)) + Math.abs(slopeYAt(patch, cell)) >= EDGE_GREY) all.push(cell);
    }
  }
  if (all.length < LEAST_EDGES) return null;
  const stride = Math.ceil(all.length / MOST_EDGES);
  const cells = Int32Array.from(all.filter((_, k) => k % stride === 0));
  return {
    ...{ patch, cells },
    slopeX: Float32Array.from(cells, (cell) => slopeXAt(patch, cell)),
    slopeY: Float32Array.from(cells, (cell) => slopeYAt(patch, cell)),
  };
}

const slopeXAt = ({ grey }: Patch, cell: number): number => (grey[cell + 1] as number) - (grey[cell - 1] as number);
const slopeYAt = ({ grey }: Patch, cell: number): number => (grey[cell + COLUMNS] as number) - (grey[cell - COLUMNS] as number);

/** Steps from pixel to pixel that are noise, grey. */
const NOISE_STEP_GREY = 6;

/** How steep the steps along rows are, grey: blur spreads each over several pixels. Pictures of different sizes cannot be compared. */
export function detailOf({ width, height, luma }: ScenePicture): number {
  let squares = 0;
  for (let y = 0; y < height; y += 2) {
    for (let at = y * width; at < y * width + width - 1; at++) {
      const step = (luma[at + 1] as number) - (luma[at] as number);
      if (step > NOISE_STEP_GREY || step < -NOISE_STEP_GREY) squares += step * step;
    }
  }
  return Math.sqrt(squares / (width * Math.ceil(height / 2)));
}

/**
 * Share of a view's edges that a picture shows where they were, 0..1. Costs some 0.5 ms.
 *
 * @param reach by how many cells it may be shifted, at most {@link REACH}.
 */
export function edgesLeft({ cells, slopeX, slopeY }: View, picture: ScenePicture, reach: number): number {
  const patch = takePatch(picture, WHOLE, COLUMNS, ROWS);
  let most = 0;
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      let kept = 0;
      for (let k = 0; k < cells.length; k++) {
        const cell = (cells[k] as number) + dy * COLUMNS + dx;
        const [gx, gy] = [slopeXAt(patch, cell), slopeYAt(patch, cell)];
        const [ux, uy] = [slopeX[k] as number, slopeY[k] as number];
        const strength = Math.hypot(gx, gy);
        const usual = Math.hypot(ux, uy);
        if (strength < Math.max(NOISE_GREY, SAME_STRENGTH * usual)) continue;
        if (gx * ux + gy * uy >= SAME_DIRECTION * strength * usual) kept++;
      }
      most = Math.max(most, kept);
    }
  }
  return most / cells.length;
}
