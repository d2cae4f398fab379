import { createBackdrop } from './backdrop.mjs';
import { Canvas } from './canvas.mjs';
import { conditionsAt, lightAt } from './effects.mjs';
import { lights } from './light.mjs';
import { createPen } from './pen.mjs';
import { createSensor } from './sensor.mjs';
import { createShadows } from './shadows.mjs';
import { inHouseShadow, lampAt, renderLamp, renderStill } from './still.mjs';
import { across } from './street.mjs';
import { createWeather } from './weather.mjs';

/** How a cloud's shadow falls off at its rim is looked up in this many steps. */
const CLOUD_STEPS = 4096;
const CLOUD_STEP_M = 0.25;

/**
 * Draws a stage, picture by picture.
 *
 * @param {ReturnType<import('./stage.mjs').createStage>} stage
 */
export function createScene(stage) {
  const { width, height, fps } = stage;
  const frameCount = Math.round(stage.durationS * fps);
  const canvas = new Canvas(width, height);
  const pen = createPen(canvas);
  const sensor = createSensor(width, height, stage.rng.fork('sensor'));
  const weather = createWeather(width, height, stage.rng.fork('weather'));
  const pole = stage.rng.fork('pole');
  const backdrop = createBackdrop(width, height);
  const sun = lights[stage.light].sun;
  const views = new Map();
  const viewOf = (camera) => {
    let view = views.get(camera);
    if (view === undefined) {
      view = createView(stage, camera, sun);
      views.set(camera, view);
    }
    return view;
  };

  /** Light that falls on a thing there. */
  const lightOn = (light, conditions, s, d, t) => {
    const cloud = conditions.cloud === null ? 1 : cloudFactor(conditions.cloud, cloudPlace(s, d), t);
    let lamps = 0;
    stage.lamps.forEach((lamp, i) => {
      if (light.lamps[i] > 0) lamps += light.lamps[i] * lampAt(lamp.head, s, d, 1);
    });
    const near =
      light.infraredPower > 0
        ? light.infraredPower * infraredAt(Math.hypot(s - stage.camera.at[0], d - stage.camera.at[1], stage.camera.at[2]))
        : 0;
    return {
      ambient: light.ambient * (d > across.houses ? 0.5 : 1),
      sun: inHouseShadow(d, sun) ? 0 : light.sunPower * cloud,
      lamps: lamps * light.lampPower + near,
      saturation: light.saturation,
    };
  };

  const draw = (t, light, conditions, camera) => {
    const view = viewOf(camera);
    const lamps = view.lampsOf(light);
    pen.look(camera, sun);
    const cloud =
      conditions.cloud === null || light.sunPower === 0
        ? null
        : { places: view.cloudPlaces(), count: CLOUD_STEPS, factorAt: (place) => cloudFactor(conditions.cloud, place, t) };
    backdrop.put(view.still, light, lamps, cloud);
    canvas.begin(backdrop);
    const there = [];
    for (const actor of stage.actors) {
      const pose = actor.path.at(t);
      if (pose === null) continue;
      there.push({ actor, pose: { ...pose, ...actor.look, dark: light.ambient < 0.2 } });
    }
    view.shadows.put({ pen, canvas, t, light, lamps, gust: conditions.gust, there });
    if (light.ambient < 0.2) {
      for (const { actor, pose } of there) {
        if (actor.thing.glow === undefined || pose.unlit === true) continue;
        pen.begin(0, { ...pose, z: 0 }, { ambient: 0, sun: 0, lamps: 0, saturation: 0 });
        actor.thing.glow(pen, view.still.albedo);
      }
    }
    for (const sweep of conditions.sweeps) view.sweep(pen, sweep);
    const items = [
      ...there.map(({ actor, pose }) => ({ s: pose.s, d: pose.d, ground: actor.thing.flat === true, actor, pose })),
      ...stage.trees.map((prop) => ({ s: prop.s, d: prop.d, prop })),
      ...stage.lamps.map((prop, i) => ({ s: prop.s, d: prop.d, prop, lit: light.lamps[i] * Math.min(1, light.lampPower * 3) })),
    ];
    const depthOf = ({ s, d, ground }) =>
      (s - camera.at[0]) * camera.forward[0] + (d - camera.at[1]) * camera.forward[1] + (ground ? 1000 : 0);
    items.sort((a, b) => depthOf(b) - depthOf(a));
    const boxes = [];
    for (const item of items) {
      const onIt = lightOn(light, conditions, item.s, item.d, t);
      if (item.prop !== undefined) {
        pen.begin(0, item.prop, onIt);
        item.prop.draw(pen, t, conditions.gust, item.lit ?? 0);
        continue;
      }
      const { actor, pose } = item;
      pen.begin(actor.id, pose, onIt);
      actor.thing.draw(pen, pose, { t, id: actor.id, view, canvas, light: onIt, camera });
      boxes.push({ actor, pose, bounds: pen.bounds() });
    }
    const brightness = Math.min(65535, (light.ambient + 0.3 * light.sunPower + 0.4 * light.lampPower + light.infraredPower) * 40000);
    if (conditions.rain > 0) weather.rain(canvas, conditions.rain, brightness);
    if (conditions.snow > 0) weather.snow(canvas, conditions.snow, Math.min(65535, brightness * 1.4));
    if (conditions.spider) weather.spider(canvas, t, light.ambient < 0.2);
    return boxes.flatMap((box) => seenBox(box, canvas));
  };

  const out = new Uint8Array((width * height * 3) / 2);
  let boxes = [];
  const at = (t) => {
    const conditions = conditionsAt(stage.effects, t, pole);
    const camera = conditions.camera ?? stage.camera;
    if (!conditions.frozen) {
      const light = lightAt(stage.effects, stage.light, lights, stage.lamps.length, t);
      const { ambient, sunPower, saturation, lampPower, infraredPower, lamps, wet } = light;
      light.key = [ambient, sunPower, saturation, lampPower, infraredPower, lamps, wet, [...views.keys()].indexOf(camera)].join();
      boxes = draw(t, light, conditions, camera);
      // Nobody sees through what covers the lens.
      if (conditions.black || conditions.cover > 0.5) boxes = boxes.map((box) => ({ ...box, visible: 0 }));
      sensor.expose(canvas, { ...conditions, gain: light.gain, noise: light.noise, warm: light.warm, grey: light.saturation === 0 }, out);
    }
    return { t, picture: out, boxes };
  };

  return {
    width,
    height,
    fps,
    frameCount,
    /** The picture at a time, with what is to be seen in it. Its bytes are used again for the next. */
    at,
    /** Every picture of the scene. */
    *frames() {
      for (let i = 0; i < frameCount; i++) yield at(i / fps);
    },
  };
}

/** What one camera sees of the still scene, made when it is first needed. */
function createView(stage, camera, sun) {
  const still = renderStill(camera, stage.street, sun);
  const { width, height } = camera;
  const maps = stage.lamps.map(() => null);
  const total = new Float32Array(width * height);
  let infrared = null;
  let places = null;
  let mirrorMap = null;
  let key = '';
  const view = {
    still,
    shadows: createShadows(stage, camera, still, sun),
    lampsOf(light) {
      const next = [light.lampPower, light.infraredPower, ...light.lamps].join();
      if (next === key) return total;
      key = next;
      total.fill(0);
      stage.lamps.forEach((lamp, n) => {
        const power = light.lamps[n] * light.lampPower;
        if (power <= 0) return;
        maps[n] ??= renderLamp(camera, lamp.head);
        for (let i = 0; i < total.length; i++) total[i] += maps[n][i] * power;
      });
      if (light.infraredPower > 0) {
        infrared ??= renderInfrared(camera);
        for (let i = 0; i < total.length; i++) total[i] += infrared[i] * light.infraredPower;
      }
      return total;
    },
    /** A map of this view that somebody else makes once. */
    mirror(make) {
      mirrorMap ??= make();
      return mirrorMap;
    },
    cloudPlaces() {
      if (places !== null) return places;
      places = new Uint16Array(width * height);
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const [a, b, c] = camera.ray(x, y);
          const k = Math.min(c < 0 ? -camera.at[2] / c : 200, b > 0 ? (across.houses - camera.at[1]) / b : 200, 200);
          places[i] = cloudPlace(camera.at[0] + k * a, camera.at[1] + k * b);
        }
      }
      return places;
    },
    /** The light of a car that is not in the picture. */
    sweep(pen, { fromS, toS, part, power = 0.35 }) {
      const s = fromS + (toS - fromS) * part;
      pen.begin(0, { s, d: 8 }, { ambient: 0, sun: 0, lamps: 0, saturation: 0 });
      for (const [w, p] of [
        [4.5, 0.25],
        [3.2, 0.35],
        [2, 0.4],
      ]) {
        const around = Array.from({ length: 14 }, (_, k) => [w * Math.cos((Math.PI * k) / 7), Math.sin((Math.PI * k) / 7)]);
        pen.pool(
          around.map(([x, y]) => [x * 1.4, y * w * 0.8, 0.01]),
          power * p,
          still.albedo,
        );
        pen.pool(
          around.map(([x, y]) => [x, across.houses - 8 - 0.01, 1.6 + y * 1.3]),
          power * p,
          still.albedo,
        );
      }
    },
  };
  return view;
}

const infraredAt = (distanceM) => Math.min(1.6, (9 / Math.max(4, distanceM)) ** 2);

function renderInfrared(camera) {
  const map = new Float32Array(camera.width * camera.height);
  for (let y = 0, i = 0; y < camera.height; y++) {
    for (let x = 0; x < camera.width; x++, i++) {
      const [a, b, c] = camera.ray(x, y);
      const k = Math.min(c < 0 ? -camera.at[2] / c : 1e3, b > 0 ? (across.houses - camera.at[1]) / b : 1e3);
      const off = ((x / camera.width - 0.5) ** 2 + (y / camera.height - 0.5) ** 2) * 1.3;
      map[i] = infraredAt(k * Math.hypot(a, b, c)) * Math.max(0.25, 1 - off);
    }
  }
  return map;
}

/** Clouds go along the street and a little across it. */
const cloudPlace = (s, d) => Math.max(0, Math.min(CLOUD_STEPS - 1, Math.round((s * 0.9 + d * 0.43 + 300) / CLOUD_STEP_M)));

function cloudFactor({ strength = 0.8, speedMps = 4, sizeM = 25 }, place, t) {
  const x = (place * CLOUD_STEP_M - speedMps * t) / sizeM;
  const q = Math.sin(x * 2.1) + 0.6 * Math.sin(x * 4.7 + 1) + 0.3 * Math.sin(x * 9.1 + 2);
  return 1 - strength * Math.min(1, Math.max(0, (q - 0.2) * 2.2));
}

/** The box of something that is to be seen, normalised; nothing when too little of it is in the picture. */
function seenBox({ actor, pose, bounds }, canvas) {
  const { width, height } = canvas;
  const x1 = Math.max(0, bounds.x1);
  const y1 = Math.max(0, bounds.y1);
  const x2 = Math.min(width, bounds.x2);
  const y2 = Math.min(height, bounds.y2);
  if (x2 - x1 < 2 || y2 - y1 < 2) return [];
  const whole = (bounds.x2 - bounds.x1) * (bounds.y2 - bounds.y1);
  const round = (value) => Math.round(value * 1e4) / 1e4;
  const drawn = canvas.drawn[actor.id];
  return [
    {
      id: actor.id,
      label: actor.label,
      thing: actor.thing.thing,
      box: [round(x1 / width), round(y1 / height), round(x2 / width), round(y2 / height)],
      // Smoke has no pixels of its own: it is seen wherever it is.
      visible: round(drawn === 0 ? (actor.thing.veil === true ? 1 : 0) : Math.max(0, canvas.visible[actor.id]) / drawn),
      inside: round(((x2 - x1) * (y2 - y1)) / whole),
      ground: [Math.round(pose.s * 100) / 100, Math.round(pose.d * 100) / 100],
    },
  ];
}
