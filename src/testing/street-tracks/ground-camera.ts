import type { Box } from '../../domain/geometry.js';

/** A camera on a pole beside a street, without lens error: metres on the ground become places in the picture. */
export interface GroundCamera {
  /** Width ÷ height of the picture. */
  readonly aspect: number;
  /**
   * The box of a thing that stands on the ground, normalised; may reach beyond the picture. `null`: it is behind the camera.
   *
   * @param x metres to the right of the camera's axis. @param z metres before the pole.
   * @param width as seen from the camera, metres. @param height metres.
   */
  boxOf(x: number, z: number, width: number, height: number): Box | null;
}

/** Nearest distance along the axis that is drawn, metres. */
const NEAREST_M = 1;

/**
 * @param heightM of the pole. @param pitchDeg by which the camera looks down. @param fieldDeg its horizontal field of view.
 * @example createGroundCamera(6, 15, 70).boxOf(0, 6 / Math.tan(Math.PI / 12), 0, 0) // x1 = 0.5, y2 = 0.5: where the axis meets the ground
 */
export function createGroundCamera(heightM: number, pitchDeg: number, fieldDeg: number, aspect = 16 / 9): GroundCamera {
  const [sin, cos] = [Math.sin((pitchDeg * Math.PI) / 180), Math.cos((pitchDeg * Math.PI) / 180)];
  const focal = 0.5 / Math.tan((fieldDeg * Math.PI) / 360);
  const project = (x: number, y: number, z: number): { readonly x: number; readonly y: number; readonly depth: number } => {
    const down = heightM - y;
    const depth = z * cos + down * sin;
    return { x: 0.5 + (focal * x) / depth, y: 0.5 + (focal * aspect * (down * cos - z * sin)) / depth, depth };
  };
  return {
    aspect,
    boxOf(x, z, width, height) {
      const foot = project(x, 0, z);
      const head = project(x, height, z);
      if (foot.depth < NEAREST_M || head.depth < NEAREST_M) return null;
      const half = (focal * width) / 2 / foot.depth;
      return { x1: foot.x - half, x2: foot.x + half, y1: head.y, y2: foot.y };
    },
  };
}
