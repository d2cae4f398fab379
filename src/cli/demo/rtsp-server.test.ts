import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probe } from '../../media/probe.js';
import { systemClock } from '../../platform/clock.js';
import { ffmpeg, pictureTimes } from '../../testing/clips.js';
import { startLiveCamera } from './live-camera.js';
import type { RtspServer } from './rtsp-server.js';

const logger = pino({ level: 'silent' });
let folder: string;
let camera: RtspServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-live-'));
  const clip = join(folder, 'clip.mp4');
  await ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=1', '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-tune', 'zerolatency', '-g', '25', clip],
  );
  camera = await startLiveCamera(clip, 25, systemClock, logger);
});

afterAll(async () => {
  await camera[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('a viewer sees a loop without a break: every picture once, 40 ms apart', async () => {
  const seen = join(folder, 'seen.mkv');
  await ffmpeg('-rtsp_transport', 'tcp', '-i', camera.url, '-t', '3', '-c', 'copy', seen);
  // ffmpeg gives the first packet of any RTSP stream no time; copying makes one up for it.
  const times = (await pictureTimes(seen)).slice(1);
  expect(times.length).toBeGreaterThanOrEqual(72);
  for (const [i, time] of times.slice(1).entries()) expect(time - (times[i] ?? 0)).toBeCloseTo(0.04, 2);
});

test('it is a camera to probe', async () => {
  const info = await probe({ kind: 'rtsp', url: camera.url, transport: 'tcp', timeoutMs: 5_000 });
  expect(info).toMatchObject({ codec: 'h264', width: 640, height: 360, durationS: null });
});

test('UDP is refused by its number', async () => {
  await expect(probe({ kind: 'rtsp', url: camera.url, transport: 'udp', timeoutMs: 5_000 })).rejects.toMatchObject({
    code: 'SOURCE_FAILED',
  });
});

test('somebody who talks nonsense harms nobody', async () => {
  const { port } = new URL(camera.url.replace('rtsp:', 'http:'));
  for (const nonsense of ['\r\n\r\n', '$\0\0\0$\xff\xff', `GET / HTTP/1.1\r\n\r\n${'x'.repeat(100_000)}`]) {
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(nonsense, 'latin1'));
    await new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume());
  }
  expect((await probe({ kind: 'rtsp', url: camera.url, transport: 'tcp', timeoutMs: 5_000 })).codec).toBe('h264');
});

test('a file without H.264 is refused', async () => {
  await expect(startLiveCamera(join(folder, 'nope.mp4'), 25, systemClock, logger)).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
});
