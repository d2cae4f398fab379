import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createPlainKernel, NOISE_LENGTH } from './plain-kernel.mjs';

/** Memory set aside for trees, bytes a pixel of the picture: three that fill it, twice over. Untouched pages cost nothing. */
const TREE_BYTES_PER_PIXEL = 24;

/**
 * The fast kernel where it can be had, else the plain one: both give the same bytes. It is compiled with AssemblyScript, a
 * development dependency, and kept in node_modules/.cache, so that an installed program without either still renders.
 *
 * @param {number} width @param {number} height
 * @returns {Promise<import('./plain-kernel.mjs').PixelKernel>}
 */
export async function createKernel(width, height) {
  const code = await compiled();
  if (code === null) return createPlainKernel(width, height);
  const pixels = width * height;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((pixels * (12 + TREE_BYTES_PER_PIXEL)) / 65536) + 64 });
  const { exports } = await WebAssembly.instantiate(code, { env: { memory } });
  let end = 1024; // below lies whatever the compiler puts there
  const allocate = (type, length) => {
    const at = end;
    end = (end + length * type.BYTES_PER_ELEMENT + 127) & ~63; // a vector may read past the last sample
    if (end > memory.buffer.byteLength) throw new RangeError('the scene holds more or larger trees than its memory');
    return new type(memory.buffer, at, length);
  };
  const linear = allocate(Uint16Array, pixels);
  const u = allocate(Uint8Array, pixels / 4);
  const v = allocate(Uint8Array, pixels / 4);
  const tone = allocate(Int16Array, 65536);
  const strengths = allocate(Uint8Array, 256);
  const noise = allocate(Int8Array, NOISE_LENGTH + width);
  const out = allocate(Uint8Array, pixels);
  const toned = allocate(Int16Array, pixels).byteOffset;
  const moved = allocate(Int16Array, pixels).byteOffset;
  const sigma = allocate(Uint8Array, pixels).byteOffset;
  const at = Object.fromEntries(Object.entries({ linear, u, v, tone, strengths, noise, out }).map(([name, a]) => [name, a.byteOffset]));
  return {
    width,
    height,
    linear,
    u,
    v,
    tone,
    strengths,
    noise,
    out,
    allocate,
    develop(from, to) {
      exports.develop(at.linear + 2 * from, at.tone, at.strengths, toned + 2 * from, sigma + from, to - from);
    },
    addNoise(row, noiseAt, shaken) {
      const first = row * width;
      exports.addNoise((shaken ? moved : toned) + 2 * first, sigma + first, at.noise + noiseAt, at.out + first, width);
    },
    shiftRow(row, rowA, rowB, dx, wx, wy) {
      exports.shiftRow(toned + 2 * rowA * width, toned + 2 * rowB * width, moved + 2 * row * width, width, dx, wx, wy);
    },
    overlay(cutOut, from, wx, wy, x, y, cols, rows) {
      const alpha = cutOut.alpha.byteOffset + 2 * from;
      const light = cutOut.light.byteOffset + 2 * from;
      exports.overlay(alpha, light, cutOut.stride, wx, wy, at.linear + 2 * (y * width + x), width, cols, rows);
      const k = (y >> 1) * (width >> 1) + (x >> 1);
      exports.tint(alpha, cutOut.stride, at.u + k, at.v + k, width >> 1, cutOut.u, cutOut.v, cols >> 1, rows >> 1);
    },
  };
}

/** The compiled kernel, made once for each version of its source; `null` without a compiler. */
async function compiled() {
  const source = readFileSync(new URL('pixel-kernel.as', import.meta.url), 'utf8');
  const folder = fileURLToPath(new URL('../../node_modules/.cache/parapet-scenes/', import.meta.url));
  const file = `${folder}pixels-${createHash('sha256').update(source).digest('hex').slice(0, 16)}.wasm`;
  const kept = readIfThere(file);
  if (kept !== null) return WebAssembly.compile(kept);
  const compiler = await import('assemblyscript/asc').catch(() => null);
  if (compiler === null) return null;
  const options = { optimizeLevel: 3, noAssert: true, runtime: 'stub', importMemory: true, enable: ['simd'] };
  const { error, binary, stderr } = await compiler.compileString({ 'kernel.ts': source }, options);
  if (error || binary === null) throw new Error(`pixel-kernel.as does not compile: ${stderr}`);
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
