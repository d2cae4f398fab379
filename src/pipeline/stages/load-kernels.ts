import { readFile } from 'node:fs/promises';

/** Beside the compiled code; the build copies it there. */
const kernelsUrl = new URL('../../core/kernels/kernels.wasm', import.meta.url);

/** Compiles the per-pixel loops: once for all cameras, since a module can be sent to their threads. */
export async function loadKernels(): Promise<WebAssembly.Module> {
  return new WebAssembly.Module(await readFile(kernelsUrl));
}
