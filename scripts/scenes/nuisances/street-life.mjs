import { irradianceAt } from '../light.mjs';
import { drawMover } from '../mover.mjs';
import { integrateFall } from '../physics.mjs';

/** Cars and vans on the road before the tower. */
export function cars(spec, world, rng) {
  const night = world.light.ambient < 0.1;
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.3)) }, () => {
    const direction = rng.chance(0.5) ? 1 : -1;
    const speed = rng.range(5, 14);
    const tall = rng.chance(0.2);
    return {
      startS: rng.range(-4, world.durationS),
      direction,
      speed,
      z: direction > 0 ? -9.4 : -13,
      halfL: tall ? 3 : 2.2,
      heightM: tall ? 2.6 : 1.45,
      albedo: rng.pick([0.03, 0.12, 0.4, 0.75, 0.2]),
      u: rng.pick([128, 128, 140, 112]),
      v: rng.pick([128, 128, 112, 165]),
    };
  });
  const durationS = (c) => 110 / c.speed;
  return {
    layer: 'facade',
    spans: list.map((c) => [Math.max(0, c.startS), c.startS + durationS(c)]),
    draw(shot) {
      for (const c of list) {
        if (shot.timeS < c.startS || shot.timeS > c.startS + durationS(c)) continue;
        const part = (dx, dy, halfW, halfH, colour) => {
          const at = (t, out) => {
            out[0] = c.direction * (-55 + c.speed * (t - c.startS) + dx);
            out[1] = dy;
            out[2] = c.z;
          };
          drawMover(
            shot,
            at,
            halfW + halfH,
            (seen, weight) => shot.canvas.addRect(seen.x, seen.y, halfW * seen.scale, halfH * seen.scale, 1, 0, weight),
            colour,
          );
        };
        const paint = { lin: c.albedo * irradianceAt(shot.light, 1), u: c.u, v: c.v };
        part(0, c.heightM * 0.36, c.halfL, c.heightM * 0.28, paint);
        part(-0.2, c.heightM * 0.76, c.halfL * 0.55, c.heightM * 0.24, { ...paint, lin: paint.lin * 0.35 });
        for (const wheel of [-0.62, 0.62]) part(c.halfL * wheel, 0.3, 0.32, 0.32, { lin: 0.01, u: 128, v: 128 });
        if (night) {
          part(c.halfL, c.heightM * 0.4, 0.25, 0.14, { lin: 1, u: 124, v: 132 });
          part(-c.halfL, c.heightM * 0.4, 0.15, 0.1, { lin: 0.35, u: 110, v: 190 });
        }
      }
    },
  };
}

/** People who walk along the foot of the tower. */
export function people(spec, world, rng) {
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.2)) }, () => ({
    startS: rng.range(-25, world.durationS),
    direction: rng.chance(0.5) ? 1 : -1,
    speed: rng.range(0.9, 1.8),
    z: rng.pick([-2.5, -3.5, -16.5]),
    top: rng.range(0.05, 0.6),
    legs: rng.range(0.03, 0.3),
    u: rng.pick([128, 145, 112]),
    v: rng.pick([128, 112, 155]),
  }));
  return {
    layer: 'facade',
    spans: list.map((p) => [Math.max(0, p.startS), Math.min(world.durationS, p.startS + 60 / p.speed)]),
    draw(shot) {
      for (const p of list) {
        if (shot.timeS < p.startS) continue;
        const part = (dy, halfW, halfH, lin, u, v, swing) => {
          const at = (t, out) => {
            out[0] = p.direction * (-30 + p.speed * (t - p.startS)) + swing * Math.sin(5.5 * p.speed * t);
            out[1] = dy + 0.03 * Math.sin(11 * p.speed * t);
            out[2] = p.z;
          };
          const colour = { lin: lin * irradianceAt(shot.light, 1), u, v };
          drawMover(
            shot,
            at,
            halfW + halfH,
            (seen, weight) => shot.canvas.addRect(seen.x, seen.y, halfW * seen.scale, halfH * seen.scale, 1, 0, weight),
            colour,
          );
        };
        for (const leg of [-0.18, 0.18]) part(0.42, 0.08, 0.42, p.legs, 128, 128, leg);
        part(1.15, 0.22, 0.32, p.top, p.u, p.v, 0);
        part(1.6, 0.1, 0.13, 0.3, 118, 148, 0);
      }
    },
  };
}

/** Balls tossed or kicked up from the ground: they rise first, and never come out of the building. */
export function balls(spec, world, rng) {
  const half = world.building.width / 2;
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.08)) }, (_, i) => {
    const own = rng.fork(`ball${i}`);
    const startS = own.range(0, world.durationS - 4);
    const path = integrateFall(
      {
        body: { terminalSpeed: own.range(14, 26), flutter: 0, tumbleHz: 1 },
        wind: world.wind,
        position: [own.range(-half, half), 1.2, -own.range(2.5, 6)],
        velocity: [own.range(-2.5, 2.5), own.range(8, 18), own.range(-0.4, 0.4)],
        startS,
        endS: startS + 6,
        groundM: 0.11,
      },
      own,
    );
    return { path, albedo: own.range(0.25, 0.8), v: own.pick([128, 160, 120]) };
  });
  return {
    layer: 'air',
    spans: list.map((b) => [b.path.startS, b.path.endS]),
    draw(shot) {
      for (const b of list) {
        if (shot.timeS < b.path.startS || shot.timeS > b.path.endS) continue;
        const shape = (seen, weight) => {
          const r = 0.1 * seen.scale;
          shot.canvas.addRect(seen.x, seen.y, r, r * 0.7, 1, 0, weight * 0.5);
          shot.canvas.addRect(seen.x, seen.y, r, r * 0.7, 0, 1, weight * 0.5);
        };
        drawMover(shot, b.path.at, 0.15, shape, { lin: b.albedo * irradianceAt(shot.light, 4), u: 120, v: b.v });
      }
    },
  };
}

/** Water that drips from an awning near the camera: the same place again and again. */
export function drips(spec, world, rng) {
  const ray = new Float64Array(3);
  const sources = Array.from({ length: Math.max(1, Math.round(spec.strength * 3)) }, () => {
    world.camera.ray(rng.range(0.25, 0.75) * world.width, rng.range(0.05, 0.4) * world.height, ray);
    const distance = rng.range(2.5, 8) / Math.hypot(ray[0], ray[1], ray[2]);
    const position = world.camera.position.map((c, i) => c + ray[i] * distance);
    const times = [];
    const everyS = rng.range(0.6, 2.5);
    for (let t = rng.range(0, everyS); t < world.durationS; t += everyS * rng.range(0.9, 1.1)) times.push(t);
    return { position, times, sizeM: rng.range(0.005, 0.009) };
  });
  const lin = 0.6 * (world.light.ambient + 0.5 * world.light.sunPower + world.light.lampPower) + 0.02;
  return {
    layer: 'lens',
    spans: sources.flatMap((s) => s.times.map((t) => [t, t + 1])),
    draw(shot) {
      for (const s of sources) {
        for (const t0 of s.times) {
          if (shot.timeS < t0 || shot.timeS > t0 + 1.5) continue;
          const at = (t, out) => {
            const dt = Math.max(0, t - t0);
            out[0] = s.position[0] + world.wind.mean[0] * 0.15 * dt * dt;
            out[1] = s.position[1] - 0.5 * 9.81 * dt * dt; // too short a way for drag to matter
            out[2] = s.position[2];
          };
          const shape = (seen, weight) =>
            shot.canvas.addRect(seen.x, seen.y, (s.sizeM / 2) * seen.scale, (s.sizeM / 2) * seen.scale, 1, 0, weight);
          drawMover(shot, at, s.sizeM, shape, { lin, u: 128, v: 128 }, { opacity: 0.9 });
        }
      }
    },
  };
}
