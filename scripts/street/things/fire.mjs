/** Smoke, steam and flames: made of puffs, each with a life of its own. x forward, y to the left, z up; metres. */

/**
 * A plume that rises, drifts and spreads.
 *
 * @param {import('../../scenes/random.mjs').Random} rng
 * @param {{rgb?: readonly number[], riseMps?: number, lifeS?: number, windMps?: number, startsS?: number, perS?: number, growsS?: number}} [look]
 *   `growsS`: how long it takes to come to its full strength
 */
export function smoke(
  rng,
  {
    label = 'smoke',
    rgb = [0.28, 0.28, 0.29],
    riseMps = 1.1,
    lifeS = 6,
    windMps = 0.5,
    startsS = 0,
    perS = 9,
    growsS = 8,
    thickness = 0.85,
  } = {},
) {
  const puffs = Array.from({ length: Math.round(lifeS * perS) }, () => ({
    x: rng.range(-0.3, 0.3),
    y: rng.range(-0.3, 0.3),
    drift: rng.range(0.6, 1.4),
    size: rng.range(0.7, 1.3),
    turn: rng.range(0, 6),
  }));
  return {
    label,
    thing: label,
    veil: true,
    length: 1,
    width: 1,
    height: 4,
    draw(pen, _pose, { t }) {
      const strength = Math.min(1, Math.max(0.15, (t - startsS) / growsS));
      puffs.forEach((puff, i) => {
        const born = startsS + ((i / puffs.length) * lifeS + lifeS * Math.floor((t - startsS - (i / puffs.length) * lifeS) / lifeS));
        const age = (t - born) / lifeS;
        if (born < startsS || age < 0 || age > 1) return;
        const z = 0.4 + riseMps * lifeS * age * (1 - 0.25 * age) * (0.5 + 0.5 * strength);
        const x = puff.x + puff.drift * windMps * lifeS * age * age + 0.25 * Math.sin(puff.turn + 3 * age);
        const alpha = thickness * strength * Math.min(1, age * 8) * (1 - age) ** 1.2;
        pen.puff([x, puff.y * (1 + age), z], puff.size * (0.35 + 1.3 * age) * (0.6 + 0.4 * strength), rgb, { alpha });
      });
    },
  };
}

/** Flames that flicker from picture to picture. */
export function flames(rng, { size = 1, startsS = 0, growsS = 10 } = {}) {
  const flicker = rng.fork('flicker');
  return {
    label: 'fire',
    thing: 'flames',
    length: 1.2,
    width: 1,
    height: 1.5,
    draw(pen, _pose, { t }) {
      const strength = size * Math.min(1, Math.max(0.3, (t - startsS) / growsS));
      pen.puff([0, 0, 0.6 * strength], 2.6 * strength, [1, 0.5, 0.15], { alpha: 0.22, emits: 0.8, counts: false });
      for (const [rgb, reach, emits] of [
        [[1, 0.25, 0.03], 1.5, 1.1],
        [[1, 0.5, 0.08], 1.05, 1.3],
        [[1, 0.85, 0.4], 0.6, 1.6],
      ]) {
        for (let k = 0; k < 5; k++) {
          const x = (k - 2) * 0.24 * strength + flicker.range(-0.06, 0.06);
          const h = strength * reach * flicker.range(0.55, 1.15) * (1 - 0.18 * Math.abs(k - 2));
          const w = 0.2 * strength * (reach / 1.5 + 0.3);
          const lean = flicker.range(-0.15, 0.15);
          pen.capsule([x, 0, 0.1], [x + lean * 0.5, 0, h * 0.55], w, w * 0.7, rgb, { emits });
          pen.capsule([x + lean * 0.5, 0, h * 0.55], [x + lean, 0, h], w * 0.7, 0.02, rgb, { emits });
        }
      }
    },
    /** Light on the ground around it. */
    glow(pen, albedo) {
      for (let radius = 0.8; radius < 5; radius += 0.45) {
        const points = Array.from({ length: 24 }, (_, k) => [
          radius * Math.cos((Math.PI * k) / 12),
          radius * Math.sin((Math.PI * k) / 12),
          0.005,
        ]);
        pen.pool(points, (0.08 * size) / radius, albedo);
      }
    },
  };
}
