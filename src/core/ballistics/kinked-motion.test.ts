import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kinkedMotionRms, type TimedPlace } from './kinked-motion.js';

const times = (count: number, fps: number): number[] => Array.from({ length: count }, (_, i) => i / fps);

/** Goes at one speed until the place of a number, at another from there on; metres and seconds. */
function kinked(count: number, at: number, before: readonly [number, number], after: readonly [number, number], fps = 25): TimedPlace[] {
  return times(count, fps).map((timeS) => {
    const t = timeS - at / fps;
    const [vx, vy] = t < 0 ? before : after;
    return { timeS, x: 3 + vx * t, y: 40 + vy * t };
  });
}

const falling = (count: number, fps = 25): TimedPlace[] => times(count, fps).map((timeS) => ({ timeS, x: 5, y: 50 - 4.905 * timeS ** 2 }));

describe('motion at one speed, then at another', () => {
  it.each([
    ['hovers, then sinks', kinked(38, 12, [0, 0], [0, -5])],
    ['goes past, then dives', kinked(38, 20, [6, -1], [3, -9])],
    ['stops', kinked(20, 17, [1, -4], [0, 0])],
    ['turns at the second place', kinked(20, 2, [9, 0], [0, -9])],
    ['never turns', kinked(20, 10, [1, -4], [1, -4])],
    ['has places as few as can be', kinked(5, 2, [1, 0], [0, -6])],
    ['has a kink at 12.5 pictures a second', kinked(20, 9, [0, 0], [2, -5], 12.5)],
  ])('%s: nothing is left over', (_, places) => {
    expect(kinkedMotionRms(places)).toBeLessThan(1e-6);
  });

  it('turns between two pictures: less than the noise of places is', () => {
    const places = times(38, 25).map((timeS) => ({ timeS, x: 3, y: 40 - 5 * Math.max(0, timeS - 0.5) }));
    expect(kinkedMotionRms(places)).toBeLessThan(0.05);
  });

  it('is not a turn back and forth, which takes two kinks', () => {
    const places = times(30, 25).map((timeS) => ({ timeS, x: 3, y: timeS < 0.4 ? 40 : timeS < 0.8 ? 40 - 5 * (timeS - 0.4) : 38 }));
    expect(kinkedMotionRms(places)).toBeGreaterThan(0.1);
  });
});

describe('a fall', () => {
  // The best line through half a parabola of a·t²/2 over the time h misses it by a·h²/(12·√5); two that meet, by a little more than that.
  it.each([1, 1.5])('leaves what no two speeds explain, over %d s', (seconds) => {
    const left = kinkedMotionRms(falling(Math.round(25 * seconds) + 1));
    const lines = (9.81 * (seconds / 2) ** 2) / (12 * Math.sqrt(5));
    expect(left).toBeGreaterThan(0.9 * lines);
    expect(left).toBeLessThan(1.6 * lines);
  });

  it('thrown sideways at one speed leaves the same', () => {
    const places = falling(38);
    expect(kinkedMotionRms(places.map((p) => ({ ...p, x: p.x + 4 * p.timeS })))).toBeCloseTo(kinkedMotionRms(places), 9);
  });
});

describe('what is left over', () => {
  const path = fc
    .array(fc.tuple(fc.double({ min: -50, max: 50, noNaN: true }), fc.double({ min: -50, max: 50, noNaN: true })), {
      minLength: 5,
      maxLength: 30,
    })
    .map((places) => places.map(([x, y], i): TimedPlace => ({ timeS: i / 25, x, y })));
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const speed = fc.double({ min: -30, max: 30, noNaN: true });
  const same = (places: readonly TimedPlace[], other: readonly TimedPlace[], times = 1): void => {
    expect(kinkedMotionRms(other)).toBeCloseTo(times * kinkedMotionRms(places), 4);
  };

  it('does not depend on where it is, nor on when', () => {
    fc.assert(
      fc.property(path, number, number, number, (places, dx, dy, later) =>
        same(
          places,
          places.map((p) => ({ timeS: p.timeS + later, x: p.x + dx, y: p.y + dy })),
        ),
      ),
    );
  });

  it('is the same in a mirror, backward in time, and turned', () => {
    fc.assert(
      fc.property(path, fc.double({ min: 0, max: 6.3, noNaN: true }), (places, angle) => {
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        same(
          places,
          places.map((p) => ({ ...p, x: -p.x })),
        );
        same(places, places.map((p) => ({ ...p, timeS: -p.timeS })).reverse());
        same(
          places,
          places.map((p) => ({ ...p, x: c * p.x - s * p.y, y: s * p.x + c * p.y })),
        );
      }),
    );
  });

  it('grows with the lengths, and not with the times', () => {
    fc.assert(
      fc.property(path, fc.double({ min: 0.1, max: 10, noNaN: true }), (places, k) => {
        same(
          places,
          places.map((p) => ({ ...p, x: k * p.x, y: k * p.y })),
          k,
        );
        same(
          places,
          places.map((p) => ({ ...p, timeS: k * p.timeS })),
        );
      }),
    );
  });

  it('is the same for steady motion put on top', () => {
    fc.assert(
      fc.property(path, speed, speed, (places, vx, vy) =>
        same(
          places,
          places.map((p) => ({ ...p, x: p.x + vx * p.timeS, y: p.y + vy * p.timeS })),
        ),
      ),
    );
  });
});
