import { insidePolygon } from '../../core/geometry/polygon.js';
import type { Line, Point, Polygon } from '../../domain/geometry.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import type { RuleContext } from '../contract.js';

/**
 * The zone of a rule; `null`: the whole picture.
 *
 * @throws {RangeError} for a zone that the camera does not have: the config is checked before.
 */
export function zoneOf(name: string | null, { zones }: Pick<RuleContext, 'zones'>): Polygon | null {
  if (name === null) return null;
  const polygon = zones.get(name);
  if (polygon === undefined) throw new RangeError(`no zone ${name}`);
  return polygon;
}

/** A line of the camera. @throws {RangeError} for one that the camera does not have: the config is checked before. */
export function lineOf(name: string, { lines }: Pick<RuleContext, 'lines'>): Line {
  const line = lines.get(name);
  if (line === undefined) throw new RangeError(`no line ${name}`);
  return line;
}

export const inZone = (polygon: Polygon | null, place: Point): boolean => polygon === null || insidePolygon(polygon, place);

/** Whether an object counts by its label; on a camera without a model whatever moves does. */
const isCalled = (object: TrackedObject, labels: readonly string[], { named }: Pick<StreetFrame, 'named'>): boolean =>
  !named || labels.includes(object.label);

/** Objects that a picture shows, or that are known to stand hidden, and that count for a rule. */
export function counting(frame: StreetFrame, labels: readonly string[], leastScore: number): readonly TrackedObject[] {
  return frame.objects.filter(
    (object) => object.state !== 'tentative' && isCalled(object, labels, frame) && (!frame.named || object.score >= leastScore),
  );
}
