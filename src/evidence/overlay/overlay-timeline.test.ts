import { describe, expect, it } from 'vitest';
import type { ThrowDetails } from '../../domain/incident.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { createFallTimeline, type FacadeRuler } from './overlay-timeline.js';

const size = { width: 400, height: 1000 };
const facade = { floors: { first: 1, last: 20, heightM: 3 } };
/** 60 m high from the picture's top to its bottom: a pixel is 6 cm. */
const ruler: FacadeRuler = {
  widthM: 24,
  heightM: 60,
  toMetres: ({ x, y }) => ({ x: 0.06 * x, y: 60 - 0.06 * y }),
  toPixels: ({ x, y }) => ({ x: x / 0.06, y: (60 - y) / 0.06 }),
  floorAt: (heightM) => 1 + Math.floor(heightM / 3),
};
const g = 9.81;

/** A free fall from 46 m, at rest at 2 s, at 25 pictures a second, for 2.8 s. */
function freeFall(over: Partial<ThrowDetails> = {}): ThrowDetails {
  const trajectory = Array.from({ length: 71 }, (_, i) => {
    const heightM = 46 - (g / 2) * (i / 25) ** 2;
    return { t: 2 + i / 25, x: 0.5, y: (60 - heightM) / 60, w: 0.01, h: 0.004 };
  });
  const scene = createFallScene({ width: 40, height: 30, fps: 25, durationS: 3, startS: 1, sizePx: 2 });
  const base = fallIncident(scene).throw as ThrowDetails;
  return {
    ...base,
    trajectory,
    origin: { point: { x: 0.5, y: 14 / 60 }, floor: 16, floorInterval: null, unit: null, heightM: 46 },
    fall: { dropM: 38.5, dropFloors: 12.8, durationS: 2.8, impactSpeedMps: 27.5 },
    ...over,
  };
}

describe('a fall’s timeline', () => {
  it('tells floor, height and speed as a free fall has them', () => {
    const timeline = createFallTimeline(freeFall(), size, facade, ruler);
    for (const t of [0.4, 1, 1.37, 2, 2.6]) {
      const moment = timeline.at(2 + t);
      const drop = (g / 2) * t ** 2;
      expect(moment.elapsedS).toBeCloseTo(t, 6);
      expect(Math.abs((moment.dropM ?? 0) - drop)).toBeLessThan(0.02);
      expect(Math.abs((moment.speedMps ?? 0) - g * t)).toBeLessThan(0.2);
      expect(moment.floor).toBe(1 + Math.floor((46 - drop) / 3));
      expect(Math.abs(moment.at.y - (14 + drop) / 0.06)).toBeLessThan(0.4);
    }
  });

  it('stands still before and after', () => {
    const timeline = createFallTimeline(freeFall(), size, facade, ruler);
    expect([timeline.startS, timeline.endS]).toEqual([2, 4.8]);
    expect(timeline.at(0)).toMatchObject({ elapsedS: 0, floor: 16, dropM: 0 });
    expect(timeline.at(99).elapsedS).toBeCloseTo(2.8, 9);
    expect(timeline.at(99).at).toEqual(timeline.at(4.8).at);
  });

  it('is never above its origin, never faster and deeper than it ended', () => {
    const details = freeFall({ fall: { dropM: 30, dropFloors: 10, durationS: 2.8, impactSpeedMps: 20 } });
    const timeline = createFallTimeline({ ...details, origin: { ...details.origin, floor: 12 } }, size, facade, ruler);
    for (let t = 1.5; t < 6; t += 0.1) {
      const { floor, dropM, speedMps } = timeline.at(t);
      expect(floor).toBeLessThanOrEqual(12);
      expect(dropM).toBeLessThanOrEqual(30);
      expect(speedMps).toBeLessThanOrEqual(20);
    }
  });

  it('claims nothing without a facade', () => {
    const moment = createFallTimeline(freeFall(), size, null, null).at(3);
    expect(moment).toMatchObject({ heightM: null, floor: null, dropM: null, speedMps: null });
  });

  it('draws the path up to now, and no farther', () => {
    const timeline = createFallTimeline(freeFall(), size, facade, ruler);
    const path = timeline.pathUntil(3.02);
    expect(path).toHaveLength(27);
    expect(path.at(-1)).toEqual(timeline.at(3.02).at);
  });
});
