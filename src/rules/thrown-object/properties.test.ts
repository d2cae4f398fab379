import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import type { MotionFrame } from '../../core/motion/candidate.js';
import { type Staging, stageFrames, TOWER, type TowerView, thrown, towerFacade } from '../../testing/candidate-scene.js';
import { ThrownObjectRule } from './rule.js';
import type { ThrowFinding } from './throw-finding.js';

/** How results must move when the scene, the camera or the clock does: on candidates of a scene that shares no code with the engine. */

const usual: TowerView = { width: 1920, height: 1080, fps: 25 };

interface Throw {
  readonly atS: number;
  /** From the left edge, and above the ground, metres. */
  readonly x: number;
  readonly y: number;
  readonly velocity: readonly [number, number, number];
  readonly terminalSpeed: number;
}

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

/** Something of medium weight or more, let go or thrown from floor 9 to 19: not at the edge of a floor or a unit, where a pixel decides. */
const aThrow: fc.Arbitrary<Throw> = fc.record({
  atS: between(1, 1.5),
  x: fc.tuple(fc.nat(3), between(0.25, 0.75)).map(([unit, share]) => (unit + share) * 6),
  y: fc.tuple(fc.integer({ min: 8, max: 18 }), between(0.4, 0.6)).map(([floor, share]) => (floor + share) * TOWER.floorM),
  velocity: fc.tuple(between(-1.5, 1.5), between(-0.3, 0.5), between(0, 1.5)),
  terminalSpeed: between(18, 60),
});

const things = (list: readonly Throw[]) =>
  list.map(({ atS, x, y, velocity, terminalSpeed }) => thrown(atS, [x, y, 0.4], velocity, terminalSpeed));

function judge(view: TowerView, frames: readonly MotionFrame[]): ThrowFinding[] {
  const rule = new ThrownObjectRule({
    width: view.width,
    height: view.height,
    plane: createFacadePlane(towerFacade(view), view.width, view.height),
    floorHeightM: TOWER.floorM,
    minDropFloors: 2,
    minDropShare: 0.15,
    reportSuspected: true,
    falseAlarmHalfLifeMs: 0,
  });
  const findings = [...frames.flatMap((frame) => rule.step(frame)), ...rule.finish()];
  return findings.filter(({ phase }) => phase === 'end');
}

function see(list: readonly Throw[], view: TowerView = usual, staging: Partial<Staging> = {}): ThrowFinding[] {
  return judge(view, stageFrames(view, things(list), { seconds: 6, clutter: 3, ...staging }));
}

/** The one finding, which must be confirmed. */
function only(findings: readonly ThrowFinding[]): ThrowFinding {
  expect(findings.map(({ verdict }) => verdict)).toEqual(['confirmed']);
  return findings[0] as ThrowFinding;
}

/** The same throw, as far as noise allows: its floors, unit, drop and times. */
function expectSame(found: ThrowFinding, base: ThrowFinding, floors = 0, shareOfDrop = 0.04): void {
  const [a, b] = [found.details, base.details];
  expect(Math.abs((a.origin.floor ?? Number.NaN) - (b.origin.floor ?? Number.NaN))).toBeLessThanOrEqual(floors);
  expect(a.origin.unit).toBe(b.origin.unit);
  expect(Math.abs((a.fall.dropM ?? 0) / (b.fall.dropM ?? 1) - 1)).toBeLessThan(shareOfDrop);
  expect(Math.abs(found.startPtsMs - base.startPtsMs)).toBeLessThan(250);
  expect(new Set([a.massClass, b.massClass, 'undetermined']).size, `${a.massClass} and ${b.massClass}`).toBeLessThanOrEqual(2);
}

const RUNS = { numRuns: 4, seed: 20 };

describe('results follow', () => {
  it('the picture when it is mirrored: the same floor, drop and unit, the other side', () => {
    fc.assert(
      fc.property(aThrow, (one) => {
        const base = only(see([one]));
        const mirrored = only(see([one], { ...usual, mirrored: true }));
        expectSame(mirrored, base);
        expect(mirrored.details.origin.point.x).toBeCloseTo(1 - base.details.origin.point.x, 2);
        expect(mirrored.details.origin.point.y).toBeCloseTo(base.details.origin.point.y, 2);
      }),
      RUNS,
    );
  });

  it('the picture when it is shifted: the same throw at the shifted place', () => {
    const shift = fc.record({ x: between(-0.1, 0.1), y: between(0, 0.03) });
    fc.assert(
      fc.property(aThrow, shift, (one, by) => {
        const base = only(see([one]));
        const shifted = only(see([one], { ...usual, shift: by }));
        expectSame(shifted, base);
        const { x, y } = shifted.details.origin.point;
        expect(x - base.details.origin.point.x).toBeCloseTo((by.x * usual.height) / usual.width, 2);
        expect(y - base.details.origin.point.y).toBeCloseTo(by.y, 2);
      }),
      RUNS,
    );
  });

  it.each([12.5, 15, 20, 30, 50])('the frame rate: the same throw at %d frames a second', (fps) => {
    fc.assert(
      fc.property(aThrow, (one) => {
        expectSame(only(see([one], { ...usual, fps })), only(see([one])), 1, 0.08);
      }),
      { ...RUNS, numRuns: 2 },
    );
  });

  it.each([
    [1280, 720],
    [2560, 1440],
    [3840, 2160],
  ])('the resolution: the same throw at %d × %d', (width, height) => {
    fc.assert(
      fc.property(aThrow, (one) => {
        const base = only(see([one]));
        const other = only(see([one], { width, height, fps: 25 }));
        expectSame(other, base, 1);
        expect(other.details.origin.point.x).toBeCloseTo(base.details.origin.point.x, 1.7);
        expect(other.details.origin.point.y).toBeCloseTo(base.details.origin.point.y, 1.7);
      }),
      { ...RUNS, numRuns: 2 },
    );
  });

  it('the clock: a stream that has run for days gives the same, later', () => {
    fc.assert(
      fc.property(aThrow, between(0, 1e6), (one, startS) => {
        const base = only(see([one]));
        const later = only(see([one], usual, { startS }));
        expect(later.startPtsMs - base.startPtsMs).toBeCloseTo(startS * 1000, 3);
        expect(later.endPtsMs - base.endPtsMs).toBeCloseTo(startS * 1000, 3);
        expect(later.details.origin.floor).toBe(base.details.origin.floor);
        expect(later.details.massClass).toBe(base.details.massClass);
        expect(later.confidence).toBeCloseTo(base.confidence, 3);
        expect(later.reasons.map(({ criterion }) => criterion)).toEqual(base.reasons.map(({ criterion }) => criterion));
        for (const [i, { value }] of later.reasons.entries()) expect(value).toBeCloseTo(base.reasons[i]?.value ?? Number.NaN, 2);
      }),
      RUNS,
    );
  });
});

it('several at once are each what they are alone', () => {
  // Well apart in height at every moment: what keeps about the same height is taken for a reflection in the glass.
  const several = fc
    .tuple(aThrow, aThrow, aThrow)
    .map((list) => list.map((one, i): Throw => ({ ...one, atS: 1 + 0.8 * i, x: 3 + 9 * i, y: 40 + 0.2 * (one.y % 3) })));
  fc.assert(
    fc.property(several, (list) => {
      const alone = list.map((one) => only(see([one], usual, { clutter: 0 })));
      const together = see(list, usual, { clutter: 0 });
      expect(together.map(({ verdict }) => verdict)).toEqual(['confirmed', 'confirmed', 'confirmed']);
      for (const one of alone) {
        const same = together.find(({ details }) => details.origin.unit === one.details.origin.unit);
        expectSame(same as ThrowFinding, one);
      }
    }),
    RUNS,
  );
});

it('time that runs backward confirms nothing: what flies up was not thrown from the building', () => {
  fc.assert(
    fc.property(aThrow, fc.integer({ min: 1, max: 100 }), (one, seed) => {
      const frames = stageFrames(usual, things([one]), { seconds: 6, clutter: 3, seed });
      const last = frames.length - 1;
      const backward = frames.map((_, i): MotionFrame => {
        const { seq, ptsMs, timeS } = frames[i] as MotionFrame;
        return { ...(frames[last - i] as MotionFrame), seq, ptsMs, timeS };
      });
      expect(judge(usual, backward).filter(({ verdict }) => verdict === 'confirmed')).toEqual([]);
    }),
    { ...RUNS, numRuns: 8 },
  );
});
