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
/**
 * Distance of the centre of a thing from the facade's plane when it is let go, metres: between half an arm out of a window (0.4) and over a
 * balcony's rail (1.2 to 1.6). Off by half a metre, a steep look upward moves the origin by about as much.
 */
const RELEASE_OUT_M = 0.9;
/**
 * How fast things usually leave the facade, m/s, as mean and standard deviation of a prior: the picture alone tells this speed badly from the
 * vertical one on short paths, and it makes a straight fall look bent on long ones.
 */
const OUTWARD_MPS = { mean: 0.7, sigma: 2 };

/**
 * Sights that tell as much as all of a long path do: what the model does not know (gusts, tumbling, the lens) bends neighbours alike. The priors
 * weigh against so many, or a long path of a light thing would buy a hundredth of a metre with a speed that nobody can throw at.
 */
const INDEPENDENT_SIGHTS = 12;

/** Sights used where a quick answer is enough: forty fix five parameters as well as four hundred do, for a decision. */
const MAX_QUICK_SIGHTS = 40;

/** Sights from which the terminal speed matters so much that a quick answer looks between the few speeds, too. */
const REFINED_SIGHTS = 20;

/** The plane's part that fitting needs. */
export type Projection = Pick<FacadePlane, 'toMetres' | 'toPixels' | 'pixelsPerMetre'>;

/**
 * Fits a fall with drag to a path: the model in metres on the facade, its distance from the sights in pixels, so that the
 * perspective does no harm. The best of a few terminal speeds; `thorough` tries three times as many.
 *
 * @param sights at least four, in order of time.
 */
export function fitFall(sights: readonly Sight[], plane: Projection, thorough: boolean): FallFit {
  if (thorough) return bestOf(fitFamily(sights, plane, TERMINAL_SPEEDS, GRAVITY));
  const few = thinned(sights, MAX_QUICK_SIGHTS);
  const fits = fitFamily(few, plane, FEW_TERMINAL_SPEEDS, GRAVITY);
  const best = bestOf(fits);
  if (sights.length < REFINED_SIGHTS) return best;
  // Between two of few speeds a long path of a light thing would be explained by a speed outward that it never had.
  const at = fits.indexOf(best);
  const between = [at - 1, at + 1].flatMap((i) => {
    const other = FEW_TERMINAL_SPEEDS[i];
    return other === undefined ? [] : [Math.sqrt(other * best.forces.terminalSpeed)];
  });
  return bestOf([best, ...between.map((terminalSpeed) => fitMotion(few, plane, { ...best.forces, terminalSpeed }, best.state))]);
}

const bestOf = (fits: readonly FallFit[]): FallFit => fits.reduce((a, b) => (b.cost < a.cost ? b : a));

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
    const coarse = fitFamily(sights, plane, TERMINAL_SPEEDS, gravity).map((fit, place) => ({ place, cost: fit.cost }));
    const least = coarse.reduce((a, b) => (b.cost < a.cost ? b : a)).place;
    // Costs do not rise evenly over a whole step of the row: look closer around the lowest point.
    const near = [-2, -1, 1, 2].map((i) => least + i * FINE_STEP).filter((place) => place > 0 && place < TERMINAL_SPEEDS.length - 1);
    const fine = fitFamily(sights, plane, near.map(speedAt), gravity).map((fit, i) => ({ place: near[i] as number, cost: fit.cost }));
    const row = [...coarse, ...fine].sort((a, b) => a.place - b.place);
    low = Math.min(low, crossing(row.toReversed(), 3.84 * noise, 0));
    high = Math.max(high, crossing(row, 3.84 * noise, TERMINAL_SPEEDS.length - 1));
  }
  if (!(Number.isFinite(low) && Number.isFinite(high))) return null;
  return [speedAt(low), speedAt(high) >= NO_LIMIT ? null : speedAt(high)];
}

interface CostAt {
  /** In the row of terminal speeds. */
  readonly place: number;
  readonly cost: number;
}

/**
 * Where, going along a row of costs from its least, they have risen by so much; `end` when they do not.
 *
 * @param row in the order in which it is gone along.
 */
function crossing(row: readonly CostAt[], rise: number, end: number): number {
  const least = Math.min(...row.map(({ cost }) => cost));
  const from = row.findIndex(({ cost }) => cost === least);
  for (let i = from + 1; i < row.length; i++) {
    const [below, above] = [row[i - 1], row[i]] as [CostAt, CostAt];
    if (above.cost < least + rise) continue;
    // Near its least a cost is a parabola: its root rises evenly.
    const [a, b] = [Math.sqrt(below.cost - least), Math.sqrt(above.cost - least)];
    return below.place + ((above.place - below.place) * (Math.sqrt(rise) - a)) / (b - a);
  }
  return end;
}

/** Step of the closer look, in places of the row of terminal speeds. */
const FINE_STEP = 0.35;

/** Terminal speed above which a fall of a few seconds cannot be told from one without drag. */
const NO_LIMIT = 60;

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
  const priorWeight = Math.sqrt(Math.max(1, sights.length / INDEPENDENT_SIGHTS));
  const residuals = (p: readonly number[]): number[] => {
    const out = [
      (priorWeight * ((p[4] as number) - OUTWARD_MPS.mean)) / OUTWARD_MPS.sigma,
      (priorWeight * (p[5] as number)) / WIND_SIGMA_MPS,
    ];
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
