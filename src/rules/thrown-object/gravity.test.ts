import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sight } from '../../core/ballistics/fall-fit.js';
import { scaleSample, scaleTrend } from '../../core/calibration/gravity-trend.js';
import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import { project, stageFrames, TOWER, type TowerView, thrown, towerFacade } from '../../testing/candidate-scene.js';
import { createRandom } from '../../testing/random.js';
import { gravityOf } from './gravity.js';
import { ThrownObjectRule } from './rule.js';

const view: TowerView = { width: 1920, height: 1080, fps: 25 };

interface Throw {
  readonly from: readonly [number, number, number];
  readonly velocity: readonly [number, number, number];
  readonly terminalSpeed: number;
  readonly seed: number;
}

/** What a camera sees of a throw, with noise of half a pixel. */
function sightsOf({ from, velocity, terminalSpeed, seed }: Throw): Sight[] {
  const random = createRandom(seed);
  const noise = (): number => (random() + random() - 1) * 1.2;
  const thing = thrown(0, from, velocity, terminalSpeed);
  const sights: Sight[] = [];
  for (let t = 0; t < 4; t += 0.04) {
    const place = thing(t);
    if (place === null) break;
    const p = project(view, ...place);
    if (p.y < view.height) sights.push({ timeS: 7 + t, x: p.x + noise(), y: p.y + noise(), sigmaPx: 0.8 });
  }
  return sights;
}

const aThrow = (terminalSpeed: readonly [number, number]): fc.Arbitrary<Throw> => {
  const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  return fc.record({
    from: fc.tuple(between(3, 21), between(30, 57), fc.constant(0.4)),
    velocity: fc.tuple(between(-2, 2), between(-0.5, 1.5), between(0, 2)),
    terminalSpeed: between(...terminalSpeed),
    seed: fc.nat(1e6),
  });
};

const planeWith = (floorM: number) => createFacadePlane(towerFacade(view, floorM), view.width, view.height);

describe('gravity of one fall', () => {
  it.each([2.5, 2.8, 3, 3.3, 3.6])('shows that floors of 3 m are drawn as %d m, within 8 per cent', (drawnM) => {
    const plane = planeWith(drawnM);
    fc.assert(
      fc.property(aThrow([30, 90]), (one) => {
        const gravity = gravityOf(sightsOf(one), plane);
        if (gravity === null) return;
        expect(Math.abs(Math.log(gravity.mps2 / 9.81 / (drawnM / TOWER.floorM)))).toBeLessThan(0.08);
        expect(gravity.sigmaMps2 / gravity.mps2).toBeLessThanOrEqual(0.08);
      }),
      { numRuns: 12, seed: 3 },
    );
  });

  it('is told by most heavy falls and by no light one', () => {
    const plane = planeWith(3);
    const told = (speeds: readonly [number, number]): number =>
      fc.sample(aThrow(speeds), { numRuns: 12, seed: 5 }).filter((one) => gravityOf(sightsOf(one), plane) !== null).length;
    expect(told([30, 90])).toBeGreaterThanOrEqual(10);
    expect(told([3, 9])).toBe(0);
  });

  it('is not told by steady motion, by a short path, or by something that wanders', () => {
    const plane = planeWith(3);
    const steady = Array.from({ length: 40 }, (_, i): Sight => ({ timeS: i / 25, x: 900, y: 200 + 12 * i, sigmaPx: 0.8 }));
    expect(gravityOf(steady, plane)).toBeNull();
    const one = { from: [8, 40, 0.4], velocity: [0, 0, 1], terminalSpeed: 50, seed: 1 } as const;
    expect(gravityOf(sightsOf(one), plane)).not.toBeNull();
    expect(gravityOf(sightsOf(one).slice(0, 14), plane)).toBeNull();
    const wandering = sightsOf(one).map((s, i) => ({ ...s, x: s.x + 15 * Math.sin(i / 3) }));
    expect(gravityOf(wandering, plane)).toBeNull();
    expect(gravityOf([], plane)).toBeNull();
  });
});

it.each([
  [2.6, true],
  [3, false],
  [3.4, true],
])('floors of 3 m drawn as %d m: after nine falls, found by the whole rule, the scale is called off: %s', (drawnM, off) => {
  const rule = new ThrownObjectRule({
    ...view,
    plane: planeWith(drawnM),
    floorHeightM: drawnM,
    minDropFloors: 2,
    minDropShare: 0.15,
    reportSuspected: true,
    falseAlarmHalfLifeMs: 0,
  });
  const things = fc
    .sample(aThrow([25, 90]), { numRuns: 9, seed: 11 })
    .map((one, i) => thrown(2 + 6 * i, one.from, one.velocity, one.terminalSpeed));
  const findings = [...stageFrames(view, things, { seconds: 56, clutter: 3 }).flatMap((frame) => rule.step(frame)), ...rule.finish()];
  expect(findings.filter(({ phase, details }) => phase === 'new' && details.gravity !== undefined)).toEqual([]);
  const samples = findings.flatMap(({ details }) => (details.gravity === undefined ? [] : [scaleSample(details.gravity)]));
  expect(samples.length).toBeGreaterThanOrEqual(5);
  const trend = scaleTrend(samples, false);
  expect(trend?.off).toBe(off);
  expect(Math.abs(drawnM / (trend?.ratio ?? 1) - TOWER.floorM)).toBeLessThan(0.05 * TOWER.floorM);
});
