import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../../domain/evidence.js';
import type { MediaTools } from '../../media/footage-tools.js';
import { systemClock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import { createLogger } from '../../platform/logger.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { createSceneTools } from '../../testing/scene-tools.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createPictureMaker } from '../process/picture-maker.js';
import { createFileFootage, type Footage, type FootageSpan } from '../ring/footage.js';
import type { EvidenceCamera } from './piece.js';
import { createEvidenceRecorder, type EvidenceRecorderOptions } from './recorder.js';

const scene = createFallScene({ width: 160, height: 120, fps: 25, durationS: 9, startS: 1, sizePx: 6 });
const incident = fallIncident(scene);

const sceneTools = createSceneTools(scene);

describe('the evidence recorder', () => {
  let folder: string;
  let made: Evidence[];
  let failed: [string, string][];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-recorder-'));
    made = [];
    failed = [];
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function createRecorder(over: Partial<EvidenceRecorderOptions> = {}, camera: Partial<EvidenceCamera> = {}) {
    let ids = 0;
    return createEvidenceRecorder({
      folder,
      cameraOf: () => ({
        footage: createFileFootage('scene.mp4', scene.durationS),
        facade: null,
        placeOf: () => null,
        redactionOf: () => ({ black: [], coarse: null }),
        maskedClips: null,
        preCaptureS: 5,
        postCaptureS: 5,
        ...camera,
      }),
      createId: () => `id-${++ids}`,
      tools: sceneTools,
      pictures: createPictureMaker(sceneTools),
      clock: systemClock,
      logger: createLogger('silent'),
      onEvidence: (evidence) => made.push(evidence),
      onFailed: (id, reason) => failed.push([id, reason]),
      signal: new AbortController().signal,
      ...over,
    });
  }

  it('plans clip, trail, snapshot and track of a throw, clip and snapshot of anything else', () => {
    const recorder = createRecorder();
    expect(recorder.plan(incident)).toEqual([
      { id: 'id-1', kind: 'clip' },
      { id: 'id-2', kind: 'trail' },
      { id: 'id-3', kind: 'snapshot' },
      { id: 'id-4', kind: 'track' },
    ]);
    expect(recorder.plan(fallIncident(scene, { throw: null })).map((plan) => plan.kind)).toEqual(['clip', 'snapshot']);
  });

  it('puts every file where it belongs and reports it with its hash and span', async () => {
    const recorder = createRecorder();
    await recorder.record(incident, recorder.plan(incident), null);
    expect(failed).toEqual([]);
    expect(made.map((evidence) => evidence.kind)).toEqual(['trail', 'snapshot', 'track', 'clip']);
    const home = join(folder, '2026-03-01', incident.id);
    expect((await readdir(home)).sort()).toEqual(['clip.mp4', 'snapshot.jpg', 'track.json', 'trail.jpg']);
    for (const evidence of made) {
      const content = await readFile(evidence.path);
      expect(evidence.bytes).toBe(content.length);
      expect(evidence.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    }
    const clip = made.find((evidence) => evidence.kind === 'clip');
    expect(clip).toMatchObject({
      id: 'id-1',
      mediaType: 'video/mp4',
      fromMs: incident.startedAtMs - 1000,
      toMs: incident.startedAtMs + 6440,
    });
  });

  it('makes the same bytes every time', async () => {
    const recorder = createRecorder();
    await recorder.record(incident, recorder.plan(incident), null);
    const first = made.map((evidence) => evidence.sha256);
    await recorder.record(incident, recorder.plan(incident), null);
    expect(made.slice(4).map((evidence) => evidence.sha256)).toEqual(first);
  });

  it('paints privacy masks black in trail and snapshot', async () => {
    const privacyMasks = [[0.5, 1].flatMap((x) => [0.5, 1].map((y) => ({ x, y }))).map((p, i, all) => all[[0, 1, 3, 2][i] ?? 0] ?? p)];
    const recorder = createRecorder({}, { redactionOf: () => ({ black: privacyMasks, coarse: null }) });
    await recorder.record(incident, recorder.plan(incident), null);
    for (const kind of ['trail', 'snapshot']) {
      const evidence = made.find((one) => one.kind === kind) as Evidence;
      const data = await readFile(evidence.path);
      expect(data[3 * (100 * 160 + 120)]).toBe(0);
      expect(data[3 * (30 * 160 + 120)]).toBeGreaterThan(0);
    }
  });

  it('reports one failure with its reason and makes the rest; no half file stays', async () => {
    const tools: MediaTools = {
      ...sceneTools,
      async writeClip({ path }) {
        await writeFile(path, 'half');
        throw new AgentError('MEDIA_FAILED', 'ffmpeg could not cut the clip');
      },
    };
    const recorder = createRecorder({ tools });
    await recorder.record(incident, recorder.plan(incident), null);
    expect(made.map((evidence) => evidence.kind)).toEqual(['trail', 'snapshot', 'track']);
    expect(failed).toEqual([['id-1', 'ffmpeg could not cut the clip']]);
    expect(await readdir(join(folder, '2026-03-01', incident.id))).not.toContain('.part.clip.mp4');
  });

  it.each([
    ['a camera that is gone', { cameraOf: () => null }, 'the camera tower-3-north is no longer configured'],
    [
      'a full disk',
      { tools: { ...sceneTools, pictureSize: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOSPC' })) } },
      'no room is left',
    ],
  ])('says why for %s', async (_, over, reason) => {
    const recorder = createRecorder(over);
    await recorder.record(incident, [{ id: 'track-1', kind: 'track' }], null);
    expect(failed).toEqual([['track-1', expect.stringContaining(reason)]]);
  });

  it('does not let an incident that waits for its last seconds hold up another', async () => {
    const clips: (() => void)[] = [];
    const footage: Footage = {
      held: () => [],
      claim: () => ({
        async span(fromS, toS): Promise<FootageSpan> {
          if (toS > 7) await new Promise<void>((resolve) => clips.push(resolve));
          return { input: { kind: 'file', path: 'scene.mp4' }, fromS, toS };
        },
        [Symbol.dispose]: () => undefined,
      }),
    };
    const recorder = createRecorder({}, { footage });
    const other = fallIncident(scene, { id: '01KJKEY5A00000000000000001' });
    const both = Promise.all([incident, other].map((one) => recorder.record(one, recorder.plan(one), 'c')));
    while (clips.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(made.filter((evidence) => evidence.kind !== 'clip')).toHaveLength(6);
    for (const finish of clips) finish();
    await both;
    expect(made).toHaveLength(8);
  });

  it('takes a failure for an interruption when the agent hears a moment later that it is to end: the signal went to ffmpeg too', async () => {
    const clock = createTestClock();
    const stop = new AbortController();
    const tools: MediaTools = {
      ...sceneTools,
      async writeClip() {
        throw new AgentError('MEDIA_FAILED', 'the recording cannot be read: killed');
      },
    };
    const recorder = createRecorder({ tools, clock, signal: stop.signal });
    const done = recorder.record(incident, [{ id: 'clip-1', kind: 'clip' }], null);
    while (clock.waiting() === 0 && failed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(100);
    stop.abort();
    await done;
    expect(failed).toEqual([]);
  });

  it('leaves unreported what a shutdown interrupts, and gives the footage free', async () => {
    const stop = new AbortController();
    let claims = 0;
    const footage: Footage = {
      held: () => [],
      claim: () => {
        claims++;
        return {
          span: (fromS, toS, signal) =>
            toS > 7
              ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
              : Promise.resolve({ input: { kind: 'file', path: 'scene.mp4' }, fromS, toS }),
          [Symbol.dispose]: () => void claims--,
        };
      },
    };
    const recorder = createRecorder(
      { signal: stop.signal, onEvidence: (evidence) => made.push(evidence) === 3 && stop.abort(new Error('shutting down')) },
      { footage },
    );
    await recorder.record(incident, recorder.plan(incident), 'c');
    expect(made).toHaveLength(3);
    expect(failed).toEqual([]);
    expect(claims).toBe(0);
  });
});
