import { expect, test } from 'vitest';
import type { Frame } from '../../domain/frame.js';
import type { Incident } from '../../domain/incident.js';
import type { FrameReader, FramesEnd } from '../../media/frame-reader.js';
import type { CameraPipeline, CameraSettings } from '../stages/camera-pipeline.js';
import { addFigures, createCountersMemory, noFigures, readFigures } from './camera-counters.js';
import { type CameraLoopOptions, createCameraLoop, type OpenFrames, type ThreadMessage } from './camera-loop.js';

const incident = (id: string): Incident => ({ id }) as unknown as Incident;

/** A pipeline that reports an incident for every third picture and one more at the end. */
function createDouble(): CameraPipeline & { readonly buffer: Uint8Array } {
  const buffer = new Uint8Array(12);
  let frames = 0;
  return {
    buffer,
    frameBuffer: () => buffer,
    process: ({ seq }) => {
      frames++;
      return seq % 3 === 2 ? [incident(`at ${seq}`)] : [];
    },
    finish: () => [incident('at the end')],
    pause: () => [incident('paused')],
    goOn: () => undefined,
    succeed: () => {
      throw new TypeError('its settings do not change');
    },
    suspend: () => [incident('broken off')],
    open: () => [incident('open')],
    resume: (open) => (open.length > 1 ? [incident('nobody’s')] : []),
    learn: () => undefined,
    memories: () => ({}),
    recall: () => undefined,
    figures: () => ({}),
    counters: () => ({ frames, repeatedFrames: 1, vetoedFrames: 2, candidates: 3, stageMs: { motion: 4.5, rules: 0.25 } }),
  };
}

/** One connection, after which there is no other. */
async function runCameraLoop({ openFrames, ...options }: CameraLoopOptions & { readonly openFrames: OpenFrames }): Promise<void> {
  const loop = createCameraLoop(options);
  await loop.run(openFrames);
  loop.finish();
}

/** Changed settings: their pipelines here do not ask what they are. */
const settings = Promise.resolve({} as CameraSettings);

async function runWith(
  count: number,
  end: FramesEnd,
): Promise<{ messages: ThreadMessage[]; counters: SharedArrayBuffer; buffers: Set<Uint8Array> }> {
  const messages: ThreadMessage[] = [];
  const counters = createCountersMemory();
  const pipeline = createDouble();
  const buffers = new Set<Uint8Array>();
  let nowMs = 0;
  await runCameraLoop({
    openFrames: (allocate): FrameReader => ({
      *frames() {
        if (count === 0) return;
        const next = allocate({ format: 'gray', width: 4, height: 3 });
        for (let seq = 0; seq < count; seq++) {
          buffers.add(next());
          yield {
            cameraId: 'gate',
            seq,
            ptsMs: seq * 40,
            capturedAtMs: seq * 40,
            width: 4,
            height: 3,
            format: 'gray',
            data: next(),
          } satisfies Frame;
        }
      },
      end: () => end,
      droppedFrames: () => 7,
    }),
    createPipeline: () => pipeline,
    counters,
    memories: {},
    carried: null,
    receive: () => null,
    post: (message) => messages.push(message),
    monotonic: () => nowMs++,
  });
  expect([...buffers].every((buffer) => buffer === pipeline.buffer)).toBe(true);
  return { messages, counters, buffers };
}

test('takes every picture through the pipeline and tells of what was found, in order, the end last', async () => {
  const { messages } = await runWith(4, { reason: 'cut' });
  expect(messages).toEqual([
    { kind: 'incidents', incidents: [incident('at 2')] },
    { kind: 'incidents', incidents: [incident('at the end')] },
    { kind: 'ended', end: { reason: 'cut' } },
  ]);
});

test('a stream without a picture ends without a pipeline', async () => {
  expect((await runWith(0, { reason: 'ended' })).messages).toEqual([{ kind: 'ended', end: { reason: 'ended' } }]);
});

test('goes on with another pipeline when the settings have changed: what was learnt and counted stays', async () => {
  const messages: ThreadMessage[] = [];
  const counters = createCountersMemory();
  const pipelines = [createDouble(), createDouble()];
  const taught: string[] = [];
  const teaching = { lessons: [], nowMs: 5 };
  const buffers: Uint8Array[] = [];
  let made = 0;
  let asked = 0;
  const create = (): CameraPipeline => {
    const place = made++;
    return {
      ...(pipelines[place] as CameraPipeline),
      learn: ({ nowMs }) => taught.push(`${place}: ${nowMs}`),
      succeed: () => ({ next: create(), last: [incident('broken off')] }),
    };
  };
  await runCameraLoop({
    openFrames: (allocate): FrameReader => ({
      *frames() {
        const next = allocate({ format: 'gray', width: 4, height: 3 });
        for (let seq = 0; seq < 4; seq++) {
          const data = next();
          buffers.push(data);
          yield { cameraId: 'gate', seq, ptsMs: seq * 40, capturedAtMs: 0, width: 4, height: 3, format: 'gray', data } satisfies Frame;
        }
      },
      end: () => ({ reason: 'ended' }),
      droppedFrames: () => 0,
    }),
    createPipeline: create,
    changed: () => (asked++ === 1 ? settings : null),
    counters,
    memories: {},
    carried: null,
    receive: () => (asked === 0 ? teaching : null),
    post: (message) => messages.push(message),
    monotonic: () => 0,
  });
  const [first, second] = pipelines;
  expect(buffers).toEqual([first?.buffer, first?.buffer, second?.buffer, second?.buffer]);
  expect(buffers[2]).toBe(second?.buffer);
  expect(taught).toEqual(['0: 5', '1: 5']);
  expect(messages.map((message) => (message.kind === 'incidents' ? message.incidents[0]?.id : message.kind))).toEqual([
    'broken off',
    'at 2',
    'at the end',
    'ended',
  ]);
  expect(readFigures(counters)).toMatchObject({ frames: 4, repeatedFrames: 2, vetoedFrames: 4, candidates: 6 });
  expect(readFigures(counters).stageMs).toMatchObject({ motion: 9 });
});

test('goes on with what the connection before left open, and leaves open what the next can go on with', async () => {
  const messages: ThreadMessage[] = [];
  const resumed: unknown[] = [];
  const run = (carried: readonly Incident[] | null): Promise<void> =>
    runCameraLoop({
      openFrames: (allocate): FrameReader => ({
        *frames() {
          const data = allocate({ format: 'gray', width: 4, height: 3 })();
          yield { cameraId: 'gate', seq: 0, ptsMs: 0, capturedAtMs: 0, width: 4, height: 3, format: 'gray', data } satisfies Frame;
        },
        end: () => ({ reason: 'ended' }),
        droppedFrames: () => 0,
      }),
      createPipeline: () => {
        const double = createDouble();
        const order: string[] = [];
        return {
          ...double,
          recall: () => order.push('recall'),
          resume: (open) => {
            resumed.push([...order, open.map(({ id }) => id)]);
            return double.resume(open);
          },
        };
      },
      counters: createCountersMemory(),
      memories: {},
      carried,
      receive: () => null,
      post: (message) => messages.push(message),
      monotonic: () => 0,
    });
  await run([incident('parked'), incident('of a rule that is gone')]);
  await run(null);
  expect(resumed).toEqual([
    ['recall', ['parked', 'of a rule that is gone']],
    ['recall', []],
  ]);
  expect(messages.flatMap((message) => (message.kind === 'incidents' ? message.incidents.map(({ id }) => id) : []))).toEqual([
    'nobody’s',
    'paused',
    'broken off',
    'at the end',
  ]);
});

test('goes on over connections with the same pipeline, unless their pictures are of another size', async () => {
  const messages: ThreadMessage[] = [];
  const calls: string[] = [];
  let made = 0;
  const loop = createCameraLoop({
    createPipeline: () => {
      const name = `pipeline ${++made}`;
      return {
        ...createDouble(),
        goOn: () => calls.push(`${name} goes on`),
        resume: (open) => {
          calls.push(`${name} resumes ${open.map(({ id }) => id).join()}`);
          return [];
        },
      };
    },
    counters: createCountersMemory(),
    memories: {},
    carried: [],
    receive: () => null,
    post: (message) => messages.push(message),
    monotonic: () => 0,
  });
  const show = (width: number, count = 1): Promise<void> =>
    loop.run(
      (allocate): FrameReader => ({
        *frames() {
          const data = allocate({ format: 'gray', width, height: 3 })();
          for (let seq = 0; seq < count; seq++)
            yield { cameraId: 'gate', seq, ptsMs: 0, capturedAtMs: 0, width, height: 3, format: 'gray', data } satisfies Frame;
        },
        end: () => ({ reason: 'cut' }),
        droppedFrames: () => 0,
      }),
    );
  for (const [width, count] of [
    [4, 1],
    [4, 0],
    [4, 1],
    [8, 1],
  ] as const)
    await show(width, count);
  loop.finish();
  loop.finish();
  expect(calls).toEqual(['pipeline 1 resumes ', 'pipeline 1 goes on', 'pipeline 1 goes on', 'pipeline 2 resumes open']);
  expect(messages.map((message) => (message.kind === 'incidents' ? message.incidents[0]?.id : message.kind))).toEqual([
    'paused',
    'ended',
    'ended',
    'paused',
    'ended',
    'broken off',
    'paused',
    'ended',
    'broken off',
  ]);
});

test('hands on what rules remember: at the start, every ten seconds if it changed, to the next pipeline, and at the end', async () => {
  const messages: ThreadMessage[] = [];
  const recalled: unknown[] = [];
  let nowMs = 0;
  let frames = 0;
  const create = (): CameraPipeline => ({
    ...createDouble(),
    process: () => {
      frames++;
      nowMs += 4_000;
      return [];
    },
    finish: () => [],
    memories: () => ({ parking: JSON.stringify(Math.floor(frames / 4)), idle: '0' }),
    recall: (memories) => recalled.push(memories),
    succeed: () => ({ next: create(), last: [] }),
  });
  await runCameraLoop({
    openFrames: (allocate): FrameReader => ({
      *frames() {
        const next = allocate({ format: 'gray', width: 4, height: 3 });
        for (let seq = 0; seq < 14; seq++) {
          yield { cameraId: 'gate', seq, ptsMs: 0, capturedAtMs: 0, width: 4, height: 3, format: 'gray', data: next() } satisfies Frame;
        }
      },
      end: () => ({ reason: 'ended' }),
      droppedFrames: () => 0,
    }),
    createPipeline: create,
    changed: () => (frames === 10 ? settings : null),
    counters: createCountersMemory(),
    memories: { parking: '0', idle: '0' },
    carried: null,
    receive: () => null,
    post: (message) => messages.push(message),
    monotonic: () => nowMs,
  });
  expect(recalled).toEqual([
    { parking: '0', idle: '0' },
    { parking: '2', idle: '0' },
  ]);
  expect(messages.flatMap((message) => (message.kind === 'memories' ? [message.memories] : []))).toEqual([
    { parking: '1' },
    { parking: '2' },
    { parking: '3' },
  ]);
});

test('tells what rules have counted every two seconds, of a pipeline that ends, and at the end', async () => {
  const messages: ThreadMessage[] = [];
  let nowMs = 0;
  let seen = 0;
  const create = (): CameraPipeline => {
    let count = 0;
    return {
      ...createDouble(),
      process: () => {
        count++;
        seen++;
        nowMs += 1_000;
        return [];
      },
      finish: () => [],
      figures: () => ({ line: [{ name: 'crossings', kind: 'counter', of: {}, value: count }] }),
      succeed: () => ({ next: create(), last: [] }),
    };
  };
  await runCameraLoop({
    openFrames: (allocate): FrameReader => ({
      *frames() {
        const next = allocate({ format: 'gray', width: 4, height: 3 });
        for (let seq = 0; seq < 6; seq++) {
          yield { cameraId: 'gate', seq, ptsMs: 0, capturedAtMs: 0, width: 4, height: 3, format: 'gray', data: next() } satisfies Frame;
        }
      },
      end: () => ({ reason: 'ended' }),
      droppedFrames: () => 0,
    }),
    createPipeline: create,
    changed: () => (seen === 3 ? settings : null),
    counters: createCountersMemory(),
    memories: {},
    carried: null,
    receive: () => null,
    post: (message) => messages.push(message),
    monotonic: () => nowMs,
  });
  expect(
    messages.flatMap((message) =>
      message.kind === 'figures' ? [`${message.figures['line']?.[0]?.value}${message.last ? ' last' : ''}`] : [],
    ),
  ).toEqual(['2', '3 last', '2', '3 last']);
});

test('the figures can be read from the other side', async () => {
  const figures = readFigures((await runWith(4, { reason: 'ended' })).counters);
  expect(figures).toMatchObject({ frames: 4, skippedFrames: 7, repeatedFrames: 1, vetoedFrames: 2, candidates: 3, lastPtsMs: 120 });
  expect(figures.stageMs).toMatchObject({ motion: 4.5, rules: 0.25 });
  expect(figures.stageMs.read).toBeGreaterThan(0);
});

test('figures of several connections add up', async () => {
  const figures = readFigures((await runWith(4, { reason: 'ended' })).counters);
  expect(addFigures(noFigures, figures)).toEqual(figures);
  expect(addFigures(figures, figures)).toMatchObject({ frames: 8, lastPtsMs: 120, stageMs: { motion: 9 } });
});
