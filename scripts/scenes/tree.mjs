import { encodeColour } from './light.mjs';

/**
 * A tree as a cut-out that stands before the facade and sways: leaves by the thousand, drawn once, then bent a little
 * differently in every frame.
 *
 * @param {{x: number, z: number, heightM: number, crownM: number, sway: number, bare: number}} spec world position of the trunk, height,
 *   radius of the crown, sway 0..1 (a breeze is 0.2, a storm 1), `bare` 0..1 share of missing leaves
 * @param {import('./camera.mjs').Camera} camera
 * @param {import('./light.mjs').Light} light
 * @param {import('./random.mjs').Random} rng
 * @param {(cyclesPerS: number) => number} frequency makes a frequency fit a loop
 */
export function createTree(spec, camera, light, rng, frequency) {
  const centreY = spec.heightM - spec.crownM * 0.9;
  const middle = camera.project(spec.x, centreY, spec.z);
  const scale = camera.focalPx / middle.depth;
  const reach = spec.crownM * 1.25 * scale + 8;
  const foot = camera.project(spec.x, 0, spec.z);
  const box = {
    x1: Math.max(0, Math.floor(middle.x - reach)),
    y1: Math.max(0, Math.floor(middle.y - reach * 1.1)),
    x2: Math.min(camera.width, Math.ceil(middle.x + reach)),
    y2: Math.min(camera.height, Math.ceil(Math.max(middle.y + reach, foot.depth > 0 ? foot.y : middle.y + reach))),
  };
  const w = box.x2 - box.x1;
  const h = box.y2 - box.y1;
  const visible = w > 2 && h > 2 && middle.depth > 1;
  const linear = new Float32Array(visible ? w * h : 0);
  const alpha = new Float32Array(visible ? w * h : 0);
  if (visible) paintTree(spec, { camera, light, rng, box, w, linear, alpha, centreY });

  const waves = Array.from({ length: 5 }, (_, i) => ({
    kx: rng.gauss() * 0.02 * (1 + i),
    ky: rng.gauss() * 0.02 * (1 + i),
    omega: 2 * Math.PI * frequency(0.3 + 0.45 * i * rng.range(0.7, 1.3)),
    phase: rng.range(0, 2 * Math.PI),
    amplitude: (spec.sway * scale * 0.11) / (1 + i),
  }));
  // In the dark, colour goes.
  const vivid = Math.min(1, (light.ambient + light.sunPower) * 4);
  const green = { u: 128 - 10 * vivid, v: 128 - 4 * vivid };
  const bend = Array.from({ length: h }, () => 0);
  const rowShift = new Float32Array(waves.length);
  const last = { dx: 0, dy: 0 };

  return {
    box,
    /** Where leaves may come loose, for `leaves`. */
    crown: { x: spec.x, y: centreY, z: spec.z, radiusM: spec.crownM },

    /** Share of the background that the tree hides at a pixel in the last frame drawn, 0..1. */
    hides(x, y) {
      const px = Math.round(x - last.dx) - box.x1;
      const py = Math.round(y - last.dy) - box.y1;
      return visible && px >= 0 && py >= 0 && px < w && py < h ? alpha[py * w + px] : 0;
    },

    /** @param {import('./mover.mjs').Shot} shot */
    draw(shot) {
      if (!visible) return;
      const { canvas } = shot;
      const half = canvas.width >> 1;
      const t = shot.timeS;
      // Gusts make the whole tree breathe.
      const gust =
        0.75 + 0.35 * Math.sin(2 * Math.PI * frequency(0.11) * t + waves[0].phase) + 0.15 * Math.sin(2 * Math.PI * frequency(0.29) * t);
      const lean = spec.sway * scale * 0.1 * gust * Math.sin(2 * Math.PI * frequency(0.22) * t + waves[1].phase);
      last.dx = lean;
      for (let y = 0; y < h; y++) {
        bend[y] = lean * (1 - (0.7 * y) / h);
        for (let i = 0; i < waves.length; i++) rowShift[i] = waves[i].ky * y + waves[i].omega * t + waves[i].phase;
        const target = (box.y1 + y) * canvas.width + box.x1;
        const chroma = ((box.y1 + y) >> 1) * half;
        canvas.touch(box.y1 + y, box.x1, box.x2);
        // Local flutter is worked out every 8 pixels and carried between: leaves move in clumps.
        for (let x0 = 0; x0 < w; x0 += 8) {
          let dx = 0;
          let dy = 0;
          for (let i = 0; i < waves.length; i++) {
            const a = waves[i].amplitude * gust;
            const arg = waves[i].kx * (x0 + 4) + rowShift[i];
            dx += a * Math.sin(arg);
            dy += 0.6 * a * Math.cos(arg * 1.13);
          }
          const sx = bend[y] + dx;
          const fx = Math.floor(-sx);
          const wx = -sx - fx;
          const sy = y - dy;
          const iy = Math.floor(sy);
          if (iy < 0 || iy >= h - 1) continue;
          const wy = sy - iy;
          const end = Math.min(w, x0 + 8);
          for (let x = x0; x < end; x++) {
            const ix = x + fx;
            if (ix < 0 || ix >= w - 1) continue;
            const j = iy * w + ix;
            const a00 = alpha[j];
            const a01 = alpha[j + 1];
            const a10 = alpha[j + w];
            const a11 = alpha[j + w + 1];
            if (a00 + a01 + a10 + a11 === 0) continue;
            const w00 = (1 - wx) * (1 - wy);
            const w01 = wx * (1 - wy);
            const w10 = (1 - wx) * wy;
            const w11 = wx * wy;
            const a = a00 * w00 + a01 * w01 + a10 * w10 + a11 * w11;
            const l = linear[j] * w00 + linear[j + 1] * w01 + linear[j + w] * w10 + linear[j + w + 1] * w11; // premultiplied
            canvas.linear[target + x] = Math.min(65535, canvas.linear[target + x] * (1 - a) + l);
            const c = chroma + ((box.x1 + x) >> 1);
            canvas.u[c] += (green.u - canvas.u[c]) * a * 0.3;
            canvas.v[c] += (green.v - canvas.v[c]) * a * 0.3;
          }
        }
      }
    },
  };
}

/** Paints trunk and leaves, far ones first; `linear` is premultiplied by `alpha`. */
function paintTree(spec, p) {
  const { camera, light, rng, box, w, linear, alpha } = p;
  const colour = new Float64Array(3);
  const h = alpha.length / w;
  const dab = (x, y, rx, ry, lin) => {
    for (let py = Math.max(0, Math.floor(y - ry - 1)); py < Math.min(h, y + ry + 1); py++) {
      for (let px = Math.max(0, Math.floor(x - rx - 1)); px < Math.min(w, x + rx + 1); px++) {
        const d = Math.hypot((px + 0.5 - x) / rx, (py + 0.5 - y) / ry);
        const a = Math.min(1, Math.max(0, (1 - d) * Math.min(rx, ry) + 0.5));
        if (a <= 0) continue;
        const i = py * w + px;
        linear[i] = linear[i] * (1 - a) + lin * 65535 * a;
        alpha[i] = alpha[i] * (1 - a) + a;
      }
    }
  };
  const power = light.sunPower * 0.6 + light.ambient + light.lampPower * 0.4;
  for (let i = 0; i <= 60; i++) {
    const at = camera.project(spec.x + 0.15 * Math.sin(i * 0.2), (p.centreY * i) / 60, spec.z);
    if (at.depth > 0.5)
      dab(at.x - box.x1, at.y - box.y1, (0.16 * camera.focalPx) / at.depth, (0.4 * camera.focalPx) / at.depth, 0.09 * power);
  }
  // Leaves hang in clumps along boughs, so that the facade shows through between them and the outline is ragged.
  const clumps = Array.from({ length: 46 }, () => {
    const [a, b, c] = [rng.gauss(), rng.gauss() * 0.8, rng.gauss()];
    const n = Math.hypot(a, b, c);
    const out = rng.range(0.35, 1.12);
    return { at: [(a / n) * out, (b / n) * out, (c / n) * out], spread: rng.range(0.09, 0.2), tone: rng.range(0.75, 1.25) };
  });
  const leaves = Array.from({ length: Math.round(15_000 * (1 - spec.bare)) }, () => {
    const clump = rng.pick(clumps);
    const [x, y, z] = clump.at.map((c) => (c * 0.85 + rng.gauss() * clump.spread) * spec.crownM);
    return [x, y, z, clump.tone];
  }).sort((a, b) => b[2] - a[2]);
  for (const [lx, ly, lz, tone] of leaves) {
    const at = camera.project(spec.x + lx, p.centreY + ly, spec.z + lz);
    if (at.depth < 1) continue;
    const size = (rng.range(0.05, 0.1) * camera.focalPx) / at.depth;
    const inward = Math.max(0.25, Math.min(1, 0.55 + ly / (2 * spec.crownM) - lz / (3 * spec.crownM)));
    const shade = power * inward * tone * rng.range(0.6, 1.4);
    encodeColour(0.09 * shade, 0.16 * shade, 0.045 * shade, colour);
    dab(at.x - box.x1, at.y - box.y1, size * rng.range(0.5, 1), size * rng.range(0.35, 0.7), colour[0]);
  }
}
