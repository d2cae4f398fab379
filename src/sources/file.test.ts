import { openSync, readdirSync, truncateSync, writeSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeClip } from '../media/clip.js';
import { createFrameReader } from '../media/frame-reader.js';
import { probe } from '../media/probe.js';
import { createWallClock } from '../media/wall-clock.js';
import { ffmpeg, pictureTimes } from '../testing/clips.js';
import { hasSharedData, sharedData } from '../testing/shared-data.js';
import type { SourceEnd, SourceOptions } from './contract.js';
import { createSource } from './index.js';

const logger = pino({ level: 'silent' });
const signal = new AbortController().signal;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-test-'));
  const scene = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=4', '-pix_fmt', 'yuv420p', '-c:v', 'libx264'];
  await ffmpeg(...scene, '-movflags', '+faststart', at('whole.mp4'));
  await ffmpeg('-i', at('whole.mp4'), '-c', 'copy', at('whole.mkv'));
  await ffmpeg('-i', at('whole.mp4'), '-c:v', 'mpeg4', at('whole.avi'));
  await ffmpeg('-i', at('whole.mp4'), '-c', 'copy', '-metadata', 'creation_time=2026-03-01T07:41:12Z', at('dated.mp4'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function read(url: string, more: Partial<SourceOptions> = {}): Promise<{ end: SourceEnd; capturedAtMs: number[]; ptsMs: number[] }> {
  await using connection = await createSource({ url, logger, ...more }).connect(null, signal);
  const reader = createFrameReader({
    fds: connection.framesFds,
    cameraId: 'test',
    format: connection.pixelFormat,
    allocate: ({ width, height }) => {
      const buffer = new Uint8Array(width * height);
      return () => buffer;
    },
    wallClock: createWallClock(connection.wallClock, () => 0),
  });
  const capturedAtMs: number[] = [];
  const ptsMs: number[] = [];
  for (const frame of reader.frames()) {
    capturedAtMs.push(frame.capturedAtMs);
    ptsMs.push(frame.ptsMs);
  }
  return { end: await connection.ended, capturedAtMs, ptsMs };
}

describe('a file', () => {
  it.each(['whole.mp4', 'whole.mkv', 'whole.avi'])('%s is read to its end', async (name) => {
    const { end, ptsMs } = await read(at(name));
    expect(end).toEqual({ reason: 'end-of-file', detail: null });
    expect(ptsMs.length).toBe(100);
  });

  it('may be named by a URL', async () => {
    expect((await read(pathToFileURL(at('whole.mp4')).href)).ptsMs.length).toBe(100);
  });

  it.each(['mp4', 'mkv', 'avi'])('that is truncated (%s) gives what is there and says so', async (extension) => {
    const path = at(`cut.${extension}`);
    await ffmpeg('-i', at(`whole.${extension}`), '-c', 'copy', ...(extension === 'mp4' ? ['-movflags', '+faststart'] : []), path);
    truncateSync(path, Math.floor((await stat(path)).size * 0.6));
    const { end, ptsMs } = await read(path);
    expect(end.reason).toBe('truncated');
    expect(end.detail).toContain('cut off');
    expect(ptsMs.length).toBeGreaterThan(30);
    expect(ptsMs.length).toBeLessThan(90);
  });

  it('that is damaged in the middle is read to its end, and the damage is told', async () => {
    const path = at('damaged.mp4');
    await ffmpeg('-i', at('whole.mp4'), '-c', 'copy', '-movflags', '+faststart', path);
    const { size } = await stat(path);
    writeSync(openSync(path, 'r+'), Buffer.alloc(3000, 0x5a), 0, 3000, Math.floor(size / 2));
    const { end, ptsMs } = await read(path);
    expect(end).toMatchObject({ reason: 'end-of-file', detail: expect.stringContaining('damaged') });
    expect(ptsMs.at(-1)).toBeGreaterThan(3500);
  });

  it('begins at its own date, at another, or in 1970', async () => {
    expect((await read(at('dated.mp4'))).capturedAtMs[0]).toBe(Date.UTC(2026, 2, 1, 7, 41, 12));
    expect((await read(at('dated.mp4'), { epochMs: 5000 })).capturedAtMs.slice(0, 2)).toEqual([5000, 5040]);
    expect((await read(at('whole.mp4'))).capturedAtMs[0]).toBe(0);
  });

  it('gives the same frames twice', async () => {
    expect(await read(at('whole.mp4'))).toEqual(await read(at('whole.mp4')));
  });

  it('that is not there says so', async () => {
    await expect(read(at('none.mp4'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    expect(await createSource({ url: at('none.mp4'), logger }).reachable(signal)).toBe(false);
  });
});

describe('probe', () => {
  it('says what a file is', async () => {
    expect(await probe({ kind: 'file', path: at('dated.mp4') })).toMatchObject({
      codec: 'h264',
      width: 160,
      height: 120,
      rotation: 0,
      fps: 25,
      pixelFormat: 'yuv420p',
      hasAudio: false,
      creationTimeMs: Date.UTC(2026, 2, 1, 7, 41, 12),
      decodable: true,
      durationS: 4,
    });
  });

  it('gives the size as it is to be seen, and the turn clockwise', async () => {
    await ffmpeg('-i', at('whole.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=90', at('turned.mp4'));
    expect(await probe({ kind: 'file', path: at('turned.mp4') })).toMatchObject({ width: 120, height: 160, rotation: 270 });
  });

  it('measures the time between keyframes', async () => {
    const scene = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=64x48:r=20:d=6',
      '-c:v',
      'libx264',
      '-g',
      '30',
      '-keyint_min',
      '30',
      '-sc_threshold',
      '0',
    ];
    await ffmpeg(...scene, '-bf', '0', at('gop.mp4'));
    expect((await probe({ kind: 'file', path: at('gop.mp4') })).keyframeIntervalS).toBeCloseTo(1.5, 3);
  });
});

const shared = sharedData();
const clips = hasSharedData([''], 'real clips as sources')
  ? readdirSync(shared, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(mp4|avi)$/.test(name))
      .sort()
  : [];

describe.skipIf(clips.length === 0)('real clips', () => {
  it.each(clips)('%s: every picture with its own time, a clean end, and a clip that plays', async (name) => {
    const path = join(shared, name);
    const { end, ptsMs } = await read(path);
    expect(end).toEqual({ reason: 'end-of-file', detail: null });
    const truth = await pictureTimes(path);
    const { startS } = await probe({ kind: 'file', path });
    expect(ptsMs.length).toBe(truth.length);
    const errors = truth.map((time, i) => Math.abs((ptsMs[i] ?? 0) / 1000 - (time - startS)));
    // AVI leaves the last picture without a time.
    expect(Math.max(...errors.filter((error, i) => !Number.isNaN(error) || i < errors.length - 1))).toBeLessThan(0.0005);
    const lengthS = (ptsMs.at(-1) ?? 0) / 1000;
    const span = await writeClip({ input: { kind: 'file', path }, fromS: lengthS * 0.4, toS: lengthS * 0.6, path: at('clip.mp4') });
    expect(span.fromS).toBeLessThanOrEqual(lengthS * 0.4 + 0.001);
    expect(span.toS).toBeGreaterThanOrEqual(lengthS * 0.6 - 0.001);
    await expect(ffmpeg('-xerror', '-i', at('clip.mp4'), '-f', 'null', '-')).resolves.toBeUndefined();
    const times = await pictureTimes(at('clip.mp4'));
    const inClip = ptsMs.filter((ms) => ms / 1000 >= span.fromS - 0.001 && ms / 1000 < span.toS - 0.001);
    // MPEG-4 in AVI tells the order of B-frames only to a decoder: its times are guesses, one picture off.
    expect(Math.abs(times.length - inClip.length)).toBeLessThanOrEqual(name.endsWith('.avi') ? 1 : 0);
  });
});
