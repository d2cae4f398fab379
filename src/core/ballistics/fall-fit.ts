import { type FacadePlane, projectInto } from '../geometry/facade-plane.js';
import { advance, advanceInPlace, type FallForces, GRAVITY, type MotionState } from './fall-model.js';
import { LeastSquares } from './least-squares.js';

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

/** Wind along a facade, and out of it, m/s: standard deviations of priors about 0. */
const WIND_X_SIGMA_MPS = 3;
const WIND_Z_SIGMA_MPS = 2;
/** Terminal speeds tried, m/s: evenly spaced in their logarithm from a sheet of paper to a brick; the last stands for no drag. */
const TERMINAL_SPEEDS = [1, 1.5, 2.2, 3.2, 4.5, 6, 8, 10, 12.5, 16, 20, 26, 36, 60, 200] as const;
const FEW_TERMINAL_SPEEDS = [1.5, 3, 6, 12, 25, 200] as const;
/** Steps for the derivatives: metres, and metres a second. */
const STEPS = [1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3];
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
 * Vertical speed at the first sight, m/s, as standard deviations of a prior about rest: up is what an arm can give, down what a fall of a few
 * floors behind a balcony or a tree has given before. Without it a thing that flutters down is explained by one hurled to the sky.
 */
const START_MPS = { up: 4, down: 12 };
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
export type Projection = Pick<FacadePlane, 'toMetres' | 'projection' | 'pixelsPerMetre'>;

/**
 * Fits a fall with drag to a path: the model in metres on the facade, its distance from the sights in pixels, so that the
 * perspective does no harm. The best of a few terminal speeds, for a decision: {@link fitFallThoroughly} tries three times as many.
 *
 * @param sights at least four, in order of time.
 */
export function fitFall(sights: readonly Sight[], plane: Projection): FallFit {
  const path = new SightedPath(thinned(sights, MAX_QUICK_SIGHTS), plane);
  const { fits, slowest } = fitFamily(path, FEW_TERMINAL_SPEEDS, GRAVITY);
  const best = bestOf(fits);
  if (sights.length < REFINED_SIGHTS) return best;
  // Between two of few speeds a long path of a light thing would be explained by a speed outward that it never had.
  const at = slowest + fits.indexOf(best);
  const between = [at - 1, at + 1].flatMap((i) => {
    const other = FEW_TERMINAL_SPEEDS[i];
    return other === undefined ? [] : [Math.sqrt(other * best.forces.terminalSpeed)];
  });
  return bestOf([best, ...between.map((terminalSpeed) => path.fit({ ...best.forces, terminalSpeed }, best.state))]);
}

/** What all of a path's sights and all terminal speeds tell. */
export interface ThoroughFit {
  readonly best: FallFit;
  /**
   * Terminal speeds that fit about as well as the best, m/s.
   *
   * @param scaleError share by which the facade's scale may be off: each scale within it is tried as another gravity.
   * @returns the interval, an upper end of `null` when the path is too short to tell it from a fall without drag; `null` when no fall fits.
   */
  terminalSpeedInterval(scaleError: number): [number, number | null] | null;
}

/** As {@link fitFall}, with all sights and terminal speeds. */
export function fitFallThoroughly(sights: readonly Sight[], plane: Projection): ThoroughFit {
  const path = new SightedPath(sights, plane);
  const family = fitFamily(path, TERMINAL_SPEEDS, GRAVITY);
  const best = bestOf(family.fits);
  return { best, terminalSpeedInterval: (scaleError) => terminalSpeedInterval(path, family, best, scaleError) };
}

const bestOf = (fits: readonly FallFit[]): FallFit => fits.reduce((a, b) => (b.cost < a.cost ? b : a));

/** At most `limit` sights, evenly chosen, the first and last among them. */
export function thinned(sights: readonly Sight[], limit: number): readonly Sight[] {
  if (sights.length <= limit) return sights;
  return Array.from({ length: limit }, (_, i) => sights[Math.round((i * (sights.length - 1)) / (limit - 1))] as Sight);
}

const STILL: Pick<FallForces, 'windX' | 'windZ'> = { windX: 0, windZ: 0 };

/** Terminal speeds up to which a fit begins from the path's first points, m/s: faster fits of a slow thing's path are absurd. */
const SLOW_MPS = 8;
/** Cost for each residual above which a fit may be stuck far from the best, and is tried from elsewhere: what fits has 1, what flutters 2 to 3. */
const POOR_COST = 4;

/**
 * Cost from which slower terminal speeds are not tried, where a faster one fits (with 1 for each residual at most): so many times its cost, and so much more. Costs of falls rise to a hundred
 * times the least and beyond. Lower, and a light thing whose costs have two valleys loses the slow one; higher costs only time.
 */
const HOPELESS = { times: 10, more: 50 } as const;

/** One fit a terminal speed, in their order, but for the slowest where those are hopeless. */
interface Family {
  readonly fits: readonly FallFit[];
  /** Place of the first fit in the row of speeds. */
  readonly slowest: number;
}

/**
 * Fits a path with each terminal speed from the fastest on. Each begins from its faster neighbour's, the fastest and the slow ones from the path's first points.
 * Where that ends badly, the other way is tried: first points may be noise, and a neighbour may be lost.
 */
function fitFamily(path: SightedPath, speeds: readonly number[], gravity: number): Family {
  const first = path.firstGuess();
  const fits: FallFit[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const terminalSpeed of [...speeds].reverse()) {
    const [faster] = fits;
    const fresh = (): FallFit => path.fit({ terminalSpeed, gravity, ...STILL }, first);
    const onward = (): FallFit => (faster === undefined ? fresh() : path.fit({ ...faster.forces, terminalSpeed }, faster.state));
    const [way, other] = terminalSpeed > SLOW_MPS ? [onward, fresh] : [fresh, onward];
    const one = way();
    const fit = one.cost > POOR_COST * path.residualCount && faster !== undefined ? bestOf([one, other()]) : one;
    fits.unshift(fit);
    least = Math.min(least, fit.cost);
    if (least <= path.residualCount && fit.cost > HOPELESS.times * least + HOPELESS.more) break;
  }
  return { fits, slowest: speeds.length - fits.length };
}

/** Fits motion at constant velocity in facade metres: what a lift, a drone, a snowflake or a drifting thing does. */
export function fitConstantVelocity(sights: readonly Sight[], plane: Projection): FallFit {
  const path = new SightedPath(thinned(sights, MAX_QUICK_SIGHTS), plane);
  return path.fit({ terminalSpeed: Number.POSITIVE_INFINITY, gravity: 0, ...STILL }, path.firstGuess());
}

/** See {@link ThoroughFit}. @param family of the best, at the usual gravity. */
function terminalSpeedInterval(path: SightedPath, family: Family, best: FallFit, scaleError: number): [number, number | null] | null {
  // A cost higher by 3.84 is the 95 % interval of one parameter; noise that the model does not know (flutter, blur) widens it.
  const noise = Math.max(1, best.cost / Math.max(1, 2 * path.sights.length - 5));
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const gravity of [GRAVITY, GRAVITY * (1 - scaleError), GRAVITY * (1 + scaleError)]) {
    const { fits, slowest } = gravity === GRAVITY ? family : fitFamily(path, TERMINAL_SPEEDS, gravity);
    const coarse = fits.map((fit, i) => ({ place: slowest + i, cost: fit.cost }));
    const least = coarse.reduce((a, b) => (b.cost < a.cost ? b : a)).place;
    // Costs do not rise evenly over a whole step of the row: look closer around the lowest point.
    const near = [-2, -1, 1, 2].map((i) => least + i * FINE_STEP).filter((place) => place > 0 && place < TERMINAL_SPEEDS.length - 1);
    const closer = fitFamily(path, near.map(speedAt), gravity);
    const fine = closer.fits.map((fit, i) => ({ place: near[closer.slowest + i] as number, cost: fit.cost }));
    const row = [...coarse, ...fine].sort((a, b) => a.place - b.place);
    low = Math.min(low, crossing(row.toReversed(), 3.84 * noise, 0));
    high = Math.max(high, crossing(row, 3.84 * noise, TERMINAL_SPEEDS.length - 1));
  }
  if (!(Number.isFinite(low) && Number.isFinite(high))) return null;
  const above = speedAt(high) * (1 + MODEL_ERROR);
  return [speedAt(low) / (1 + MODEL_ERROR), above >= NO_LIMIT ? null : above];
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

/**
 * Share by which what the model does not know (gusts, tumbling, lift) moves the terminal speed of a long path, whose own noise hardly leaves any doubt: with
 * it 95 of 100 intervals on tuning scenes hold the true speed, without it 78. More leaves most weights undetermined.
 */
const MODEL_ERROR = 0.09;

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

/** Numbers a sight: its time, its place, its standard deviation, and the pixels that a metre of height takes there. */
const SIGHT_NUMBERS = 5;
/** Parameters of a fall: x, y, vx, vy, vz at the first sight, and the wind along the facade and out of it. */
const PARAMETERS = 7;
/** Residuals that are no sight's: those of the priors. */
const PRIORS = 4;

/** A path laid out for fitting it many times: every number of it once, and the memory that all its fits share. */
class SightedPath {
  readonly residualCount: number;
  private readonly numbers: Float64Array;
  private readonly search: LeastSquares;
  private readonly motion = new Float64Array(6);
  private readonly pixel = new Float64Array(2);
  private readonly priorWeight: number;
  /** What acts in the fit at hand, beside the wind, which is fitted. */
  private terminalSpeed = Number.POSITIVE_INFINITY;
  private gravity = GRAVITY;

  constructor(
    readonly sights: readonly Sight[],
    private readonly plane: Projection,
  ) {
    this.residualCount = PRIORS + 2 * sights.length;
    this.priorWeight = Math.sqrt(Math.max(1, sights.length / INDEPENDENT_SIGHTS));
    this.search = new LeastSquares(PARAMETERS, this.residualCount, PRIORS);
    this.numbers = new Float64Array(SIGHT_NUMBERS * sights.length);
    sights.forEach((sight, i) => {
      this.numbers.set([sight.timeS, sight.x, sight.y, sight.sigmaPx, plane.pixelsPerMetre(plane.toMetres(sight))], i * SIGHT_NUMBERS);
    });
  }

  fit(forces: FallForces, start: MotionState): FallFit {
    this.terminalSpeed = forces.terminalSpeed;
    this.gravity = forces.gravity;
    const { parameters, cost } = this.search.fit(
      this.residuals,
      [start.x, start.y, start.vx, start.vy, start.vz, forces.windX, forces.windZ],
      STEPS,
    );
    const [x, y, vx, vy, vz, windX, windZ] = parameters as unknown as readonly [number, number, number, number, number, number, number];
    return {
      state: { x, y, z: RELEASE_OUT_M, vx, vy, vz },
      atS: this.numbers[0] as number,
      forces: { ...forces, windX, windZ },
      ...this.distances(Float64Array.from(parameters)),
      cost,
    };
  }

  firstGuess(): MotionState {
    const first = this.sights[0] as Sight;
    const a = this.plane.toMetres(first);
    const other = this.sights[Math.min(this.sights.length - 1, 3)] as Sight;
    const b = this.plane.toMetres(other);
    const dt = Math.max(1e-3, other.timeS - first.timeS);
    return { x: a.x, y: a.y, z: RELEASE_OUT_M, vx: (b.x - a.x) / dt, vy: (b.y - a.y) / dt, vz: OUTWARD_MPS.mean };
  }

  private readonly residuals = (p: Float64Array, out: Float64Array): void => {
    const { numbers, pixel } = this;
    out[0] = (this.priorWeight * ((p[4] as number) - OUTWARD_MPS.mean)) / OUTWARD_MPS.sigma;
    out[1] = (this.priorWeight * (p[5] as number)) / WIND_X_SIGMA_MPS;
    out[3] = (this.priorWeight * (p[6] as number)) / WIND_Z_SIGMA_MPS;
    const vy = p[3] as number;
    out[2] = (this.priorWeight * vy) / (vy > 0 ? START_MPS.up : START_MPS.down);
    this.begin(p);
    for (let at = 0, k = PRIORS; at < numbers.length; at += SIGHT_NUMBERS, k += 2) {
      this.goTo(at, p[5] as number, p[6] as number);
      const sigmaPx = numbers[at + 3] as number;
      out[k] = ((pixel[0] as number) - (numbers[at + 1] as number)) / sigmaPx;
      out[k + 1] = ((pixel[1] as number) - (numbers[at + 2] as number)) / sigmaPx;
    }
  };

  private distances(p: Float64Array): Pick<FallFit, 'rmsPx' | 'rmsM' | 'lateralM'> {
    const { numbers, pixel } = this;
    let sumPx = 0;
    let sumM = 0;
    let sumLateral = 0;
    this.begin(p);
    for (let at = 0; at < numbers.length; at += SIGHT_NUMBERS) {
      this.goTo(at, p[5] as number, p[6] as number);
      const dx = (pixel[0] as number) - (numbers[at + 1] as number);
      const dy = (pixel[1] as number) - (numbers[at + 2] as number);
      const perMetre = numbers[at + 4] as number;
      sumPx += dx * dx + dy * dy;
      sumM += (dx * dx + dy * dy) / (perMetre * perMetre);
      sumLateral += (dx * dx) / (perMetre * perMetre);
    }
    const n = this.sights.length;
    return { rmsPx: Math.sqrt(sumPx / n), rmsM: Math.sqrt(sumM / n), lateralM: Math.sqrt(sumLateral / n) };
  }

  /** At the first sight the thing is taken to be at the facade: its distance there cannot be told from its height. */
  private begin(p: Float64Array): void {
    const { motion } = this;
    motion[0] = p[0] as number;
    motion[1] = p[1] as number;
    motion[2] = RELEASE_OUT_M;
    motion[3] = p[2] as number;
    motion[4] = p[3] as number;
    motion[5] = p[4] as number;
  }

  /** From one sight to the next, which begins at `at` of the numbers: where the thing is then, and where that is seen. */
  private goTo(at: number, windX: number, windZ: number): void {
    const { numbers, motion, pixel } = this;
    const seconds = at === 0 ? 0 : (numbers[at] as number) - (numbers[at - SIGHT_NUMBERS] as number);
    if (seconds !== 0) advanceInPlace(motion, seconds, this.terminalSpeed, this.gravity, windX, windZ);
    projectInto(pixel, motion, this.plane.projection);
  }
}
