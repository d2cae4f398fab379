import { Canvas } from './canvas.mjs';
import { thingsByWeight } from './objects.mjs';
import { createThrow } from './throws.mjs';

/**
 * Throws that are as hard to see as asked for. What a throw looks like depends on everything at once (camera, storey, wall
 * behind, exposure, tumbling), so each is drawn by lot, rehearsed before the still scene with the same drawing code as the
 * clip, and taken when it looks as wanted.
 */

/** Draws by lot before the best so far must do. A few hundred ms of work; fewer miss what is wanted in one throw of five. */
const MOST_TRIALS = 60;

/**
 * What is wanted, with room to the bounds of the score (4 px, 25 grey, 8 pictures; docs/adr/0005-scoring.md), since what
 * crosses in front changes the clip's own measure a little. A hard one must still be seen by someone who knows where to look.
 */
const LOOKS = {
  clear: { sizePx: [4.4, 60], contrast: [30, 255], frames: 10 },
  small: { sizePx: [2.15, 3.8], contrast: [30, 255], frames: 10 },
  hard: { sizePx: [1.5, 60], contrast: [8, 23], frames: 8 },
};

/**
 * @param {object} spec a whole spec whose `throws` has a `mix`
 * @param {object} world as `createThrow` takes it, with camera, background, light and trees
 * @param {(frame: number) => import('./mover.mjs').Shot} shotAt a shot of the still scene, on the canvas given
 * @param {import('./random.mjs').Random} rng
 */
export function castThrows(spec, world, shotAt, rng) {
  const { count, mix, fromS, gapS, together } = spec.throws;
  const toS = spec.throws.toS ?? spec.durationS - 5;
  const gap = Math.min(gapS, (toS - fromS) / Math.max(1, count));
  const canvas = new Canvas(world.width, world.height);
  const hidden = (x, y) => world.trees.reduce((m, tree) => Math.max(m, tree.hides(x, y)), 0);
  const list = [];
  let atS = fromS;
  for (let i = 0; i < count; i++) {
    const own = rng.fork(`cast${i}`);
    // Some come two at a time: both from one window, or by chance.
    if (i > 0) atS += own.chance(together) ? own.range(0, 0.5) : gap * own.range(0.75, 1);
    const wanted = pickWeighted(mix, own);
    const at = atS;
    const build = (k, how) => {
      const lot = own.fork(`trial${k}`);
      return createThrow({ ...drawThrow(spec, wanted, lot), atS: at, motion: how }, world, lot, `t${i + 1}`);
    };
    let best = null;
    for (let k = 0; k < MOST_TRIALS; k++) {
      const distance = misfit(rehearse(build(k, 'fall'), canvas, shotAt, hidden, world.fps), LOOKS[wanted]);
      if (best === null || distance < best.distance) best = { k, distance };
      if (distance === 0) break;
    }
    list.push(build(best.k, world.motion));
  }
  return list;
}

/** A ball of no particular stuff: it falls almost without drag, and looks the same all the way. */
const PROBE = { terminalSpeed: 80, flutter: 0, tumbleHz: 0, albedo: [0.5, 0.5], colours: [[128, 128]], breaks: true };

/** Halvings of the range of albedos: finer than a grey level. */
const ALBEDO_STEPS = 9;

/**
 * Throws of an exact size and contrast, found by rehearsal: size by its scale, contrast by its albedo. Where the wall and the
 * light do not allow the contrast, the nearest to it; the truth says what came of it.
 *
 * @param {object} spec a whole spec whose `throws` has `probes`: {atS, floor, unit, across, sizePx, contrast}, contrast in grey
 *   levels, below 0 for darker than the wall
 * @param {object} world @param {(frame: number) => import('./mover.mjs').Shot} shotAt @param {import('./random.mjs').Random} rng
 */
export function castProbes(spec, world, shotAt, rng) {
  const canvas = new Canvas(world.width, world.height);
  return spec.throws.probes.map((probe, i) => {
    const build = (sideM, albedo) => {
      const thrown = { ...probe, object: 'probe', body: { ...PROBE, sizeM: [sideM, sideM] }, albedo, riseM: 1.2, reflects: false };
      return createThrow({ ...thrown, velocity: [0, 0, 0.3], motion: world.motion }, world, rng.fork(`probe${i}`), `t${i + 1}`);
    };
    const look = (sideM, albedo) => rehearse(build(sideM, albedo), canvas, shotAt, () => 0, world.fps);
    const sideM = (0.2 * probe.sizePx) / Math.max(0.01, look(0.2, 0.5).sizePx);
    let [dark, pale] = [0.0005, 0.98];
    for (let step = 0; step < ALBEDO_STEPS; step++) {
      const middle = Math.sqrt(dark * pale);
      if (look(sideM, middle).signed < probe.contrast) dark = middle;
      else pale = middle;
    }
    return build(sideM, Math.sqrt(dark * pale));
  });
}

/** One throw by lot. Anything may be wanted clear or small; what is hard is faint, or paper, bags and other slow things. */
function drawThrow(spec, wanted, rng) {
  const { floors, units } = spec.building;
  const from = spec.camera.cover?.[0] ?? 0;
  const to = Math.min(floors - 1, spec.camera.cover?.[1] ?? floors - 1);
  const thrown = rng.chance(0.5);
  return {
    object: rng.pick(thingsByWeight[pickWeighted(WEIGHTS[wanted], rng)]),
    floor: rng.int(Math.min(to, from + 3), to),
    unit: rng.int(0, units.length - 1),
    across: rng.range(0.1, 0.9),
    riseM: rng.range(0.9, 1.7),
    velocity: thrown ? [rng.range(-3.5, 3.5), rng.range(-1, 4), rng.range(1, 6)] : [rng.range(-0.3, 0.3), 0, rng.range(0.2, 0.8)],
    reflects: rng.chance(spec.throws.reflects),
    // Things come in every shade; a dark one before a dark wall looks like nothing and is drawn again.
    albedo: rng.range(0.03, 0.9),
  };
}

const WEIGHTS = {
  clear: { heavy: 0.4, medium: 0.35, light: 0.25 },
  small: { heavy: 0.5, medium: 0.3, light: 0.2 },
  hard: { heavy: 0.2, medium: 0.2, light: 0.3, drifting: 0.3 },
};

/** How a throw looks before the still scene: medians over its pictures, as the truth gives them. */
function rehearse(thrown, canvas, shotAt, hidden, fps) {
  const first = Math.ceil(thrown.startS * fps);
  const last = Math.floor(thrown.endS * fps);
  // Every picture of a quick fall, some two dozen of a slow one.
  const step = Math.max(1, Math.floor((last - first) / 24));
  const looks = [];
  for (let frame = first; frame <= last; frame += step) {
    const shot = { ...shotAt(frame), canvas };
    canvas.reset(shot.background);
    const look = thrown.look(shot, hidden);
    if (look?.visible) looks.push(look);
  }
  const median = (of) => looks.map(of).sort((a, b) => a - b)[looks.length >> 1] ?? 0;
  return {
    sizePx: median((l) => l.sizePx),
    contrast: median((l) => Math.abs(l.contrast)),
    signed: median((l) => l.contrast),
    frames: looks.length * step,
  };
}

/** 0 when it looks as wanted; grows with what is lacking. */
function misfit(look, wanted) {
  const outside = (value, [lo, hi]) => (value < lo ? (lo - value) / lo : value > hi ? (value - hi) / hi : 0);
  return outside(look.sizePx, wanted.sizePx) + outside(look.contrast, wanted.contrast) + outside(look.frames, [wanted.frames, Infinity]);
}

function pickWeighted(weights, rng) {
  const entries = Object.entries(weights);
  let left = rng.next() * entries.reduce((sum, [, w]) => sum + w, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return entries[entries.length - 1][0];
}
