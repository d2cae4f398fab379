import { describe, expect, it } from 'vitest';
import type { Facade } from '../../domain/facade.js';
import { createRandom } from '../../testing/random.js';
import { createFacadePlane } from '../geometry/facade-plane.js';
import { fallAt, fitConstantVelocity, fitFall, fitFallThoroughly, type Projection, type Sight } from './fall-fit.js';
import { advance, IN_VACUUM, type MotionState } from './fall-model.js';
import { LeastSquares } from './least-squares.js';
import { fitPolynomial, polynomialAt } from './polynomial-fit.js';

const atRest = { x: 0, y: 0, z: 0, vx: 0, vy: 0, vz: 0 };

describe('a fall', () => {
  it.each([0.1, 0.5, 1, 2.7, 4])('without air drops by g·t²/2 in %d s', (t) => {
    expect(advance(atRest, t, IN_VACUUM).y).toBeCloseTo(-9.81 * t * t * 0.5, 9);
  });

  it.each([
    [1, 0.6],
    [5, 2],
    [17, 3],
    [32, 4],
  ])('with a terminal speed of %d m/s follows the closed form for %d s', (vt, t) => {
    const fallen = advance(atRest, t, { terminalSpeed: vt, gravity: 9.81, windX: 0, windZ: 0 });
    expect(fallen.y).toBeCloseTo(-((vt * vt) / 9.81) * Math.log(Math.cosh((9.81 * t) / vt)), 3);
    expect(fallen.vy).toBeCloseTo(-vt * Math.tanh((9.81 * t) / vt), 3);
  });

  it('can be followed back', () => {
    const start = { x: 3, y: 40, z: 1, vx: 2, vy: 1, vz: 0.5 };
    const forces = { terminalSpeed: 20, gravity: 9.81, windX: 1, windZ: 0 };
    const back = advance(advance(start, 1.3, forces), -1.3, forces);
    for (const key of ['x', 'y', 'z', 'vx', 'vy', 'vz'] as const) expect(back[key]).toBeCloseTo(start[key], 4);
  });

  it('carries a light thing along with the wind and a heavy one hardly', () => {
    const light = advance(atRest, 3, { terminalSpeed: 2, gravity: 9.81, windX: 4, windZ: 0 });
    const heavy = advance(atRest, 3, { terminalSpeed: 60, gravity: 9.81, windX: 4, windZ: 0 });
    expect(light.vx).toBeCloseTo(4, 1);
    expect(Math.abs(heavy.vx)).toBeLessThan(0.5);
  });

  it('is carried out of the facade as it is along it', () => {
    const along = advance(atRest, 2, { terminalSpeed: 5, gravity: 9.81, windX: 3, windZ: 0 });
    const out = advance(atRest, 2, { terminalSpeed: 5, gravity: 9.81, windX: 0, windZ: 3 });
    expect([out.z, out.vz, out.y, out.x, out.vx]).toEqual([along.x, along.vx, along.y, 0, 0]);
  });
});

/** A camera far off that sees the facade at 15 pixels a metre, strongly foreshortened toward the top, and outward motion as height. */
const projection: Projection = {
  projection: [15, 12, 0, 810, 0, -2.5, -12, 1000, 0, 1 / 80, 0, 1],
  toMetres: (p) => {
    const s = (1000 - p.y) / 15;
    const y = s / (1 - s / 80);
    return { x: 10 + ((p.x - 960) / 15) * (1 + y / 80), y };
  },
  pixelsPerMetre: (m) => 15 / (1 + m.y / 80) ** 2,
};

function seen({ x, y, z }: MotionState): { x: number; y: number } {
  return { x: 960 + (15 * (x - 10)) / (1 + y / 80), y: 1000 - (15 * (y + 0.8 * z)) / (1 + y / 80) };
}

function sights(options: { terminalSpeed: number; seconds: number; seed: number; gravity?: number; vx?: number }): Sight[] {
  const random = createRandom(options.seed);
  const noise = (): number => (random() + random() + random() - 1.5) * 1.2;
  const start = { x: 8, y: 50, z: 0.4, vx: options.vx ?? 1, vy: 0, vz: 0.7 };
  return Array.from({ length: Math.round(options.seconds * 25) }, (_, i) => {
    const state = advance(start, i / 25, { terminalSpeed: options.terminalSpeed, gravity: options.gravity ?? 9.81, windX: 0, windZ: 0 });
    const pixel = seen(state);
    return { timeS: 100 + i / 25, x: pixel.x + noise(), y: pixel.y + noise(), sigmaPx: 0.7 };
  });
}

/** A camera 1.6 m above the ground and 30 m before the facade, its picture 1080 lines high, that looks up at 0.7 radians; written out on its own. */
function seenFromBelow({ x, y, z }: Pick<MotionState, 'x' | 'y' | 'z'>): { x: number; y: number } {
  const [dy, dz] = [y - 1.6, 30 - z];
  const depth = dz * Math.cos(0.7) + dy * Math.sin(0.7);
  return { x: 960 + (950 * (x - 12)) / depth, y: 540 - (950 * (dy * Math.cos(0.7) - dz * Math.sin(0.7))) / depth };
}

const near = createFacadePlane(
  {
    corners: (
      [
        [0, 60],
        [24, 60],
        [24, 0],
        [0, 0],
      ] as const
    ).map(([x, y]) => {
      const p = seenFromBelow({ x, y, z: 0 });
      return { x: p.x / 1920, y: p.y / 1080 };
    }) as unknown as Facade['corners'],
    floors: { first: 1, last: 20, heightM: 3 },
    units: [],
    widthM: 24,
  },
  1920,
  1080,
);

function sightsInWind({ terminalSpeed, windZ, seed }: { terminalSpeed: number; windZ: number; seed: number }): Sight[] {
  const random = createRandom(seed);
  const noise = (): number => (random() + random() + random() - 1.5) * 1.2;
  let [y, z, vy, vz] = [50, 0.9, 0, 0.7];
  const path: Sight[] = [];
  // Steps of a millisecond, as the engine does not take them.
  for (let ms = 0; ms < 3500; ms++) {
    if (ms % 40 === 0) {
      const pixel = seenFromBelow({ x: 8, y, z });
      path.push({ timeS: ms / 1000, x: pixel.x + noise(), y: pixel.y + noise(), sigmaPx: 0.7 });
    }
    const drag = (9.81 * Math.hypot(vy, vz - windZ)) / terminalSpeed ** 2;
    y += vy / 1000;
    z += vz / 1000;
    [vy, vz] = [vy - (9.81 + drag * vy) / 1000, vz - (drag * (vz - windZ)) / 1000];
  }
  return path;
}

describe('fitting a fall', () => {
  it.each([
    [5, 1],
    [12, 2],
    [32, 3],
    [90, 4],
  ])('finds a terminal speed of %d m/s within its interval', (vt, seed) => {
    const path = sights({ terminalSpeed: vt, seconds: 2.6, seed });
    const thorough = fitFallThoroughly(path, projection);
    const fit = thorough.best;
    expect(fit.rmsPx).toBeLessThan(1.6);
    const [low, high] = thorough.terminalSpeedInterval(0.03) ?? [0, 0];
    // The interval covers a scale error of 3 %, which is a speed error of 3 %.
    expect(low).toBeLessThanOrEqual(vt * 1.03);
    expect(high ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(vt / 1.03);
    expect((high ?? 200) / low).toBeLessThan(vt < 40 ? 3 : 10);
    expect(fallAt(fit, 100).y).toBeGreaterThan(48.5);
    expect(fallAt(fit, 100).y).toBeLessThan(51.5);
  });

  it('prefers a fall to steady motion for what falls, and not for what does not', () => {
    const falls = sights({ terminalSpeed: 30, seconds: 1.6, seed: 5 });
    expect(fitConstantVelocity(falls, projection).rmsPx).toBeGreaterThan(3 * fitFall(falls, projection).rmsPx);
    const glides = sights({ terminalSpeed: Number.POSITIVE_INFINITY, gravity: 0, vx: 3, seconds: 1.6, seed: 6 });
    expect(fitConstantVelocity(glides, projection).rmsPx).toBeLessThan(1.6);
  });

  it.each([
    [6, -3, 1],
    [6, 0, 2],
    [6, 3, 3],
    [4, 3, 4],
    [11, -3, 5],
  ])('to what comes down at %d m/s at most finds the wind out of the facade, %d m/s', (terminalSpeed, windZ, seed) => {
    const fit = fitFallThoroughly(sightsInWind({ terminalSpeed, windZ, seed }), near).best;
    expect(fit.rmsPx).toBeLessThan(1.2);
    expect(Math.abs(fit.forces.windZ - windZ)).toBeLessThan(0.8);
    expect(Math.abs(fit.forces.windX)).toBeLessThan(0.2);
    expect(fit.forces.terminalSpeed / terminalSpeed).toBeGreaterThan(0.87);
    expect(fit.forces.terminalSpeed / terminalSpeed).toBeLessThan(1.15);
    expect(Math.abs(fallAt(fit, 0).y - 50)).toBeLessThan(0.3);
  });

  it('is not misled by a few wrong sights', () => {
    const path = sights({ terminalSpeed: 32, seconds: 2, seed: 7 });
    const spoilt = path.map((s, i) => (i % 11 === 5 ? { ...s, x: s.x + 25 } : s));
    expect(fallAt(fitFallThoroughly(spoilt, projection).best, 101).x).toBeCloseTo(
      fallAt(fitFallThoroughly(path, projection).best, 101).x,
      0,
    );
  });
});

describe('least squares', () => {
  it('finds the minimum of a curved problem', () => {
    const t = [0, 1, 2, 3, 4];
    const residuals = (p: Float64Array, out: Float64Array): void =>
      out.set(t.map((x) => (p[0] as number) * Math.exp((p[1] as number) * x) - 2 * Math.exp(-0.5 * x)));
    const fit = new LeastSquares(2, t.length).fit(residuals, [1, -0.1], [1e-5, 1e-5]);
    expect(fit.parameters[0]).toBeCloseTo(2, 4);
    expect(fit.parameters[1]).toBeCloseTo(-0.5, 4);
  });
});

describe('polynomials', () => {
  it('are found exactly through their own points, however far from zero', () => {
    const t = [1e6, 1e6 + 0.04, 1e6 + 0.08, 1e6 + 0.12, 1e6 + 0.16];
    const y = t.map((v) => 3 + 2 * (v - 1e6) - 7 * (v - 1e6) ** 2);
    const fit = fitPolynomial(t, y, 2);
    expect(fit.rms).toBeLessThan(1e-6);
    expect(polynomialAt(fit, 1e6 + 0.2)).toBeCloseTo(3 + 0.4 - 0.28, 5);
  });

  it('need more points than their degree, at different times', () => {
    expect(() => fitPolynomial([0, 1], [0, 1], 2)).toThrow(RangeError);
    expect(() => fitPolynomial([1, 1, 1], [0, 1, 2], 1)).toThrow(RangeError);
  });
});
