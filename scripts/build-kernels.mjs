// Compiles each module of src/core/kernels/assembly to WebAssembly beside that folder, and copies it beside the compiled code in dist.
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = 'src/core/kernels';
/** Source and result of each. */
const modules = [
  ['index.ts', 'kernels.wasm'],
  ['input.ts', 'input.wasm'],
];

mkdirSync(join(root, 'dist/core/kernels'), { recursive: true });
for (const [source, out] of modules) {
  const { error, stderr } = await main(
    [
      `${folder}/assembly/${source}`,
      '--outFile',
      `${folder}/${out}`,
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
  cpSync(join(root, folder, out), join(root, 'dist/core/kernels', out));
}
