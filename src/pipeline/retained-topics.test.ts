import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTestFolder, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { clearGoneTopics } from './retained-topics.js';

let folder: TestFolder;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function start(...cameras: readonly string[]): Promise<string[]> {
  const cleared: string[] = [];
  await clearGoneTopics({
    path: folder.of('retained.json'),
    cameras: cameras.map((id) => ({ id, rules: [{ type: 'thrown_object' }] })),
    uplink: { clearRetained: (topic) => cleared.push(topic) },
    logger: silentLogger(),
  });
  return cleared;
}

test('what a camera that is gone left behind is cleared, at every start until it is back', async () => {
  const ofRoof = ['cameras/roof/state', 'incidents/roof/thrown_object/active'];
  expect(await start('gate', 'roof')).toEqual([]);
  expect(await start('gate')).toEqual(ofRoof);
  expect(await start('gate')).toEqual(ofRoof);
  expect(await start('gate', 'roof')).toEqual([]);
});

test('a damaged file is begun anew', async () => {
  await writeFile(folder.of('retained.json'), '["cameras/ro');
  expect(await start('gate')).toEqual([]);
  expect(await start()).toEqual(['cameras/gate/state', 'incidents/gate/thrown_object/active']);
});
