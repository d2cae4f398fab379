import { irradianceAt } from '../light.mjs';
import { drawMover } from '../mover.mjs';
import { objectKinds } from '../objects.mjs';
import { integrateFall } from '../physics.mjs';

/** Leaves that come loose from the trees' crowns and flutter down. `strength` 1 is autumn in a wind. */
export function leaves(spec, world, rng) {
  if (world.trees.length === 0) return { layer: 'air', spans: [] };
  const count = Math.max(2, Math.round(spec.strength * world.durationS * 0.6));
  const list = Array.from({ length: count }, (_, i) => {
    const { crown } = rng.pick(world.trees);
    const own = rng.fork(`leaf${i}`);
    const kind = objectKinds.leaf;
    const startS = own.range(-3, world.durationS - 1);
    const path = integrateFall(
      {
        body: kind,
        wind: { mean: world.wind.mean, gust: world.wind.gust + 0.2 },
        position: [
          crown.x + own.gauss() * crown.radiusM * 0.5,
          crown.y + own.gauss() * crown.radiusM * 0.4,
          crown.z + own.gauss() * crown.radiusM * 0.5,
        ],
        velocity: [0, 0, 0],
        startS,
        endS: Math.min(world.durationS + 1, startS + 12),
        groundM: 0.03,
      },
      own,
    );
    const [u, v] = own.pick(kind.colours);
    return { path, albedo: own.range(0.08, 0.35), u, v };
  });
  const state = new Float64Array(5);
  return {
    layer: 'air',
    spans: list.map((l) => [Math.max(0, l.path.startS), l.path.endS]),
    draw(shot) {
      for (const leaf of list) {
        if (shot.timeS < leaf.path.startS || shot.timeS > leaf.path.endS) continue;
        const colour = { lin: leaf.albedo * irradianceAt(shot.light, 3), u: leaf.u, v: leaf.v };
        drawMover(
          shot,
          leaf.path.at,
          0.12,
          (seen, weight) => {
            leaf.path.at(seen.t, state);
            const edge = 0.15 + 0.85 * Math.abs(Math.cos(state[3]));
            shot.canvas.addRect(
              seen.x,
              seen.y,
              0.045 * seen.scale,
              0.03 * edge * seen.scale,
              Math.cos(state[3]),
              Math.sin(state[3]),
              weight,
            );
          },
          colour,
        );
      }
    },
  };
}
