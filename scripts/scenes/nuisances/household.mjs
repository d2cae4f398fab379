import { irradianceAt } from '../light.mjs';

const CLOTHES = [
  { lin: 0.7, u: 128, v: 128 },
  { lin: 0.25, u: 150, v: 112 },
  { lin: 0.2, u: 116, v: 162 },
  { lin: 0.06, u: 128, v: 128 },
  { lin: 0.45, u: 112, v: 142 },
];

/** Washing on balconies, swinging in the wind. */
export function laundry(spec, world, rng) {
  const z = -Math.max(0.3, world.building.maxProjectionM * 0.9);
  const windows = world.building.windows();
  const lines = Array.from({ length: Math.max(1, Math.round(spec.strength * 8)) }, () => {
    const w = rng.pick(windows);
    return {
      y: w.y1 - 0.15,
      clothes: Array.from({ length: rng.int(2, 5) }, (_, i) => ({
        x: w.x0 + 0.2 + i * 0.55,
        width: rng.range(0.3, 0.5),
        length: rng.range(0.5, 1),
        colour: rng.pick(CLOTHES),
        phase: rng.range(0, 6.28),
        hz: world.frequency(rng.range(0.4, 1.1)),
      })),
    };
  });
  const swing = 0.12 + 0.5 * Math.min(1, spec.strength) * rng.range(0.4, 1);
  return {
    layer: 'facade',
    spans: [[0, world.durationS]],
    draw(shot) {
      for (const line of lines) {
        for (const c of line.clothes) {
          const gust = 0.5 + 0.5 * Math.sin(2 * Math.PI * world.frequency(0.13) * shot.timeS + line.y);
          const angle = swing * gust * Math.sin(2 * Math.PI * c.hz * shot.timeS + c.phase);
          const seen = world.camera.project(c.x + 0.5 * c.length * Math.sin(angle), line.y - 0.5 * c.length * Math.cos(angle), z);
          const s = world.camera.focalPx / seen.depth;
          const reach = c.length * s + 4;
          if (!shot.canvas.begin(seen.x - reach, seen.y - reach, seen.x + reach, seen.y + reach)) continue;
          const flap = 0.75 + 0.25 * Math.cos(angle * 4 + c.phase);
          shot.canvas.addRect(seen.x, seen.y, (c.width / 2) * flap * s, (c.length / 2) * s, Math.cos(angle), -Math.sin(angle), 1);
          shot.canvas.composite({ ...c.colour, lin: c.colour.lin * irradianceAt(shot.light, line.y) * 0.8 });
        }
      }
    },
  };
}

/** Curtains that blow about in open windows. */
export function curtains(spec, world, rng) {
  const windows = world.building.windows();
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * 8)) }, () => ({
    window: rng.pick(windows),
    phase: rng.range(0, 6.28),
    hz: world.frequency(rng.range(0.3, 0.9)),
    lin: rng.range(0.25, 0.7),
  }));
  return {
    layer: 'facade',
    spans: [[0, world.durationS]],
    draw(shot) {
      for (const { window: w, phase, hz, lin } of list) {
        const reach = (w.x1 - w.x0) * (0.45 + 0.35 * Math.sin(2 * Math.PI * hz * shot.timeS + phase) * Math.sin(0.7 * shot.timeS + phase));
        paintOnWall(
          shot,
          world,
          { x0: w.x0, x1: w.x0 + Math.max(0.05, reach), y0: w.y0, y1: w.y1 },
          { lin: lin * irradianceAt(shot.light, w.y0) * 0.6, u: 128, v: 130 },
          0.9,
        );
      }
    },
  };
}

/** Lamps that go on and off behind windows; some flicker as they start. */
export function lamps(spec, world, rng) {
  const windows = world.building.windows();
  const list = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.35)) }, () => {
    const onS = rng.range(0, world.durationS);
    return {
      window: rng.pick(windows),
      onS,
      offS: rng.chance(0.5) ? onS + rng.range(0.5, 6) : world.durationS + 1,
      flickers: rng.chance(0.3),
      lin: rng.range(0.25, 0.8),
      warm: rng.range(132, 148),
    };
  });
  return {
    layer: 'facade',
    spans: list.map((l) => [l.onS, Math.min(world.durationS, l.offS)]),
    draw(shot) {
      for (const l of list) {
        if (shot.timeS < l.onS || shot.timeS > l.offS) continue;
        const starting = l.flickers && shot.timeS < l.onS + 1;
        if (starting && Math.sin(shot.timeS * 71) + Math.sin(shot.timeS * 29) < 0.2) continue;
        const rise = Math.min(1, (shot.timeS - l.onS) / 0.06);
        paintOnWall(shot, world, l.window, { lin: l.lin, u: 256 - l.warm, v: l.warm }, 0.75 * rise);
      }
    },
  };
}

/** Fills a rectangle of the wall, inside glass only. */
function paintOnWall(shot, world, r, colour, opacity) {
  const a = world.camera.project(r.x0, r.y1, 0.1);
  const b = world.camera.project(r.x1, r.y0, 0.1);
  const x = (a.x + b.x) / 2;
  const y = (a.y + b.y) / 2;
  const w = Math.abs(b.x - a.x) / 2;
  const h = Math.abs(b.y - a.y) / 2;
  if (!shot.canvas.begin(x - w - 2, y - h - 2, x + w + 2, y + h + 2)) return;
  shot.canvas.addRect(x, y, w, h, 1, 0, 1);
  shot.canvas.composite(colour, opacity, shot.background.glass);
}
