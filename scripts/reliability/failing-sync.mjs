import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./failing-sync.c', import.meta.url));

/** Why it cannot be built here; `null`: it can. */
export function failingSyncMissing() {
  if (process.platform !== 'linux') return 'making syncs fail needs Linux';
  return spawnSync('cc', ['--version']).error === undefined ? null : 'making syncs fail needs a C compiler: apt-get install gcc libc6-dev';
}

/**
 * Builds the library that makes syncs fail, and the switch that it obeys.
 *
 * @param {string} folder for both
 */
export function createFailingSync(folder) {
  const library = join(folder, 'failing-sync.so');
  const place = join(folder, 'failing');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`failing-sync.c: ${stderr}`);
  writeFileSync(place, '0');
  return {
    env: { LD_PRELOAD: library, PARAPET_SYNC_SWITCH: place },
    fail: () => writeFileSync(place, '1', { flag: 'r+' }),
    heal: () => writeFileSync(place, '0', { flag: 'r+' }),
  };
}
