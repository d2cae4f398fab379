import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type CameraConfig, cameraConfigSchema } from '../../config/index.js';
import { createMediaTools } from '../../media/footage-tools.js';
import type { Clock } from '../../platform/clock.js';
import { makeTestFolder, recordingLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import type { CameraFleet } from './camera-fleet.js';

/** Its threads run compiled code; vitest's global set-up builds it. */
const { createCameraFleet } = (await import(
  new URL('../../../dist/pipeline/camera/camera-fleet.js', import.meta.url).href
)) as typeof import('./camera-fleet.js');

/** Tells how many wait for time to pass: what runs by itself always does. */
function createWaitingClock(): { readonly clock: Clock; waiting(): number } {
  let waiting = 0;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    delay: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        waiting++;
        signal?.addEventListener('abort', () => {
          waiting--;
          reject(signal.reason);
        });
      }),
  };
  return { clock, waiting: () => waiting };
}

const camera = (id: string, url: string): CameraConfig => cameraConfigSchema.parse({ id, source: { url } });

function createFleet(folder: TestFolder, cameras: readonly CameraConfig[]): { fleet: Promise<CameraFleet>; waiting(): number } {
  const { clock, waiting } = createWaitingClock();
  const fleet = createCameraFleet({
    cameras,
    ringFolder: folder.of('ring'),
    originalsFolder: folder.of('originals'),
    tools: createMediaTools(),
    clock,
    logger: recordingLogger().logger,
    teachingOf: () => ({ lessons: [], nowMs: 0 }),
    openOf: () => [],
    eyesOf: () => null,
    memories: { of: () => ({}), keep: () => undefined },
    counts: { of: () => ({}), keep: () => undefined },
    onIncident: () => undefined,
    onState: () => undefined,
    onCrash: () => undefined,
  });
  return { fleet, waiting };
}

test('leaves nothing running when a later camera cannot be made', async () => {
  await using folder = await makeTestFolder();
  await mkdir(folder.of('ring'));
  await writeFile(folder.of('ring', 'second'), 'in the way');
  const { fleet, waiting } = createFleet(folder, [camera('first', 'rtsp://127.0.0.1:1/a'), camera('second', 'rtsp://127.0.0.1:1/b')]);
  await expect(fleet).rejects.toMatchObject({ code: 'STORE_FAILED' });
  expect(waiting()).toBe(0);
});

test('removes the recordings of cameras that are no longer configured, and no others', async () => {
  await using folder = await makeTestFolder();
  await mkdir(folder.of('ring', 'gone', '01J'), { recursive: true });
  await writeFile(folder.of('ring', 'gone', '01J', '000000.ts'), 'x');
  await writeFile(folder.of('ring', 'note.txt'), 'x');
  await using _fleet = await createFleet(folder, [camera('here', 'rtsp://127.0.0.1:1/a')]).fleet;
  expect((await readdir(folder.of('ring'))).sort()).toEqual(['here', 'note.txt']);
});

test('goes on with another list of cameras, and touches none that stay as they are', async () => {
  await using folder = await makeTestFolder();
  const [a, b, c] = ['a', 'b', 'c'].map((id) => camera(id, `rtsp://127.0.0.1:1/${id}`)) as [CameraConfig, CameraConfig, CameraConfig];
  await using fleet = await createFleet(folder, [a, b, c]).fleet;
  const ended = fleet.run();
  const of = (id: string) => fleet.evidenceCamera(id);
  const before = { a: of('a'), b: of('b')?.footage, c: of('c')?.footage };
  const masked = cameraConfigSchema.parse({
    id: 'b',
    source: { url: 'rtsp://127.0.0.1:1/b' },
    masks: {
      privacy: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      ],
    },
  });
  const moved = camera('c', 'rtsp://127.0.0.1:1/elsewhere');
  expect(await fleet.reconfigure([moved, a, masked, camera('d', 'rtsp://127.0.0.1:1/d')])).toEqual({
    added: ['d'],
    removed: [],
    reconnected: ['c'],
    changed: ['b'],
  });
  expect(of('a')).toBe(before.a);
  expect(of('b')?.footage).toBe(before.b);
  expect(of('b')?.redactionOf([]).black).toHaveLength(1);
  expect(of('c')?.footage).not.toBe(before.c);
  expect(fleet.configs().map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  expect(await fleet.reconfigure([masked])).toMatchObject({ removed: ['a', 'c', 'd'], changed: [] });
  expect(of('a')).toBeNull();
  // A single camera that is connected anew does not end the fleet.
  expect(await fleet.reconfigure([camera('b', 'rtsp://127.0.0.1:1/again')])).toMatchObject({ reconnected: ['b'] });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(over).toBe(false);
});
