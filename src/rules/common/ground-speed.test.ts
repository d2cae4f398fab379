import { describe, expect, it } from 'vitest';
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
