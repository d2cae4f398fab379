import { irradianceAt } from '../light.mjs';
import { drawMover } from '../mover.mjs';

/**
 * Birds that cross the picture with beating wings, glide, or swoop down the facade and climb again.
 * `count` (default by strength), `paths` of `across`, `swoop`, `perch` (drops from a ledge and flies off).
 */
export function birds(spec, world, rng) {
  const count = spec.count ?? Math.max(1, Math.round(spec.strength * world.durationS * 0.25));
  const paths = spec.paths ?? ['across', 'across', 'swoop', 'perch'];
  const flock = Array.from({ length: count }, (_, i) => {
    const path = rng.pick(paths);
    const startS = spec.fromS !== undefined ? spec.fromS + i * 0.4 : rng.range(0, Math.max(0.1, world.durationS - 5));
    return createBird(path, startS, world, rng.fork(`bird${i}`));
  });
  return {
    layer: 'air',
    spans: flock.map((b) => [b.startS, b.endS]),
    draw(shot) {
      for (const bird of flock) if (shot.timeS >= bird.startS && shot.timeS <= bird.endS) bird.draw(shot);
    },
  };
}

function createBird(path, startS, world, rng) {
  const half = world.building.width / 2;
  const top = world.building.top;
  const direction = rng.chance(0.5) ? 1 : -1;
  const speed = rng.range(6, 14);
  const z = -rng.range(2.5, world.camera.position[2] * -0.7);
  const y0 = rng.range(0.25, 0.95) * top * (1 + z / world.camera.position[2] / -1.6);
  const span = rng.range(0.3, 0.75);
  const beatHz = rng.range(3.5, 8) * (0.6 / (span + 0.3));
  const albedo = rng.pick([0.05, 0.1, 0.25, 0.55]);
  const dive = rng.range(6, 22);
  const wave = rng.range(0, 6);
  const durationS = path === 'across' ? (world.building.width + 50) / speed : rng.range(3, 6);
  const x0 = path === 'across' ? -direction * (half + 25) : rng.range(-half, half) * 0.8;

  const at = (t, out) => {
    const s = t - startS;
    const f = s / durationS;
    if (path === 'across') {
      out[0] = x0 + direction * speed * s;
      out[1] = y0 + 1.2 * Math.sin(wave + s * 1.1) + 0.35 * Math.sin(s * 5 + wave);
      out[2] = z + 2 * Math.sin(s * 0.5 + wave);
    } else if (path === 'swoop') {
      // Falls away, pulls out and climbs: a parabola-like dip with speed across.
      const dip = Math.sin(Math.PI * Math.min(1, f)) ** 1.5;
      out[0] = x0 + direction * speed * (s - durationS / 2) * (0.35 + 0.65 * f);
      out[1] = y0 - dive * dip + (f > 0.5 ? (f - 0.5) * 8 : 0);
      out[2] = z;
    } else {
      // Drops from a ledge with half-closed wings, catches itself after a second or so, flies off.
      const fall = Math.min(s, 0.9 + 0.03 * dive);
      const after = Math.max(0, s - fall);
      out[0] = x0 + direction * (0.8 * s + speed * 0.5 * after * Math.min(1, after));
      out[1] = y0 - 0.35 * 9.81 * fall * fall * 0.75 - after * 2 * Math.max(0, 1 - after) + 1.6 * Math.max(0, after - 0.6);
      out[2] = -1.8 - after * 2.5;
    }
  };

  return {
    startS,
    endS: startS + durationS,
    draw(shot) {
      const beat = (t) => Math.sin(2 * Math.PI * beatHz * t + wave) * (0.55 + 0.45 * Math.sin(t * 0.9 + wave));
      const lit = { lin: albedo * irradianceAt(shot.light, y0) * 0.8, u: 128, v: 128 };
      drawMover(
        shot,
        at,
        span,
        (seen, weight) => {
          const s = seen.scale;
          const lift = beat(seen.t) * 0.8;
          shot.canvas.addRect(seen.x, seen.y, span * 0.2 * s, span * 0.075 * s, 1, 0.1 * direction, weight);
          for (const side of [-1, 1]) {
            // A wing reaches out and up or down with the beat.
            const reach = span * 0.23 * s;
            const cos = Math.cos(lift) * side;
            const sin = -Math.sin(lift);
            shot.canvas.addRect(seen.x + cos * reach, seen.y + sin * reach, reach, span * 0.055 * s, cos, sin, weight);
          }
        },
        lit,
      );
    },
  };
}
