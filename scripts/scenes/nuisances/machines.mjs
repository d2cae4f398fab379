import { irradianceAt } from '../light.mjs';
import { drawMover } from '../mover.mjs';

/** A box of several painted parts that moves as one: parts are offsets and half sizes in metres. */
function drawParts(shot, at, parts, options) {
  for (const p of parts) {
    const partAt = (t, out) => {
      at(t, out);
      out[0] += p.dx;
      out[1] += p.dy;
    };
    drawMover(
      shot,
      partAt,
      Math.hypot(p.halfW, p.halfH),
      (seen, weight) => shot.canvas.addRect(seen.x, seen.y, p.halfW * seen.scale, p.halfH * seen.scale, 1, 0, weight),
      (seen) => {
        at(seen.t, height);
        return { lin: p.glow ?? p.albedo * irradianceAt(shot.light, height[1]), u: p.u ?? 128, v: p.v ?? 128 };
      },
      options,
    );
  }
}
const height = new Float64Array(8);

/** A window-cleaning platform that creeps down or up the facade with two people in it. */
export function gondola(_spec, world, rng) {
  const half = world.building.width / 2;
  const x = rng.range(-half * 0.7, half * 0.7);
  const speed = (rng.chance(0.5) ? -1 : 1) * rng.range(0.12, 0.5);
  const y0 = rng.range(0.3, 0.8) * world.building.top;
  const parts = [
    { dx: 0, dy: 0, halfW: 1.6, halfH: 0.5, albedo: 0.5, u: 112, v: 150 },
    { dx: -0.7, dy: 0.95, halfW: 0.24, halfH: 0.5, albedo: 0.12 },
    { dx: 0.6, dy: 0.95, halfW: 0.24, halfH: 0.5, albedo: 0.4, u: 110, v: 160 },
    { dx: -1.5, dy: 8, halfW: 0.015, halfH: 8, albedo: 0.06 },
    { dx: 1.5, dy: 8, halfW: 0.015, halfH: 8, albedo: 0.06 },
  ];
  const z = -world.building.maxProjectionM - 0.5;
  const at = (t, out) => {
    out[0] = x + 0.05 * Math.sin(0.9 * t);
    out[1] = Math.max(2, Math.min(world.building.top - 2, y0 + speed * t));
    out[2] = z;
  };
  return { layer: 'facade', spans: [[0, world.durationS]], draw: (shot) => drawParts(shot, at, parts) };
}

/** A lift on the outside of the tower: constant speed between stops. */
export function lift(_spec, world, rng) {
  const half = world.building.width / 2;
  const x = rng.pick([-half + 1.6, half - 1.6, 0]);
  const speed = rng.range(1.2, 2.5);
  const stops = [rng.range(0, 0.9)];
  const legs = [];
  let t = rng.range(0, 3);
  while (t < world.durationS) {
    const next = rng.range(0.02, 0.95);
    const from = stops[stops.length - 1];
    const travelS = (Math.abs(next - from) * world.building.top) / speed;
    legs.push({ t0: t, t1: t + travelS, from, to: next });
    stops.push(next);
    t += travelS + rng.range(2, 6);
  }
  const level = (time) => {
    for (const leg of legs) {
      if (time < leg.t0) return leg.from;
      if (time <= leg.t1) return leg.from + ((leg.to - leg.from) * (time - leg.t0)) / (leg.t1 - leg.t0);
    }
    return stops[stops.length - 1];
  };
  const at = (time, out) => {
    out[0] = x;
    out[1] = 1.3 + level(time) * (world.building.top - 3);
    out[2] = -world.building.maxProjectionM - 0.1;
  };
  const parts = [
    { dx: 0, dy: 0, halfW: 1, halfH: 1.3, albedo: 0.35 },
    { dx: 0, dy: 0.15, halfW: 0.85, halfH: 0.8, albedo: 0.08, ...(world.light.ambient < 0.2 ? { glow: 0.5, u: 118, v: 138 } : {}) },
  ];
  return { layer: 'facade', spans: legs.map((l) => [l.t0, Math.min(world.durationS, l.t1)]), draw: (shot) => drawParts(shot, at, parts) };
}

/** A drone: hovers, darts, rises and sinks at constant speed. */
export function drone(_spec, world, rng) {
  const half = world.building.width / 2;
  const startS = rng.range(0, world.durationS * 0.3);
  const points = [{ t: startS, x: half + 30, y: rng.range(10, 50), z: -10 }];
  while (points[points.length - 1].t < world.durationS) {
    const a = points[points.length - 1];
    const b = { x: rng.range(-half, half) * 0.9, y: rng.range(0.1, 0.9) * world.building.top, z: -rng.range(3, 14) };
    if (rng.chance(0.5) && points.length > 1) b.x = a.x; // straight down or up
    const speed = rng.range(1.5, 9);
    const t = a.t + Math.hypot(b.x - a.x, b.y - a.y, b.z - a.z) / speed;
    points.push({ t, ...b }, { t: t + rng.range(0.3, 3), ...b });
  }
  const at = (t, out) => {
    let i = 0;
    while (i < points.length - 2 && points[i + 1].t < t) i++;
    const a = points[i];
    const b = points[i + 1];
    const f = b.t === a.t ? 1 : Math.min(1, Math.max(0, (t - a.t) / (b.t - a.t)));
    out[0] = a.x + (b.x - a.x) * f + 0.04 * Math.sin(3 * t);
    out[1] = a.y + (b.y - a.y) * f + 0.05 * Math.sin(2.3 * t);
    out[2] = a.z + (b.z - a.z) * f;
  };
  const parts = [
    { dx: 0, dy: 0, halfW: 0.13, halfH: 0.06, albedo: 0.3 },
    { dx: 0, dy: 0.05, halfW: 0.28, halfH: 0.015, albedo: 0.1 },
    ...(world.light.ambient < 0.2 ? [{ dx: 0.15, dy: 0, halfW: 0.02, halfH: 0.02, albedo: 0, glow: 1, u: 100, v: 180 }] : []),
  ];
  return {
    layer: 'air',
    spans: [[startS, world.durationS]],
    draw(shot) {
      if (shot.timeS >= startS) drawParts(shot, at, parts);
    },
  };
}

/** An aircraft far off; at night its lights flash. */
export function aircraft(_spec, world, rng) {
  const startS = rng.range(0, world.durationS * 0.5);
  const direction = rng.chance(0.5) ? 1 : -1;
  const y = rng.range(1200, 2600);
  const night = world.light.ambient < 0.2;
  const at = (t, out) => {
    out[0] = direction * (-1500 + 190 * (t - startS));
    out[1] = y + 6 * (t - startS);
    out[2] = 2200;
  };
  const endS = startS + 16;
  return {
    layer: 'air',
    spans: [[startS, Math.min(world.durationS, endS)]],
    draw(shot) {
      if (shot.timeS < startS || shot.timeS > endS) return;
      const flash = night && (shot.timeS * 1.1) % 1 < 0.1;
      if (night && !flash) return;
      const sky = { mask: skyMask(shot.background) };
      drawParts(shot, at, [{ dx: 0, dy: 0, halfW: 18, halfH: 2.2, albedo: 0.5, ...(night ? { glow: 1 } : {}) }], sky);
    },
  };
}

/** Far things pass behind the tower. Made once for each background. */
function skyMask(background) {
  background.open ??= background.solid.map((t) => 255 - t);
  return background.open;
}
