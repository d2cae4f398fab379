import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { measure, rowsOf } from './measure.mjs';
import { worsenings } from './rows.mjs';
import { sets } from './sets.mjs';
import { readTable } from './table.mjs';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) {
  if (process.env.CI) throw new Error('ffmpeg is missing; install it: apt-get install ffmpeg');
  console.warn('SKIPPED: the street rows are not checked, since ffmpeg is missing; install it: apt-get install ffmpeg');
}

describe.skipIf(!hasFfmpeg)('the small set of streets', () => {
  const work = mkdtempSync(join(tmpdir(), 'parapet-street-'));
  afterAll(() => rmSync(work, { recursive: true }));

  // Two minutes of two cores, on a slow machine four.
  test('is told no worse than the golden table says', async () => {
    const kept = readTable(fileURLToPath(new URL('../../test-fixtures/golden', import.meta.url)));
    const rows = rowsOf('small', await measure({ clips: sets.small, jobs: 2, work, log: () => undefined }));
    const small = Object.entries(kept).filter(([name]) => name.startsWith('small '));
    expect(small.length).toBeGreaterThan(0);
    const worse = small.flatMap(([name, { row }]) => {
      const now = rows[name];
      return (now === undefined ? ['is not measured any more'] : worsenings(row, now)).map((line) => `${name}: ${line}`);
    });
    // A clip that nobody has kept a row of would never be looked at again.
    for (const name of Object.keys(rows)) if (kept[name] === undefined) worse.push(`${name}: has no row in the golden table`);
    expect(worse, 'when this is meant: node scripts/street/run.mjs --set small, and say why').toEqual([]);
  });
});
