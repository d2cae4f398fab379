import { describe, expect, it } from 'vitest';
import { createGroundPlane } from '../../core/geometry/ground-plane.js';
import { driverAt, road } from '../../testing/street-ground.js';
import { groundSpeed } from './ground-speed.js';

const measure = (kmh: number, id: number, jitter: number, fps = 5) => {
  const path = driverAt({ id, kmh, at: 0, jitter }, (43 / kmh) * 3.6 * 0.98, fps)?.path ?? [];
  return groundSpeed(path, road);
};

describe('speed over ground', () => {
  it.each([20, 50, 90])('lies within its interval: %d km/h', (kmh) => {
    let inside = 0;
    for (let id = 1; id <= 50; id++) {
      const speed = measure(kmh, id, 0.003);
      if (speed !== null && Math.abs(3.6 * speed.mps - kmh) <= 2.6 * 3.6 * speed.sigmaMps) inside++;
    }
    expect(inside).toBeGreaterThanOrEqual(49);
  });

  it('is not led astray by a box that jumps', () => {
    const path = (driverAt({ id: 5, kmh: 50, at: 0, jitter: 0.001 }, 2.8)?.path ?? []).map((point, i) =>
      i === 6 ? { ...point, y: point.y + 0.1 } : point,
    );
    expect(Math.abs(3.6 * (groundSpeed(path, road)?.mps ?? 0) - 50)).toBeLessThan(4);
  });

  it.each([0, 0.04, 0.08, 0.12])("is known of who is cut by the picture's edges for most of the time: %d s later", (laterS) => {
    const ground = createGroundPlane({
      picture: [
        { x: 0, y: 1 },
        { x: 1, y: 1 },
        { x: 1, y: 0.5 },
        { x: 0, y: 0.5 },
      ],
      metres: [
        { x: 0, y: 0 },
        { x: 12, y: 0 },
        { x: 12, y: 8 },
        { x: 0, y: 8 },
      ],
    });
    // A lorry of 5.4 m at 47 km/h close by: whole in two or three pictures.
    const path = [0, 1, 2, 3, 4, 5].flatMap((i) => {
      const right = 0.15 + 1.1 * (0.2 * i + laterS);
      const left = right - 0.45;
      const [x1, x2] = [Math.max(0, left), Math.min(1, right)];
      return x2 - x1 < 0.1 ? [] : [{ ptsMs: 200 * i, x: (x1 + x2) / 2, y: 0.8, seen: { x1, y1: 0.5, x2, y2: 0.8 } }];
    });
    const speed = groundSpeed(path, ground);
    expect(speed?.mps ?? 0).toBeCloseTo(13.2, 1);
  });

  it('is unknown of a name that jumps from one car to another', () => {
    const path = [0, 1, 8, 9, 10].map((y, i) => ({ ptsMs: 200 * i, ...road.pictureAt({ x: 1, y: 20 + y }) }));
    expect(groundSpeed(path, road)).toBeNull();
  });

  it('is unknown on too short a way, and above the horizon', () => {
    expect(groundSpeed([], road)).toBeNull();
    expect(groundSpeed(driverAt({ id: 5, kmh: 50, at: 0 }, 0.4)?.path ?? [], road)).toBeNull();
    expect(groundSpeed(driverAt({ id: 5, kmh: 5, at: 0 }, 2)?.path ?? [], road)).toBeNull();
    const sky = Array.from({ length: 9 }, (_, i) => ({ ptsMs: i * 200, x: 0.1 * i, y: -3 }));
    expect(groundSpeed(sky, road)).toBeNull();
  });
});
