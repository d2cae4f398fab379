import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CameraConfig, cameraConfigSchema } from '../../config/camera-schema.js';
import type { Evidence } from '../../domain/evidence.js';
import type { TrajectoryPoint } from '../../domain/incident.js';
import {
  createEvidenceRecorder,
  createFileFootage,
  createPictureMaker,
  createPictureProcess,
  createRequestedMaker,
  type EvidenceCamera,
  type HeldSpan,
  type PictureMaker,
} from '../../evidence/index.js';

import { createMediaTools, type MediaTools } from '../../media/footage-tools.js';
import { systemClock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import { ffmpeg, pictureTimes } from '../../testing/clips.js';
import { makeTestFolder, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { evidenceCamera } from './evidence-camera.js';

const run = promisify(execFile);
const never = new AbortController().signal;
const [width, height, fps] = [320, 240, 25];
const scene = createFallScene({ width, height, fps, durationS: 6, startS: 2, sizePx: 8 });
/** Six floors of 36 px; it falls from the left one of the top floor. */
const origin = { point: { x: 0.4, y: 0.1 }, floor: 6, floorInterval: [6, 6] as const, unit: 'left', heightM: 17 };
const incident = fallIncident(scene, { cameraId: 'tower' }, { origin });
/** Nothing is drawn: what stands in the files are the camera's pixels alone. */
const tools: MediaTools = {
  ...createMediaTools(),
  renderSvg: async (_svg, w, h) => new Uint8Array(4 * w * h),
};

function cameraOf(hide: { readonly windows?: boolean; readonly masked?: boolean; readonly keep?: string }): CameraConfig {
  const rectangle = (x1: number, y1: number, x2: number, y2: number) => [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
  return cameraConfigSchema.parse({
    id: 'tower',
    source: { url: 'scene.mp4' },
    facade: { corners: rectangle(0.1, 0, 0.9, 0.9), floors: { first: 1, last: 6 }, units: ['left', 'right'] },
    // Beside the facade, and over the path of the fall.
    masks: { privacy: [rectangle(0, 0.2, 0.08, 0.8), rectangle(0.36, 0.5, 0.5, 0.6)], windows: hide.windows ?? true },
    evidence: { clip: { masked: hide.masked ?? true, keep_original: hide.keep ?? '0 s' } },
  });
}

/** Luma of every picture of a file; a trail's band is left out. */
async function lumaOf(path: string): Promise<readonly Uint8Array[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      '-v',
      'error',
      '-i',
      path,
      '-vf',
      `crop=${width}:${height}:0:0`,
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 1e9 },
  );
  return Array.from({ length: stdout.length / (width * height) }, (_, i) => stdout.subarray(i * width * height, (i + 1) * width * height));
}

/** Largest and smallest grey inside a rectangle, whole pixels. */
function span(luma: Uint8Array, x1: number, y1: number, x2: number, y2: number): readonly [number, number] {
  const values: number[] = [];
  for (let y = y1; y < y2; y++) values.push(...luma.subarray(y * width + x1, y * width + x2));
  return [Math.min(...values), Math.max(...values)];
}

/** The rim of what is drawn and coded lies within these. */
const black = (luma: Uint8Array): number => Math.max(span(luma, 2, 52, 22, 188)[1], span(luma, 120, 124, 156, 140)[1]);
/** The wall's own pattern, bricks of 35 grey levels, in a hidden window: inside one block. */
const hidden = (luma: Uint8Array): number => {
  const [low, high] = span(luma, 194, 114, 206, 126);
  return high - low;
};
/** The same in the window that the object came from. */
const shown = (luma: Uint8Array): number => {
  const [low, high] = span(luma, 76, 10, 92, 20);
  return high - low;
};
const brightAt = (luma: Uint8Array, { x, y }: TrajectoryPoint): number => luma[Math.round(y * height) * width + Math.round(x * width)] ?? 0;

describe('what nobody is to see', () => {
  let folder: TestFolder;
  let video: string;
  beforeAll(async () => {
    folder = await makeTestFolder();
    video = folder.of('scene.mp4');
    const raw = folder.of('scene.rgb');
    await writeFile(raw, Buffer.concat(Array.from({ length: scene.durationS * fps }, (_, i) => scene.picture(i))));
    const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(fps), '-i', raw];
    await ffmpeg(...input, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '14', '-g', '25', '-bf', '2', '-pix_fmt', 'yuv420p', video);
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
  });

  async function record(
    name: string,
    camera: CameraConfig,
    pictures: PictureMaker = createPictureMaker(tools),
    over: Partial<MediaTools> = {},
  ) {
    const made: Evidence[] = [];
    const failed: string[] = [];
    const own: EvidenceCamera = {
      ...evidenceCamera(camera, createFileFootage(video, scene.durationS), folder.of(name, 'originals')),
      preCaptureS: 1,
      postCaptureS: 1,
    };
    const recorder = createEvidenceRecorder({
      folder: folder.of(name, 'evidence'),
      cameraOf: () => own,
      createId: () => `id-${made.length}-${Math.random()}`,
      tools: { ...tools, ...over },
      pictures,
      clock: systemClock,
      logger: silentLogger(),
      onEvidence: (evidence) => made.push(evidence),
      onFailed: (_, reason) => failed.push(reason),
      signal: never,
    });
    await recorder.record(incident, recorder.plan(incident), null);
    const of = (kind: Evidence['kind']): Evidence => made.find((one) => one.kind === kind) as Evidence;
    return { made, failed, of, camera: own, files: async () => (await readdir(folder.of(name), { recursive: true })).sort() };
  }

  it('is in no picture of an incident: masks black, windows in blocks, the origin and the object clear', async () => {
    const { of, failed } = await record('pictures', cameraOf({}));
    expect(failed).toEqual([]);
    for (const kind of ['trail', 'snapshot'] as const) {
      const [luma] = (await lumaOf(of(kind).path)) as [Uint8Array];
      expect(black(luma), kind).toBeLessThan(16);
      expect(hidden(luma), kind).toBeLessThan(8);
      expect(shown(luma), kind).toBeGreaterThan(20);
      expect(of(kind).redactions).toEqual({ black: 2, windows: 'all_but_origin', reencoded: true });
    }
    const [trail] = (await lumaOf(of('trail').path)) as [Uint8Array];
    const inFront = scene.trajectory.filter(({ y }) => y < 0.46 || (y > 0.64 && y < 0.85));
    for (const at of inFront) expect(brightAt(trail, at), `${at.t} s`).toBeGreaterThan(170);
    expect(of('track').redactions).toBeNull();
  });

  it('is in no picture of a clip, from the first to the last, and the object is in all of them', async () => {
    const cuts: string[] = [];
    const { of, failed, files } = await record('clip', cameraOf({}), createPictureMaker(tools), {
      writeClip: async (clip, signal) => {
        cuts.push(clip.path);
        return await tools.writeClip(clip, signal);
      },
    });
    expect(failed).toEqual([]);
    const clip = of('clip');
    const pictures = await lumaOf(clip.path);
    const times = await pictureTimes(clip.path);
    expect(pictures).toHaveLength(times.length);
    expect(times.length).toBeGreaterThan(80);
    const begin = clip.streamTime?.start ?? Number.NaN;
    expect(begin).toBeLessThanOrEqual(1);
    let seen = 0;
    for (const [i, luma] of pictures.entries()) {
      const atS = begin + (times[i] as number);
      expect(black(luma), `${atS} s`).toBeLessThan(28);
      expect(hidden(luma), `${atS} s`).toBeLessThan(10);
      const at = scene.trajectory.find(({ t, y }) => Math.abs(t - atS) < 0.005 && (y < 0.46 || (y > 0.64 && y < 0.85)));
      if (at === undefined) continue;
      expect(brightAt(luma, at), `${atS} s`).toBeGreaterThan(170);
      seen++;
    }
    expect(seen).toBeGreaterThan(20);
    expect(shown(pictures[5] as Uint8Array)).toBeGreaterThan(20);
    expect(clip.redactions).toEqual({ black: 2, windows: 'all_but_origin', reencoded: true });
    // Nothing native was ever in the folder of evidence, and nothing of it is left anywhere.
    expect(cuts.filter((path) => path.includes(`${folder.path}/clip/evidence`))).toEqual([]);
    expect((await files()).filter((path) => path.endsWith('.mp4'))).toEqual([join('evidence', '2026-03-01', incident.id, 'clip.mp4')]);
  });

  it('is in a clip where nothing says otherwise: that is the camera’s own recording', async () => {
    const { of } = await record('native', cameraOf({ masked: false }));
    const [luma] = (await lumaOf(of('clip').path)) as [Uint8Array];
    expect(hidden(luma)).toBeGreaterThan(20);
    expect(black(luma)).toBeGreaterThan(60);
    expect(of('clip').redactions).toEqual({ black: 0, windows: 'none', reencoded: false });
    expect(of('trail').redactions?.black).toBe(2);
  });

  it('stays in the original on this machine where it is to be kept, and nowhere else', async () => {
    const { of, files } = await record('kept', cameraOf({ keep: '2 d' }));
    const original = folder.of('kept', 'originals', incident.id, 'clip.mp4');
    expect((await files()).filter((path) => path.endsWith('.mp4'))).toHaveLength(2);
    const [luma] = (await lumaOf(original)) as [Uint8Array];
    expect(hidden(luma)).toBeGreaterThan(20);
    expect(hidden((await lumaOf(of('clip').path))[0] as Uint8Array)).toBeLessThan(10);
  });

  it('leaves no clip at all rather than an unmasked one', async () => {
    const broken: PictureMaker = {
      ...createPictureMaker(tools),
      make: async (job, signal) => {
        if (job.kind === 'masked-clip') throw new AgentError('MEDIA_FAILED', 'the encoder has died');
        return await createPictureMaker(tools).make(job, signal);
      },
    };
    const { failed, files } = await record('broken', cameraOf({}), broken);
    expect(failed).toEqual(['the encoder has died']);
    expect((await files()).filter((path) => path.endsWith('.mp4'))).toEqual([]);
  });

  it('is in nothing that is asked for, windows of an origin included', async () => {
    const { camera } = await record('asked', cameraOf({}), { ...createPictureMaker(tools), make: async () => ({ fromS: 0, toS: 0 }) });
    const maker = createRequestedMaker({
      folder: folder.of('asked', 'evidence'),
      createId: () => '01KJKEY5A00000000000000009',
      tools,
      pictures: createPictureMaker(tools),
      signal: never,
    });
    const held: HeldSpan = { connectionId: 'c', fromS: 1, toS: 4, fromMs: 1_000, toMs: 4_000 };
    const piece = { cameraId: 'tower', camera, incidentId: incident.id, held };
    const still = await maker.still(piece, null, null);
    const clip = await maker.clip(piece);
    for (const { path, redactions } of [still, clip]) {
      const [luma] = (await lumaOf(path)) as [Uint8Array];
      expect(black(luma)).toBeLessThan(28);
      expect(hidden(luma)).toBeLessThan(10);
      expect(shown(luma)).toBeLessThan(20);
      expect(redactions).toEqual({ black: 2, windows: 'all', reencoded: true });
    }
    // The place to look at is seen, whatever window is behind it.
    const looked = await maker.still(piece, { x1: 0.6, y1: 0.45, x2: 0.66, y2: 0.55 }, null);
    expect(hidden((await lumaOf(looked.path))[0] as Uint8Array)).toBeGreaterThan(20);
  });

  it('is hidden in the process of its own too', async () => {
    const pictures = createPictureProcess(new URL('../../../dist/evidence/process/picture-child.js', import.meta.url));
    const { of, failed } = await record('process', cameraOf({}), pictures);
    expect(failed).toEqual([]);
    expect(hidden((await lumaOf(of('clip').path))[20] as Uint8Array)).toBeLessThan(10);
    expect(hidden((await lumaOf(of('trail').path))[0] as Uint8Array)).toBeLessThan(8);
  });

  it('cannot be said of windows where no facade is drawn', () => {
    const parsed = cameraConfigSchema.safeParse({ id: 'a', source: { url: 'x.mp4' }, masks: { windows: true } });
    expect(parsed.error?.issues[0]?.message).toMatch(/where `facade` says where they are/);
  });
});
