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
 * @param {import('./plain-kernel.mjs').PixelKernel} kernel draws it
 */
export function createTree(spec, camera, light, rng, frequency, kernel) {
  const centreY = spec.heightM - spec.crownM * 0.9;
  const middle = camera.project(spec.x, centreY, spec.z);
  const scale = camera.focalPx / middle.depth;
  const reach = spec.crownM * 1.25 * scale + 8;
  const foot = camera.project(spec.x, 0, spec.z);
  const box = {
    x1: 2 * Math.floor(Math.max(0, middle.x - reach) / 2), // even: a patch covers whole samples of colour
    y1: 2 * Math.floor(Math.max(0, middle.y - reach * 1.1) / 2),
    x2: Math.min(camera.width, 2 * Math.ceil((middle.x + reach) / 2)),
    y2: Math.min(camera.height, 2 * Math.ceil(Math.max(middle.y + reach, foot.depth > 0 ? foot.y : middle.y + reach) / 2)),
  };
  const w = box.x2 - box.x1;
  const h = box.y2 - box.y1;
  const visible = w > 2 && h > 2 && middle.depth > 1;
  const waves = Array.from({ length: 5 }, (_, i) => ({
    kx: rng.gauss() * 0.02 * (1 + i),
    ky: rng.gauss() * 0.02 * (1 + i),
    omega: 2 * Math.PI * frequency(0.3 + 0.45 * i * rng.range(0.7, 1.3)),
    phase: rng.range(0, 2 * Math.PI),
    amplitude: (spec.sway * scale * 0.11) / (1 + i),
  }));
  // No gust bends a leaf farther than this: the cut-out has so much nothing around it.
  const margin = Math.ceil(1.3 * (spec.sway * scale * 0.1 + waves.reduce((sum, wave) => sum + wave.amplitude, 0))) + PATCH_PX + 1;
  const painted = visible ? cutOut(spec, { camera, light, rng, box, w, h, margin, centreY, kernel }) : null;
  // The sines of a patch's waves split into one by its column, which never changes, and one by its row and the time.
  const columns = Math.ceil(Math.max(0, w) / PATCH_PX);
  const byColumn = waves.map((wave) => splitWave(wave.kx, columns));
  const across = new Float64Array(4 * waves.length);
  const last = { dx: 0 };

  return {
    box,
    /** Where leaves may come loose, for `leaves`. */
    crown: { x: spec.x, y: centreY, z: spec.z, radiusM: spec.crownM },

    /** Share of the background that the tree hides at a pixel in the last frame drawn, 0..1. */
    hides(x, y) {
      const px = Math.round(x - last.dx) - box.x1;
      const py = Math.round(y) - box.y1;
      if (painted === null || px < 0 || py < 0 || px >= w || py >= h) return 0;
      return painted.alpha[(py + margin) * painted.stride + px + margin] / 32767;
    },

    /** @param {import('./mover.mjs').Shot} shot */
    draw(shot) {
      if (painted === null) return;
      const { canvas } = shot;
      const t = shot.timeS;
      // Gusts make the whole tree breathe.
      const gust =
        0.75 + 0.35 * Math.sin(2 * Math.PI * frequency(0.11) * t + waves[0].phase) + 0.15 * Math.sin(2 * Math.PI * frequency(0.29) * t);
      const lean = spec.sway * scale * 0.1 * gust * Math.sin(2 * Math.PI * frequency(0.22) * t + waves[1].phase);
      last.dx = lean;
      for (let y = 0; y < h; y += PATCH_PX) {
        const bend = lean * (1 - (0.7 * (y + PATCH_PX / 2)) / h);
        waves.forEach((wave, i) => {
          const r = wave.ky * y + wave.omega * t + wave.phase;
          across.set([Math.sin(r), Math.cos(r), Math.sin(SKEW * r), Math.cos(SKEW * r)], 4 * i);
        });
        const rows = Math.min(PATCH_PX, h - y);
        for (let column = 0; column < columns; column++) {
          let dx = bend;
          let dy = 0;
          for (let i = 0; i < waves.length; i++) {
            const a = waves[i].amplitude * gust;
            const s = byColumn[i];
            const k = 4 * column;
            dx += a * (s[k] * across[4 * i + 1] + s[k + 1] * across[4 * i]);
            dy += 0.6 * a * (s[k + 3] * across[4 * i + 3] - s[k + 2] * across[4 * i + 2]);
          }
          const x = column * PATCH_PX;
          const fx = Math.floor(-dx);
          const fy = Math.floor(-dy);
          if (painted.isEmpty(x + fx, y + fy)) continue;
          const from = (y + fy + margin) * painted.stride + x + fx + margin;
          const cols = Math.min(PATCH_PX, w - x);
          canvas.kernel.overlay(painted, from, weightOf(-dx - fx), weightOf(-dy - fy), box.x1 + x, box.y1 + y, cols, rows);
          for (let row = 0; row < rows; row++) canvas.touch(box.y1 + y + row, box.x1 + x, box.x1 + x + cols);
        }
      }
    },
  };
}

/** Leaves move in patches of this size, pixels: what the kernel lays down at once. */
const PATCH_PX = 8;

/** Up and down goes at another pace than to and fro, so that leaves circle. */
const SKEW = 1.13;

const weightOf = (fraction) => Math.min(32767, Math.round(fraction * 32768));

/** Sine and cosine of a wave's phase at each column of patches, and the same for the skewed phase. */
function splitWave(kx, columns) {
  const out = new Float64Array(4 * columns);
  for (let c = 0; c < columns; c++) {
    const p = kx * (c * PATCH_PX + PATCH_PX / 2);
    out.set([Math.sin(p), Math.cos(p), Math.sin(SKEW * p), Math.cos(SKEW * p)], 4 * c);
  }
  return out;
}

/** The painted tree as the kernel reads it, with an empty margin, and a map of patches that hold nothing. */
function cutOut(spec, p) {
  const { w, h, margin, kernel } = p;
  const linear = new Float32Array(w * h);
  const opacity = new Float32Array(w * h);
  paintTree(spec, { ...p, linear, alpha: opacity });
  const stride = w + 2 * margin;
  const alpha = kernel.allocate(Int16Array, stride * (h + 2 * margin));
  const light = kernel.allocate(Int16Array, stride * (h + 2 * margin));
  const mapW = Math.ceil(stride / PATCH_PX) + 2;
  const full = new Uint8Array(mapW * (Math.ceil((h + 2 * margin) / PATCH_PX) + 2));
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const a = Math.round(opacity[y * w + x] * 32767);
      if (a === 0) continue;
      const k = (y + margin) * stride + x + margin;
      alpha[k] = a;
      light[k] = Math.min(32767, linear[y * w + x] / 2);
      full[((y + margin) >> 3) * mapW + ((x + margin) >> 3)] = 1;
    }
  }
  // In the dark, colour goes.
  const vivid = Math.min(1, (p.light.ambient + p.light.sunPower) * 4);
  return {
    alpha,
    light,
    stride,
    u: Math.round(128 - 10 * vivid),
    v: Math.round(128 - 4 * vivid),
    /** Whether a patch that begins at x, y (and reads one pixel more) meets nothing of the tree. */
    isEmpty(x, y) {
      const bottom = (y + margin + PATCH_PX) >> 3;
      const right = (x + margin + PATCH_PX) >> 3;
      for (let j = (y + margin) >> 3; j <= bottom; j++) {
        for (let i = (x + margin) >> 3; i <= right; i++) if (full[j * mapW + i] === 1) return false;
      }
      return true;
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
