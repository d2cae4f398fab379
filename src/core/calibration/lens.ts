import type { Point } from '../../domain/geometry.js';

/** A lens that bends straight lines, radially about the picture's middle. */
export interface Lens {
  /**
   * r' = r · (1 + bend · r²), r and r' in half widths of the picture: positive for the barrel of a wide lens (a facade's storeys bow
   * away from the middle), 0 for a lens that keeps lines straight.
   */
  readonly bend: number;
  /** As the camera sees it → as a straight lens would, pixels. */
  straightened(p: Point): Point;
  /** Back. */
  bent(p: Point): Point;
}

/** Newton steps back: 0.01 pixels after four for every bend that is tried. */
const STEPS = 5;

export function createLens(bend: number, width: number, height: number): Lens {
  const half = width / 2;
  const [cx, cy] = [width / 2, height / 2];
  return {
    bend,
    straightened({ x, y }) {
      const k = 1 + (bend * ((x - cx) ** 2 + (y - cy) ** 2)) / half ** 2;
      return { x: cx + (x - cx) * k, y: cy + (y - cy) * k };
    },
    bent({ x, y }) {
      const far = Math.hypot(x - cx, y - cy) / half;
      if (bend === 0 || far === 0) return { x, y };
      let r = far / (1 + bend * Math.min(far, 1.5) ** 2);
      for (let k = 0; k < STEPS; k++) r -= (r * (1 + bend * r * r) - far) / Math.max(0.2, 1 + 3 * bend * r * r);
      return { x: cx + ((x - cx) * r) / far, y: cy + ((y - cy) * r) / far };
    },
  };
}
