import type { GroundMarks, Line, Point, Polygon } from '../domain/geometry.js';
import type { CameraConfig } from './camera-schema.js';

type Xy = readonly [number, number];

/** A camera's zones as the engine takes them, in the order of the config. */
export const toZones = ({ zones }: Pick<CameraConfig, 'zones'>): ReadonlyMap<string, Polygon> =>
  new Map(Object.entries(zones).map(([name, { polygon }]) => [name, polygon.map(toPoint)]));

/** A camera's lines likewise. */
export const toLines = ({ lines }: Pick<CameraConfig, 'lines'>): ReadonlyMap<string, Line> =>
  new Map(Object.entries(lines).map(([name, { from, to }]) => [name, { from: toPoint(from), to: toPoint(to) }]));

/** The ground in metres; `null` where it is not calibrated. */
export function toGround({ ground }: Pick<CameraConfig, 'ground'>): GroundMarks | null {
  if (ground === null) return null;
  const four = ([a, b, c, d]: readonly [Xy, Xy, Xy, Xy]): [Point, Point, Point, Point] => [toPoint(a), toPoint(b), toPoint(c), toPoint(d)];
  return { picture: four(ground.picture), metres: four(ground.metres) };
}

const toPoint = ([x, y]: Xy): Point => ({ x, y });
