/**
 * What the ablation takes away from the engine, one thing at a time. The engine itself has no switches for this: each variant is the
 * built program with a line of it replaced, and a line that is no longer there is an error, so that no variant silently measures nothing.
 *
 * @typedef {object} Patch
 * @property {string} file in `dist`
 * @property {string} from text that stands in it exactly once
 * @property {string} to
 *
 * @typedef {object} Variant
 * @property {string} name
 * @property {string} label for the table
 * @property {readonly Patch[]} [motion] of what makes candidates; such variants need pictures
 * @property {readonly Patch[]} [rule] of what is made of candidates; such variants replay those of the engine as it is
 * @property {'moving'} [candidates] only those that move
 */

const stabiliser = 'core/motion/stabiliser.js';
const judge = 'rules/thrown-object/judge-on-facade.js';
const fallFit = 'core/ballistics/fall-fit.js';
const extend = 'rules/thrown-object/extend.js';
const busyMap = 'core/motion/busy-map.js';

/** Puts a first line into a function whose head stands in the file once; what follows is never reached. */
const instead = (file, head, statement) => ({ file, from: `${head} {`, to: `${head} {\n${statement}` });

/** Lets everything over one bar. */
const lowestBar = (name) => ({ file: judge, from: `atLeast('${name}', `, to: `atLeast('${name}', 1e9 + ` });

/** The engine as it is, then without one thing each. @type {readonly Variant[]} */
export const variants = [
  { name: 'as-it-is', label: '**as it is**' },
  {
    name: 'no-stabiliser',
    label: 'no stabilisation',
    motion: [instead(stabiliser, 'measure(slot)', 'return NO_SHIFT;')],
  },
  {
    name: 'whole-pixels',
    label: 'stabilisation to whole pixels only',
    motion: [
      {
        file: stabiliser,
        from: 'this.last = enough ? combined(found, best) : NO_SHIFT;\n        return this.last;',
        to: 'this.last = enough ? combined(found, best) : NO_SHIFT;\n        return { x: Math.round(this.last.x), y: Math.round(this.last.y) };',
      },
    ],
  },
  {
    name: 'background-alone',
    label: 'background alone: all foreground may begin paths',
    motion: [{ file: 'core/motion/motion-detector.js', from: 'moving: found.movingOf(i) > 0,', to: 'moving: true,' }],
  },
  {
    name: 'flood-at-once',
    label: 'background begun anew at every picture that differs as a whole',
    motion: [{ file: 'core/motion/motion-detector.js', from: 'const FLOOD_LASTS_S = 0.2;', to: 'const FLOOD_LASTS_S = 0;' }],
  },
  {
    name: 'blind-in-changes',
    label: 'nothing looked for while the whole picture differs',
    motion: [{ file: 'core/motion/motion-detector.js', from: 'const CHANGED_SHARE = 0.002;', to: 'const CHANGED_SHARE = -1;' }],
  },
  { name: 'moving-alone', label: 'three-picture difference alone: nothing still extends paths', candidates: 'moving' },
  {
    name: 'no-busy-tiles',
    label: 'no busy tiles: one density of clutter for the whole picture',
    rule: [
      {
        file: busyMap,
        from: 'this.density[i] = this.density[i] * (1 - share) + seen * share;\n        }',
        to: 'this.density[i] = this.density[i] * (1 - share) + seen * share;\n        }\nthis.mean = this.density.reduce((a, b) => a + b, 0) / this.density.length;',
      },
      instead(busyMap, 'densityAt(x, y)', 'return this.mean ?? PRIOR_DENSITY;'),
    ],
  },
  {
    name: 'no-clutter',
    label: 'clutter not learnt at all',
    rule: [instead(busyMap, 'densityAt(x, y)', 'return PRIOR_DENSITY;')],
  },
  {
    name: 'one-hypothesis',
    label: 'one hypothesis a path, no branches',
    rule: [
      { file: 'core/tracking/path-limits.js', from: 'const PER_ROOT = 4;', to: 'const PER_ROOT = 1;' },
      { file: 'core/tracking/linker.js', from: 'if (other >= 0)\n            this.branch(', to: 'if (false)\n            this.branch(' },
    ],
  },
  {
    name: 'no-origin',
    label: 'not extended to the origin',
    rule: [instead(extend, 'export function extend(points, history, end, predictor = predictFrom)', "if (end === 'first') return points;")],
  },
  {
    name: 'no-end',
    label: 'not extended to the end',
    rule: [instead(extend, 'export function extend(points, history, end, predictor = predictFrom)', "if (end === 'last') return points;")],
  },
  {
    name: 'no-steady-motion',
    label: 'a fall need not beat steady motion (BIC)',
    rule: [lowestBar('fall_against_steady_motion')],
  },
  {
    name: 'no-kink',
    label: 'a fall need not beat a kink from one steady speed to another (BIC)',
    rule: [lowestBar('fall_against_kink')],
  },
  {
    name: 'no-speed-at-end',
    label: 'a fall need not reach a speed',
    rule: [lowestBar('speed_at_end')],
  },
  {
    name: 'no-drag',
    label: 'falls without drag only',
    rule: [
      {
        file: fallFit,
        from: 'const TERMINAL_SPEEDS = [1, 1.5, 2.2, 3.2, 4.5, 6, 8, 10, 12.5, 16, 20, 26, 36, 60, 200];',
        to: 'const TERMINAL_SPEEDS = [150, 200];',
      },
      { file: fallFit, from: 'const FEW_TERMINAL_SPEEDS = [1.5, 3, 6, 12, 25, 200];', to: 'const FEW_TERMINAL_SPEEDS = [200];' },
    ],
  },
  {
    name: 'no-wind-out',
    label: 'wind along the facade only, none out of it',
    rule: [{ file: fallFit, from: 'const WIND_Z_SIGMA_MPS = 2;', to: 'const WIND_Z_SIGMA_MPS = 1e-4;' }],
  },
  {
    name: 'no-weather',
    label: 'no weather mode (and so no held verdicts)',
    rule: [instead('rules/thrown-object/weather-watch.js', 'step(paths, nowS)', 'this.active = false; return;')],
  },
  {
    name: 'no-held-verdicts',
    label: 'verdicts not held in precipitation',
    rule: [instead('rules/thrown-object/rule.js', 'mustWait()', 'return false;')],
  },
  {
    name: 'no-drips',
    label: 'no drip memory',
    rule: [instead('rules/thrown-object/origin-memory.js', 'isRepeated(origin, nowS)', 'return false;')],
  },
  {
    name: 'no-merging',
    label: 'no merging of views of one fall',
    rule: [
      instead('rules/thrown-object/same-fall.js', 'export function sameFall(known, other, pictureHeightPx, calibrated)', 'return false;'),
    ],
  },
  {
    name: 'no-reflections',
    label: 'no reflections known by the camera’s place',
    rule: [instead('rules/thrown-object/same-fall.js', 'export function isReflection(image, thing, plane)', 'return false;')],
  },
  {
    name: 'whole-fall',
    label: 'where it began told by the fit of the whole fall',
    rule: [{ file: 'rules/thrown-object/describe.js', from: 'const BEGINNING_S = 4;', to: 'const BEGINNING_S = 99;' }],
  },
  {
    name: 'no-start-speed',
    label: 'speed at the start from the fit alone, not from the first sights',
    rule: [
      {
        file: 'rules/thrown-object/describe.js',
        from: 'releaseOf(begun, first.timeS, startSpeed(sights, plane))',
        to: 'releaseOf(begun, first.timeS, Number.POSITIVE_INFINITY)',
      },
    ],
  },
  {
    name: 'light-priors',
    label: 'priors as light on long paths as on short ones',
    rule: [
      {
        file: fallFit,
        from: 'this.priorWeight = Math.sqrt(Math.max(1, sights.length / INDEPENDENT_SIGHTS));',
        to: 'this.priorWeight = 1;',
      },
    ],
  },
];

/** Those that need pictures; the others replay the candidates of the first. */
export const motionVariants = variants.filter((v) => v.name === 'as-it-is' || v.motion !== undefined);
