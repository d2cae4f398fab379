import type { Point } from '../../domain/geometry.js';
import type { FacadePlane } from '../geometry/facade-plane.js';
import { advance, type FallForces, GRAVITY, type MotionState } from './fall-model.js';
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

/** A fall with drag in front of a facade that explains a path. */
export interface FallFit {
  /** Motion at {@link atS}. */
  readonly state: MotionState;
  readonly atS: number;
  readonly forces: FallForces;
  /** Root mean square distance of the sights, pixels, and metres at the facade. */
  readonly rmsPx: number;
  readonly rmsM: number;
  /** Root mean square sideways distance, metres. */
  readonly lateralM: number;
  /** Sum of squared residuals in standard deviations, large ones counted as Huber has it. */
  readonly cost: number;
}

/** Wind along a facade, m/s: standard deviation of a prior about 0. */
const WIND_SIGMA_MPS = 3;
/** Terminal speeds tried, m/s: evenly spaced in their logarithm from a sheet of paper to a brick; the last stands for no drag. */
const TERMINAL_SPEEDS = [1, 1.5, 2.2, 3.2, 4.5, 6, 8, 10, 12.5, 16, 20, 26, 36, 60, 200] as const;
const FEW_TERMINAL_SPEEDS = [1.5, 3, 6, 12, 25, 200] as const;
/** Steps for the derivatives: metres, and metres a second. */
const STEPS = [1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3];
/** Distance of the centre of a thing from the facade's plane when it is let go, metres: half an arm, or over a balcony's rail. */
const RELEASE_OUT_M = 0.4;
/**
 * How fast things usually leave the facade, m/s, as mean and standard deviation of a prior: the picture alone tells this speed badly from the
 * vertical one on short paths, and it makes a straight fall look bent on long ones.
 */
const OUTWARD_MPS = { mean: 0.7, sigma: 2 };

/** Sights used where a quick answer is enough: forty fix five parameters as well as four hundred do, for a decision. */
const MAX_QUICK_SIGHTS = 40;

/** The plane's part that fitting needs. */
export type Projection = Pick<FacadePlane, 'toMetres' | 'toPixels' | 'pixelsPerMetre'>;

/**
 * Fits a fall with drag to a path: the model in metres on the facade, its distance from the sights in pixels, so that the
 * perspective does no harm. The best of a few terminal speeds; `thorough` tries three times as many.
 *
 * @param sights at least four, in order of time.
 */
export function fitFall(sights: readonly Sight[], plane: Projection, thorough: boolean): FallFit {
  const few = thorough ? sights : thinned(sights, MAX_QUICK_SIGHTS);
  return fitFamily(few, plane, thorough ? TERMINAL_SPEEDS : FEW_TERMINAL_SPEEDS, GRAVITY).reduce((a, b) => (b.cost < a.cost ? b : a));
}

/** At most `limit` sights, evenly chosen, the first and last among them. */
function thinned(sights: readonly Sight[], limit: number): readonly Sight[] {
  if (sights.length <= limit) return sights;
  return Array.from({ length: limit }, (_, i) => sights[Math.round((i * (sights.length - 1)) / (limit - 1))] as Sight);
}

/** One fit a terminal speed, in their order; each begins from its faster neighbour's, the fastest from the path's first points. */
function fitFamily(sights: readonly Sight[], plane: Projection, speeds: readonly number[], gravity: number): FallFit[] {
  let guess = firstGuess(sights, plane);
  let windX = 0;
  const fits: FallFit[] = [];
  for (const speed of [...speeds].reverse()) {
    const fit = fitMotion(sights, plane, { terminalSpeed: speed, gravity, windX }, guess);
    guess = fit.state;
    windX = fit.forces.windX;
    fits.unshift(fit);
  }
  return fits;
}

/** Fits motion at constant velocity in facade metres: what a lift, a drone, a snowflake or a drifting thing does. */
export function fitConstantVelocity(sights: readonly Sight[], plane: Projection): FallFit {
  const few = thinned(sights, MAX_QUICK_SIGHTS);
  return fitMotion(few, plane, { terminalSpeed: Number.POSITIVE_INFINITY, gravity: 0, windX: 0 }, firstGuess(few, plane));
}

/**
 * Terminal speeds that fit about as well as the best, m/s.
 *
 * @param scaleError share by which the facade's scale may be off: each scale within it is tried as another gravity.
 * @returns the interval, an upper end of `null` when the path is too short to tell it from a fall without drag; `null` when no fall fits.
 */
export function terminalSpeedInterval(
  sights: readonly Sight[],
  plane: Projection,
  best: FallFit,
  scaleError: number,
): [number, number | null] | null {
  // A cost higher by 3.84 is the 95 % interval of one parameter; noise that the model does not know (flutter, blur) widens it.
  const noise = Math.max(1, best.cost / Math.max(1, 2 * sights.length - 5));
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const gravity of [GRAVITY, GRAVITY * (1 - scaleError), GRAVITY * (1 + scaleError)]) {
    const coarse = fitFamily(sights, plane, TERMINAL_SPEEDS, gravity).map((fit) => fit.cost);
    const about = Math.min(coarse.length - 1.3, Math.max(0.3, valleyOf(coarse).at));
    // Costs do not rise evenly over a whole step of the row: look closer around the lowest point.
    const near = [about - FINE_STEP, about, about + FINE_STEP].map(speedAt);
    const fine = valleyOf(fitFamily(sights, plane, near, gravity).map((fit) => fit.cost));
    const at = about + (fine.at - 1) * FINE_STEP;
    const width = FINE_STEP * Math.sqrt((3.84 * noise) / fine.curvature);
    low = Math.min(low, speedAt(at - width));
    high = Math.max(high, speedAt(at + width));
  }
  if (!(Number.isFinite(low) && Number.isFinite(high))) return null;
  return [low, high >= NO_LIMIT ? null : high];
}

/** Step of the closer look, in places of the row of terminal speeds. */
const FINE_STEP = 0.3;

/** Terminal speed above which a fall of a few seconds cannot be told from one without drag. */
const NO_LIMIT = 60;

/** The lowest point of a row of costs and how steeply they rise from it, by the parabola through the least and its neighbours. */
function valleyOf(costs: readonly number[]): { at: number; least: number; curvature: number } {
  const middle = costs.indexOf(Math.min(...costs));
  const i = Math.min(costs.length - 2, Math.max(1, middle));
  const [a, b, c] = [costs[i - 1], costs[i], costs[i + 1]] as [number, number, number];
  const curvature = Math.max(1e-9, (a + c) / 2 - b);
  const offset = Math.max(-1, Math.min(1, (a - c) / (4 * curvature)));
  return { at: i + offset, least: Math.min(costs[middle] as number, b - curvature * offset * offset), curvature };
}

/** Terminal speed at a fractional place in the row of those tried. */
function speedAt(place: number): number {
  const i = Math.max(0, Math.min(TERMINAL_SPEEDS.length - 2, Math.floor(place)));
  const share = Math.max(0, Math.min(1, place - i));
  return (TERMINAL_SPEEDS[i] as number) ** (1 - share) * (TERMINAL_SPEEDS[i + 1] as number) ** share;
}

/** Where the fitted thing is at a time, metres. */
export function fallAt(fit: FallFit, timeS: number): MotionState {
  return advance(fit.state, timeS - fit.atS, fit.forces);
}

function fitMotion(sights: readonly Sight[], plane: Projection, forces: FallForces, start: MotionState): FallFit {
  const atS = (sights[0] as Sight).timeS;
  const track = (p: readonly number[]): Point[] => {
    const acting = { ...forces, windX: p[5] as number };
    let state = stateOf(p);
    let t = atS;
    return sights.map((sight) => {
      if (sight.timeS !== t) state = advance(state, sight.timeS - t, acting);
      t = sight.timeS;
      return plane.toPixels(state, state.z);
    });
  };
  const residuals = (p: readonly number[]): number[] => {
    const out = [((p[4] as number) - OUTWARD_MPS.mean) / OUTWARD_MPS.sigma, (p[5] as number) / WIND_SIGMA_MPS];
    track(p).forEach((pixel, i) => {
      const sight = sights[i] as Sight;
      out.push((pixel.x - sight.x) / sight.sigmaPx, (pixel.y - sight.y) / sight.sigmaPx);
    });
    return out;
  };
  const fit = leastSquares(residuals, [start.x, start.y, start.vx, start.vy, start.vz, forces.windX], STEPS);
  let sumPx = 0;
  let sumM = 0;
  let sumLateral = 0;
  track(fit.parameters).forEach((pixel, i) => {
    const sight = sights[i] as Sight;
    const perMetre = plane.pixelsPerMetre(plane.toMetres(sight));
    const dx = pixel.x - sight.x;
    const dy = pixel.y - sight.y;
    sumPx += dx * dx + dy * dy;
    sumM += (dx * dx + dy * dy) / (perMetre * perMetre);
    sumLateral += (dx * dx) / (perMetre * perMetre);
  });
  const n = sights.length;
  return {
    state: stateOf(fit.parameters),
    atS,
    forces: { ...forces, windX: fit.parameters[5] as number },
    rmsPx: Math.sqrt(sumPx / n),
    rmsM: Math.sqrt(sumM / n),
    lateralM: Math.sqrt(sumLateral / n),
    cost: fit.cost,
  };
}

/** At the first sight the thing is taken to be at the facade: its distance there cannot be told from its height. */
function stateOf(p: readonly number[]): MotionState {
  const [x, y, vx, vy, vz] = p as unknown as readonly [number, number, number, number, number];
  return { x, y, z: RELEASE_OUT_M, vx, vy, vz };
}

function firstGuess(sights: readonly Sight[], plane: Projection): MotionState {
  const first = sights[0] as Sight;
  const a = plane.toMetres(first);
  const other = sights[Math.min(sights.length - 1, 3)] as Sight;
  const b = plane.toMetres(other);
  const dt = Math.max(1e-3, other.timeS - first.timeS);
  return { x: a.x, y: a.y, z: RELEASE_OUT_M, vx: (b.x - a.x) / dt, vy: (b.y - a.y) / dt, vz: OUTWARD_MPS.mean };
}
