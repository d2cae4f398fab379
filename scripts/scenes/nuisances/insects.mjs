/**
 * Insects close to the lens: large, out of focus, fast, with sudden turns; bright where a lamp or infrared light hits them
 * at night, dark against the day. `strength` 1 is a summer night under a lamp.
 */
export function insects(spec, world, rng) {
  const count = spec.count ?? Math.max(1, Math.round(spec.strength * world.durationS * 0.5));
  const bright = world.light.sunPower + world.light.ambient < 0.2;
  const unit = world.height / 1080;
  const swarm = Array.from({ length: count }, () => createInsect(world, rng, unit));
  return {
    layer: 'lens',
    spans: swarm.map((i) => [i.startS, i.endS]),
    draw({ canvas, timeS, exposureS }) {
      for (const insect of swarm) {
        if (timeS < insect.startS || timeS > insect.endS) continue;
        const from = insect.at(timeS);
        const to = insect.at(timeS + exposureS);
        const r = insect.radiusPx;
        if (!canvas.begin(Math.min(from.x, to.x) - r, Math.min(from.y, to.y) - r, Math.max(from.x, to.x) + r, Math.max(from.y, to.y) + r))
          continue;
        const travel = Math.hypot(to.x - from.x, to.y - from.y);
        const instants = Math.max(1, Math.min(24, Math.ceil((travel / r) * 3)));
        for (let i = 0; i < instants; i++) {
          const p = insect.at(timeS + (exposureS * (i + 0.5)) / instants);
          canvas.addSoftDisc(p.x, p.y, r, 1 / instants);
        }
        canvas.composite({ lin: bright ? insect.tone : insect.tone * 0.12, u: 128, v: 128 }, insect.opacity);
      }
    },
  };
}

function createInsect(world, rng, unit) {
  const startS = rng.range(0, world.durationS);
  const lifeS = rng.range(0.4, 2.5);
  const stepS = 0.04;
  const steps = Math.ceil(lifeS / stepS) + 4;
  const speed = rng.range(250, 1600) * unit;
  let heading = rng.range(0, 2 * Math.PI);
  let x = rng.range(0, world.width);
  let y = rng.range(0, world.height);
  const points = [];
  for (let i = 0; i < steps; i++) {
    points.push([x, y]);
    heading += rng.gauss() * 0.35 + (rng.chance(0.04) ? rng.range(-2, 2) : 0);
    x += Math.cos(heading) * speed * stepS;
    y += Math.sin(heading) * speed * stepS;
  }
  const radiusPx = rng.range(3, 22) * unit;
  return {
    startS,
    endS: startS + lifeS,
    radiusPx,
    opacity: Math.min(0.85, (9 * unit) / radiusPx + 0.1),
    tone: rng.range(0.35, 0.9),
    at(t) {
      const f = Math.min(steps - 1.001, Math.max(0, (t - startS) / stepS));
      const i = Math.floor(f);
      const w = f - i;
      return { x: points[i][0] * (1 - w) + points[i + 1][0] * w, y: points[i][1] * (1 - w) + points[i + 1][1] * w };
    },
  };
}
