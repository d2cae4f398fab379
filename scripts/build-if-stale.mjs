// Builds dist (kernels and TypeScript) when a source has changed since the last build, and does nothing otherwise.
// Run by scripts/demo and scripts/test, and by vitest before the tests, since some of them start dist/main.js.
// Types are not checked here: `npm run types` does that, and a half-written type elsewhere must not keep a test from running.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'dist/.built');
const lock = join(root, 'node_modules/.parapet-building');
/** A build takes seconds: a lock older than this was left by one that died. */
const LOCK_STALE_MS = 120_000;

/** Called by vitest once before all tests. */
export async function setup() {
  while (!tryLock()) await delay(250);
  try {
    const wanted = fingerprint();
    if (read(stamp) === wanted) return;
    run(process.execPath, ['scripts/build-kernels.mjs']);
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck']);
    chmodSync(join(root, 'dist/main.js'), 0o755);
    writeFileSync(stamp, wanted);
  } finally {
    rmdirSync(lock);
  }
}

/** By content, not by time: a fresh clone and a switched branch look new to the clock. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build-kernels.mjs', ...sources('src')];
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sources(path);
      return /\.(ts|py|mjs)$/.test(path) && !path.endsWith('.test.ts') ? [path] : [];
    });
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${args[0]} failed; see above`);
}

function tryLock() {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const sinceMs = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (sinceMs > LOCK_STALE_MS) rmdirSync(lock);
  return false;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setup().catch((error) => {
    process.stderr.write(`build failed: ${error.message}\n`);
    process.exit(1);
  });
}
