import type { Facade } from '../domain/facade.js';
import type { Point } from '../domain/geometry.js';
import type { CameraConfig } from './camera-schema.js';

/**
 * The facade of a camera as the engine takes it; `null` when none is drawn.
 *
 * @example toFacade(camera)?.floors.heightM // 2.9
 */
export function toFacade(camera: Pick<CameraConfig, 'facade'>): Facade | null {
  const { facade } = camera;
  if (facade === null) return null;
  const [topLeft, topRight, bottomRight, bottomLeft] = facade.corners;
  return {
    corners: [toPoint(topLeft), toPoint(topRight), toPoint(bottomRight), toPoint(bottomLeft)],
    floors: { first: facade.floors.first, last: facade.floors.last, heightM: facade.floors.height },
    units: facade.units,
    widthM: facade.width,
  };
}

function toPoint([x, y]: readonly [number, number]): Point {
  return { x, y };
}
