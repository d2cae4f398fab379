import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cameraConfigSchema } from '../../config/index.js';
import type { ColourPicture } from '../../core/detection/fill-input.js';
import { type Clock, systemClock } from '../../platform/clock.js';
import { createLogger } from '../../platform/logger.js';
import { until } from '../../testing/delivery-fixtures.js';
import { createTestClock } from '../../testing/test-clock.js';
import { type ModelEyes, type ModelWishes, openModelEyes } from './model-eyes.js';
import type { CameraEyes, Sighting } from './object-eyes.js';

/**
 * A process that stands for the real one: it opens files that say `good`, names what it finds after the model, and dies of pictures whose first byte is 1. It notes
 * its number in the folder's `processes`.
 */
const stand = `
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const about = { family: 'yolox', input: { width: 64, height: 32 }, classes: 2, provider: 'cpu', fallbacks: [] };
let noted = false;
process.on('message', ({ id, open, detect, picture, request }) => {
  if (open !== undefined) {
    const { file } = request.engine;
    if (!noted) appendFileSync(join(dirname(file), 'processes'), process.pid + '\\n');
    noted = true;
    const good = readFileSync(file, 'utf8').startsWith('good');
    return process.send(good ? { id, about } : { id, failed: 'it is cut off', code: 'MODEL_INVALID' });
  }
  if (picture.data[0] === 1) return process.kill(process.pid, 'SIGSEGV');
  const detections = [{ box: { x1: 0, y1: 0, x2: 1, y2: 1 }, label: detect, score: 0.9 }];
  process.send({ id, answer: { detections, prepareMs: 0, runMs: 2, readMs: 0 } });
});`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-model-eyes-'));
  await writeFile(join(folder, 'stand.mjs'), stand);
  await writeFile(join(folder, 'processes'), '');
  const entries = ['a', 'b'].map(
    (name) => `  - { name: ${name}, file: ${name}.onnx, url: null, sha256: null, licence: CC0-1.0, labels: [bag, person] }`,
  );
  await writeFile(join(folder, 'registry.yaml'), `models:\n${entries.join('\n')}\n`);
});
afterEach(async () => await rm(folder, { recursive: true }));

const camera = (model: string) =>
  cameraConfigSchema.parse({
    id: 'gate',
    source: { url: 'rtsp://127.0.0.1:9/gate' },
    detector: { model },
    zones: { yard: { polygon: [[0, 0], [1, 0], [1, 1]] } }, // biome-ignore format: a polygon reads better in one line
    rules: [{ type: 'intrusion', zone: 'yard' }],
  });

const wishes = (...models: readonly string[]): ModelWishes => ({
  inference: { model: null, folder, registry: join(folder, 'registry.yaml'), providers: ['cpu'], threads: 1 },
  cameras: models.map((model) => ({ ...camera(model), id: `sees-${model}` })),
});

const picture = (first: number): ColourPicture => ({
  width: 2,
  height: 2,
  format: 'yuv420p',
  data: Uint8Array.of(first, 0, 0, 0, 128, 128),
});

function open(config: ModelWishes, clock: Clock = systemClock): ModelEyes {
  const logger = createLogger('silent', { write: () => undefined });
  return openModelEyes({ config, clock, logger, childUrl: pathToFileURL(join(folder, 'stand.mjs')) });
}

/** What a picture shows: the first label, `no-model`, or `nothing`. */
async function look(eyes: CameraEyes | null, ptsMs = 0, first = 0): Promise<string> {
  const { detections } = await new Promise<Sighting>((resolve) => eyes?.look(picture(first), ptsMs, resolve));
  return detections === 'no-model' ? detections : (detections?.[0]?.label ?? 'nothing');
}

it('a model that is not there is said to be no model, until it is brought and the config read again', async () => {
  await using models = open(wishes('a'));
  const eyes = models.of(camera('a'), false);
  expect(await look(eyes)).toBe('no-model');
  await models.ready();
  expect(eyes?.problem()?.code).toBe('MODEL_MISSING');
  expect(await look(eyes)).toBe('no-model');
  await writeFile(join(folder, 'a.onnx'), 'good');
  await models.reconfigure(wishes('a'));
  expect(eyes?.problem()).toBeNull();
  expect(await look(eyes)).toBe('a');
});

it('a model that is mended under its old name is opened again, by itself and when the config is read again', async () => {
  await writeFile(join(folder, 'a.onnx'), 'cut');
  await writeFile(join(folder, 'b.onnx'), 'good');
  const clock = createTestClock();
  await using models = open(wishes('a', 'b'), clock);
  const [first, second] = [models.of(camera('a'), false), models.of(camera('b'), false)];
  await models.ready();
  expect(first?.problem()?.message).toContain('it is cut off');
  expect([await look(first), await look(second)]).toEqual(['no-model', 'b']);
  // Looks that go on while the models are being opened must not bring the old problem back.
  await appendFile(join(folder, 'a.onnx'), ' and more');
  await writeFile(join(folder, 'a.onnx'), 'good now');
  const done = models.reconfigure(wishes('a', 'b'));
  const meanwhile = look(first, 200);
  await done;
  await meanwhile;
  expect(first?.problem()).toBeNull();
  expect([await look(first, 400), await look(second, 400)]).toEqual(['a', 'b']);

  await writeFile(join(folder, 'b.onnx'), 'cut anew');
  await models.reconfigure(wishes('a', 'b'));
  expect([await look(first, 600), await look(second, 600)]).toEqual(['a', 'no-model']);
  await writeFile(join(folder, 'b.onnx'), 'good once more');
  await clock.advance(30_000);
  await until('it is open', () => second?.problem() === null);
  expect(await look(second, 800)).toBe('b');
});

it('cameras look on through a change of models, and none outlives it', async () => {
  for (const name of ['a', 'b']) await writeFile(join(folder, `${name}.onnx`), 'good');
  const models = open(wishes('a'));
  const old = models.of(camera('a'), false);
  await models.ready();
  expect(await look(old)).toBe('a');
  const changes = [models.reconfigure(wishes('b')), models.reconfigure(wishes('a', 'b')), models.reconfigure(wishes('b'))];
  const seen: string[] = [];
  let changing = true;
  void Promise.all(changes).then(() => {
    changing = false;
  });
  for (let i = 1; changing; i++) {
    seen.push(await look(old, i * 200));
    await setImmediate();
  }
  expect(seen.filter((what) => !['a', 'no-model', 'nothing'].includes(what))).toEqual([]);
  // Its model is asked for no more, and its thread has not ended yet.
  expect(await look(old, 0)).toBe('no-model');
  expect(await look(models.of(camera('b'), false))).toBe('b');
  await models[Symbol.asyncDispose]();
  const processes = (await readFile(join(folder, 'processes'), 'utf8')).trim().split('\n');
  expect(processes.length).toBeGreaterThan(1);
  expect(processes.filter((pid) => isAlive(Number(pid)))).toEqual([]);
});

it('a process that stays away is not waited for', async () => {
  await writeFile(join(folder, 'a.onnx'), 'good');
  const clock = createTestClock();
  await using models = open(wishes('a'), clock);
  const eyes = models.of(camera('a'), false);
  await models.ready();
  expect(await look(eyes)).toBe('a');
  expect(await look(eyes, 200, 1)).toBe('nothing');
  await until('it is lost', () => models.process()?.restarts === 1);
  const waits = look(eyes, 400);
  await clock.advance(11_000);
  expect(await look(eyes, 11_400)).toBe('no-model');
  expect(await waits).toBe('a');
  expect(await look(eyes, 11_600)).toBe('a');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
