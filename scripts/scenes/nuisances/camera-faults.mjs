import { lights } from '../light.mjs';
import { smoothstep } from '../noise-field.mjs';

/** The pole sways in the wind: a few slow modes and some faster ones, in gusts. `strength` 1 peaks near 2 px at 1080p. */
export function shake(spec, world, rng) {
  const unit = (world.height / 1080) * 0.9 * spec.strength;
  const mode = () => ({ hz: world.frequency(rng.range(0.4, 7)), phase: rng.range(0, 6.28) });
  const modes = Array.from({ length: 6 }, () => ({ x: mode(), y: mode() }));
  const offset = (t) => {
    const gust = 0.55 + 0.45 * Math.sin(2 * Math.PI * world.frequency(0.07) * t + modes[0].x.phase);
    let dx = 0;
    let dy = 0;
    modes.forEach((m, i) => {
      const a = (unit * gust) / (1 + 0.5 * i);
      dx += a * Math.sin(2 * Math.PI * m.x.hz * t + m.x.phase);
      dy += 0.7 * a * Math.sin(2 * Math.PI * m.y.hz * t + m.y.phase);
    });
    return /** @type {const} */ ([dx, dy]);
  };
  const readoutS = world.spec.camera.readoutS;
  return {
    layer: 'camera',
    spans: [[0, world.durationS]],
    camera(t, state) {
      state.shift = (row) => offset(t + (row / world.height) * readoutS);
    },
  };
}

/** The automatic exposure changes its mind: steps of the gain that take a few frames. */
export function exposure(spec, world, rng) {
  const steps = Array.from({ length: Math.max(1, Math.round(spec.strength * world.durationS * 0.06)) }, () => ({
    atS: rng.range(0, world.durationS),
    factor: 1 + (rng.chance(0.5) ? 1 : -0.6) * rng.range(0.1, 0.7) * Math.min(1, 0.4 + spec.strength),
    holdS: rng.range(1, 8),
    rampS: rng.pick([0, 0.1, 0.4]),
  }));
  return {
    layer: 'camera',
    spans: steps.map((s) => [s.atS, Math.min(world.durationS, s.atS + s.holdS + s.rampS)]),
    camera(t, state) {
      for (const s of steps) {
        const on = s.rampS === 0 ? Number(t >= s.atS) : smoothstep(s.atS, s.atS + s.rampS, t);
        const off = s.rampS === 0 ? Number(t >= s.atS + s.holdS) : smoothstep(s.atS + s.holdS, s.atS + s.holdS + s.rampS, t);
        state.gain *= 1 + (s.factor - 1) * (on - off);
      }
    },
  };
}

/** The camera turns to infrared in mid-clip: no colour, other brightness, after a moment of wrong exposure. */
export function infrared(spec, world, rng) {
  const atS = spec.atS ?? rng.range(0.3, 0.7) * world.durationS;
  const light = { ...lights.night, ambient: 0.09, lampPower: 0.3, litWindows: world.light.litWindows, grey: true };
  const background = world.backgroundFor(light);
  return {
    layer: 'camera',
    spans: [[atS, Math.min(world.durationS, atS + 1.5)]],
    camera(t, state) {
      if (t < atS) return;
      state.background = background;
      state.light = light;
      state.grey = true;
      state.noiseGain = 1.6;
      state.gain *= 1 + 2.2 * (1 - smoothstep(atS, atS + 0.9, t));
    },
  };
}

/** Pictures that the stream sends twice: every `every`-th one, or in bursts. */
export function repeats(spec, world, rng) {
  const bursts = burstsOf(spec.strength, world, rng, 0.15);
  return {
    layer: 'camera',
    spans: spec.every === undefined ? bursts : [[0, world.durationS]],
    fate: (frame, t) => ((spec.every === undefined ? within(bursts, t) : frame % spec.every === spec.every - 1) ? 'repeat' : undefined),
  };
}

/** Pictures that the network loses: time jumps ahead. */
export function drops(spec, world, rng) {
  const bursts = burstsOf(spec.strength, world, rng, 0.25);
  return { layer: 'camera', spans: bursts, fate: (frame, t) => (frame > 0 && within(bursts, t) ? 'drop' : undefined) };
}

function burstsOf(strength, world, rng, longestS) {
  return Array.from({ length: Math.max(1, Math.round(strength * world.durationS * 0.3)) }, () => {
    const t = rng.range(0.5, world.durationS);
    return [t, t + Math.max(1 / world.fps, rng.range(0.02, longestS))]; // never less than a picture
  });
}
const within = (spans, t) => spans.some(([a, b]) => t >= a && t < b);
