import { drawMover } from '../mover.mjs';
import { smoothstep } from '../noise-field.mjs';

/** Shadows of clouds that slide over facade and ground. */
export function shadows(spec, world, rng) {
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.08)) }, () => {
    const angle = rng.range(-0.5, 0.5) + (rng.chance(0.5) ? 0 : Math.PI);
    const speed = rng.range(0.06, 0.35) * world.width;
    const startS = rng.range(0, world.durationS * 0.8);
    const widthPx = rng.range(0.15, 0.6) * world.width;
    const shape = { widthPx, softPx: rng.range(0.01, 0.12) * world.width, depth: rng.range(0.12, 0.45) };
    return { nx: Math.cos(angle), ny: Math.sin(angle), speed, startS, ...shape, profile: shadowProfile(shape) };
  });
  const reach = (world.width + world.height) / 2;
  return {
    layer: 'facade',
    spans: list.map((s) => [s.startS, Math.min(world.durationS, s.startS + (2 * reach + s.widthPx) / s.speed)]),
    draw(shot) {
      const { solid } = shot.background;
      for (const s of list) {
        const front = (shot.timeS - s.startS) * s.speed - reach;
        if (shot.timeS < s.startS || front > reach + s.widthPx) continue;
        shot.canvas.relightBand({ nx: s.nx, ny: s.ny, front }, s.widthPx + s.softPx, s.profile, solid);
      }
    },
  };
}

/** Factors across a shadow from its front to its end: both edges are soft. */
function shadowProfile({ widthPx, softPx, depth }) {
  const total = widthPx + softPx;
  return Float32Array.from({ length: 1024 }, (_, i) => {
    const d = ((i + 0.5) / 1024) * total;
    return 1 - depth * smoothstep(0, softPx, d) * (1 - smoothstep(widthPx, total, d));
  });
}

/** Patches of light that slide over the facade: headlights, mirrors of passing cars; up, down and across. */
export function headlights(spec, world, rng) {
  const night = world.light.ambient < 0.1;
  const half = world.building.width / 2;
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.15)) }, () => {
    const startS = rng.range(0, world.durationS);
    const angle = rng.pick([0, Math.PI, -1.2, -1.9, -0.6, -2.5, 1.3]) + rng.range(-0.2, 0.2);
    const speed = rng.range(3, 16);
    return {
      startS,
      endS: startS + rng.range(1.5, 5),
      x: rng.range(-half, half),
      y: rng.range(0.1, 0.8) * world.building.top,
      vx: Math.cos(angle) * speed,
      vy: Math.sin(angle) * speed,
      widthM: rng.range(0.4, 4),
      heightM: rng.range(0.4, 3),
      power: (night ? rng.range(0.8, 5) : rng.range(0.1, 0.5)) * (0.5 + spec.strength),
    };
  });
  return {
    layer: 'facade',
    spans: list.map((p) => [p.startS, Math.min(world.durationS, p.endS)]),
    draw(shot) {
      const { solid } = shot.background;
      for (const p of list) {
        if (shot.timeS < p.startS || shot.timeS > p.endS) continue;
        const s = shot.timeS - p.startS;
        const seen = world.camera.project(p.x + p.vx * s, p.y + p.vy * s, 0);
        const scale = world.camera.focalPx / seen.depth;
        const rx = p.widthM * scale;
        const ry = p.heightM * scale;
        const fade = smoothstep(0, 0.3, s) * smoothstep(0, 0.3, p.endS - shot.timeS);
        shot.canvas.relight(seen.x - rx, seen.y - ry, seen.x + rx, seen.y + ry, (x, y) => {
          if (solid[y * world.width + x] === 0) return 1;
          const d = ((x - seen.x) / rx) ** 2 + ((y - seen.y) / ry) ** 2;
          return d >= 1 ? 1 : 1 + p.power * fade * (1 - d) ** 2;
        });
      }
    },
  };
}

/** Birds, cars and people mirrored in the tower's glass: seen in pieces, window by window. */
export function reflections(spec, world, rng) {
  const half = world.building.width / 2;
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.12)) }, () => {
    const startS = rng.range(0, world.durationS - 2);
    const speed = rng.range(4, 15);
    const angle = rng.pick([0, Math.PI, 0.3, -0.4, Math.PI - 0.5, -1.4]);
    return {
      startS,
      endS: startS + rng.range(2, 5),
      x: rng.range(-half, half),
      y: rng.range(0.15, 0.85) * world.building.top,
      vx: Math.cos(angle) * speed,
      vy: Math.sin(angle) * speed,
      widthM: rng.range(0.25, 1.6),
      heightM: rng.range(0.2, 0.9),
      lin: rng.pick([0.02, 0.5, 0.9]) * (world.light.ambient + world.light.sunPower + 0.05),
    };
  });
  return {
    layer: 'facade',
    spans: list.map((r) => [r.startS, Math.min(world.durationS, r.endS)]),
    draw(shot) {
      for (const r of list) {
        if (shot.timeS < r.startS || shot.timeS > r.endS) continue;
        const at = (t, out) => {
          out[0] = r.x + r.vx * (t - r.startS);
          out[1] = r.y + r.vy * (t - r.startS);
          out[2] = 0.3;
        };
        drawMover(
          shot,
          at,
          r.widthM,
          (seen, weight) => shot.canvas.addRect(seen.x, seen.y, (r.widthM / 2) * seen.scale, (r.heightM / 2) * seen.scale, 1, 0, weight),
          { lin: r.lin, u: 128, v: 128 },
          { opacity: 0.45, mask: shot.background.glass },
        );
      }
    },
  };
}
