import type { Box } from '../../domain/geometry.js';
import type { GroundCamera } from './ground-camera.js';
import { driveOf, KINDS, type Kind, type Mover } from './movers.js';

/** A thing in a picture as it truly is. */
export interface TrueObject {
  readonly id: number;
  readonly kind: Kind;
  /** All of it, as far as it lies inside the picture. */
  readonly box: Box;
  /** Share of the whole box that is inside the picture and not behind something nearer, 0..1. */
  readonly visible: number;
  /** Box of what can be seen of it. */
  readonly visibleBox: Box;
}

export interface TruePicture {
  readonly ptsMs: number;
  readonly objects: readonly TrueObject[];
}

/** Places per side at which it is asked what hides an object. */
const GRID = 10;

/** What a camera would show of movers, nearest first. @param times milliseconds. */
export function truePictures(camera: GroundCamera, movers: readonly Mover[], times: readonly number[]): TruePicture[] {
  const untilS = (times[times.length - 1] ?? 0) / 1000;
  const drives = movers.map((mover) => ({ mover, drive: driveOf(mover, untilS) }));
  return times.map((ptsMs) => {
    const there = drives
      .flatMap(({ mover, drive }) => {
        const pose = drive(ptsMs / 1000);
        if (pose === null) return [];
        const { lengthM, widthM, heightM } = KINDS[mover.kind];
        // What is seen of its length and of its width from a camera that looks along z.
        const across = Math.abs(pose.headingX) * lengthM + Math.abs(pose.headingZ) * widthM;
        const whole = camera.boxOf(pose.x, pose.z, across, heightM);
        return whole === null ? [] : [{ mover, whole, depth: pose.z }];
      })
      .sort((a, b) => a.depth - b.depth);
    const objects = there.flatMap(({ mover, whole }, i): TrueObject[] => {
      const nearer = there.slice(0, i).map((other) => other.whole);
      const seen = seenOf(whole, nearer);
      return seen === null ? [] : [{ id: mover.id, kind: mover.kind, box: inside(whole), ...seen }];
    });
    return { ptsMs, objects };
  });
}

const inside = (box: Box): Box => ({
  x1: Math.max(0, box.x1),
  y1: Math.max(0, box.y1),
  x2: Math.min(1, box.x2),
  y2: Math.min(1, box.y2),
});

function seenOf(whole: Box, nearer: readonly Box[]): Pick<TrueObject, 'visible' | 'visibleBox'> | null {
  const [w, h] = [(whole.x2 - whole.x1) / GRID, (whole.y2 - whole.y1) / GRID];
  let count = 0;
  const around = { x1: 1, y1: 1, x2: 0, y2: 0 };
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const [x, y] = [whole.x1 + (column + 0.5) * w, whole.y1 + (row + 0.5) * h];
      if (x < 0 || x > 1 || y < 0 || y > 1 || nearer.some((b) => x > b.x1 && x < b.x2 && y > b.y1 && y < b.y2)) continue;
      count++;
      around.x1 = Math.min(around.x1, x - w / 2);
      around.y1 = Math.min(around.y1, y - h / 2);
      around.x2 = Math.max(around.x2, x + w / 2);
      around.y2 = Math.max(around.y2, y + h / 2);
    }
  }
  return count === 0 ? null : { visible: count / GRID ** 2, visibleBox: inside(around) };
}
