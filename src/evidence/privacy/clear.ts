import type { Box } from '../../domain/geometry.js';
import type { Incident, ThrowDetails, TrajectoryPoint } from '../../domain/incident.js';
import { patchOf, pixelBox } from '../drawing/picture.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** How long before its first and after its last position an object is still shown there, seconds: a picture or two. */
const slackS = 0.1;

/**
 * What is to be seen of incidents at a moment, although the windows behind it are hidden: an object that falls, with a narrow rim; of other
 * incidents their place while they last. Whole pixels, inside the picture.
 *
 * @param atS seconds on the stream's clock.
 */
export function clearAt(incidents: readonly Incident[], atS: number, size: Size): readonly Box[] {
  return incidents.flatMap((incident) => {
    if (incident.throw !== null) {
      const at = positionAt(incident.throw, atS);
      return at === null ? [] : [patchOf(size, at)];
    }
    const { start, end } = incident.streamTime;
    return atS < start - slackS || atS > end + slackS ? [] : [clearBox(incident.box, size)];
  });
}

/** A normalised box as whole pixels, with a narrow rim. */
export function clearBox({ x1, y1, x2, y2 }: Box, size: Size): Box {
  return pixelBox({ x: (x1 + x2) / 2, y: (y1 + y2) / 2, w: x2 - x1, h: y2 - y1 }, size.width, size.height, 1.05, 9);
}

/** Where the object is, between its measured positions too; `null` before and after them. */
function positionAt({ trajectory }: ThrowDetails, atS: number): TrajectoryPoint | null {
  const next = trajectory.findIndex(({ t }) => t >= atS);
  const after = trajectory[next] ?? trajectory.at(-1);
  const before = trajectory[next - 1] ?? after;
  if (before === undefined || after === undefined) return null;
  if (next <= 0 && Math.abs(atS - after.t) > slackS) return null;
  const share = after.t === before.t ? 0 : (atS - before.t) / (after.t - before.t);
  const between = (a: number, b: number): number => a + share * (b - a);
  return {
    t: atS,
    x: between(before.x, after.x),
    y: between(before.y, after.y),
    w: Math.max(before.w, after.w),
    h: Math.max(before.h, after.h),
  };
}
