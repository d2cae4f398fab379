import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The sensor's loops over all pixels, in integers. The same sums are written twice: here, and for vectors of eight in
 * `sensor-kernel.as`; a test holds them to the same bytes.
 *
 * @typedef {object} SensorKernel
 * @property {Int16Array} toned luma in 1/64 levels, as drawn
 * @property {Int16Array} moved the same after shake
 * @property {Uint8Array} sigma standard deviation of the noise, 1/32 level
 * @property {Int8Array} noise a stretch of noise, 1/32 of its standard deviation, {@link NOISE_LENGTH} + width long
 * @property {Uint8Array} out luma of the picture
 * @property {(row: number, noiseAt: number, shaken: boolean) => void} addNoise writes one row of `out`
 * @property {(row: number, rowA: number, rowB: number, dx: number, wx: number, wy: number) => void} shiftRow writes a row of
 *   `moved` from two rows of `toned`: `dx` whole pixels, weights of the second row and the next pixel in 1/32768
 */

/** Samples of noise before they come round; rows begin anywhere among them. */
export const NOISE_LENGTH = 1 << 18;

/**
 * @param {number} width @param {number} height
 * @returns {SensorKernel}
 */
export function createPlainKernel(width, height) {
  const toned = new Int16Array(width * height);
  const moved = new Int16Array(width * height);
  const sigma = new Uint8Array(width * height);
  const noise = new Int8Array(NOISE_LENGTH + width);
  const out = new Uint8Array(width * height);
  const clamped = new Uint8ClampedArray(out.buffer);
  return {
    toned,
    moved,
    sigma,
    noise,
    out,
    addNoise(row, noiseAt, shaken) {
      const from = shaken ? moved : toned;
      for (let i = row * width, end = i + width, k = noiseAt; i < end; i++, k++) {
        clamped[i] = (from[i] + ((sigma[i] * noise[k] + 8) >> 4) + 32) >> 6;
      }
    },
    shiftRow(row, rowA, rowB, dx, wx, wy) {
      const a = rowA * width;
      const b = rowB * width;
      const last = width - 1;
      const between = (x) => {
        const c = Math.min(last, Math.max(0, x));
        return toned[a + c] + rounded(toned[b + c] - toned[a + c], wy);
      };
      for (let x = 0; x < width; x++) {
        const here = between(x + dx);
        moved[row * width + x] = here + rounded(between(x + dx + 1) - here, wx);
      }
    },
  };
}

/** Product of a number and a weight in 1/32768, rounded as the vector instruction does. */
const rounded = (value, weight) => (value * weight + 0x4000) >> 15;

/**
 * The fast kernel where it can be had, else the plain one: both give the same bytes. It is compiled with AssemblyScript, a
 * development dependency, and kept in node_modules/.cache, so that an installed program without either still renders.
 *
 * @param {number} width @param {number} height
 * @returns {Promise<SensorKernel>}
 */
export async function createKernel(width, height) {
  const code = await compiled();
  if (code === null) return createPlainKernel(width, height);
  const pixels = width * height;
  let end = 1024; // whatever the compiler puts at the bottom of the memory
  const reserve = (bytes) => {
    const at = end;
    end = (end + bytes + 63) & ~63; // a vector may read past the last sample; the next plane begins after that
    return at;
  };
  const at = {
    toned: reserve(2 * pixels + 32),
    moved: reserve(2 * pixels),
    sigma: reserve(pixels),
    noise: reserve(NOISE_LENGTH + width),
    out: reserve(pixels),
  };
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) });
  const { exports } = await WebAssembly.instantiate(code, { env: { memory } });
  const { buffer } = memory;
  return {
    toned: new Int16Array(buffer, at.toned, pixels),
    moved: new Int16Array(buffer, at.moved, pixels),
    sigma: new Uint8Array(buffer, at.sigma, pixels),
    noise: new Int8Array(buffer, at.noise, NOISE_LENGTH + width),
    out: new Uint8Array(buffer, at.out, pixels),
    addNoise(row, noiseAt, shaken) {
      const first = row * width;
      exports.addNoise((shaken ? at.moved : at.toned) + 2 * first, at.sigma + first, at.noise + noiseAt, at.out + first, width);
    },
    shiftRow(row, rowA, rowB, dx, wx, wy) {
      exports.shiftRow(at.toned + 2 * rowA * width, at.toned + 2 * rowB * width, at.moved + 2 * row * width, width, dx, wx, wy);
    },
  };
}

/** The compiled kernel, made once for each version of its source; `null` without a compiler. */
async function compiled() {
  const source = readFileSync(new URL('sensor-kernel.as', import.meta.url), 'utf8');
  const folder = fileURLToPath(new URL('../../node_modules/.cache/parapet-scenes/', import.meta.url));
  const file = `${folder}sensor-${createHash('sha256').update(source).digest('hex').slice(0, 16)}.wasm`;
  const kept = readIfThere(file);
  if (kept !== null) return WebAssembly.compile(kept);
  const compiler = await import('assemblyscript/asc').catch(() => null);
  if (compiler === null) return null;
  const options = { optimizeLevel: 3, noAssert: true, runtime: 'stub', importMemory: true, enable: ['simd'] };
  const { error, binary, stderr } = await compiler.compileString({ 'kernel.ts': source }, options);
  if (error || binary === null) throw new Error(`sensor-kernel.as does not compile: ${stderr}`);
  try {
    mkdirSync(folder, { recursive: true });
    const own = `${file}.${process.pid}`;
    writeFileSync(own, binary);
    renameSync(own, file); // another process may be at the same
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error; // nowhere to keep it: compile again next time
  }
  return WebAssembly.compile(binary);
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
}
