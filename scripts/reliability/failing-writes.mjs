import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./failing-writes.c', import.meta.url));
/** What the system calls them. */
const numbers = { EIO: 5, EROFS: 30 };

/**
 * Builds the library that makes writes below a folder fail, and the switch that it obeys.
 *
 * @param {string} folder for both
 * @param {string} below absolute
 */
export function createFailingWrites(folder, below) {
  const library = join(folder, 'failing-writes.so');
  const place = join(folder, 'writes-failing');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-Wall', '-o', library, source, '-ldl'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`failing-writes.c: ${stderr}`);
  writeFileSync(place, '0');
  return {
    env: { LD_PRELOAD: library, PARAPET_WRITES_FAIL: place, PARAPET_WRITES_BELOW: below },
    /** @param {keyof typeof numbers} code */
    fail: (code) => writeFileSync(place, String(numbers[code])),
    heal: () => writeFileSync(place, '0'),
  };
}
