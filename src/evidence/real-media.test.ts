import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evidence, EvidenceKind } from '../domain/evidence.js';
import { segmentListName } from '../media/decoder.js';
import { createMediaTools } from '../media/footage-tools.js';
import { systemClock } from '../platform/clock.js';
import { createLogger } from '../platform/logger.js';
import { createFallScene, fallIncident, squareGrey } from '../testing/fall-scene.js';
import { hasSharedData, sharedData } from '../testing/shared-data.js';
import { canDrawText } from './drawing/svg-text.js';
import { createPictureMaker } from './process/picture-maker.js';
import { createEvidenceRecorder } from './recorder/recorder.js';
import { createFileFootage, createRingFootage, type Footage } from './ring/footage.js';
import { createSegmentRing } from './ring/ring.js';

const run = promisify(execFile);
const tools = createMediaTools();
const logger = createLogger('silent');
const never = new AbortController().signal;
/** 20 s at 25 pictures a second, a keyframe every 2 s; the fall begins at 9 s. */
const scene = createFallScene({ width: 320, height: 240, fps: 25, durationS: 20, startS: 9, sizePx: 8 });
const incident = fallIncident(scene);
const start = incident.streamTime.start;
const end = incident.streamTime.end;

describe('evidence by real ffmpeg', () => {
  let folder: string;
  let video: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-evidence-'));
    video = join(folder, 'fall.mp4');
    await encodeScene(video);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function encodeScene(path: string): Promise<void> {
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${scene.width}x${scene.height}`, '-r', String(scene.fps), '-i', '-'];
    const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '16', '-g', '50', '-bf', '2', '-pix_fmt', 'yuv420p', path];
    const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...raw, ...coded], { stdio: ['pipe', 'inherit', 'inherit'] });
    const ended = new Promise<void>((resolve, reject) => {
      ffmpeg.on('error', (error) => reject(new Error(`these tests need ffmpeg; install it (apt-get install ffmpeg): ${error.message}`)));
      ffmpeg.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}`))));
    });
    for (let i = 0; i < scene.durationS * scene.fps; i++) ffmpeg.stdin.write(scene.picture(i));
    ffmpeg.stdin.end();
    await ended;
  }

  async function recordAll(out: string, footage: Footage, connectionId: string | null): Promise<Record<EvidenceKind, Evidence>> {
    const made: Evidence[] = [];
    let ids = 0;
    const recorder = createEvidenceRecorder({
      folder: join(folder, out),
      cameraOf: () => ({
        footage,
        facade: null,
        placeOf: () => null,
        redactionOf: () => ({ black: [], coarse: null }),
        maskedClips: null,
        preCaptureS: 5,
        postCaptureS: 5,
      }),
      createId: () => `id-${++ids}`,
      tools,
      pictures: createPictureMaker(tools),
      clock: systemClock,
      logger,
      onEvidence: (evidence) => made.push(evidence),
      onFailed: (id, reason) => expect.fail(`${id}: ${reason}`),
      signal: never,
    });
    await recorder.record(incident, recorder.plan(incident), connectionId);
    return Object.fromEntries(made.map((evidence) => [evidence.kind, evidence])) as Record<EvidenceKind, Evidence>;
  }

  /** Luma of a JPEG at a place of the scene, 0..255. */
  async function greyAt(path: string, points: readonly { x: number; y: number }[]): Promise<number[]> {
    const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], {
      encoding: 'buffer',
      maxBuffer: 1e8,
    });
    return points.map(({ x, y }) => stdout[Math.floor(y * scene.height) * scene.width + Math.floor(x * scene.width)] ?? -1);
  }

  /** Length, first keyframe and complaints of a clip. */
  async function inspect(path: string) {
    const decoded = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-']);
    const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'format=duration:packet=pts_time,flags', '-of', 'json', path]);
    const facts = JSON.parse(stdout) as { format: { duration: string }; packets: { flags: string }[] };
    return {
      durationS: Number(facts.format.duration),
      beginsWithKeyframe: facts.packets[0]?.flags.includes('K') ?? false,
      complaints: decoded.stderr,
    };
  }

  it('makes of a file a clip that is never short, a trail with every position, a snapshot and a track', async () => {
    const made = await recordAll('file', createFileFootage(video, scene.durationS), null);
    const clip = await inspect(made.clip.path);
    expect(clip.complaints).toBe('');
    expect(clip.beginsWithKeyframe).toBe(true);
    // The keyframe at or before 4 s stands at 4 s; the end is the first picture at or after `end + 5`.
    expect(clip.durationS).toBeGreaterThanOrEqual(end + 5 - (start - 5));
    expect(clip.durationS).toBeLessThan(end + 5 - 4 + 0.2);
    expect(made.clip.fromMs).toBeLessThanOrEqual(incident.startedAtMs - 5000);
    expect(Math.abs(made.clip.toMs - made.clip.fromMs - 1000 * clip.durationS)).toBeLessThan(50);

    const seen = await greyAt(made.trail.path, incident.throw?.trajectory ?? []);
    const clear = seen.filter((grey) => grey > squareGrey - 40);
    // Marks and labels stand on the last positions, at the landing.
    expect(clear.length).toBeGreaterThanOrEqual(0.85 * seen.length);
    const shownS = start + (made.snapshot.fromMs - incident.startedAtMs) / 1000;
    const shown = incident.throw?.trajectory.filter(({ t }) => Math.abs(t - shownS) < 0.005) ?? [];
    const [atObject = 0] = await greyAt(made.snapshot.path, shown);
    expect(atObject).toBeGreaterThan(squareGrey - 40);
  });

  it('makes the same bytes twice', async () => {
    const hashes = (made: Record<EvidenceKind, Evidence>) => Object.values(made).map((evidence) => [evidence.kind, evidence.sha256]);
    const footage = createFileFootage(video, scene.durationS);
    expect(hashes(await recordAll('once', footage, null))).toEqual(hashes(await recordAll('twice', footage, null)));
  });

  it('makes the same from the ring, live and after a restart, and none of it is deleted meanwhile', async () => {
    const options = { folder: join(folder, 'ring'), maxAgeMs: 600_000, clock: systemClock, logger, measureSegment: tools.measureSegment };
    const ring = await createSegmentRing({ ...options, maxBytes: 1e9, signal: never });
    const connection = await ring.begin('c1');
    await run('ffmpeg', [
      ...['-v', 'error', '-copyts', '-i', video, '-c', 'copy', '-f', 'segment', '-segment_time', '1', '-segment_format', 'mpegts'],
      ...['-segment_list', join(connection, segmentListName), '-segment_list_type', 'csv'],
      ...['-segment_format_options', 'mpegts_copyts=1', '-avoid_negative_ts', 'disabled', '-muxdelay', '0', '-muxpreload', '0'],
      join(connection, '%06d.ts'),
    ]);
    await ring.end('c1');
    const live = await recordAll('live', createRingFootage(ring), 'c1');
    await ring[Symbol.asyncDispose]();

    const clip = await inspect(live.clip.path);
    expect(clip.complaints).toBe('');
    expect(clip.beginsWithKeyframe).toBe(true);
    expect(clip.durationS).toBeGreaterThanOrEqual(end + 5 - (start - 5));
    const seen = await greyAt(live.trail.path, incident.throw?.trajectory ?? []);
    expect(seen.filter((grey) => grey > squareGrey - 40).length).toBeGreaterThanOrEqual(0.85 * seen.length);

    const again = await createSegmentRing({ ...options, maxBytes: 1e9, signal: never });
    const restarted = await recordAll('restarted', createRingFootage(again), 'c1');
    await again[Symbol.asyncDispose]();
    expect(restarted.clip.sha256).toBe(live.clip.sha256);
    expect(restarted.trail.sha256).toBe(live.trail.sha256);
  });

  it('shows the fall of the real tower clip', async ({ skip }) => {
    const tower = sharedData('falling/tower.mp4');
    if (!hasSharedData(['falling/tower.mp4'], 'the pictures of a real fall')) skip();
    // A few positions read by eye, in pixels of 1280 × 720.
    const read = [
      [1.4, 637, 102],
      [1.733, 660.5, 201],
      [1.867, 681, 291.5],
      [2.033, 716, 447.5],
      [2.067, 728, 503.5],
      [2.133, 741.5, 569.5],
    ] as const;
    const trajectory = read.map(([t, x, y]) => ({ t, x: x / 1280, y: y / 720, w: 9 / 1280, h: 9 / 720 }));
    const made: Evidence[] = [];
    const recorder = createEvidenceRecorder({
      folder: join(folder, 'tower'),
      cameraOf: () => ({
        footage: createFileFootage(tower, null),
        facade: null,
        placeOf: () => null,
        redactionOf: () => ({ black: [], coarse: null }),
        maskedClips: null,
        preCaptureS: 5,
        postCaptureS: 5,
      }),
      createId: () => 'id',
      tools,
      pictures: createPictureMaker(tools),
      clock: systemClock,
      logger,
      onEvidence: (evidence) => made.push(evidence),
      onFailed: (id, reason) => expect.fail(`${id}: ${reason}`),
      signal: never,
    });
    const origin = { point: { x: 637 / 1280, y: 90 / 720 }, floor: null, floorInterval: null, unit: null, heightM: null };
    const throwOver = { trajectory, origin, landing: { point: { x: 0.62, y: 1.1 }, extrapolated: true } };
    const fall = fallIncident(scene, { streamTime: { start: 0.7, end: 2.25 } }, throwOver);
    await recorder.record(fall, [{ id: 'trail-1', kind: 'trail' }], null);
    const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', made[0]?.path ?? '', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], {
      encoding: 'buffer',
      maxBuffer: 1e8,
    });
    const clearIn = read.filter(([, x, y]) => {
      let brightest = 0;
      for (let dy = -3; dy <= 3; dy++) {
        for (let dx = -3; dx <= 3; dx++) brightest = Math.max(brightest, stdout[(Math.round(y) + dy) * 1280 + Math.round(x) + dx] ?? 0);
      }
      return brightest > 85;
    });
    expect(clearIn).toHaveLength(read.length);
  });

  it('has a font to write with', async () => {
    expect(await canDrawText(tools)).toBe(true);
  });
});
