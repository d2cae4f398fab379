import { createBackdrop } from './backdrop.mjs';
import { renderBackground } from './background.mjs';
import { createBuilding } from './building.mjs';
import { aimAtFacade, createCamera } from './camera.mjs';
import { Canvas } from './canvas.mjs';
import { castProbes, castThrows } from './casting.mjs';
import { lights } from './light.mjs';
import { createNuisance } from './nuisances/index.mjs';
import { createPlainKernel } from './plain-kernel.mjs';
import { createRandom } from './random.mjs';
import { createSensor } from './sensor.mjs';
import { resolveThrows, variants } from './spec.mjs';
import { styles } from './styles.mjs';
import { createThrow, round } from './throws.mjs';
import { createTree } from './tree.mjs';

/** Drawing order: on the wall, thrown things and what flies, trees, then what is near the lens. */
const LAYERS = ['facade', 'air', 'lens'];

/**
 * A scene ready to be rendered.
 *
 * @param {typeof import('./spec.mjs').defaultSpec} spec
 * @param {number | string} seed
 * @param {import('./plain-kernel.mjs').PixelKernel} [kernel] for the scene's size
 */
export function createScene(spec, seed, kernel = createPlainKernel(spec.size[0], spec.size[1])) {
  const rng = createRandom(`${spec.name}/${seed}`);
  const [width, height] = spec.size;
  if (width % 2 !== 0 || height % 2 !== 0) throw new RangeError(`width and height must be even: ${width}x${height}`);
  const light = lookUp(lights, spec.light, 'light');
  const style = lookUp(styles, spec.building.style, 'style');
  const sensor = { fullWell: light.sensor.fullWell / spec.noise ** 2, readE: light.sensor.readE / spec.noise };
  const camera = placeCamera(spec, width, height);
  const vignette = (x, y) =>
    1 - spec.camera.vignette * (((x - width / 2) ** 2 + (y - height / 2) ** 2) / ((width * width + height * height) / 4));
  const buildingSeed = rng.fork('building').int(1, 1e6);
  const buildingSpec = { ...spec.building, units: spec.building.units.length, style };
  const backgroundFor = (l) =>
    renderBackground(
      camera,
      createBuilding(buildingSpec, l, buildingSeed),
      createBackdrop(l, rng.fork('backdrop'), { widthM: spec.building.widthM, neighbours: spec.surroundings.neighbours }),
      { samples: 2, psfPx: spec.camera.psfPx, vignette },
    );
  const building = createBuilding(buildingSpec, light, buildingSeed);
  const frequency = (hz) => (spec.loop ? Math.max(1, Math.round(hz * spec.durationS)) / spec.durationS : hz);
  const trees = placeTrees(spec, rng.fork('trees')).map((t, i) => createTree(t, camera, light, rng.fork(`tree${i}`), frequency, kernel));
  const background = backgroundFor(light);
  const windRng = rng.fork('wind');
  const side = windRng.chance(0.5) ? 1 : -1;
  const wind = { mean: [side * spec.wind.meanMps, 0, windRng.range(-0.3, 0.3) * spec.wind.meanMps], gust: spec.wind.gustMps };
  const motion = spec.variant === 'constant' ? 'constant' : 'fall';
  const world = {
    spec,
    camera,
    building,
    light,
    background,
    trees,
    wind,
    frequency,
    width,
    height,
    fps: spec.fps,
    durationS: spec.durationS,
    floorHeightM: spec.building.floorHeightM,
    firstFloor: spec.building.firstFloor,
    unitNames: spec.building.units,
    backgroundFor,
    motion,
  };
  if (spec.variant !== null && !variants.includes(spec.variant)) {
    throw new RangeError(`unknown variant '${spec.variant}'; known: ${variants.join(', ')}`);
  }
  const stillShot = (frame) => ({
    camera,
    timeS: frame / spec.fps,
    exposureS: spec.camera.exposureS,
    readoutS: spec.camera.readoutS,
    vignette,
    light,
    background,
    frame,
  });
  const throws =
    spec.throws.probes != null
      ? castProbes(spec, world, stillShot, rng.fork('throws'))
      : spec.throws.mix == null
        ? resolveThrows(spec, rng.fork('throws')).map((t, i) => createThrow({ ...t, motion }, world, rng.fork(`throw${i}`), `t${i + 1}`))
        : castThrows(spec, world, stillShot, rng.fork('throws'));
  const nuisances = spec.nuisances.map((n, i) => createNuisance(n, world, rng.fork(`nuisance${i}/${n.kind}`)));
  const chain = createSensor(width, height, sensor, rng.fork('sensor'));
  const canvas = new Canvas(width, height, kernel);
  const frameCount = Math.round(spec.durationS * spec.fps);
  const plan = planFrames(frameCount, nuisances, spec.fps);
  /** For each rendered frame: when it was shown (more than once when repeated) and how far shake had moved it. */
  const shownAt = new Map();
  let shot = null;

  const cameraState = (t) => {
    const state = { gain: 1, noiseGain: 1, grey: light.grey === true, background, light, shift: null };
    for (const n of nuisances) n.camera?.(t, state);
    return state;
  };

  return {
    width,
    height,
    fps: spec.fps,
    frameCount,
    camera,
    /** Numbers of frames that the camera loses: they are rendered but must not be sent. */
    dropped: plan.flatMap((p, n) => (p === 'drop' ? [n] : [])),

    /** Every frame as yuv420p; the buffer is reused. */
    *frames() {
      const out = new Uint8Array((width * height * 3) / 2);
      for (let frame = 0; frame < frameCount; frame++) {
        const pts = round(frame / spec.fps, 6);
        if (plan[frame] === 'repeat' && frame > 0) {
          const source = lastShown(shownAt);
          if (source !== null) source.times.push(pts);
          yield out;
          continue;
        }
        const moment = spec.variant === 'reversed' ? frameCount - 1 - frame : frame;
        const state = cameraState(moment / spec.fps);
        shot = { ...stillShot(moment), canvas, light: state.light, background: state.background };
        canvas.reset(state.background);
        const hidden = (x, y) => trees.reduce((m, tree) => Math.max(m, tree.hides(x, y)), 0);
        for (const layer of LAYERS) {
          if (layer === 'lens') for (const tree of trees) tree.draw(shot);
          for (const n of nuisances) if (n.layer === layer) n.draw(shot);
          if (layer === 'facade') for (const t of throws) t.draw(shot, hidden);
        }
        chain.expose(canvas, state, out);
        if (plan[frame] !== 'drop') shownAt.set(frame, { times: [pts], shift: state.shift });
        yield out;
      }
    },

    /** What was there, once all frames are rendered. */
    truth() {
      const sent = (frame, y) => {
        const shown = shownAt.get(frame);
        if (shown === undefined) return [];
        const [dx, dy] = shown.shift === null ? [0, 0] : shown.shift(Math.min(height - 1, Math.max(0, Math.round(y))));
        return shown.times.map((t, i) => ({ t, dx, dy, repeated: i > 0 }));
      };
      const sentSize = spec.variant === 'rotated' ? { width: height, height: width } : { width, height };
      return {
        schema: 'parapet/truth/v1',
        scene: spec.variant === null ? spec.name : `${spec.name}-${spec.variant}`,
        seed,
        tags: [...spec.tags, ...(spec.variant === null ? [] : [spec.variant, 'hard-negative'])],
        video: { ...sentSize, fps: spec.fps, duration_s: spec.durationS, frames: frameCount - plan.filter((p) => p === 'drop').length },
        camera: {
          position_m: camera.position,
          focal_px: round(camera.focalPx, 2),
          k1: spec.camera.k1,
          k2: spec.camera.k2,
          exposure_s: spec.camera.exposureS,
          readout_s: spec.camera.readoutS,
        },
        facade: {
          corners: facadeCorners(spec, camera).map(([x, y]) => [round(x, 5), round(y, 5)]),
          floors: {
            first: spec.building.firstFloor,
            last: spec.building.firstFloor + spec.building.floors - 1,
            height_m: spec.building.floorHeightM,
          },
          units: spec.building.units,
          width_m: spec.building.widthM,
        },
        wind_mps: wind.mean.map((c) => round(c, 2)),
        throws: shot === null || spec.variant !== null ? [] : throws.map((t) => t.truth(shot, sent)),
        nuisances: [
          ...nuisances,
          ...(spec.variant === null ? [] : throws.map((t) => ({ kind: spec.variant, strength: 1, spans: [[t.startS, t.endS]] }))),
        ].map((n) => ({
          kind: n.kind,
          strength: n.strength,
          spans: n.spans.map((s) => (spec.variant === 'reversed' ? s.map((t) => spec.durationS - t).reverse() : s).map((t) => round(t, 2))),
        })),
      };
    },
  };
}

/** Top-left, top-right, bottom-right, bottom-left of the wall as a fraction of the picture. */
export function facadeCorners(spec, camera) {
  const { widthM, floors, floorHeightM } = spec.building;
  const top = floors * floorHeightM;
  return [
    [-widthM / 2, top],
    [widthM / 2, top],
    [widthM / 2, 0],
    [-widthM / 2, 0],
  ].map(([x, y]) => {
    const p = camera.project(x, y, 0);
    return [p.x / camera.width, p.y / camera.height];
  });
}

function placeCamera(spec, width, height) {
  const c = spec.camera;
  const { floors, floorHeightM, widthM } = spec.building;
  const [from, to] = c.cover ?? [0, floors - 1];
  const position = /** @type {const} */ ([c.lateralM, c.heightM, -c.distanceM]);
  const aim = aimAtFacade({
    width,
    height,
    position,
    widthM,
    fromM: from * floorHeightM,
    toM: (to + 1) * floorHeightM,
    marginTop: c.marginTop,
    marginBottom: c.marginBottom,
    marginSide: c.marginSide,
  });
  return createCamera({
    width,
    height,
    position,
    yawRad: aim.yawRad + (c.panDeg * Math.PI) / 180,
    pitchRad: aim.pitchRad,
    rollRad: (c.rollDeg * Math.PI) / 180,
    focalPx: aim.focalPx,
    principal: c.principal,
    k1: c.k1,
    k2: c.k2,
  });
}

/** Trees as asked for, or a few at either side between camera and facade, so that most of the facade stays free. */
function placeTrees(spec, rng) {
  if (Array.isArray(spec.surroundings.trees)) return spec.surroundings.trees;
  const half = spec.building.widthM / 2;
  return Array.from({ length: rng.int(1, 3) }, (_, i) => {
    const side = i % 2 === 0 ? -1 : 1;
    const near = rng.range(0.35, 0.75);
    return {
      x: side * half * (1 - near) * rng.range(0.9, 1.35) + spec.camera.lateralM * near * 0.8,
      z: -spec.camera.distanceM * near,
      heightM: rng.range(5.5, 9.5) * (1.25 - near * 0.6),
      crownM: rng.range(1.6, 2.8) * (1.3 - near * 0.7),
      sway: Math.min(1, 0.12 + 0.25 * spec.wind.meanMps * rng.range(0.6, 1.3)),
      bare: rng.range(0, 0.35),
    };
  });
}

function planFrames(count, nuisances, fps) {
  return Array.from({ length: count }, (_, n) => {
    for (const nuisance of nuisances) {
      const fate = nuisance.fate?.(n, n / fps);
      if (fate !== undefined) return fate;
    }
    return 'show';
  });
}

function lastShown(map) {
  let last = null;
  for (const value of map.values()) last = value;
  return last;
}

function lookUp(table, name, what) {
  if (!(name in table)) throw new RangeError(`unknown ${what} '${name}'; known: ${Object.keys(table).join(', ')}`);
  return table[name];
}
