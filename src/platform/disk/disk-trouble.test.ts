import { readdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeTestFolder } from '../../testing/delivery-fixtures.js';
import { diskTrouble } from './disk-trouble.js';

it('finds none where a file can be written, and leaves nothing behind', async () => {
  await using folder = await makeTestFolder();
  expect(await diskTrouble(folder.path)).toBeNull();
  expect(readdirSync(folder.path)).toEqual([]);
});

it('takes a place that will never be one for no trouble that passes', async () => {
  await using folder = await makeTestFolder();
  expect(await diskTrouble(folder.of('missing'))).toBeNull();
  writeFileSync(folder.of('file'), '');
  expect(await diskTrouble(folder.of('file'))).toBeNull();
});
