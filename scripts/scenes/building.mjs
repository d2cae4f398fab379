import { lampGlow } from './light.mjs';
import { hash2, smoothstep, valueNoise } from './noise-field.mjs';
import { fractionalWall } from './wall-texture.mjs';

/** What a ray hit: kept in the fourth slot of a shade. */
export const SURFACE = { sky: 0, wall: 1, glass: 2, other: 3 };

/**
 * The tower: a wall in the plane z = 0 with recessed windows and projecting balconies, repeated by floor and unit.
 *
 * @param {{floors: number, floorHeightM: number, widthM: number, depthM: number, units: number, style: import('./styles.mjs').Style}} spec
 * @param {import('./light.mjs').Light} light
 * @param {number} seed
 */
export function createBuilding(spec, light, seed) {
  const { floorHeightM: h, widthM: width, style } = spec;
  const top = spec.floors * h;
  const unitW = width / spec.units;
  const slabM = 0.14;
  const recessM = 0.22;
  const [sx, sy, sz] = light.sun;
  const sunOnWall = light.sunPower * Math.max(0, -sz);

  /** Position within a unit, 0..1, mirrored in every second one. */
  const unitFraction = (x) => {
    const u = (x + width / 2) / unitW;
    const i = Math.floor(u);
    const f = u - i;
    return i % 2 === 0 ? f : 1 - f;
  };
  const onFacade = (x, y) => x > -width / 2 && x < width / 2 && y > 0 && y < top;
  const inBalcony = (b, x, y) => {
    if (!onFacade(x, y)) return false;
    const f = unitFraction(x);
    return f >= b.x0 && f <= b.x1;
  };

  /** Share of the sun that reaches a point of the wall: slabs and parapets cast shadows. */
  const sunlit = (x, y) => {
    if (sunOnWall === 0) return 0;
    for (const b of style.balconies) {
      const run = b.depthM / -sz;
      const x1 = x + sx * run;
      const y1 = y + sy * run;
      if (Math.floor(y1 / h) > Math.floor(y / h)) {
        const part = ((Math.floor(y / h) + 1) * h - y) / (y1 - y);
        if (inBalcony(b, x + (x1 - x) * part, y)) return 0;
      }
      if (b.kind === 'solid' && inBalcony(b, x1, y1) && y1 % h < b.parapetM) return 0;
    }
    return 1;
  };

  /** Light on the wall: sun, sky (less of it below a slab), bounce, lamps. */
  const wallLight = (x, y) => {
    let sky = 1;
    for (const b of style.balconies) {
      if (!inBalcony(b, x, y)) continue;
      sky *= 0.3 + 0.45 * smoothstep(0, h, h - (y % h));
    }
    return sunOnWall * sunlit(x, y) + light.ambient * sky + light.bounce * smoothstep(top, 0, y) + lampGlow(light, y);
  };

  const put = (out, rgb, power, kind) => {
    out[0] = rgb[0] * power * light.tint[0];
    out[1] = rgb[1] * power * light.tint[1];
    out[2] = rgb[2] * power * light.tint[2];
    out[3] = kind;
  };

  const shadeGlass = (x, y, win, index, out) => {
    const floor = Math.floor(y / h);
    const unit = Math.floor((x + width / 2) / unitW);
    const id = hash2(unit * 17 + index, floor, seed);
    const f = (unitFraction(x) - win.x0) / (win.x1 - win.x0);
    const g = ((y % h) - win.y0) / (win.y1 - win.y0);
    const barX = 0.035 / ((win.x1 - win.x0) * unitW);
    const barY = 0.035 / (win.y1 - win.y0);
    const cellX = f * win.cols - Math.round(f * win.cols);
    const cellY = g * win.rows - Math.round(g * win.rows);
    if (Math.abs(cellX) < barX * win.cols || Math.abs(cellY) < barY * win.rows) {
      put(out, [style.frame, style.frame, style.frame], wallLight(x, y) * 0.85, SURFACE.wall);
      return;
    }
    const lit = hash2(unit * 31 + index, floor * 7 + 3, seed + 5) < light.litWindows;
    const curtainEdge = 0.15 + 0.8 * hash2(unit, floor * 3 + index, seed + 9);
    const curtained = id < 0.45 && (id < 0.15 || f < curtainEdge);
    const pane = Math.floor(f * win.cols);
    // Sky and the houses opposite, mirrored: panes stand at slightly different angles, so each reflects another part.
    const tilt = hash2(unit * 13 + pane, floor * 5 + index, seed + 11);
    const mirrored = 0.5 + 0.5 * valueNoise(x * 0.12 + tilt * 0.8, y * 0.1, seed + 13);
    const reflection = (0.05 + 0.16 * tilt * mirrored) * (0.3 + 0.7 * smoothstep(0, top, y));
    const sky = light.skyLow;
    let r = reflection * sky[0];
    let gr = reflection * sky[1];
    let b = reflection * sky[2] * 1.05;
    if (lit) {
      const warm = hash2(unit + 3, floor + index, seed + 17);
      const level = (0.1 + 0.5 * hash2(unit, floor, seed + 19) ** 2) * (0.6 + 0.4 * g) * (curtained ? 0.45 : 1);
      r += level;
      gr += level * (0.74 + 0.24 * warm);
      b += level * (0.4 + 0.55 * warm);
    } else if (curtained) {
      const cloth = (0.12 + 0.4 * hash2(unit + 7, floor, seed + 23)) * (0.85 + 0.15 * Math.cos(f * 60));
      const power = wallLight(x, y) * 0.55;
      r += cloth * power;
      gr += cloth * power * 0.97;
      b += cloth * power * 0.9;
    } else {
      const room = 0.03 * wallLight(x, y);
      r += room;
      gr += room;
      b += room;
    }
    out[0] = r;
    out[1] = gr;
    out[2] = b;
    out[3] = SURFACE.glass;
  };

  const shadeWall = (x, y, out, dx, dy) => {
    const f = unitFraction(x);
    const fy = y % h;
    for (let i = 0; i < style.windows.length; i++) {
      const w = style.windows[i];
      if (f < w.x0 || f > w.x1 || fy < w.y0 || fy > w.y1) continue;
      // The pane stands back: what the ray meets there may be the reveal instead.
      const x2 = x + dx * recessM;
      const y2 = y + dy * recessM;
      const f2 = onFacade(x2, y2) ? unitFraction(x2) : f;
      if (y2 % h > w.y1 || Math.floor(y2 / h) !== Math.floor(y / h))
        put(out, style.wall.rgb, light.ambient * 0.25 + light.bounce, SURFACE.wall);
      else if (f2 < w.x0 || f2 > w.x1) put(out, style.wall.rgb, light.ambient * 0.6, SURFACE.wall);
      else shadeGlass(x2, y2, w, i, out);
      return;
    }
    for (const c of style.coolers) {
      if (f < c.x0 || f > c.x1 || fy < c.y0 || fy > c.y1) continue;
      if (hash2(Math.floor((x + width / 2) / unitW), Math.floor(y / h), seed + 31) < 0.25) break; // some flats have none
      const grille = Math.hypot((f - (c.x0 + c.x1) / 2) / (c.x1 - c.x0), (fy - (c.y0 + c.y1) / 2) / (c.y1 - c.y0)) < 0.4;
      put(out, grille ? [0.12, 0.12, 0.12] : [0.62, 0.61, 0.57], wallLight(x, y), SURFACE.other);
      return;
    }
    if (style.band !== null && (fy < style.band.heightM || fy > h - 0.02)) {
      const stain = 0.86 + 0.28 * valueNoise(x * 2.5, y * 0.35, seed + 37);
      put(out, style.band.rgb, wallLight(x, y) * stain, SURFACE.wall);
      return;
    }
    put(out, style.wall.rgb, wallLight(x, y) * fractionalWall(style.wall.kind, x, y, h, seed), SURFACE.wall);
  };

  const shadeParapet = (b, x, y, out) => {
    const power = (b.kind === 'solid' ? sunOnWall : sunOnWall * 0.8) + light.ambient + light.bounce * 0.6 + lampGlow(light, y);
    const stain = 0.84 + 0.3 * valueNoise(x * 3.1, y * 0.4, seed + 41);
    put(out, b.rgb, power * stain, b.kind === 'glass' ? SURFACE.glass : SURFACE.wall);
  };

  return {
    top,
    width,
    unitW,
    maxProjectionM: style.balconies.reduce((m, b) => Math.max(m, b.depthM), 0),

    /**
     * Shades what a ray meets, if it meets the tower.
     *
     * @param {number} ox @param {number} oy @param {number} oz camera
     * @param {Float64Array} d direction
     * @param {Float64Array} out red, green, blue (linear), surface
     * @returns {boolean}
     */
    shade(ox, oy, oz, d, out) {
      if (d[2] <= 1e-6) return false;
      const t0 = -oz / d[2];
      const x0 = ox + d[0] * t0;
      const y0 = oy + d[1] * t0;
      const dxPerM = d[0] / d[2];
      const dyPerM = d[1] / d[2];
      for (const b of style.balconies) {
        const xf = x0 - dxPerM * b.depthM;
        const yf = y0 - dyPerM * b.depthM;
        const fy = ((yf % h) + h) % h;
        if (yf > -slabM && yf < top && inBalcony(b, xf, Math.max(0.01, yf)) && (fy < b.parapetM || fy > h - slabM)) {
          const bars = b.kind === 'rail' && fy < b.parapetM - 0.06 && fy > 0.05 && (((xf * 8) % 1) + 1) % 1 > 0.25;
          if (b.kind === 'glass' && fy < b.parapetM - 0.05 && fy > 0.02) {
            shadeWall(x0, Math.min(top - 0.01, Math.max(0.01, y0)), out, dxPerM, dyPerM);
            for (let i = 0; i < 3; i++) out[i] = out[i] * 0.6 + 0.1 * light.skyLow[i];
            out[3] = SURFACE.glass;
            return true;
          }
          if (!bars) {
            shadeParapet(b, xf, yf, out);
            return true;
          }
        }
        // Looking up, the ray may cross the slab between its edge and the wall: its dark underside shows.
        const k = Math.floor(y0 / h);
        if (dyPerM > 0 && k > Math.floor(yf / h) && k * h <= top) {
          const back = (y0 - (k * h - slabM)) / dyPerM;
          const xs = x0 - dxPerM * back;
          if (inBalcony(b, xs, Math.max(0.01, k * h - slabM))) {
            const open = smoothstep(0, b.depthM, back);
            put(
              out,
              [0.5, 0.49, 0.47],
              light.ambient * (0.16 + 0.25 * open) + light.bounce * (0.8 + 0.6 * open) + lampGlow(light, y0),
              SURFACE.wall,
            );
            return true;
          }
        }
      }
      if (onFacade(x0, y0)) {
        shadeWall(x0, y0, out, dxPerM, dyPerM);
        return true;
      }
      // The side that faces the camera.
      const side = ox > 0 ? width / 2 : -width / 2;
      const ts = (side - ox) / d[0];
      const zs = oz + d[2] * ts;
      const ys = oy + d[1] * ts;
      if (Math.abs(ox) > width / 2 && ts > 0 && zs > 0 && zs < spec.depthM && ys > 0 && ys < top) {
        const hole = zs % 4 > 1.5 && zs % 4 < 2.6 && ys % h > 1 && ys % h < 2.2;
        if (hole) put(out, [0.06, 0.065, 0.07], light.ambient, SURFACE.glass);
        else put(out, style.wall.rgb, light.ambient * 0.75 + light.sunPower * Math.max(0, sx * Math.sign(ox)), SURFACE.wall);
        return true;
      }
      return false;
    },

    /** The windows as rectangles on the facade, metres: for lamps, curtains and releases. */
    windows() {
      const list = [];
      for (let floor = 0; floor < spec.floors; floor++) {
        for (let unit = 0; unit < spec.units; unit++) {
          style.windows.forEach((w, index) => {
            const [f0, f1] = unit % 2 === 0 ? [w.x0, w.x1] : [1 - w.x1, 1 - w.x0];
            const left = -width / 2 + unit * unitW;
            list.push({ floor, unit, index, x0: left + f0 * unitW, x1: left + f1 * unitW, y0: floor * h + w.y0, y1: floor * h + w.y1 });
          });
        }
      }
      return list;
    },
  };
}
