import { type Projection, type Sight, thinned } from '../../core/ballistics/fall-fit.js';
import { advanceInPlace, GRAVITY } from '../../core/ballistics/fall-model.js';
import { LeastSquares, type Residuals } from '../../core/ballistics/least-squares.js';
import { projectInto } from '../../core/geometry/facade-plane.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { GravitySample } from '../../domain/incident.js';
import { sightOf } from './path-evidence.js';

/**
 * Terminal speeds tried, m/s: evenly spaced in their logarithm. Slower things say little of gravity; the fastest stands for no drag. Fewer
 * would leave gaps wider than what a long fall can tell apart.
 */
const TERMINAL_SPEEDS = [8, 11, 15, 20, 27, 37, 60, 200] as const;
/** Sights used: more of them cost time and tell little more. */
const MAX_SIGHTS = 40;
/** Least sights and least fall, seconds, that are tried at all: before a second, the speed of release explains as much as gravity does. */
const MIN_SIGHTS = 15;
const MIN_FALL_S = 0.9;
/** Wind along the facade, m/s: standard deviation. */
const WIND_SIGMA_MPS = 3;
/**
 * Speed out of the facade, m/s, as mean and standard deviation: what comes nearer looks as if it fell faster, and a picture hardly tells. What is
 * let go moves out at a walking pace at most; what is thrown goes outward about as fast as it is seen to go sideways and up, give or take half.
 */
const LET_GO_MPS = { mean: 0.6, sigma: 1 };
const THROWN_SHARE = { mean: 1, sigma: 0.5 };
/** Distance of the centre of a thing from the facade when it is let go, metres: half an arm, or over a balcony's rail. */
const RELEASE_OUT_M = 0.4;
/** Standard deviation of the logarithm of the scale before anything is seen: corners drawn by hand are off by no more than a third. */
const SCALE_SIGMA = 0.3;
/** Largest standard deviation of the result that is of use: what is less sure would only widen the spread of the falls that are. */
const MAX_SIGMA = 0.08;
/** Weight that must lie on terminal speeds of {@link HEAVY_MPS} and more, m/s: what flutters has no gravity to show. */
const MIN_HEAVY_SHARE = 0.9;
const HEAVY_MPS = 20;
/** Residual beyond which it is no fall at all, in standard deviations of a sight. */
const MAX_RESIDUAL = 2;
/** Steps for the derivatives: metres, metres a second, and the logarithm of the scale. */
const STEPS = [1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-4];
/** Residuals that are no sight's: outward speed, wind, scale. */
const PRIORS = 3;
/** Step of the logarithm of the scale from which the curvature of the cost is taken. */
const PROBE = 0.05;

/**
 * How strong gravity was in a fall, in the metres of the drawn facade: gravity, speed and drag are fitted together, and the answer is the mean
 * over all drags that explain the path, each with its weight. 9.81 when the facade is drawn to scale; `null` when this fall cannot tell.
 *
 * @param sights in order of time.
 * @returns some 10 ms later: it is for falls that are over.
 * @example gravityOf(sights, plane) // { mps2: 8.6, sigmaMps2: 0.3 }: metres here are 14 % too short
 */
export function gravityOf(sights: readonly Sight[], plane: Projection): GravitySample | null {
  const first = sights[0];
  const last = sights.at(-1);
  if (first === undefined || last === undefined || sights.length < MIN_SIGHTS || last.timeS - first.timeS < MIN_FALL_S) return null;
  const few = thinned(sights, MAX_SIGHTS);
  let guess: readonly number[] = firstGuess(few, plane);
  const fits: Fitted[] = [];
  for (const speed of [...TERMINAL_SPEEDS].reverse()) {
    const fitted = fitScale(few, plane, speed, guess);
    guess = fitted.parameters;
    fits.push(fitted);
  }
  const least = Math.min(...fits.map((fit) => fit.cost));
  const noise = Math.max(1, least / Math.max(1, 2 * few.length - 7));
  if (noise > MAX_RESIDUAL ** 2) return null;
  const weights = fits.map((fit) => Math.exp(-(fit.cost - least) / (2 * noise)));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const mean = (value: (fit: Fitted) => number): number =>
    fits.reduce((sum, fit, i) => sum + (weights[i] as number) * value(fit), 0) / total;
  if (mean((fit) => (fit.speed >= HEAVY_MPS ? 1 : 0)) < MIN_HEAVY_SHARE) return null;
  const logScale = mean((fit) => fit.logScale);
  const sigma = Math.sqrt(mean((fit) => fit.variance * noise + (fit.logScale - logScale) ** 2));
  if (!(sigma <= MAX_SIGMA)) return null;
  const mps2 = GRAVITY * Math.exp(logScale);
  return { mps2, sigmaMps2: mps2 * sigma };
}

/** The same for a path of the linker. */
export function gravityOfPath(points: readonly PathPoint[], plane: Projection): GravitySample | null {
  return gravityOf(points.map(sightOf), plane);
}

interface Fitted {
  readonly speed: number;
  readonly parameters: readonly number[];
  /** Logarithm of the gravity found over 9.81 m/s². */
  readonly logScale: number;
  /** Of {@link logScale}, when sights scatter as expected. */
  readonly variance: number;
  readonly cost: number;
}

function fitScale(sights: readonly Sight[], plane: Projection, speed: number, start: readonly number[]): Fitted {
  const residuals = residualsOf(sights, plane, speed);
  const count = PRIORS + 2 * sights.length;
  const { parameters, cost } = new LeastSquares(STEPS.length, count).fit(residuals, start, STEPS);
  const logScale = parameters[6] as number;
  // The other parameters follow the scale as they like: only what they cannot make up for is a cost.
  const moved = Float64Array.from(parameters);
  moved[6] = logScale + PROBE;
  const others = (p: Float64Array, out: Float64Array): void => {
    moved.set(p);
    residuals(moved, out);
  };
  const probed = new LeastSquares(STEPS.length - 1, count).fit(others, parameters.slice(0, 6), STEPS.slice(0, 6));
  return { speed, parameters, logScale, variance: PROBE ** 2 / Math.max(1e-6, probed.cost - cost), cost };
}

function residualsOf(sights: readonly Sight[], plane: Projection, terminalSpeed: number): Residuals {
  const motion = new Float64Array(6);
  const pixel = new Float64Array(2);
  return (p, out) => {
    const [x, y, vx, vy, vz, windX, logScale] = p as unknown as readonly [number, number, number, number, number, number, number];
    const gravity = GRAVITY * Math.exp(logScale);
    const hurled = Math.hypot(vx, Math.max(0, vy));
    const outward = LET_GO_MPS.mean + THROWN_SHARE.mean * hurled;
    out[0] = (vz - outward) / (LET_GO_MPS.sigma + THROWN_SHARE.sigma * hurled);
    out[1] = windX / WIND_SIGMA_MPS;
    out[2] = logScale / SCALE_SIGMA;
    motion.set([x, y, RELEASE_OUT_M, vx, vy, vz]);
    let t = (sights[0] as Sight).timeS;
    for (let i = 0; i < sights.length; i++) {
      const sight = sights[i] as Sight;
      if (sight.timeS !== t) advanceInPlace(motion, sight.timeS - t, terminalSpeed, gravity, windX, 0);
      t = sight.timeS;
      projectInto(pixel, motion, plane.projection);
      out[PRIORS + 2 * i] = ((pixel[0] as number) - sight.x) / sight.sigmaPx;
      out[PRIORS + 2 * i + 1] = ((pixel[1] as number) - sight.y) / sight.sigmaPx;
    }
  };
}

function firstGuess(sights: readonly Sight[], plane: Projection): number[] {
  const a = sights[0] as Sight;
  const b = sights[Math.min(sights.length - 1, 3)] as Sight;
  const [from, to] = [plane.toMetres(a), plane.toMetres(b)];
  const dt = Math.max(1e-3, b.timeS - a.timeS);
  return [from.x, from.y, (to.x - from.x) / dt, (to.y - from.y) / dt, LET_GO_MPS.mean, 0, 0];
}
