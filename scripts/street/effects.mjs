/**
 * How light and camera change in the course of a scene. Each effect is `{kind, …}` with times in seconds; a scene has any number.
 *
 * | kind | keys |
 * |---|---|
 * | `cloud` | `strength` 0..1, `speedMps`, `sizeM`: shadows of clouds that pass |
 * | `exposure` | `at`, `factor`: the camera changes its gain within half a second |
 * | `dip` | `at`, `lengthS`, `factor`: the light fails for a moment |
 * | `ramp` | `from`, `to`, `toLight`: the light becomes another (dawn, sunset) |
 * | `infrared` | `at`, `on`: the camera goes to infrared and back |
 * | `lamp` | `lamp`, `at`, `flicker`: a lamp fails |
 * | `lamps` | `at`, `on`: all lamps |
 * | `wet` | `from`, `to`: rain darkens the ground everywhere |
 * | `rain`, `snow`, `spider`, `wind`, `shake` | `from`, `to`, `strength` |
 * | `sweep` | `at`, `lengthS`, `fromS`, `toS`: headlights of a car that is not in the picture wander over houses and road |
 * | `pose` | `at`, `camera`: somebody turns the camera |
 * | `cover`, `defocus`, `freeze`, `black` | `from`, `to`, `strength` |
 */

const during = (effect, t) => t >= (effect.from ?? -Infinity) && t < (effect.to ?? Infinity);
const mix = (a, b, k) => a + (b - a) * k;
const ramp = (t, at, lengthS) => Math.min(1, Math.max(0, (t - at) / lengthS));

/** How long a camera takes to settle on a new exposure, and goes over to infrared, seconds. */
const SETTLE_S = 0.6;

/**
 * @param {readonly object[]} effects
 * @param {string} lightName
 * @param {Record<string, import('./light.mjs').Light>} lights
 * @param {number} lampCount
 */
export function lightAt(effects, lightName, lights, lampCount, t) {
  let light = { infraredPower: 0, wet: 0, warm: 0, ...lights[lightName] };
  let lit = light.lampPower > 0;
  const lamps = new Array(lampCount).fill(1);
  for (const effect of effects) {
    if (effect.kind === 'ramp') {
      const target = { infraredPower: 0, warm: 0, ...lights[effect.toLight] };
      const k = ramp(t, effect.from, effect.to - effect.from);
      const next = { ...light };
      for (const key of ['sunPower', 'ambient', 'lampPower', 'gain', 'saturation', 'noise', 'infraredPower', 'warm'])
        next[key] = mix(light[key], target[key], k);
      light = next;
      lit = light.lampPower > 0;
    }
    if (effect.kind === 'infrared' && t >= effect.at) {
      const target = effect.on ? lights.infrared : lights[effect.toLight ?? lightName];
      const k = ramp(t, effect.at, SETTLE_S);
      light = {
        ...light,
        infraredPower: target.infraredPower ?? 0,
        saturation: k > 0 ? target.saturation : light.saturation,
        noise: target.noise,
      };
      light.ambient = target.ambient;
      light.lampPower = target.lampPower;
      // Over-exposed at first, until the gain has followed.
      light.gain = mix(target.gain * 2.2, target.gain, k);
    }
    if (effect.kind === 'exposure') light = { ...light, gain: light.gain * mix(1, effect.factor, ramp(t, effect.at, SETTLE_S)) };
    if (effect.kind === 'dip' && t >= effect.at && t < effect.at + effect.lengthS) {
      light = {
        ...light,
        ambient: light.ambient * effect.factor,
        sunPower: light.sunPower * effect.factor,
        lampPower: light.lampPower * effect.factor,
      };
    }
    if (effect.kind === 'wet') light = { ...light, wet: ramp(t, effect.from, effect.to - effect.from) };
    if (effect.kind === 'lamps' && t >= effect.at) lit = effect.on;
    if (effect.kind === 'lamp' && t >= effect.at) {
      const dying = effect.flicker === true && t < effect.at + 4;
      lamps[effect.lamp] = dying ? (Math.sin(t * 17) > 0.2 ? 0.9 : 0.15) : 0;
    }
  }
  return { ...light, lamps: lit ? lamps : lamps.map(() => 0) };
}

/** What befalls lens, pole and air. */
export function conditionsAt(effects, t, rng) {
  const state = {
    rain: 0,
    snow: 0,
    spider: false,
    gust: 1,
    shift: null,
    blurPx: 0,
    cover: 0,
    black: false,
    frozen: false,
    sweeps: [],
    cloud: null,
    camera: null,
  };
  for (const effect of effects) {
    const strength = effect.strength ?? 1;
    if (effect.kind === 'cloud') state.cloud = effect;
    if (effect.kind === 'sweep' && t >= effect.at && t < effect.at + effect.lengthS)
      state.sweeps.push({ ...effect, part: (t - effect.at) / effect.lengthS });
    if (effect.kind === 'pose' && t >= effect.at) state.camera = effect.camera;
    if (!during(effect, t)) continue;
    if (effect.kind === 'rain') state.rain = strength;
    if (effect.kind === 'snow') state.snow = strength;
    if (effect.kind === 'spider') state.spider = true;
    if (effect.kind === 'wind') state.gust = 1 + 4 * strength * (0.6 + 0.4 * Math.sin(0.7 * t));
    if (effect.kind === 'shake') state.shift = [strength * 1.2 * rng.gauss(), strength * 0.8 * rng.gauss()];
    if (effect.kind === 'cover') state.cover = ramp(t, effect.from, 0.8) * strength;
    if (effect.kind === 'defocus') state.blurPx = 9 * strength * ramp(t, effect.from, 1.5);
    if (effect.kind === 'freeze') state.frozen = true;
    if (effect.kind === 'black') state.black = true;
  }
  return state;
}
