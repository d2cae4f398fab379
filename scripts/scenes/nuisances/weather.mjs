import { drawMover } from '../mover.mjs';

/**
 * Drops fill a box of air before the camera and fall through it again and again. Metres. Farther ones are too faint for
 * a video camera to show; about five large drops a cubic metre is a downpour.
 */
const BOX = { halfWidth: 4, height: 9, from: 0.5, to: 5.5 };

/** Rain: streaks, all nearly parallel, each at its settled speed. `strength` 1 is a cloudburst. */
export function rain(spec, world, rng) {
  const drops = Array.from({ length: Math.round(2200 * spec.strength) }, () =>
    particle(rng, { speed: rng.range(5.5, 9), sizeM: rng.range(0.0025, 0.006) }),
  );
  // A drop is a lens that shows the whole sky; at night, the lamps.
  const lin = 1.15 * world.light.skyLow[1] + 0.3 * world.light.sunPower + 0.9 * world.light.lampPower;
  return {
    layer: 'lens',
    spans: [[0, world.durationS]],
    draw: (shot) => drawParticles(shot, drops, world, (size, scale) => [size * scale, size * scale * 1.2], lin, 1),
  };
}

/** Snow: flakes that sink and wander with the air. `strength` 1 is a snowstorm. */
export function snow(spec, world, rng) {
  const flakes = Array.from({ length: Math.round(1500 * spec.strength) }, () =>
    particle(rng, { speed: rng.range(0.8, 1.7), sizeM: rng.range(0.005, 0.011), sway: rng.range(0.1, 0.4) }),
  );
  const lin = 0.85 * (world.light.ambient + 0.4 * world.light.sunPower + 0.4 * world.light.lampPower);
  return {
    layer: 'lens',
    spans: [[0, world.durationS]],
    draw: (shot) => drawParticles(shot, flakes, world, (size, scale) => [size * scale, size * scale], lin, 0.9),
  };
}

function particle(rng, p) {
  return {
    x: rng.range(-BOX.halfWidth, BOX.halfWidth),
    y: rng.range(0, BOX.height),
    z: BOX.from + (BOX.to - BOX.from) * Math.sqrt(rng.next()),
    phase: rng.range(0, 6.28),
    sway: 0,
    ...p,
  };
}

function drawParticles(shot, particles, world, size, lin, opacity) {
  const [cx, cy, cz] = world.camera.position;
  const wrap = (value, length) => ((value % length) + length) % length;
  const low = cy - 1.5;
  const width = 2 * BOX.halfWidth;
  for (const p of particles) {
    // Wind carries the particle as it falls; the box closes upon itself.
    const base = shot.timeS;
    const x0 = wrap(p.x + BOX.halfWidth + world.wind.mean[0] * base, width) - BOX.halfWidth;
    const y0 = wrap(p.y - p.speed * base, BOX.height);
    const at = (t, out) => {
      const dt = t - base;
      out[0] = cx + x0 + world.wind.mean[0] * dt + p.sway * Math.sin(2.1 * t + p.phase);
      out[1] = low + y0 - p.speed * dt;
      out[2] = cz + p.z + p.sway * Math.cos(1.7 * t + p.phase);
    };
    drawMover(
      shot,
      at,
      p.sizeM,
      (seen, weight) => {
        const [w, h] = size(p.sizeM, seen.scale);
        shot.canvas.addRect(seen.x, seen.y, w / 2, h / 2, 1, 0, weight);
      },
      { lin, u: 128, v: 128 },
      { opacity },
    );
  }
}
