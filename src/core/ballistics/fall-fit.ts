import type { Point } from '../../domain/geometry.js';
import type { FacadePlane } from '../geometry/facade-plane.js';
import { advance, GRAVITY, type MotionState } from './fall-model.js';
import { leastSquares } from './least-squares.js';

/** One position of a path, for fitting. */
export interface Sight {
  readonly timeS: number;
  /** Pixels. */
  readonly x: number;
  readonly y: number;
  /** Standard deviation of the position, pixels. */
  readonly sigmaPx: number;
}

/** A fall with drag in facade metres that explains a path. */
export interface FallFit {
  /** Motion at {@link atS}. */
  readonly state: MotionState;
  readonly atS: number;
  readonly terminalSpeed: number;
  /** Root mean square distance of the sights, pixels and metres on the facade. */
  readonly rmsPx: number;
  readonly rmsM: number;
  /** Root mean square sideways distance, metres. */
  readonly lateralM: number;
  /** Sum of squared residuals in standard deviations, large ones counted as Huber has it. */
  readonly cost: number;
}

/** Terminal speeds tried, m/s: evenly spaced in their logarithm from a sheet of paper to a brick; the last stands for no drag. */
const TERMINAL_SPEEDS = [1, 1.5, 2.2, 3.2, 4.5, 6, 8, 10, 12.5, 16, 20, 26, 36, 60, 200] as const;
const FEW_TERMINAL_SPEEDS = [3, 6, 12, 25, 200] as const;
/** Steps for the derivatives: metres, and metres a second. */
const STEPS = [1e-3, 1e-3, 1e-3, 1e-3];

/** The plane's part that fitting needs. */
export type Projection = Pick<FacadePlane, 'toMetres' | 'toPixels' | 'pixelsPerMetre'>;

/**
 * Fits a fall with drag to a path: the model in metres on the facade, its distance from the sights in pixels, so that the
 * perspective does no harm. The best of a few terminal speeds; `thorough` tries three times as many.
 *
 * @param sights at least four, in order of time.
 */
export function fitFall(sights: readonly Sight[], plane: Projection, thorough: boolean): FallFit {
  let best: FallFit | null = null;
  for (const terminalSpeed of thorough ? TERMINAL_SPEEDS : FEW_TERMINAL_SPEEDS) {
    const fit = fitMotion(sights, plane, terminalSpeed, GRAVITY, best?.state);
    if (best === null || fit.cost < best.cost) best = fit;
  }
  return best as FallFit;
}

/** Fits motion at constant velocity in facade metres: what a lift, a drone, a snowflake or a drifting thing does. */
export function fitConstantVelocity(sights: readonly Sight[], plane: Projection): FallFit {
  return fitMotion(sights, plane, Number.POSITIVE_INFINITY, 0);
}

/**
 * Terminal speeds that fit about as well as the best, m/s.
 *
 * @param scaleError share by which the facade's scale may be off: each scale within it is tried as another gravity.
 * @returns the interval; an upper end of `null` when the path is too short to tell it from a fall without drag.
 */
export function terminalSpeedInterval(
  sights: readonly Sight[],
  plane: Projection,
  best: FallFit,
  scaleError: number,
): [number, number | null] {
  // A cost higher by 3.84 is the 95 % interval of one parameter; noise that the model does not know (flutter, blur) widens it.
  const noise = Math.max(1, best.cost / Math.max(1, 2 * sights.length - 5));
  let low = best.terminalSpeed;
  let high = best.terminalSpeed;
  for (const gravity of [GRAVITY, GRAVITY * (1 - scaleError), GRAVITY * (1 + scaleError)]) {
    const fits = TERMINAL_SPEEDS.map((speed) => ({ speed, cost: fitMotion(sights, plane, speed, gravity, best.state).cost }));
    const least = Math.min(...fits.map((f) => f.cost), best.cost);
    const limit = least + 3.84 * noise;
    for (let i = 0; i < fits.length; i++) {
      const { speed, cost } = fits[i] as (typeof fits)[number];
      if (cost > limit) continue;
      // The true limit lies between this speed and the next that does not fit.
      low = Math.min(low, boundary(fits[i - 1], speed, cost, limit));
      high = Math.max(high, boundary(fits[i + 1], speed, cost, limit));
    }
  }
  return [low, high >= 60 ? null : high];
}

function boundary(neighbour: { speed: number; cost: number } | undefined, speed: number, cost: number, limit: number): number {
  if (neighbour === undefined || neighbour.cost <= limit) return speed;
  const share = (limit - cost) / Math.max(1e-9, neighbour.cost - cost);
  return Math.exp(Math.log(speed) + share * (Math.log(neighbour.speed) - Math.log(speed)));
}

/** Where the fitted thing is at a time, metres. */
export function fallAt(fit: FallFit, timeS: number): MotionState {
  return advance(fit.state, timeS - fit.atS, fit.terminalSpeed);
}

function fitMotion(sights: readonly Sight[], plane: Projection, terminalSpeed: number, gravity: number, guess?: MotionState): FallFit {
  const atS = (sights[0] as Sight).timeS;
  const start = guess ?? firstGuess(sights, plane);
  const track = (p: readonly number[]): Point[] => {
    let state: MotionState = { x: p[0] as number, y: p[1] as number, vx: p[2] as number, vy: p[3] as number };
    let t = atS;
    return sights.map((sight) => {
      if (sight.timeS !== t) state = advance(state, sight.timeS - t, terminalSpeed, gravity);
      t = sight.timeS;
      return { x: state.x, y: state.y };
    });
  };
  const residuals = (p: readonly number[]): number[] => {
    const out: number[] = [];
    track(p).forEach((metres, i) => {
      const sight = sights[i] as Sight;
      const pixel = plane.toPixels(metres);
      out.push((pixel.x - sight.x) / sight.sigmaPx, (pixel.y - sight.y) / sight.sigmaPx);
    });
    return out;
  };
  const fit = leastSquares(residuals, [start.x, start.y, start.vx, start.vy], STEPS);
  const [x, y, vx, vy] = fit.parameters as [number, number, number, number];
  let sumPx = 0;
  let sumM = 0;
  let sumLateral = 0;
  track(fit.parameters).forEach((metres, i) => {
    const sight = sights[i] as Sight;
    const pixel = plane.toPixels(metres);
    const seen = plane.toMetres(sight);
    sumPx += (pixel.x - sight.x) ** 2 + (pixel.y - sight.y) ** 2;
    sumM += (metres.x - seen.x) ** 2 + (metres.y - seen.y) ** 2;
    sumLateral += (metres.x - seen.x) ** 2;
  });
  const n = sights.length;
  return {
    state: { x, y, vx, vy },
    atS,
    terminalSpeed,
    rmsPx: Math.sqrt(sumPx / n),
    rmsM: Math.sqrt(sumM / n),
    lateralM: Math.sqrt(sumLateral / n),
    cost: fit.cost,
  };
}

function firstGuess(sights: readonly Sight[], plane: Projection): MotionState {
  const first = sights[0] as Sight;
  const a = plane.toMetres(first);
  const other = sights[Math.min(sights.length - 1, 3)] as Sight;
  const b = plane.toMetres(other);
  const dt = Math.max(1e-3, other.timeS - first.timeS);
  return { x: a.x, y: a.y, vx: (b.x - a.x) / dt, vy: (b.y - a.y) / dt };
}
