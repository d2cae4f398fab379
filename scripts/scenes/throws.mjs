import { irradianceAt } from './light.mjs';
import { drawMover, seenAt } from './mover.mjs';
import { massClass, objectKinds } from './objects.mjs';
import { integrateFall, settledSpeed, straightened } from './physics.mjs';

/** Height of the falling body's centre above the ground when it counts as landed, metres. */
const GROUND_M = 0.06;

/**
 * One throw: its physics, its picture and its truth.
 *
 * @param {{atS: number, object: string, floor: number, unit: number, across: number, riseM: number,
 *   velocity: readonly [number, number, number], reflects: boolean, albedo?: number,
 *   motion?: 'fall' | 'constant', body?: import('./objects.mjs').ObjectKind}} spec `body` in place of a known object's; `floor` and `unit` from 0; `across` 0..1 of the
 *   unit's width; `riseM` above the floor; velocity along the facade, up, and away from it, m/s
 * @param {{building: {unitW: number, width: number, maxProjectionM: number}, floorHeightM: number, wind: import('./physics.mjs').Wind,
 *   durationS: number, firstFloor: number, unitNames: readonly string[]}} scene
 * @param {import('./random.mjs').Random} rng
 * @param {string} id
 */
export function createThrow(spec, scene, rng, id) {
  const kind = spec.body ?? objectKinds[spec.object];
  if (kind === undefined) throw new RangeError(`unknown object '${spec.object}'; known: ${Object.keys(objectKinds).join(', ')}`);
  const albedo = spec.albedo ?? rng.range(kind.albedo[0], kind.albedo[1]);
  const [u, v] = rng.pick(kind.colours);
  const release = /** @type {const} */ ([
    -scene.building.width / 2 + (spec.unit + spec.across) * scene.building.unitW,
    spec.floor * scene.floorHeightM + spec.riseM,
    -scene.building.maxProjectionM - 0.2,
  ]);
  const fall = integrateFall(
    {
      body: kind,
      wind: scene.wind,
      position: release,
      velocity: [spec.velocity[0], spec.velocity[1], -spec.velocity[2]],
      startS: spec.atS,
      endS: scene.durationS + 1,
      groundM: GROUND_M,
    },
    rng,
  );
  const path = spec.motion === 'constant' ? straightened(fall) : fall;
  const settled = settledSpeed(kind, rng.fork('settled'));
  const reach = Math.hypot(kind.sizeM[0], kind.sizeM[1]);
  const turn = rng.range(0, Math.PI);
  const frames = [];
  const state = new Float64Array(5);
  const at = (t, out) => path.at(t, out);
  const mirroredAt = (t, out) => {
    path.at(t, out);
    out[2] = -out[2];
  };

  /** Outline at a moment: long and short side (metres, foreshortened by the attitude) and direction in the picture. */
  const outline = (t) => {
    path.at(t, state);
    const c = Math.abs(Math.cos(state[3]));
    const thin = kind.flutter > 0.5 ? 0.12 : 0.85; // sheets vanish edge on, solid things hardly change
    return {
      long: kind.sizeM[0] * (0.55 + 0.45 * Math.abs(Math.cos(state[3] * 0.7 + turn))),
      short: kind.sizeM[1] * (thin + (1 - thin) * c),
      angle: turn + state[3],
    };
  };
  const apexM = highestOf(path);
  const fallenAt = (t) => {
    path.at(t, state);
    return apexM - state[1];
  };
  const shapesOn = (canvas) => (seen, weight) => {
    const o = outline(seen.t);
    canvas.addRect(seen.x, seen.y, (o.long / 2) * seen.scale, (o.short / 2) * seen.scale, Math.cos(o.angle), Math.sin(o.angle), weight);
  };

  return {
    id,
    startS: path.startS,
    endS: path.endS,

    /**
     * Draws it, and keeps how it looked for the truth.
     *
     * @param {import('./mover.mjs').Shot} shot @param {(x: number, y: number) => number} hidden 0..1
     */
    draw(shot, hidden) {
      const look = this.look(shot, hidden);
      if (look !== null) frames.push(look);
    },

    /** Draws it; says how it looks, or `null` when it does not fall at the time or is outside the picture. */
    look(shot, hidden) {
      if (shot.timeS + shot.exposureS < path.startS) return null;
      if (shot.timeS > path.endS && kind.breaks) return null;
      const brightness = (seen) => {
        path.at(seen.t, state);
        const glint = 0.85 + 0.3 * Math.abs(Math.sin(state[3] * 2 + turn)); // faces turn to and from the light
        return { lin: albedo * irradianceAt(shot.light, state[1]) * glint, u, v };
      };
      if (spec.reflects)
        drawMover(shot, mirroredAt, reach, shapesOn(shot.canvas), brightness, { opacity: 0.25, mask: shot.background.glass });
      const seen = drawMover(shot, at, reach, shapesOn(shot.canvas), brightness);
      if (seen === null || seen.drawn === null || shot.timeS > path.endS || shot.timeS < path.startS - 1e-9) return null;
      const cover = hidden(seen.x, seen.y);
      const inside = seen.x >= 0 && seen.x < shot.canvas.width && seen.y >= 0 && seen.y < shot.canvas.height;
      if (!inside) return null;
      const o = outline(shot.timeS + shot.exposureS / 2);
      return {
        frame: shot.frame,
        x: seen.x,
        y: seen.y,
        w: seen.drawn.x2 - seen.drawn.x1,
        h: seen.drawn.y2 - seen.drawn.y1,
        sizePx: Math.sqrt(o.long * o.short) * seen.scale,
        contrast: seen.drawn.contrast,
        fallenM: fallenAt(shot.timeS + shot.exposureS / 2),
        visible: cover < 0.5,
      };
    },

    /** @param {import('./mover.mjs').Shot} shot any shot: only its camera is used @param {(frame: number, y: number) => readonly {t: number, dx: number, dy: number, repeated: boolean}[]} sent */
    truth(shot, sent) {
      const { width, height } = shot.canvas;
      const shown = frames.flatMap((f) => {
        return sent(f.frame, f.y).map((s) => ({ ...f, t: s.t, repeated: s.repeated, x: f.x + s.dx, y: f.y + s.dy }));
      });
      const visible = shown.filter((f) => f.visible);
      const still = { ...shot, exposureS: 0, readoutS: 0 };
      const origin = seenAt({ ...still, timeS: path.startS }, at, 0);
      path.at(path.endS, state);
      const end = [state[0], state[1], state[2]];
      const impact = state[4];
      const landing = seenAt({ ...still, timeS: path.endS }, at, 0);
      const median = (list) => (list.length === 0 ? 0 : [...list].sort((a, b) => a - b)[list.length >> 1]);
      return {
        id,
        object: spec.object,
        mass_class: massClass(settled),
        terminal_speed_mps: round(settled, 2),
        velocity_mps: [...spec.velocity],
        released_at: round(path.startS, 3),
        ended_at: round(path.endS, 3),
        origin: {
          floor: scene.firstFloor + spec.floor,
          unit: scene.unitNames[spec.unit],
          height_m: round(release[1], 2),
          world_m: release.map((c) => round(c, 2)),
          point: [round(origin.x / width, 5), round(origin.y / height, 5)],
        },
        landing: path.landed
          ? {
              world_m: end.map((c) => round(c, 2)),
              point: [round(landing.x / width, 5), round(landing.y / height, 5)],
              speed_mps: round(impact, 1),
            }
          : null,
        visible_span: visible.length === 0 ? null : [visible[0].t, visible[visible.length - 1].t],
        visible_frames: visible.length,
        median_size_px: round(median(visible.map((f) => f.sizePx)), 2),
        median_contrast: round(median(visible.map((f) => Math.abs(f.contrast))), 1),
        frames: shown.map((f) => ({
          t: f.t,
          x: round(f.x / width, 5),
          y: round(f.y / height, 5),
          w_px: f.w,
          h_px: f.h,
          size_px: round(f.sizePx, 2),
          contrast: round(f.contrast, 1),
          fallen_m: round(f.fallenM, 2),
          visible: f.visible,
          ...(f.repeated ? { repeated: true } : {}),
        })),
      };
    },
  };
}

/** Height of the highest point of a path, metres. */
function highestOf(path) {
  const at = new Float64Array(5);
  let highest = Number.NEGATIVE_INFINITY;
  for (let t = path.startS; t <= path.endS; t += 0.02) {
    path.at(t, at);
    if (at[1] < highest - 0.5) break;
    highest = Math.max(highest, at[1]);
  }
  return highest;
}

export function round(value, digits) {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
