import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { sets } from './parts.mjs';
import { worsenings } from './rows.mjs';
import { measure } from './run.mjs';
import { readTable } from './table.mjs';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) {
  if (process.env.CI) throw new Error('ffmpeg is missing; install it: apt-get install ffmpeg');
  console.warn('SKIPPED: the golden row is not checked, since ffmpeg is missing; install it: apt-get install ffmpeg');
}

describe.skipIf(!hasFfmpeg)('the small set', () => {
  const work = mkdtempSync(join(tmpdir(), 'parapet-golden-'));
  afterAll(() => rmSync(work, { recursive: true }));

  // Two minutes of two cores, on a slow machine four.
  test('is found no worse than the golden table says', async () => {
    const kept = readTable(fileURLToPath(new URL('../../test-fixtures/golden', import.meta.url))).rows.small;
    const rows = await measure({ parts: sets.small, jobs: 2, work, log: () => undefined });
    expect(worsenings(kept.row, rows.small), 'when this is meant: node scripts/golden/run.mjs --set small, and say why').toEqual([]);
  });
});
