import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aimAtFacade, createCamera } from './camera.mjs';
import { Canvas } from './canvas.mjs';
import { familySpec } from './families.mjs';
import { lights } from './light.mjs';
import { nuisanceKinds } from './nuisances/index.mjs';
import { massClass, objectKinds } from './objects.mjs';
import { GRAVITY, integrateFall, settledSpeed } from './physics.mjs';
import { presets } from './presets.mjs';
import { createRandom } from './random.mjs';
import { createScene } from './scene.mjs';
import { createSensor } from './sensor.mjs';
import { defaultSpec, mergeSpec, resolveThrows, setPath, variants } from './spec.mjs';

const still = { mean: [0, 0, 0], gust: 0 };
const stone = (terminalSpeed) => ({ terminalSpeed, flutter: 0, tumbleHz: 1 });

/** A very small scene, so that tests stay fast. */
function tinySpec(over = {}) {
  return mergeSpec(
    mergeSpec(defaultSpec, {
      name: 'tiny',
      size: [192, 108],
      fps: 10,
      durationS: 4,
      building: { floors: 8 },
      surroundings: { neighbours: 1 },
    }),
    over,
  );
}

describe('physics', () => {
  const drop = (body, seconds, velocity = [0, 0, 0], wind = still) => {
    const path = integrateFall({ body, wind, position: [0, 1000, 0], velocity, startS: 0, endS: seconds, groundM: 0 }, createRandom('p'));
    const out = new Float64Array(5);
    path.at(seconds, out);
    return { x: out[0], fallen: 1000 - out[1], speed: out[4] };
  };

  test.each([
    [46, 1],
    [46, 4],
    [18, 3],
    [6, 5],
  ])('a fall at a terminal speed of %i m/s for %i s follows its closed form', (vt, t) => {
    // s = vt²/g · ln cosh(g·t/vt), v = vt · tanh(g·t/vt)
    const { fallen, speed } = drop(stone(vt), t);
    expect(fallen).toBeCloseTo(((vt * vt) / GRAVITY) * Math.log(Math.cosh((GRAVITY * t) / vt)), 2);
    expect(speed).toBeCloseTo(vt * Math.tanh((GRAVITY * t) / vt), 2);
  });

  test('almost without drag, a throw is a parabola', () => {
    const { x, fallen } = drop(stone(1e5), 2, [3, 4, 0]);
    expect(x).toBeCloseTo(6, 2);
    expect(fallen).toBeCloseTo(0.5 * GRAVITY * 4 - 8, 2);
  });

  test('wind carries a light thing along', () => {
    expect(drop(stone(2), 8, [0, 0, 0], { mean: [3, 0, 0], gust: 0 }).x).toBeGreaterThan(15);
  });

  test('stops at the ground', () => {
    const path = integrateFall(
      { body: stone(46), wind: still, position: [0, 20, 0], velocity: [0, 0, 0], startS: 1, endS: 9, groundM: 0 },
      createRandom('g'),
    );
    expect(path.landed).toBe(true);
    expect(path.endS - 1).toBeCloseTo(Math.sqrt(40 / GRAVITY), 1);
  });

  test.each(Object.keys(objectKinds))('a %s settles near the speed it is said to have', (name) => {
    const kind = objectKinds[name];
    const settled = settledSpeed(kind, createRandom(name));
    expect(settled).toBeGreaterThan(kind.terminalSpeed * 0.5);
    expect(settled).toBeLessThan(kind.terminalSpeed * 1.5);
  });

  test('weight classes', () => {
    expect([3, 9.9, 10, 20, 20.1].map(massClass)).toEqual(['light', 'light', 'medium', 'medium', 'heavy']);
  });
});

describe('camera', () => {
  const base = {
    width: 640,
    height: 360,
    position: [2, 4, -40],
    yawRad: 0.05,
    pitchRad: 0.5,
    rollRad: 0.02,
    focalPx: 400,
    principal: [0.51, 0.49],
  };

  test.each([
    [0, 0],
    [-0.1, 0.01],
    [0.03, 0],
  ])('a ray through a projected point meets the point (k1 %f, k2 %f)', (k1, k2) => {
    const camera = createCamera({ ...base, k1, k2 });
    const ray = new Float64Array(3);
    for (const [x, y, z] of [
      [0, 20, 0],
      [-12, 3, 0],
      [9, 40, -3],
    ]) {
      const seen = camera.project(x, y, z);
      camera.ray(seen.x, seen.y, ray);
      const along = (z + 40) / ray[2];
      expect(2 + ray[0] * along).toBeCloseTo(x, 4);
      expect(4 + ray[1] * along).toBeCloseTo(y, 4);
    }
  });

  test('without lens, a point straight ahead lands where similar triangles say', () => {
    const camera = createCamera({
      ...base,
      position: [0, 0, -10],
      yawRad: 0,
      pitchRad: 0,
      rollRad: 0,
      principal: [0.5, 0.5],
      k1: 0,
      k2: 0,
    });
    expect(camera.project(1, 0.5, 0)).toEqual({ x: 360, y: 160, depth: 10 }); // 400 px × 1 m ÷ 10 m = 40 px
  });

  test('the facade fills the picture when aimed at', () => {
    const position = [3, 4, -46];
    const aim = aimAtFacade({
      width: 1920,
      height: 1080,
      position,
      widthM: 30,
      fromM: 0,
      toM: 69.6,
      marginTop: 0.03,
      marginBottom: 0.07,
      marginSide: 0.03,
    });
    const camera = createCamera({ ...base, ...aim, width: 1920, height: 1080, position, rollRad: 0, principal: [0.5, 0.5], k1: 0, k2: 0 });
    expect(camera.project(0, 69.6, 0).y / 1080).toBeCloseTo(0.03, 2);
    expect(camera.project(0, 0, 0).y / 1080).toBeCloseTo(0.93, 2);
  });
});

describe('drawing', () => {
  test.each([0.4, 1, 3, 9])('a square of %f px keeps its energy wherever it lies between pixels', (size) => {
    for (const shift of [0, 0.25, 0.5, 0.9]) {
      const canvas = new Canvas(40, 40);
      canvas.begin(0, 0, 40, 40);
      canvas.addRect(20 + shift, 20 + shift / 2, size / 2, size / 2, 1, 0, 1);
      const drawn = canvas.composite({ lin: 1, u: 128, v: 128 });
      expect(drawn.weight).toBeCloseTo(size * size, 1);
    }
  });

  test('noise is as strong as the sensor says, and darker is noisier after the tone curve', () => {
    const canvas = new Canvas(256, 256);
    const out = new Uint8Array((256 * 256 * 3) / 2);
    const sensor = createSensor(256, 256, lights.night.sensor, createRandom('s'));
    canvas.linear.fill(0.1 * 65535);
    sensor.expose(canvas, { gain: 1, noiseGain: 1, grey: false, shift: null }, out);
    const luma = [...out.subarray(0, 65536)];
    const mean = luma.reduce((a, b) => a + b, 0) / luma.length;
    const deviation = Math.sqrt(luma.reduce((a, b) => a + (b - mean) ** 2, 0) / luma.length);
    expect(mean).toBeCloseTo(16 + 219 * 0.1 ** (1 / 2.2), 0);
    expect(deviation / Math.hypot(sensor.sigmaAt(mean), 0.29)).toBeCloseTo(1, 1);
    expect(sensor.sigmaAt(40)).toBeGreaterThan(sensor.sigmaAt(200));
  });

  test('shake moves the picture by what it says', () => {
    const canvas = new Canvas(64, 64);
    canvas.linear.fill(6000);
    canvas.begin(0, 0, 64, 64);
    canvas.addRect(32, 32, 4, 4, 1, 0, 1);
    canvas.composite({ lin: 1, u: 128, v: 128 });
    const out = new Uint8Array((64 * 64 * 3) / 2);
    const quiet = { gain: 1, noiseGain: 0, grey: false };
    const centre = (shift) => {
      createSensor(64, 64, lights.day.sensor, createRandom('s')).expose(canvas, { ...quiet, shift }, out);
      let [sx, sy, n] = [0, 0, 0];
      for (let i = 0; i < 4096; i++) {
        const w = out[i] > 100 ? out[i] : 0;
        sx += w * ((i % 64) + 0.5);
        sy += w * (Math.floor(i / 64) + 0.5);
        n += w;
      }
      return [sx / n, sy / n];
    };
    const [x0, y0] = centre(null);
    const [x1, y1] = centre(() => [3, -2]);
    expect(x1 - x0).toBeCloseTo(3, 1);
    expect(y1 - y0).toBeCloseTo(-2, 1);
  });
});

describe('scene', () => {
  const digest = (spec, seed) => {
    const scene = createScene(spec, seed);
    const hash = createHash('sha256');
    for (const frame of scene.frames()) hash.update(frame);
    return { frames: hash.digest('hex'), truth: scene.truth() };
  };
  const one = [{ atS: 0.5, object: 'box', floor: 6, unit: 1, across: 0.5, riseM: 1, velocity: [0.5, 0, 1.5], reflects: true }];

  test('the same seed gives the same bytes, another seed others', () => {
    const spec = tinySpec({ throws: one, nuisances: nuisanceKinds.map((kind) => ({ kind })) });
    const first = digest(spec, 7);
    expect(digest(spec, 7)).toEqual(first);
    expect(digest(spec, 8).frames).not.toBe(first.frames);
  });

  test('the truth says where the thing is: its pixels differ from a scene without it', () => {
    const quiet = { noise: 0.01, throws: [{ ...one[0], reflects: false }], surroundings: { trees: [] } };
    const scene = createScene(tinySpec(quiet), 1);
    const empty = createScene(tinySpec({ ...quiet, throws: [] }), 1);
    const frames = [...scene.frames()].length;
    expect(frames).toBe(40);
    const { throws } = scene.truth();
    const [thrown] = throws;
    expect(thrown.origin).toMatchObject({ floor: 7, unit: '02' });
    expect(thrown.mass_class).toBe('medium');
    expect(thrown.visible_frames).toBeGreaterThan(10);
    const again = createScene(tinySpec(quiet), 1).frames();
    const without = empty.frames();
    for (let n = 0; n < 20; n++) {
      const a = again.next().value;
      const b = without.next().value;
      let [sx, sy, sum] = [0, 0, 0];
      for (let i = 0; i < 192 * 108; i++) {
        const d = Math.abs(a[i] - b[i]);
        if (d < 5) continue;
        sx += d * ((i % 192) + 0.5);
        sy += d * (Math.floor(i / 192) + 0.5);
        sum += d;
      }
      const at = thrown.frames.find((f) => Math.abs(f.t - n / 10) < 1e-6);
      if (at === undefined || sum === 0) continue;
      expect(Math.hypot(sx / sum - at.x * 192, sy / sum - at.y * 108)).toBeLessThan(1.5);
    }
  });

  test('repeated pictures are repeated', () => {
    const hashes = [];
    const scene = createScene(tinySpec({ nuisances: [{ kind: 'repeats', every: 3 }], throws: one }), 3);
    for (const frame of scene.frames()) hashes.push(createHash('sha1').update(frame).digest('hex'));
    expect(hashes[2]).toBe(hashes[1]);
    expect(hashes[5]).toBe(hashes[4]);
    expect(hashes[4]).not.toBe(hashes[3]);
    // The truth says what is on show: the thing stands still while the picture does.
    const shown = scene.truth().throws[0].frames;
    const at = shown.findIndex((f) => f.repeated === true);
    expect(shown[at].y).toBe(shown[at - 1].y);
    expect(shown[at].t).toBeCloseTo(shown[at - 1].t + 0.1);
  });

  test('lost pictures are named and leave the truth', () => {
    const scene = createScene(tinySpec({ nuisances: [{ kind: 'drops', strength: 5 }], throws: one }), 3);
    expect([...scene.frames()]).toHaveLength(40);
    expect(scene.dropped.length).toBeGreaterThan(2);
    const truth = scene.truth();
    expect(truth.video.frames).toBe(40 - scene.dropped.length);
    const times = truth.throws[0].frames.map((f) => Math.round(f.t * 10));
    expect(times.filter((n) => scene.dropped.includes(n))).toEqual([]);
  });

  test('a loop closes: with a whole duration more, everything that sways is where it was', () => {
    const spec = tinySpec({ loop: true, noise: 0.001, durationS: 4, wind: { meanMps: 3 } });
    const frames = [...createScene(spec, 1).frames()].length;
    const scene = createScene({ ...spec, durationS: 4 }, 1).frames();
    const first = Uint8Array.from(scene.next().value);
    let last = first;
    for (let i = 1; i < frames; i++) last = Uint8Array.from(scene.next().value);
    const worst = first.reduce((m, v, i) => Math.max(m, i < 192 * 108 ? Math.abs(v - last[i]) : 0), 0);
    expect(worst).toBeLessThan(90); // one frame's worth of sway, not a jump of the whole tree
  });

  /** Near enough that a brick is some pixels across. */
  const near = { size: [320, 240], fps: 15, durationS: 8, camera: { cover: [2, 5] }, surroundings: { trees: [] } };
  const truthOf = (spec, seed) => {
    const scene = createScene(spec, seed);
    for (const frame of scene.frames()) expect(frame.length).toBe((320 * 240 * 3) / 2);
    return scene.truth();
  };

  test.each([
    ['clear', [4, 99], [25, 255]],
    ['small', [2, 4], [25, 255]],
    ['hard', [1.4, 99], [5, 25]],
  ])('a throw wanted %s comes to look so', (look, size, contrast) => {
    const [thrown] = truthOf(tinySpec({ ...near, throws: { count: 1, mix: { [look]: 1 }, fromS: 1 } }), 2).throws;
    expect(thrown.median_size_px).toBeGreaterThanOrEqual(size[0]);
    expect(thrown.median_size_px).toBeLessThan(size[1]);
    expect(thrown.median_contrast).toBeGreaterThan(contrast[0]);
    expect(thrown.median_contrast).toBeLessThan(contrast[1]);
    expect(thrown.visible_frames).toBeGreaterThanOrEqual(8);
    expect(thrown.frames.at(-1).fallen_m).toBeGreaterThan(5);
  });

  test('probes have the size and contrast that was asked for', () => {
    const probe = { atS: 1, floor: 5, unit: 1, across: 0.5, sizePx: 6, contrast: 30 };
    const throws = { probes: [probe, { ...probe, atS: 3, unit: 2, sizePx: 3, contrast: -15 }] };
    const spec = tinySpec({ ...near, building: { style: 'plain-wall', floors: 8 }, light: 'overcast', throws });
    const seen = truthOf(spec, 1).throws.map((t) => [t.median_size_px, t.median_contrast, Math.sign(t.frames[5].contrast)]);
    expect(seen[0][0]).toBeCloseTo(6, 0);
    expect(Math.abs(seen[0][1] - 30)).toBeLessThan(2);
    expect(Math.abs(seen[1][1] - 15)).toBeLessThan(2);
    expect([seen[0][2], seen[1][2]]).toEqual([1, -1]);
  });

  test.each(variants)('the %s variant shows the throw and has none in its truth', (variant) => {
    const spec = tinySpec({ ...near, throws: { count: 1, mix: { clear: 1 }, fromS: 1 } });
    const thrown = truthOf(spec, 2).throws[0];
    const truth = truthOf({ ...spec, variant }, 2);
    expect(truth.throws).toEqual([]);
    expect(truth.tags).toContain('hard-negative');
    const [from, to] = truth.nuisances.find((n) => n.kind === variant).spans[0];
    const [start, end] = variant === 'reversed' ? [8 - thrown.ended_at, 8 - thrown.released_at] : [thrown.released_at, thrown.ended_at];
    expect(from).toBeCloseTo(start, 1);
    expect(to).toBeCloseTo(end, 1);
    expect(truth.video.width).toBe(variant === 'rotated' ? 240 : 320);
  });

  test('backwards is the same pictures from the last to the first', () => {
    const spec = tinySpec({ ...near, durationS: 2, noise: 0.001, throws: one });
    const forward = Array.from(createScene(spec, 1).frames(), (f) => Uint8Array.from(f));
    const back = Array.from(createScene({ ...spec, variant: 'reversed' }, 1).frames(), (f) => Uint8Array.from(f));
    const off = forward[12].reduce((worst, v, i) => Math.max(worst, Math.abs(v - back[forward.length - 13][i])), 0);
    expect(off).toBeLessThan(3);
  });

  test.each(Object.keys(presets))('preset %s resolves', (name) => {
    const spec = mergeSpec(mergeSpec(defaultSpec, { name }), presets[name]);
    const scene = createScene({ ...spec, size: [96, 54], durationS: 1 }, 1);
    expect([...scene.frames()]).toHaveLength(spec.fps);
  });

  test.each([
    [{ light: 'noon' }, /unknown light 'noon'; known: day/],
    [{ building: { style: 'igloo' } }, /unknown style 'igloo'/],
    [{ nuisances: [{ kind: 'dragons' }] }, /unknown nuisance 'dragons'/],
    [{ variant: 'sideways' }, /unknown variant 'sideways'; known: reversed, rotated, constant/],
    [{ size: [191, 108] }, /must be even/],
  ])('%j is refused with what is known', (over, message) => {
    expect(() => createScene(tinySpec(over), 1)).toThrow(message);
  });
});

describe('spec', () => {
  test('throws are spread out and end before the clip does', () => {
    const spec = tinySpec({ durationS: 60, throws: { count: 6, objects: ['brick'] } });
    const throws = resolveThrows(spec, createRandom('t'));
    expect(throws).toHaveLength(6);
    for (let i = 1; i < throws.length; i++) expect(throws[i].atS - throws[i - 1].atS).toBeGreaterThan(4);
  });

  test('--set reaches nested keys and reads JSON', () => {
    const spec = tinySpec();
    setPath(spec, 'camera.exposureS=0.02');
    setPath(spec, 'light=night');
    setPath(spec, 'nuisances=[{"kind":"rain"}]');
    expect([spec.camera.exposureS, spec.light, spec.nuisances[0].kind]).toEqual([0.02, 'night', 'rain']);
  });

  test('tuning and reporting share no facade', () => {
    const stylesOf = (set) =>
      new Set(
        Array.from(
          { length: 40 },
          (_, i) => familySpec(set, i, createRandom(`${set}/${i}`), { durationS: 10, throws: [1, 3], base: defaultSpec }).building.style,
        ),
      );
    const reporting = stylesOf('reporting');
    for (const name of ['tuning', 'wide', 'small']) {
      const tuned = stylesOf(name);
      expect(tuned.size).toBeGreaterThan(2);
      expect([...tuned].filter((s) => reporting.has(s))).toEqual([]);
    }
  });
});
