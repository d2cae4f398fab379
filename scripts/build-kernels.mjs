// Compiles src/core/kernels/assembly to src/core/kernels/kernels.wasm, and copies it beside the compiled code in dist.
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = 'src/core/kernels/kernels.wasm';
const { error, stderr } = await main(
  [
    'src/core/kernels/assembly/index.ts',
    '--outFile',
    out,
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
    '--converge',
    '--noAssert',
    '--runtime',
    'stub',
    '--importMemory',
    '--enable',
    'simd',
    '--use',
    'abort=',
  ],
  { baseDir: root },
);
if (error) {
  process.stderr.write(`${stderr.toString()}${error.message}\n`);
  process.exit(1);
}
mkdirSync(join(root, 'dist/core/kernels'), { recursive: true });
cpSync(join(root, out), join(root, 'dist/core/kernels/kernels.wasm'));
