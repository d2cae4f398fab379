import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cameraConfigSchema } from '../../config/index.js';
import type { Incident } from '../../domain/incident.js';
import { FEEDBACK_CRITERION, type Lesson, lessonOf, type Teaching } from '../../domain/lesson.js';
import { createSource } from '../../sources/index.js';
import { ffmpeg } from '../../testing/clips.js';
import { createFallScene } from '../../testing/fall-scene.js';
import { startCameraWorker } from './camera-worker.js';

/** Threads run compiled code; vitest's global set-up builds it. */
const built = new URL('../../../dist/pipeline/', import.meta.url);
let folder: string;
let kernels: WebAssembly.Module;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-teaching-'));
  const scene = createFallScene({ width: 640, height: 480, fps: 25, durationS: 5.2, startS: 3, sizePx: 6 });
  const raw = join(folder, 'scene.rgb');
  await writeFile(raw, Buffer.concat(Array.from({ length: scene.durationS * scene.fps }, (_, i) => scene.picture(i))));
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '640x480', '-r', '25', '-i', raw];
  await ffmpeg(...input, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', '-pix_fmt', 'yuv420p', join(folder, 'fall.mp4'));
  const { loadKernels } = (await import(new URL('stages/load-kernels.js', built).href)) as typeof import('../stages/load-kernels.js');
  kernels = await loadKernels();
});

afterAll(async () => await rm(folder, { recursive: true }));

/** What a thread finds that knows `before` from its start and is told `meanwhile` while it runs. */
async function find(before: Teaching | null, meanwhile: readonly Teaching[] = []): Promise<Incident[]> {
  const url = join(folder, 'fall.mp4');
  await using connection = await createSource({ url, logger: pino({ level: 'silent' }) }).connect(null, new AbortController().signal);
  const found: Incident[] = [];
  const worker = startCameraWorker({
    data: {
      camera: cameraConfigSchema.parse({ id: 'gate', source: { url } }),
      kernels,
      connection: { framesFds: connection.framesFds, pixelFormat: 'gray', wallClock: { kind: 'file', epochMs: 0 } },
      teaching: before,
      memories: {},
      carried: null,
      idSeed: 'test',
    },
    eyes: null,
    onMemories: () => undefined,
    onIncidents: (list) => found.push(...list),
    threadUrl: new URL('camera/camera-thread.js', built),
  });
  for (const teaching of meanwhile) worker.teach(teaching);
  expect(await worker.ended).toEqual({ reason: 'ended' });
  return found;
}

const verdicts = (found: readonly Incident[]): string[] => found.map(({ phase, verdict }) => `${phase} ${verdict}`);

test('a lesson reaches the thread at its start and while it runs; of several the latest counts', async () => {
  const plain = await find(null);
  expect(verdicts(plain)).toEqual(['new confirmed', 'end confirmed']);
  const falseAlarm = lessonOf(plain.at(-1) as Incident, 'false_alarm', 0) as Lesson;
  const known: Teaching = { lessons: [falseAlarm], nowMs: 0 };
  const none: Teaching = { lessons: [], nowMs: 0 };

  const taught = await find(known);
  expect(verdicts(taught)).toEqual(['new suspected', 'end suspected']);
  expect(taught.at(-1)?.reasons[0]).toMatchObject({ criterion: FEEDBACK_CRITERION, event: falseAlarm.incident.id });
  expect(taught.at(-1)?.severity).toBe('info');

  expect(await find(null, [none, known])).toEqual(taught);
  expect(await find(known, [none])).toEqual(plain);
  // Lessons of another kind of incident are for another rule.
  const other = { ...falseAlarm, incident: { ...falseAlarm.incident, type: 'illegal_parking' } };
  expect(await find({ lessons: [other], nowMs: 0 })).toEqual(plain);
});
