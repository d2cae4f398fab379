import { SURFACE } from './building.mjs';
import { encodeColour } from './light.mjs';

/**
 * Everything that stands still, seen once through the lens.
 *
 * @typedef {object} Background
 * @property {Uint16Array} linear luma in linear light, 65535 = white
 * @property {Uint8Array} u quarter-size chroma
 * @property {Uint8Array} v
 * @property {Uint8Array} glass 0..255: how much of the pixel is window glass of the tower
 * @property {Uint8Array} solid 0..255: how much of the pixel is anything but sky
 */

/**
 * @param {import('./camera.mjs').Camera} camera
 * @param {{shade: Function}} building
 * @param {{shade: Function}} backdrop
 * @param {{samples: number, psfPx: number, vignette: (x: number, y: number) => number}} p `samples` rays a pixel along each
 *   axis; `psfPx` standard deviation of the lens blur
 * @returns {Background}
 */
export function renderBackground(camera, building, backdrop, p) {
  const { width, height } = camera;
  const [ox, oy, oz] = camera.position;
  const halfW = width >> 1;
  const luma = new Float32Array(width * height);
  const u = new Float32Array(halfW * (height >> 1));
  const v = new Float32Array(halfW * (height >> 1));
  const glass = new Uint8Array(width * height);
  const solid = new Uint8Array(width * height);
  const ray = new Float64Array(3);
  const shade = new Float64Array(4);
  const colour = new Float64Array(3);
  const n = p.samples;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      let panes = 0;
      let hits = 0;
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < n; i++) {
          camera.ray(x + (i + 0.5) / n, y + (j + 0.5) / n, ray);
          if (!building.shade(ox, oy, oz, ray, shade)) backdrop.shade(ox, oy, oz, ray, shade);
          r += shade[0];
          g += shade[1];
          b += shade[2];
          if (shade[3] === SURFACE.glass) panes++;
          if (shade[3] !== SURFACE.sky) hits++;
        }
      }
      const gain = p.vignette(x + 0.5, y + 0.5) / (n * n);
      encodeColour(r * gain, g * gain, b * gain, colour);
      luma[y * width + x] = colour[0];
      glass[y * width + x] = Math.round((255 * panes) / (n * n));
      solid[y * width + x] = Math.round((255 * hits) / (n * n));
      const c = (y >> 1) * halfW + (x >> 1);
      u[c] += colour[1] / 4;
      v[c] += colour[2] / 4;
    }
  }
  blur(luma, width, height, p.psfPx);
  return { linear: Uint16Array.from(luma, (l) => Math.min(65535, l * 65535 + 0.5)), u: bytes(u), v: bytes(v), glass, solid };
}

const bytes = (plane) => Uint8Array.from(plane, (c) => Math.min(240, Math.max(16, c + 0.5)));

/** Separable Gaussian blur in place, edges repeated. */
function blur(plane, width, height, sigma) {
  const radius = Math.max(1, Math.ceil(sigma * 3));
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)));
  const total = weights.reduce((a, b) => a + b, 0);
  const kernel = weights.map((w) => w / total);
  const line = new Float32Array(Math.max(width, height));
  const pass = (start, stride, length) => {
    for (let i = 0; i < length; i++) line[i] = plane[start + i * stride];
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = -radius; k <= radius; k++) sum += kernel[k + radius] * line[Math.min(length - 1, Math.max(0, i + k))];
      plane[start + i * stride] = sum;
    }
  };
  for (let y = 0; y < height; y++) pass(y * width, 1, width);
  for (let x = 0; x < width; x++) pass(x, width, height);
}
