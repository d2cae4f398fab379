import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createEvidenceRecorder,
  createFileFootage,
  createPictureMaker,
  createReferencePictures,
  createRequestedMaker,
  type EvidenceCamera,
  type ReferencePictures,
} from '../../evidence/index.js';
import { createMediaTools } from '../../media/footage-tools.js';
import { systemClock } from '../../platform/clock.js';
import { lookForThing } from '../../rules/common/look-again.js';
import { makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { hasSharedData, sharedData } from '../../testing/shared-data.js';
import { createIdFactory } from './incident-ids.js';

const clip = sharedData('abandoned/street_bag.avi');
const present = hasSharedData(['abandoned/street_bag.avi'], 'looking again at a real incident');

/** The bag stands beside the blue cabinet from second 13 to the end; pixels of 720 × 480. */
const box = { x1: 448 / 720, y1: 362 / 480, x2: 502 / 720, y2: 413 / 480 };

describe.skipIf(!present)('a bag that was left in a real street', () => {
  let folder: TestFolder;
  let references: ReferencePictures;
  const id = '01KJM3QZ80T7V9C2M4N6P8R0S2';
  const incident = makeIncident({
    ...{ id, type: 'abandoned_object', rule: 'abandoned_object', box, labels: ['handbag'] },
    streamTime: { start: 13, end: 25 },
    reasons: [{ criterion: 'seconds_alone', value: 12, threshold: 10, unit: 's' }],
  });
  const signal = new AbortController().signal;
  const tools = createMediaTools();
  const camera = (path: string, privacy = false): EvidenceCamera => ({
    footage: createFileFootage(path, 39),
    facade: null,
    placeOf: () => null,
    redactionOf: () => ({
      black: privacy
        ? [
            [
              { x: 0.5, y: 0.5 },
              { x: 0.8, y: 0.5 },
              { x: 0.8, y: 1 },
              { x: 0.5, y: 1 },
            ],
          ]
        : [],
      coarse: null,
    }),
    maskedClips: null,
    preCaptureS: 5,
    postCaptureS: 5,
  });

  async function record(which: EvidenceCamera): Promise<readonly string[]> {
    const failed: string[] = [];
    const createId = createIdFactory('look-again');
    const recorder = createEvidenceRecorder({
      folder: folder.of('evidence'),
      cameraOf: () => which,
      createId: () => createId(0),
      ...{ tools, pictures: createPictureMaker(tools), references, clock: systemClock, logger: silentLogger(), signal },
      onEvidence: () => undefined,
      onFailed: (_, reason) => failed.push(reason),
    });
    await recorder.record(incident, recorder.plan(incident), null);
    return failed;
  }

  /** What the camera sees at a second, and what is made of it. */
  async function judgedAt(s: number, which: EvidenceCamera = camera(clip)) {
    const createId = createIdFactory(`present-${s}`);
    const maker = createRequestedMaker({
      folder: folder.of('evidence'),
      createId: () => createId(0),
      tools,
      pictures: createPictureMaker(tools),
      signal,
    });
    const held = { connectionId: 'file', fromS: s - 2, toS: s, fromMs: 1000 * (s - 2), toMs: 1000 * s };
    const look = lookForThing('the thing');
    await maker.still({ cameraId: 'tower', camera: which, incidentId: id, held }, look.place(incident), references.paths(id).present);
    const { present: picture, incident: before, steady, scene } = await references.read(id);
    return look.judge(incident, { capturedAtMs: 0, picture, before, steady, scene });
  }

  beforeAll(async () => {
    folder = await makeTestFolder();
    references = createReferencePictures({ folder: folder.of('references'), tools, now: () => Date.now(), logger: silentLogger(), signal });
  });
  afterAll(async () => await folder[Symbol.asyncDispose]());

  it('is told to be there while it is, with passers by, and to be gone when it is', async () => {
    expect(await record(camera(clip))).toEqual([]);
    for (const s of [27, 33, 38]) expect(await judgedAt(s)).toMatchObject({ presence: 'still_there' });
    for (const s of [4, 8]) expect(await judgedAt(s)).toMatchObject({ presence: 'gone' });
  });

  it('is not told of from behind a privacy mask', async () => {
    expect(await record(camera(clip, true))).toEqual([]);
    expect(await judgedAt(33, camera(clip, true))).toMatchObject({
      presence: 'cannot_tell',
      reason: expect.stringContaining('privacy masks'),
    });
  });

  it('leaves no pictures behind once it is forgotten', async () => {
    expect(await references.sweep(() => true)).toBe(0);
    expect(await references.sweep(() => false)).toBe(0);
    const later = createReferencePictures({
      folder: folder.of('references'),
      tools,
      now: () => Date.now() + 7_200_000,
      logger: silentLogger(),
      signal,
    });
    expect(await later.sweep(() => false)).toBe(1);
    expect(await references.read(id)).toEqual({ scene: null, incident: null, steady: null, present: null });
  });
});
