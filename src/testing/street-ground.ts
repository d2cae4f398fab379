import { createGroundPlane, type GroundPlane } from '../core/geometry/ground-plane.js';
import type { TrackedObject } from '../domain/street.js';
import { createRandom } from './random.js';
import { object, standing } from './street-script.js';

/** A road that leads away from a camera on a pole: x across it, −5 to 5 m; y along it, from 10 m at the lower edge to 60 m. */
export const road: GroundPlane = createGroundPlane({
  picture: [
    { x: 0.4, y: 0.3 },
    { x: 0.6, y: 0.3 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ],
  metres: [
    { x: -5, y: 60 },
    { x: 5, y: 60 },
    { x: 5, y: 10 },
    { x: -5, y: 10 },
  ],
});

export interface ScriptedDriver {
  readonly id: number;
  readonly kmh: number;
  /** When it is 55 m away, seconds; it comes down to 12 m. */
  readonly at: number;
  readonly label?: string;
  /** How much its box trembles, heights of the picture. */
  readonly jitter?: number;
  /** Metres from the road's middle. */
  readonly x?: number;
}

/** A vehicle that drives towards the camera, as the tracker would tell it at a second; `null` when it is not there. @param fps of its path. */
export function driverAt({ id, kmh, at, label = 'car', jitter = 0.002, x = 1 }: ScriptedDriver, s: number, fps = 5): TrackedObject | null {
  const mps = kmh / 3.6;
  const placeAt = (t: number) => road.pictureAt({ x, y: 55 - mps * (t - at) });
  if (s < at || 55 - mps * (s - at) < 12) return null;
  const noise = createRandom(id);
  const path: { ptsMs: number; x: number; y: number }[] = [];
  for (let i = 0; at + i / fps <= s + 1e-6; i++) {
    const t = at + i / fps;
    const place = placeAt(t);
    path.push({ ptsMs: Math.round(t * 1000), x: place.x + (2 * noise() - 1) * jitter, y: place.y + (2 * noise() - 1) * jitter });
  }
  const last = path.at(-1) as (typeof path)[number];
  const [now, next] = [placeAt(s), placeAt(s + 0.1)];
  const velocity = { x: (next.x - now.x) * 10, y: (next.y - now.y) * 10 };
  return object({ id, label, velocity, box: standing(last.x, last.y, 0.08, 0.1), firstPtsMs: at * 1000, path }, s * 1000);
}
