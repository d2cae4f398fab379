import { closeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cameraConfigSchema } from '../../config/index.js';
import type { Incident } from '../../domain/incident.js';
import { createFramePipe, type FrameFds } from '../../media/frame-pipe.js';
import { createSource } from '../../sources/index.js';
import { ffmpeg } from '../../testing/clips.js';
import { startCameraWorker } from './camera-worker.js';

/** Threads run compiled code; vitest's global set-up builds it. */
const built = new URL('../../../dist/pipeline/', import.meta.url);
const threadUrl = new URL('camera/camera-thread.js', built);
const logger = pino({ level: 'silent' });
let folder: string;
let kernels: WebAssembly.Module;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-worker-'));
  await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=25:d=3', '-c:v', 'libx264', '-preset', 'ultrafast', join(folder, 'clip.mp4'));
  const { loadKernels } = (await import(new URL('stages/load-kernels.js', built).href)) as typeof import('../stages/load-kernels.js');
  kernels = await loadKernels();
});

afterAll(async () => await rm(folder, { recursive: true }));

const data = (framesFds: FrameFds) => {
  const camera = cameraConfigSchema.parse({ id: 'gate', source: { url: 'clip.mp4' } });
  return {
    camera,
    kernels,
    connection: { framesFds, pixelFormat: 'gray', wallClock: { kind: 'file', epochMs: 0 } },
    teaching: null,
    memories: {},
    carried: null,
    idSeed: 'test',
  } as const;
};

test('two threads each look at every picture of a real stream, and say how it ended', async () => {
  const found: Incident[] = [];
  const runs = [0, 1].map(async () => {
    await using connection = await createSource({ url: join(folder, 'clip.mp4'), logger }).connect(null, new AbortController().signal);
    const worker = startCameraWorker({
      data: data(connection.framesFds),
      eyes: null,
      onMemories: () => undefined,
      onIncidents: (list) => found.push(...list),
      threadUrl,
    });
    const end = await worker.ended;
    return { end, figures: worker.figures(), source: await connection.ended };
  });
  for (const { end, figures, source } of await Promise.all(runs)) {
    expect(end).toEqual({ reason: 'ended' });
    expect(source.reason).toBe('end-of-file');
    expect(figures.frames).toBe(75);
    expect(figures.stageMs.motion).toBeGreaterThan(0);
  }
});

test.each([
  ['an error', 'throw new Error("the kernels are broken")', /gate: its thread ended unexpectedly \(the kernels are broken\)/],
  ['an exit', 'process.exit(3)', /ended unexpectedly \(exit code 3\)/],
])('a thread that ends by %s is a crash, not an end of the stream', async (_name, code, message) => {
  const worker = startCameraWorker({
    data: data({ fds: [0], holdsBytes: 0 }),
    eyes: null,
    onMemories: () => undefined,
    onIncidents: () => undefined,
    threadUrl: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
  });
  const end = await worker.ended;
  expect(end).toMatchObject({ reason: 'crashed', error: { code: 'WORKER_FAILED', message: expect.stringMatching(message) } });
});

test('what was found before a crash has been handed over', async () => {
  const code =
    "import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'incidents', incidents: [{ id: 'a' }] }); throw new Error('now')";
  const found: Incident[] = [];
  const worker = startCameraWorker({
    data: data({ fds: [0], holdsBytes: 0 }),
    eyes: null,
    onMemories: () => undefined,
    onIncidents: (list) => found.push(...list),
    threadUrl: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
  });
  await worker.ended;
  expect(found).toEqual([{ id: 'a' }]);
});

test('a thread that hangs can be terminated', async () => {
  const worker = startCameraWorker({
    data: data({ fds: [0], holdsBytes: 0 }),
    eyes: null,
    onMemories: () => undefined,
    onIncidents: () => undefined,
    threadUrl: new URL('data:text/javascript,for(;;){}'),
  });
  await worker.terminate();
  expect((await worker.ended).reason).toBe('crashed');
});

test('a stream that breaks off before its first picture ends without one', async () => {
  const pipe = await createFramePipe();
  const worker = startCameraWorker({
    data: data({ fds: [pipe.readFd], holdsBytes: 0 }),
    eyes: null,
    onMemories: () => undefined,
    onIncidents: () => undefined,
    threadUrl,
  });
  pipe.closeWriter();
  expect((await worker.ended).reason).toBe('ended');
  expect(worker.figures().frames).toBe(0);
  closeSync(pipe.readFd);
});
