import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Copies the built program and replaces text in the copy.
 *
 * @param {string} folder where the copy goes, as `dist` in it; what is there is made anew
 * @param {readonly import('./variants.mjs').Patch[]} patches
 * @returns {string} the copy's `dist`
 * @throws {Error} when a text to be replaced does not stand in its file exactly once
 */
export function patchedProgram(folder, patches) {
  rmSync(folder, { recursive: true, force: true });
  const program = join(folder, 'dist');
  cpSync(join(root, 'dist'), program, { recursive: true, filter: (path) => !path.endsWith('.map') });
  // It finds its packages and knows its modules as the original does.
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const patch of patches) applyPatch(program, patch);
  return program;
}

/** @param {string} program a `dist` @param {import('./variants.mjs').Patch} patch */
function applyPatch(program, { file, from, to }) {
  const path = join(program, file);
  writeFileSync(path, replaceOnce(readFileSync(path, 'utf8'), { file, from, to }));
}

/**
 * @param {string} text @param {import('./variants.mjs').Patch} patch
 * @throws {Error} when the text to be replaced does not stand there exactly once
 */
export function replaceOnce(text, { file, from, to }) {
  const times = text.split(from).length - 1;
  if (times !== 1) {
    throw new Error(`dist/${file}: '${from.split('\n')[0]}' stands there ${times} times, not once; mend scripts/golden/variants.mjs`);
  }
  return text.replace(from, () => to);
}
