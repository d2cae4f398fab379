import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColourPicture } from '../core/detection/fill-input.js';
import { type Clock, systemClock } from '../platform/clock.js';
import { createLogger } from '../platform/logger.js';
import { fixedOnnxModel } from '../testing/onnx-model.js';
import { createTestClock } from '../testing/test-clock.js';
import type { CameraAnswer, CameraDetector } from './camera-detector.js';
import type { OpenRequest } from './detector-child.js';
import { type InferenceService, openInference } from './inference-service.js';

/** Processes run compiled code; vitest's global set-up builds it. */
const built = new URL('../../dist/detectors/detector-child.js', import.meta.url);

/**
 * A process that stands for the real one: it opens every model but those whose file is `refused` or `deadly`, or that have a file `….gone` beside them, and does with a picture what its first byte
 * says: 0 looks at it, 1 dies, 2 keeps it for ever, 3 says that it cannot. What it finds is labelled with the model and the picture's second byte,
 * and scored with how many it has looked at.
 */
const stand = `
import { existsSync } from 'node:fs';
const about = { family: 'yolox', input: { width: 64, height: 32 }, classes: 2, provider: 'cpu', fallbacks: [] };
let turn = 0;
process.on('message', ({ id, open, detect, picture, request }) => {
  if (open !== undefined) {
    if (existsSync(request.engine.file + '.gone')) return process.send({ id, failed: 'it is gone', code: 'MODEL_INVALID' });
    if (request.engine.file === 'deadly') return process.kill(process.pid, 'SIGSEGV');
    return process.send(request.engine.file === 'refused' ? { id, failed: 'it is cut off', code: 'MODEL_INVALID' } : { id, about });
  }
  const [does, number] = picture.data;
  if (does === 1) return process.kill(process.pid, 'SIGSEGV');
  if (does === 2) return;
  if (does === 3) return process.send({ id, failed: 'it names class 9, and 2 labels are given', code: 'MODEL_INVALID' });
  const detections = [{ box: { x1: 0, y1: 0, x2: 1, y2: 1 }, label: detect + number, score: ++turn }];
  process.send({ id, answer: { detections, prepareMs: 0, runMs: 2, readMs: 0 } });
});`;

const does = { look: 0, die: 1, keep: 2, refuse: 3 } as const;
const picture = (what: keyof typeof does, number: number): ColourPicture => ({
  ...{ width: 2, height: 2, format: 'yuv420p' },
  data: Uint8Array.from([does[what], number, 0, 0, 128, 128]),
});
const request = (file: string): OpenRequest => ({
  engine: { file, providers: ['cpu'], threads: 1 },
  model: { labels: ['bag', 'person'], family: null, input: null },
});
/** What was found, or the code of the failure. */
const told = (answer: CameraAnswer): string => ('failed' in answer ? answer.failed.code : (answer.detections[0]?.label ?? 'nothing'));

describe('one process for all cameras', () => {
  let folder: string;
  let child: URL;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-inference-'));
    await writeFile(join(folder, 'stand.mjs'), stand);
    child = pathToFileURL(join(folder, 'stand.mjs'));
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  const lines: { readonly event: string; readonly msg: string }[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
  async function serve(files: Readonly<Record<string, string>>, clock: Clock = systemClock): Promise<InferenceService> {
    lines.length = 0;
    const models = new Map(Object.entries(files).map(([name, file]) => [name, request(file)]));
    return await openInference({ models, clock, logger, childUrl: child, random: () => 0 });
  }
  const logged = (event: string): string[] => lines.filter((line) => line.event === event).map(({ msg }) => msg);
  /** Collects answers, and resolves when there are so many. */
  function listen(...detectors: readonly CameraDetector[]): (count: number) => Promise<readonly string[]> {
    const answers: string[] = [];
    let heard = (): void => undefined;
    detectors.forEach((detector, i) => {
      detector.onAnswer((answer) => {
        answers.push(`${i}:${answer.ptsMs}:${told(answer)}`);
        heard();
      });
    });
    return async (count) => {
      while (answers.length < count)
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      return answers.splice(0);
    };
  }

  it('looks at the latest picture, and counts those that were replaced', async () => {
    await using service = await serve({ m: 'm' });
    const camera = service.camera('gate', 'm', { least: 0.3 });
    const answers = listen(camera);
    expect([0, 1, 2, 3, 4].map((n) => camera.offer(picture('look', n), 40 * n))).toEqual([
      'taken',
      'taken',
      'replaced',
      'replaced',
      'replaced',
    ]);
    expect(await answers(2)).toEqual(['0:0:m0', '0:160:m4']);
    expect(camera.counters()).toEqual({ offered: 5, replaced: 3, answered: 2, failed: 0, runMs: 4 });
  });

  it('goes round the cameras that have something waiting', async () => {
    await using service = await serve({ m: 'm', n: 'n' });
    const [file, gate, yard] = ['file', 'gate', 'yard'].map((id) => service.camera(id, 'm', { least: 0.3 })) as [
      CameraDetector,
      CameraDetector,
      CameraDetector,
    ];
    const second = service.camera('gate', 'n', { least: 0.3 });
    const order: [turn: number, name: string][] = [];
    const note = (name: string, answer: CameraAnswer): void => {
      if ('detections' in answer) order.push([answer.detections[0]?.score ?? 0, `${name}${told(answer)}`]);
    };
    const asked = [0, 1, 2, 3].map(async (n) => note('file', await file.ask(picture('look', n), n)));
    const answers = listen(gate, second, yard);
    for (const [i, detector] of [gate, second, yard].entries()) {
      detector.onAnswer((answer) => note(i === 2 ? 'yard' : 'gate', answer));
      detector.offer(picture('look', i), 0);
    }
    await Promise.all([...asked, answers(3)]);
    // The file has been waiting longest and has most; still each camera has its turn first, and one with two models has one at a time.
    expect(order.toSorted(([a], [b]) => a - b).map(([, name]) => name)).toEqual([
      'filem0',
      'gatem0',
      'yardm2',
      'filem1',
      'gaten1',
      'filem2',
      'filem3',
    ]);
  });

  it('answers every picture that is asked for, in order', async () => {
    await using service = await serve({ m: 'm' });
    const camera = service.camera('file', 'm', { least: 0.3 });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => camera.ask(picture('look', n), n)));
    expect(answers.map((answer) => `${answer.ptsMs}:${told(answer)}`)).toEqual(Array.from({ length: 50 }, (_, n) => `${n}:m${n}`));
    expect(camera.counters()).toMatchObject({ offered: 50, replaced: 0, answered: 50 });
  });

  it('tells the cameras when it is lost, logs it once, starts again, and mixes nothing up', async () => {
    const clock = createTestClock();
    await using service = await serve({ m: 'm' }, clock);
    const cameras = ['a', 'b', 'c'].map((id) => service.camera(id, 'm', { least: 0.3 }));
    const [a, b, c] = cameras as [CameraDetector, CameraDetector, CameraDetector];
    const answers = listen(a, b, c);
    a.offer(picture('die', 1), 10);
    b.offer(picture('look', 2), 20);
    c.offer(picture('look', 3), 30);
    const asked = c.ask(picture('look', 4), 40);
    expect((await answers(3)).toSorted()).toEqual(['0:10:WORKER_FAILED', '1:20:WORKER_FAILED', '2:30:WORKER_FAILED']);
    expect(logged('inference-lost')).toEqual(['the process that runs the model m ended with SIGSEGV; starting again in 1.0 s']);
    expect(service.figures()).toEqual({ restarts: 1, running: false });
    // What is offered meanwhile waits, the latest of it; what was asked for has waited.
    a.offer(picture('look', 5), 50);
    a.offer(picture('look', 6), 60);
    await clock.advance(1000);
    expect(await answers(1)).toEqual(['0:60:m6']);
    expect(told(await asked)).toBe('m4');
    expect(a.counters()).toEqual({ offered: 3, replaced: 1, answered: 1, failed: 1, runMs: 2 });
  });

  it('waits longer each time that it is lost, until it has held for a minute', async () => {
    const clock = createTestClock();
    const models = new Map([['m', request('m')]]);
    lines.length = 0;
    await using service = await openInference({ models, clock, logger, childUrl: child, random: () => 0.9 });
    const camera = service.camera('a', 'm', { least: 0.3 });
    const waits: number[] = [];
    for (const heldMs of [0, 0, 0, 60_000]) {
      await camera.ask(picture('look', 0), 0);
      await clock.advance(heldMs);
      expect(told(await camera.ask(picture('die', 0), 0))).toBe('WORKER_FAILED');
      const line = lines.filter(({ event }) => event === 'inference-lost').at(-1) as unknown as { waitMs: number };
      waits.push(line.waitMs);
      await clock.advance(line.waitMs);
    }
    expect(waits).toEqual([1000, 2800, 7660, 1000]);
  });

  it('is ended and started again when a picture takes too long', async () => {
    const clock = createTestClock();
    await using service = await serve({ m: 'm' }, clock);
    const camera = service.camera('a', 'm', { least: 0.3 });
    const asked = camera.ask(picture('keep', 0), 0);
    await clock.advance(60_000);
    expect(told(await asked)).toBe('WORKER_FAILED');
    expect(logged('inference-hung')).toEqual(['m has looked at a picture for more than 60 s; its process is ended']);
    await clock.advance(1000);
    expect(told(await camera.ask(picture('look', 7), 0))).toBe('m7');
  });

  it('fails the cameras of a model that is gone when it starts again, and takes it up when it is back', async () => {
    const clock = createTestClock();
    const gone = join(folder, 'leaves.gone');
    await using service = await serve({ stays: 'stays', leaves: join(folder, 'leaves') }, clock);
    const [stays, leaves] = ['stays', 'leaves'].map((name) => service.camera(name, name, { least: 0.3 })) as [
      CameraDetector,
      CameraDetector,
    ];
    const restart = async (): Promise<void> => {
      await stays.ask(picture('die', 0), 0);
      await clock.advance(60_000);
    };
    await writeFile(gone, '');
    await restart();
    expect(told(await stays.ask(picture('look', 1), 1))).toBe('stays1');
    expect(await leaves.ask(picture('look', 1), 1)).toMatchObject({ failed: { code: 'MODEL_INVALID', message: 'leaves: it is gone' } });
    await rm(gone);
    await restart();
    expect(told(await leaves.ask(picture('look', 2), 2))).toBe('leaves2');
  });

  it('tells all cameras when it cannot start again, and goes on trying', async () => {
    const clock = createTestClock();
    const gone = join(folder, 'only.gone');
    await using service = await serve({ only: join(folder, 'only') }, clock);
    const camera = service.camera('a', 'only', { least: 0.3 });
    await writeFile(gone, '');
    expect(told(await camera.ask(picture('die', 0), 0))).toBe('WORKER_FAILED');
    const waited = camera.ask(picture('look', 1), 1);
    await clock.advance(1000);
    expect(await waited).toMatchObject({ failed: { message: 'only: it is gone' } });
    expect(logged('inference-lost').at(-1)).toBe('only: it is gone; starting again in 1.0 s');
    await rm(gone);
    await clock.advance(1000);
    expect(told(await camera.ask(picture('look', 2), 2))).toBe('only2');
    expect(service.figures()).toEqual({ restarts: 2, running: true });
  });

  it.each([
    ['refused', 'MODEL_INVALID', 'bad: it is cut off'],
    ['deadly', 'WORKER_FAILED', 'the process that runs the models good, bad, other ended with SIGSEGV'],
  ])('opens the other models where one is %s, and fails only the cameras that ask for that', async (file, code, message) => {
    await using service = await serve({ good: 'good', bad: file, other: 'other' });
    expect(() => service.camera('a', 'bad', { least: 0.3 })).toThrow(expect.objectContaining({ code, message }));
    expect(logged('model-failed')).toEqual([message]);
    for (const name of ['good', 'other'])
      expect(told(await service.camera('b', name, { least: 0.3 }).ask(picture('look', 1), 0))).toBe(`${name}1`);
  });

  it('is none where no model can be opened', async () => {
    await using service = await serve({ a: 'refused', b: 'deadly' });
    expect([...service.models.values()]).toMatchObject([{ code: 'MODEL_INVALID' }, { code: 'WORKER_FAILED' }]);
    expect(service.figures()).toEqual({ restarts: 0, running: false });
  });

  it('says of a model that gives nonsense why a picture was not looked at, and goes on', async () => {
    await using service = await serve({ m: 'm' });
    const camera = service.camera('a', 'm', { least: 0.3 });
    expect(await camera.ask(picture('refuse', 0), 5)).toMatchObject({
      ptsMs: 5,
      failed: { message: 'm: it names class 9, and 2 labels are given' },
    });
    await camera.ask(picture('refuse', 0), 6);
    expect(logged('detection-failed')).toEqual(['a picture could not be looked at: a: m: it names class 9, and 2 labels are given']);
    expect(told(await camera.ask(picture('look', 1), 7))).toBe('m1');
    expect(camera.counters()).toMatchObject({ answered: 1, failed: 2 });
  });

  it('answers everything when it ends, and afterwards', async () => {
    const service = await serve({ m: 'm' });
    const camera = service.camera('a', 'm', { least: 0.3 });
    const asked = [camera.ask(picture('keep', 0), 0), camera.ask(picture('look', 1), 1)];
    await service[Symbol.asyncDispose]();
    expect((await Promise.all(asked)).map(told)).toEqual(['WORKER_FAILED', 'WORKER_FAILED']);
    expect(await camera.ask(picture('look', 2), 2)).toMatchObject({ failed: { message: 'nothing is looked at any more: the agent ends' } });
  });

  it('has no place for a model that it was not told of, or a score that is none', async () => {
    await using service = await serve({ m: 'm' });
    expect(() => service.camera('a', 'x', { least: 0.3 })).toThrow('there is no model x');
    expect(() => service.camera('a', 'm', { least: 30 })).toThrow(RangeError);
  });

  it('finds with a camera’s tiles what is in one of them', async () => {
    // Whatever it sees, it says that a person is at (0.125, 0.25) to (0.375, 0.75) of its input.
    const data = new Float32Array(42 * 7);
    data.set([0, 1, 0, 0, 0.9, 0.1, 0.8], 33 * 7);
    const file = join(folder, 'fixed.onnx');
    await writeFile(file, fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, [{ name: 'output', dims: [1, 42, 7], data }]));
    await using service = await openInference({ models: new Map([['m', request(file)]]), clock: systemClock, logger, childUrl: built });
    const street: ColourPicture = { width: 128, height: 64, format: 'yuv420p', data: new Uint8Array(128 * 96).fill(128) };
    const camera = service.camera('a', 'm', { least: 0.3, tiles: { columns: 2, rows: 1, overlap: 0 } });
    const answer = await camera.ask(street, 0);
    if ('failed' in answer) throw answer.failed;
    // The whole, letterboxed to the input's size, and two halves of it, upright, so that the input is twice as wide as they are.
    expect(answer.detections.map(({ box }) => [box.x1, box.y1, box.x2, box.y2])).toEqual([
      [0.125, 0.25, 0.375, 0.75],
      [0.625, 0.25, 0.875, 0.75],
    ]);
    expect(answer.tookMs).toBeGreaterThan(answer.runMs);
  });
});
