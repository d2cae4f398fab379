import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { tableText } from './ablation.mjs';
import { patchedProgram, replaceOnce } from './patched-program.mjs';
import { variants } from './variants.mjs';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const patches = variants.flatMap(({ name, motion = [], rule = [] }) => [...motion, ...rule].map((patch) => ({ name, ...patch })));

test.each(patches)('$name still finds what it takes away, in $file', (patch) => {
  const text = readFileSync(join(dist, patch.file), 'utf8');
  expect(replaceOnce(text, patch)).not.toBe(text);
});

test('a text that is gone, or stands there twice, is an error that names the file', () => {
  const patch = { file: 'core/a.js', from: 'limit = 4', to: 'limit = 1' };
  expect(() => replaceOnce('const limit = 5;', patch)).toThrow(/dist\/core\/a\.js: 'limit = 4' stands there 0 times/);
  expect(() => replaceOnce('limit = 4; limit = 4', patch)).toThrow(/2 times/);
  expect(replaceOnce('const limit = 4;', { ...patch, to: '$&' })).toBe('const $&;');
});

/** Asks a program whether a path and itself are one fall. */
function mergesWithItself(program) {
  const path = [0, 1, 2, 3, 4].map((seq) => ({ seq, timeS: seq / 25, candidate: { x: 5, y: 10 * seq } }));
  const module = pathToFileURL(join(program, 'rules/thrown-object/same-fall.js')).href;
  const code = `import { sameFall } from '${module}'; const p = ${JSON.stringify(path)}; process.stdout.write(String(sameFall(p, p, 500)));`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
}

test('a variant is a program of its own that runs, and the engine stays as it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-ablation-'));
  try {
    const { rule } = variants.find((v) => v.name === 'no-merging');
    expect(mergesWithItself(patchedProgram(folder, rule))).toBe('false');
    expect(mergesWithItself(dist)).toBe('true');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('names are told apart', () => {
  expect(new Set(variants.map((v) => v.name)).size).toBe(variants.length);
});

test('a row says what was found, what was false and what it cost', () => {
  const of = (found) => ({ found, of: 8 });
  const row = { clear: of(6), small: of(3), hard: of(0), falseAlarms: 2, falseSuspected: 1, floorExact: of(5), temporalIou: 0.9132 };
  const lines = tableText([{ label: 'no drag', row, motionMs: 1.234, rulesMs: 0.5 }]).split('\n');
  expect(lines[2]).toBe('| no drag | 6/8 | 3/8 | 0/8 | 2 | 1 | 5/8 | 0.913 | 1.23 | 0.50 |');
});
