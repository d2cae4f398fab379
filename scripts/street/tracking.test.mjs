import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hasClips, judgeClips, judgeScenes, judgeStanders, sharedFolder } from './tracking.mjs';
import { readTable, standingWorsenings, worsenings } from './tracking-table.mjs';

const golden = readTable(fileURLToPath(new URL('../../test-fixtures/golden', import.meta.url)));

test('made streets are followed no worse than the golden table says, and better than by plain SORT', () => {
  // The other rates take longer: node scripts/street/tracking.mjs --check.
  const rows = judgeScenes([1]);
  expect(worsenings(golden, rows), 'when this is meant: node scripts/street/tracking.mjs, and say why').toEqual([]);
  for (const [name, { ours, sort }] of Object.entries(rows)) {
    for (const figure of ['hota', 'mota', 'idf1']) expect(ours[figure], `${figure} of ${name}`).toBeGreaterThan(sort[figure]);
  }
});

test('it is told since when things stand no worse than the golden table says', () => {
  expect(standingWorsenings(golden, judgeStanders([5])), 'when this is meant: node scripts/street/tracking.mjs, and say why').toEqual([]);
});

const present = hasClips(sharedFolder);
if (!present) process.stderr.write(`\nSKIPPED: clips and a model that are not ours to give away are not in ${sharedFolder}\n\n`);

test.runIf(present)('people of a real street are followed no worse than the golden table says', async () => {
  // The other clips take longer: node scripts/street/tracking.mjs --check.
  const rows = await judgeClips(sharedFolder, (clip) => clip.endsWith('pedestrians_a.mp4'));
  expect(Object.keys(rows)).toHaveLength(1);
  expect(worsenings(golden, rows), 'when this is meant: node scripts/street/tracking.mjs, and say why').toEqual([]);
});

test('a figure that falls is told, one that rises is not', () => {
  const figures = { hota: 0.7, mota: 0.8, idf1: 0.9 };
  const row = (over) => ({ ours: { ...figures, ...over } });
  const kept = { rows: { parking: row({}), 'clip road_a': row({}) } };
  expect(worsenings(kept, { parking: row({ hota: 0.68 }), 'clip road_a': row({ hota: 0.69 }) })).toEqual([
    'parking: hota 0.7 before, 0.68 now',
  ]);
  expect(worsenings(kept, { parking: row({ idf1: 0.95 }), square: row({}) })).toEqual([
    'square: no such row is kept; write the table anew',
  ]);

  const standing = { found: 60, within2S: 50, newIds: 1, movingToldStanding: 0.02 };
  const keptStanding = { rows: {}, standing: { all: standing } };
  expect(standingWorsenings(keptStanding, { all: { ...standing, within2S: 49, found: 65 } })).toEqual([]);
  expect(standingWorsenings(keptStanding, { all: { ...standing, newIds: 3 } })).toEqual(['standing, all: newIds 1 before, 3 now']);
  expect(standingWorsenings(keptStanding, { other: standing })).toEqual(['standing, other: no such row is kept; write the table anew']);
});
