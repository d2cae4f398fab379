import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandSchemas } from '../../domain/wire/command.js';
import { createRequestedMaker, type EvidenceCamera, type HeldSpan } from '../../evidence/index.js';
import { createRingFootage } from '../../evidence/ring/footage.js';
import { writeDurably } from '../../platform/disk/durable-file.js';
import { openStore, type Store } from '../../store/index.js';
import { ended, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { noReferences } from '../../testing/reference-pictures.js';
import { createTestClock, type TestClock } from '../../testing/test-clock.js';
import { createIdFactory } from '../incidents/incident-ids.js';
import { createRequestDesk, type RequestDesk } from './request-desk.js';

const nowMs = Date.UTC(2026, 2, 1, 8);
const iso = (ms: number): string => new Date(ms).toISOString();
const ago = (s: number): string => iso(nowMs - 1000 * s);

interface Bench extends AsyncDisposable {
  readonly clock: TestClock;
  readonly store: Store;
  readonly desk: RequestDesk;
  readonly folder: TestFolder;
  /** What is recorded of the one camera, as it is now. */
  held: HeldSpan[];
  /** What was cut, seconds on the stream's clock. */
  readonly cuts: readonly (readonly [number, number])[];
  readonly queued: () => number;
}

/** A recording whose stream clock is the seconds of the wall clock since `nowMs`, plus a thousand for each connection. */
const stretch = (connection: number, fromS: number, toS: number): HeldSpan => ({
  connectionId: `c${connection}`,
  fromS: 1000 * connection + fromS,
  toS: 1000 * connection + toS,
  fromMs: nowMs + 1000 * fromS,
  toMs: nowMs + 1000 * toS,
});

async function createBench(held: HeldSpan[]): Promise<Bench> {
  const folder = await makeTestFolder();
  const clock = createTestClock(nowMs);
  const store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock, logger: silentLogger() });
  const cuts: (readonly [number, number])[] = [];
  let queued = 0;
  const bench = { held };
  /** Only what is on the disk is had. */
  const ring = {
    held: (fromMs: number, toMs: number) =>
      bench.held.flatMap((span) => {
        const [beginMs, endMs] = [Math.max(fromMs, span.fromMs), Math.min(toMs, span.toMs)];
        if (endMs <= beginMs) return [];
        return [
          {
            ...span,
            fromMs: beginMs,
            toMs: endMs,
            fromS: span.fromS + (beginMs - span.fromMs) / 1000,
            toS: span.toS - (span.toMs - endMs) / 1000,
          },
        ];
      }),
    hold: () => ({ [Symbol.dispose]: () => undefined }),
    waitFor: async () => undefined,
    covering: (_id: string, fromS: number, toS: number) => ({ paths: ['x.ts'], fromS, toS }),
    connectionAt: () => null,
  };
  const camera: EvidenceCamera = {
    footage: createRingFootage(ring as unknown as Parameters<typeof createRingFootage>[0]),
    facade: null,
    placeOf: () => null,
    redactionOf: () => ({ black: [], coarse: null }),
    maskedClips: null,
    preCaptureS: 5,
    postCaptureS: 5,
  };
  const createId = createIdFactory('test');
  const signal = new AbortController().signal;
  const maker = createRequestedMaker({
    folder: folder.of('evidence'),
    createId: () => createId(clock.now()),
    tools: {
      writeClip: async ({ fromS, toS, path }) => {
        cuts.push([fromS, toS]);
        await writeFile(path, `${fromS} ${toS}`);
        return { fromS, toS };
      },
    },
    pictures: {
      canDrawText: async () => true,
      make: async (job) => {
        if (job.kind === 'masked-clip') throw new RangeError('no clip is masked here');
        await writeDurably(job.path, (temporary) => writeFile(temporary, 'a picture'));
        return { fromS: job.footage.toS, toS: job.footage.toS };
      },
    },
    signal,
  });
  const desk = createRequestDesk({
    maker,
    references: noReferences,
    store,
    cameraOf: (id) => (id === 'tower' ? camera : null),
    cameras: () => [{ id: 'tower' }],
    createId: () => createId(clock.now()),
    onQueued: () => queued++,
    clock,
    signal,
  });
  return {
    clock,
    store,
    desk,
    folder,
    cuts,
    get held() {
      return bench.held;
    },
    set held(next) {
      bench.held = next;
    },
    queued: () => queued,
    async [Symbol.asyncDispose]() {
      store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface Answer {
  readonly event: string;
  readonly complete: boolean;
  readonly missing: readonly { readonly from: string; readonly to: string }[];
  readonly evidence: readonly {
    readonly id: string;
    readonly from: string;
    readonly to: string;
    readonly sha256: string;
    readonly bytes: number;
  }[];
}

describe('a clip', () => {
  test('holds all that was asked for and some more, is recorded with its hash, and queued', async () => {
    await using bench = await createBench([stretch(1, -600, 0)]);
    const answer = (await bench.desk.clip({ camera: 'tower', from: ago(60), to: ago(30), case: 'complaint 17' })) as unknown as Answer;
    expect(answer).toMatchObject({ complete: true, missing: [], case: 'complaint 17', camera: 'tower' });
    expect(bench.cuts).toEqual([[1000 - 61, 1000 - 27]]);
    const [file] = answer.evidence;
    expect(file).toMatchObject({ from: ago(61), to: ago(27), sha256: createHash('sha256').update('939 973').digest('hex'), bytes: 7 });
    expect(bench.store.outbox.transfers(10)).toMatchObject([{ evidenceId: file?.id, incidentId: answer.event, kind: 'clip' }]);
    expect(bench.queued()).toBe(1);
  });

  test('comes in parts when the camera was away in between, and says what is missing', async () => {
    await using bench = await createBench([stretch(1, -600, -50), stretch(2, -40, 0)]);
    const answer = (await bench.desk.clip({ camera: 'tower', from: ago(60), to: ago(30) })) as unknown as Answer;
    expect(answer.complete).toBe(false);
    expect(answer.missing).toEqual([{ from: ago(50), to: ago(40) }]);
    expect(bench.cuts).toEqual([
      [1000 - 61, 1000 - 50],
      [2000 - 40, 2000 - 27],
    ]);
    expect(answer.evidence).toHaveLength(2);
  });

  test('of which the beginning is gone says so', async () => {
    await using bench = await createBench([stretch(1, -45, 0)]);
    const answer = (await bench.desk.clip({ camera: 'tower', from: ago(60), to: ago(30) })) as unknown as Answer;
    expect(answer).toMatchObject({ complete: false, missing: [{ from: ago(60), to: ago(45) }] });
  });

  test('whose end has only just passed waits for the recording to reach it', async () => {
    await using bench = await createBench([stretch(1, -600, -5)]);
    const asked = bench.desk.clip({ camera: 'tower', from: ago(10), to: ago(0) });
    await bench.clock.advance(4_000);
    expect(bench.cuts).toEqual([]);
    bench.held = [stretch(1, -600, 4)];
    await bench.clock.advance(1_000);
    expect(await asked).toMatchObject({ complete: true });
    expect(bench.cuts).toEqual([[1000 - 11, 1000 + 3]]);
  });

  test('of a camera that has gone meanwhile does not wait for ever', async () => {
    await using bench = await createBench([stretch(1, -600, -5)]);
    const asked = bench.desk.clip({ camera: 'tower', from: ago(10), to: ago(0) });
    await bench.clock.advance(16_000);
    expect(await asked).toMatchObject({ complete: false, missing: [{ from: ago(5), to: ago(0) }] });
  });

  test.each<[string, object, string, string]>([
    ['an unknown camera', { camera: 'gate' }, 'unknown_camera', 'known: tower'],
    ['what is not held any more', { from: ago(90_000), to: ago(89_990) }, 'not_held', `it holds ${ago(600)} to ${ago(0)}`],
    ['what is not over', { to: ago(-5) }, 'invalid', 'not over'],
    ['more than ten minutes', { from: ago(700) }, 'invalid', '10 min'],
    ['another camera’s event', { event: '01KJM3QZ80T7V9C2M4N6P8R0S2' }, 'invalid', 'is of camera gate'],
  ])('of %s is refused', async (_what, differ, code, why) => {
    await using bench = await createBench([stretch(1, -600, 0)]);
    bench.store.recordIncident(ended(makeIncident({ id: '01KJM3QZ80T7V9C2M4N6P8R0S2', cameraId: 'gate' })));
    const asked = bench.desk.clip({ camera: 'tower', from: ago(60), to: ago(30), ...differ });
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(why) });
    expect(bench.cuts).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('is the newest picture, beside the evidence of an event when one is named', async () => {
    await using bench = await createBench([stretch(1, -600, -1)]);
    const incident = ended(makeIncident());
    bench.store.recordIncident(incident);
    const answer = (await bench.desk.snapshot({ camera: 'tower', event: incident.id })) as unknown as Answer;
    expect(answer).toMatchObject({ event: incident.id, evidence: [{ kind: 'snapshot', to: ago(1) }] });
    expect(bench.store.outbox.transfers(10)).toMatchObject([{ incidentId: incident.id, kind: 'snapshot' }]);
  });

  test('of a camera that is only just there waits for its first segment', async () => {
    await using bench = await createBench([]);
    const asked = bench.desk.snapshot({ camera: 'tower' });
    await bench.clock.advance(2_000);
    bench.held = [stretch(1, 0, 2)];
    await bench.clock.advance(500);
    expect(await asked).toMatchObject({ evidence: [{}] });
  });

  test('of a camera that is away is refused', async () => {
    await using bench = await createBench([stretch(1, -600, -90)]);
    const asked = bench.desk.snapshot({ camera: 'tower' });
    const refused = expect(asked).rejects.toMatchObject({ code: 'not_held', message: expect.stringContaining('last 60 s') });
    await bench.clock.advance(6_000);
    await refused;
  });
});

test('whatever is asked for, files come only into the evidence folder, each under an id of the agent’s own', async () => {
  await using bench = await createBench([stretch(1, -600, 0)]);
  const { desk, folder } = bench;
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('tower', '../../x', '/etc/passwd', 'a/../../b', '%2e%2e', '01KJM3QZ80T7V9C2M4N6P8R0S2', '\0'),
  );
  const payload = fc.record(
    { camera: fc.oneof(fc.constant('tower'), text), from: fc.constant(ago(60)), to: fc.constant(ago(30)), event: text, case: text },
    { requiredKeys: ['camera'] },
  );
  await fc.assert(
    fc.asyncProperty(payload, async (asked) => {
      const snapshot = commandSchemas.snapshot.safeParse({ camera: asked.camera, event: asked.event, case: asked.case });
      if (snapshot.success) await desk.snapshot(snapshot.data).catch(() => undefined);
      const clip = commandSchemas.clip.safeParse(asked);
      if (clip.success) await desk.clip(clip.data).catch(() => undefined);
    }),
    { numRuns: 300 },
  );
  const files = (await readdir(folder.path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const names = files
    .map((entry) => relative(folder.path, `${entry.parentPath}/${entry.name}`))
    .filter((name) => !name.startsWith('store.sqlite'));
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    expect(name).toMatch(/^evidence\/2026-03-01\/[0-9A-HJKMNP-TV-Z]{26}\/(clip-[0-9A-Z]{26}\.mp4|snapshot-[0-9A-Z]{26}\.jpg)$/);
  }
});
