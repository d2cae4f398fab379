import { inHouseShadow } from './still.mjs';
import { across } from './street.mjs';

/** Share of its light that the ground below a thing loses where no sun shines: what a wheel or a shoe keeps off. */
const CONTACT = 0.55;
/** Width of a shadow's soft rim, metres. */
const RIM_M = 0.1;
/** Texels of the noise tile for a metre of foliage's shadow. */
const LEAF_TEXELS = 22;

/**
 * Shadows of things and of the crowns of trees, on the ground.
 *
 * @param {ReturnType<import('./stage.mjs').createStage>} stage
 * @param {import('./camera.mjs').Camera} camera
 * @param {ReturnType<import('./still.mjs').renderStill>} still
 * @param {readonly [number, number, number]} sun
 */
export function createShadows(stage, camera, still, sun) {
  const crowns = stage.trees.map(() => null);
  const { side } = stage.street.noise;

  /** Darkens what is stamped inside a box, and wipes the stamp. */
  const apply = (canvas, { x1, y1, x2, y2 }, factor) => {
    const { width, height, stamp, linear, u, v } = canvas;
    const xa = Math.max(0, Math.floor(x1) - 1);
    const xb = Math.min(width, Math.ceil(x2) + 1);
    for (let y = Math.max(0, Math.floor(y1) - 1); y < Math.min(height, Math.ceil(y2) + 1); y++) {
      for (let x = xa, i = y * width + xa; x < xb; x++, i++) {
        if (stamp[i] === 0) continue;
        const f = factor(i, stamp[i] / 255);
        stamp[i] = 0;
        linear[i] *= f;
        if (((x | y) & 1) === 1) continue;
        const k = (y >> 1) * (width >> 1) + (x >> 1);
        const c = Math.sqrt(f);
        u[k] = 128.5 + (u[k] - 128) * c;
        v[k] = 128.5 + (v[k] - 128) * c;
      }
    }
  };

  const crown = (n) => {
    if (crowns[n] !== null) return crowns[n];
    const tree = stage.trees[n];
    const [s, d] = [tree.s - (sun[0] / sun[2]) * tree.heightM, tree.d - (sun[1] / sun[2]) * tree.heightM];
    const radius = tree.crownM * 1.15;
    const list = [];
    const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
    for (let y = 0; y < camera.height; y++) {
      for (let x = 0; x < camera.width; x++) {
        const at = camera.ground(x + 0.5, y + 0.5);
        if (at === null || at[1] > across.houses) continue;
        const r = Math.hypot(at[0] - s, at[1] - d) / radius;
        if (r >= 1) continue;
        box.x1 = Math.min(box.x1, x);
        box.y1 = Math.min(box.y1, y);
        box.x2 = Math.max(box.x2, x + 1);
        box.y2 = Math.max(box.y2, y + 1);
        list.push([y * camera.width + x, at[0] * LEAF_TEXELS, at[1] * LEAF_TEXELS, r]);
      }
    }
    crowns[n] = {
      box: list.length === 0 ? null : box,
      index: Int32Array.from(list, ([i]) => i),
      x: Float32Array.from(list, ([, a]) => a),
      y: Float32Array.from(list, ([, , a]) => a),
      thin: Float32Array.from(list, ([, , , r]) => 0.42 - 0.6 * r * r),
    };
    return crowns[n];
  };

  const leafShade = (canvas, t, gust, grow) => {
    const { tile } = stage.street.noise;
    stage.trees.forEach((tree, n) => {
      const { box, index, x, y, thin } = crown(n);
      grow(box);
      const sway = tree.wind * gust * LEAF_TEXELS;
      const dx = sway * (0.3 * Math.sin(1.3 * t + tree.s) + 0.1 * Math.sin(3.1 * t));
      const dy = sway * 0.2 * Math.sin(2.2 * t + 1);
      for (let k = 0; k < index.length; k++) {
        const at = (((y[k] + dy) & (side - 1)) * side + ((x[k] + dx) & (side - 1))) | 0;
        const cover = Math.min(1, Math.max(0, (tile[at] + thin[k]) * 4));
        const a = 230 * cover;
        if (canvas.stamp[index[k]] < a) canvas.stamp[index[k]] = a;
      }
    });
  };

  return {
    /** @param {{pen: object, canvas: import('./canvas.mjs').Canvas, t: number, light: object, lamps: Float32Array, gust: number, there: readonly object[]}} p */
    put({ pen, canvas, t, light, lamps, gust, there }) {
      const overcast = [];
      let box = null;
      const grow = (other) => {
        if (other === null) return;
        box ??= { ...other };
        box.x1 = Math.min(box.x1, other.x1);
        box.y1 = Math.min(box.y1, other.y1);
        box.x2 = Math.max(box.x2, other.x2);
        box.y2 = Math.max(box.y2, other.y2);
      };
      for (const item of there) {
        if (item.actor.thing.flat === true || item.actor.thing.footprint === undefined) continue;
        if (light.sunPower < 0.05 || inHouseShadow(item.pose.d, sun)) overcast.push(item);
        else
          for (const [more, strength] of [
            [RIM_M, 0.55],
            [0, 1],
          ])
            grow(pen.shadow(castShadow(item, sun, more), strength));
      }
      if (light.sunPower >= 0.05) {
        leafShade(canvas, t, gust, grow);
        const { ambient, sunPower } = light;
        if (box !== null) {
          apply(canvas, box, (i, cover) => {
            const rest = still.open[i] * ambient + lamps[i];
            const direct = sunPower * still.sunlit[i];
            return (rest * (1 - 0.15 * cover) + direct * (1 - cover)) / (rest + direct + 1e-6);
          });
        }
      }
      box = null;
      for (const item of overcast)
        for (const [more, strength] of [
          [0.25, 0.35],
          [0, 1],
        ])
          grow(pen.shadow(footprintOf(item, more), strength));
      if (box !== null) apply(canvas, box, (_i, cover) => 1 - CONTACT * cover);
    },
  };
}

function footprintOf({ actor, pose }, moreM) {
  const a = (pose.headingDeg * Math.PI) / 180;
  const stretchM = (pose.tilt ?? 0) * actor.thing.height;
  return actor.thing.footprint.map(([x, y]) => {
    const px = x + Math.sign(x) * moreM + (x > 0 ? stretchM : 0);
    const py = y + Math.sign(y) * moreM;
    return [pose.s + px * Math.cos(a) - py * Math.sin(a), pose.d + px * Math.sin(a) + py * Math.cos(a)];
  });
}

function castShadow(item, sun, moreM) {
  const foot = footprintOf(item, moreM);
  const h = item.actor.thing.height * Math.max(0.15, 1 - (item.pose.tilt ?? 0));
  const reach = Math.min(1, 12 / (h / sun[2]));
  const by = [(-sun[0] / sun[2]) * h * reach, (-sun[1] / sun[2]) * h * reach];
  return hull([...foot, ...foot.map(([s, d]) => [s + by[0], d + by[1]])]);
}

/** Convex hull (monotone chain). */
function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list) => {
    const out = [];
    for (const p of list) {
      while (out.length > 1 && turn(out[out.length - 2], out[out.length - 1], p) <= 0) out.pop();
      out.push(p);
    }
    out.pop();
    return out;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}
const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
