import { expect, test } from 'vitest';
import { cameraConfigSchema } from '../../config/index.js';
import type { Incident } from '../../domain/incident.js';
import { AgentError } from '../../platform/errors.js';
import { openStore, type Store } from '../../store/index.js';
import { makeTestFolder, recordingLogger } from '../../testing/delivery-fixtures.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createScaleWatch, type ScaleWatch } from './scale-watch.js';

const clock = createTestClock();
const scene = createFallScene({ width: 160, height: 120, fps: 25, durationS: 3, startS: 1, sizePx: 4 });
let count = 0;

/** The end of a fall in which gravity was this share of 9.81. */
function fall(share: number, over: Partial<Incident> = {}): Incident {
  count++;
  const id = `01KJKEY5A${String(count).padStart(17, '0')}`;
  const gravity = { mps2: 9.81 * share, sigmaMps2: 0.02 * 9.81 };
  return fallIncident(scene, { id, startedAtMs: clock.now() + count, ...over }, { gravity });
}

const camera = (height: string) =>
  cameraConfigSchema.parse({
    id: 'tower-3-north',
    source: { url: 'a.mp4' },
    facade: {
      corners: [
        [0.3, 0.1],
        [0.7, 0.1],
        [0.8, 0.9],
        [0.2, 0.9],
      ],
      floors: { last: 20, height },
    },
  });

function createBench(store: Pick<Store, 'learnt'>, height = '2.9 m') {
  const log = recordingLogger();
  const watch: ScaleWatch = createScaleWatch({ cameras: [camera(height)], learnt: store.learnt, logger: log.logger });
  const told = () => log.lines().filter(({ event }) => String(event).startsWith('calibration'));
  return { watch, told, events: () => log.lines().map(({ event }) => event), scale: () => watch.of('tower-3-north') };
}

async function openTestStore() {
  const folder = await makeTestFolder();
  const store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box-01', clock, logger: recordingLogger().logger });
  return {
    store,
    async [Symbol.asyncDispose]() {
      store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('five falls with too little gravity warn once, with the key and the better value, and over a restart', async () => {
  await using bench = await openTestStore();
  const first = createBench(bench.store);
  for (const share of [0.88, 0.87, 0.9, 0.88]) first.watch.note(fall(share));
  expect(first.scale()).toBeNull();
  for (const share of [0.88, 0.89, 0.88]) first.watch.note(fall(share));
  expect(first.told()).toHaveLength(1);
  expect(first.told()[0]).toMatchObject({ event: 'calibration-off', camera: 'tower-3-north', falls: 5, floor_height_m: 2.9 });
  expect(first.told()[0]?.['better_floor_height_m']).toBeCloseTo(2.9 / 0.88, 2);
  expect(first.scale()).toMatchObject({ falls: 7, warning: expect.stringContaining('facade.floors.height 2.9 m should be about 3.3 m') });

  const again = createBench(bench.store);
  expect(again.scale()).toEqual(first.scale());
  again.watch.note(fall(0.88));
  expect(again.told()).toEqual([]);

  // Another height is another drawing: what was seen before says nothing of it.
  const mended = createBench(bench.store, '3.3 m');
  expect(mended.scale()).toBeNull();
  for (const share of [1, 1.01, 0.99, 1, 1]) mended.watch.note(fall(share));
  expect(mended.scale()).toMatchObject({ falls: 5, warning: null });
  expect(bench.store.learnt.fallScales()).toHaveLength(5);
});

test('a scale that comes right is said to be, once', async () => {
  await using bench = await openTestStore();
  const { watch, told, scale } = createBench(bench.store);
  for (let i = 0; i < 6; i++) watch.note(fall(1.15));
  expect(scale()?.warning).toContain('should be about 2.5 m');
  for (let i = 0; i < 25; i++) watch.note(fall(1));
  expect(told().map(({ event }) => event)).toEqual(['calibration-off', 'calibration-right']);
  expect(scale()).toMatchObject({ falls: 25, warning: null });
  expect(bench.store.learnt.fallScales()).toHaveLength(25);
});

test('only ends count, of cameras with a facade, that could tell', async () => {
  await using bench = await openTestStore();
  const { watch, scale } = createBench(bench.store);
  for (let i = 0; i < 6; i++) {
    watch.note(fall(0.8, { phase: 'new' }));
    watch.note(fall(0.8, { cameraId: 'gate' }));
    watch.note(fallIncident(scene));
    watch.note(fall(0.8, { throw: null }));
  }
  expect(scale()).toBeNull();
  expect(watch.of('gate')).toBeNull();
});

test('a disk that fails does not stop it', async () => {
  const full = (): never => {
    throw new AgentError('DISK_FULL', 'no room is left');
  };
  const learnt = { fallScales: () => [], keepFallScale: full } as unknown as Store['learnt'];
  const { watch, scale, events } = createBench({ learnt });
  for (let i = 0; i < 5; i++) watch.note(fall(0.85));
  expect(scale()?.warning).not.toBeNull();
  expect(events()).toContain('fall-scale-unsaved');
});
