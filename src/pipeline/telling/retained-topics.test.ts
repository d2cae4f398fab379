import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTestFolder, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
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
    current: cameras.flatMap((id) => [`cameras/${id}/state`, `/homeassistant/sensor/${id}/config`]),
    clear: (topics) => cleared.push(...topics),
    clearIsDurable: false,
    logger: silentLogger(),
  });
  return cleared;
}

test('what a camera that is gone left behind is cleared, at every start until it is back', async () => {
  const ofRoof = ['cameras/roof/state', '/homeassistant/sensor/roof/config'];
  expect(await start('gate', 'roof')).toEqual([]);
  expect(await start('gate')).toEqual(ofRoof);
  expect(await start('gate')).toEqual(ofRoof);
  expect(await start('gate', 'roof')).toEqual([]);
});

test('a damaged file is begun anew', async () => {
  await writeFile(folder.of('retained.json'), '["cameras/ro');
  expect(await start('gate')).toEqual([]);
  expect(await start()).toEqual(['cameras/gate/state', '/homeassistant/sensor/gate/config']);
});

test('where the clearing itself is durable, it is done once', async () => {
  const cleared: string[][] = [];
  const run = (current: readonly string[]): Promise<void> =>
    clearGoneTopics({
      path: folder.of('retained.json'),
      current,
      clear: (topics) => cleared.push([...topics]),
      clearIsDurable: true,
      logger: silentLogger(),
    });
  await run(['/parapet:estate:box/onvif-ej/VideoSource/SignalLoss/&roof']);
  await run([]);
  await run([]);
  expect(cleared).toEqual([[], ['/parapet:estate:box/onvif-ej/VideoSource/SignalLoss/&roof'], []]);
});
