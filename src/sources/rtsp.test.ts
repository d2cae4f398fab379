import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMediaTools } from '../media/footage-tools.js';
import { systemClock } from '../platform/clock.js';
import { ffmpeg, ffprobeRows } from '../testing/clips.js';
import { type RtspServer, rtspServerInstalled, startRtspServer } from '../testing/rtsp-server.js';
import type { SourceConnection } from './contract.js';
import { createSource } from './index.js';
import { type Consumer, createSupervisor } from './supervisor.js';

const logger = pino({ level: 'silent' });
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-test-'));
  const scene = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=5', '-pix_fmt', 'yuv420p', '-g', '25'];
  await ffmpeg(...scene, '-c:v', 'libx264', '-bf', '0', '-preset', 'ultrafast', at('h264.mp4'));
  await ffmpeg(...scene, '-c:v', 'libx265', '-x265-params', 'bframes=0:keyint=25:log-level=1', '-preset', 'ultrafast', at('h265.mp4'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Reading extends Consumer {
  /** `[ptsMs, MD5 of the luma]` of every frame so far. */
  readonly seen: (readonly [number, string])[];
}

/** Reads a connection in a thread, as the agent does: reading blocks. Threads run compiled code. */
function consume(connection: SourceConnection): Reading {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { createHash } = require('node:crypto');
    import(workerData.module).then(({ createFrameReader }) => {
      const reader = createFrameReader({
        fds: workerData.fds, cameraId: 'test', format: 'gray', wallClock: { at: () => 0 },
        allocate: ({ width, height }) => { const buffer = new Uint8Array(width * height); return () => buffer; },
      });
      for (const frame of reader.frames()) parentPort.postMessage([frame.ptsMs, createHash('md5').update(frame.data).digest('hex')]);
    });`;
  const module = new URL('../../dist/media/frame-reader.js', import.meta.url).href;
  const worker = new Worker(code, { eval: true, execArgv: [], workerData: { fds: connection.framesFds, module } });
  const seen: (readonly [number, string])[] = [];
  worker.on('message', (message: readonly [number, string]) => seen.push(message));
  const ended = new Promise<{ reason: 'ended' | 'crashed' }>((resolve) => {
    worker.on('error', () => resolve({ reason: 'crashed' }));
    worker.on('exit', () => resolve({ reason: 'ended' }));
  });
  return { seen, frames: () => seen.length, ended, terminate: async () => void (await worker.terminate()) };
}

const until = async (condition: () => boolean): Promise<void> => {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 120_000, interval: 50 });
};

describe('createSource', () => {
  it.each(['http://10.0.0.8/video', 'ftp://10.0.0.8/a.mp4', 'rtsp://'])('refuses %s', (url) => {
    expect(() => createSource({ url, logger })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('never shows credentials', () => {
    expect(createSource({ url: 'rtsp://admin:hunter2@10.0.0.8/main', logger }).name).toBe('rtsp://***@10.0.0.8/main');
  });
});

describe.skipIf(!rtspServerInstalled())('a live camera', () => {
  let server: RtspServer;
  beforeAll(async () => {
    server = await startRtspServer({ path: at('h264.mp4'), lengthS: 90 });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('over TCP: each picture has the same time, to a millisecond, in its frame and in the recorded segments', async () => {
    const segments = at('ring');
    const source = createSource({ url: server.url, logger });
    await using connection = await source.connect(segments, new AbortController().signal);
    expect(connection.stream).toMatchObject({ codec: 'h264', width: 160, height: 120, fps: 25 });
    expect(connection.wallClock).toEqual({ kind: 'live' });
    const reading = consume(connection);
    await until(() => reading.seen.length > 120);
    connection.stop('shutdown');
    expect(await connection.ended).toEqual({ reason: 'shutdown', detail: null });
    await reading.ended;

    const listed = (await readFile(join(segments, 'segments.csv'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(listed.length).toBeGreaterThanOrEqual(4);
    const recorded = new Map<string, number>();
    for (const [i, [name, startS, endS]] of listed.entries()) {
      const md5 = at(`${name}.md5`);
      await ffmpeg(
        '-copyts',
        '-i',
        join(segments, name ?? ''),
        '-vf',
        'extractplanes=y',
        '-fps_mode',
        'passthrough',
        '-enc_time_base',
        '1/90000',
        '-f',
        'framemd5',
        md5,
      );
      const rows = (await readFile(md5, 'utf8'))
        .split('\n')
        .filter((line) => /^\d/.test(line))
        .map((line) => line.split(/,\s*/));
      const times = rows.map((row) => Number(row[2]) / 90);
      // ffmpeg lists every first segment as starting at 0.
      if (i > 0) expect(times[0]).toBeCloseTo(Number(startS) * 1000, 0);
      expect(times.at(-1)).toBeLessThan(Number(endS) * 1000);
      for (const [i, row] of rows.entries()) recorded.set(`${row[5]} ${Math.round((times[i] ?? 0) / 5000)}`, times[i] ?? 0);
    }
    // The scene repeats every 5 s, so a picture is known by its content and the turn it belongs to, give or take one.
    const errors = reading.seen.flatMap(([ptsMs, md5]) => {
      const turn = Math.round(ptsMs / 5000);
      const found = [turn, turn - 1, turn + 1].map((n) => recorded.get(`${md5} ${n}`)).filter((time) => time !== undefined);
      return found.length === 0 ? [] : [Math.min(...found.map((time) => Math.abs(time - ptsMs)))];
    });
    expect(errors.length).toBeGreaterThan(90);
    expect(Math.max(...errors)).toBeLessThan(1);

    const paths = listed.map(([name]) => join(segments, name ?? ''));
    const startS = Number(listed[0]?.[1]);
    const span = { fromS: startS + 1.3, toS: startS + 2.8 };
    const clip = await createMediaTools().writeClip(
      { input: { kind: 'segments', paths, startS }, ...span, path: at('live.mp4') },
      new AbortController().signal,
    );
    expect(clip.fromS).toBeLessThanOrEqual(span.fromS);
    expect(clip.toS).toBeGreaterThanOrEqual(span.toS);
    await expect(ffmpeg('-xerror', '-err_detect', 'explode', '-i', at('live.mp4'), '-f', 'null', '-')).resolves.toBeUndefined();
  });

  it('over UDP', async () => {
    const source = createSource({ url: server.url, transport: 'udp', logger });
    await using connection = await source.connect(null, new AbortController().signal);
    const reading = consume(connection);
    await until(() => reading.seen.length > 20);
    connection.stop('shutdown');
    await reading.ended;
    expect(reading.seen.every(([ptsMs], i) => i === 0 || ptsMs > (reading.seen[i - 1]?.[0] ?? 0))).toBe(true);
  });

  it('in H.265, recorded in segments that play', async () => {
    await using other = await startRtspServer({ path: at('h265.mp4'), codec: 'h265', lengthS: 30 });
    await using connection = await createSource({ url: other.url, logger }).connect(at('ring5'), new AbortController().signal);
    expect(connection.stream.codec).toBe('hevc');
    const reading = consume(connection);
    await until(() => reading.seen.length > 80);
    connection.stop('shutdown');
    await reading.ended;
    const names = (await readdir(at('ring5'))).filter((name) => name.endsWith('.ts')).sort();
    const input = { kind: 'segments', paths: names.map((name) => join(at('ring5'), name)), startS: 0 } as const;
    await createMediaTools().writeClip({ input, fromS: 0.5, toS: 2, path: at('live5.mp4') }, new AbortController().signal);
    expect(await ffprobeRows(at('live5.mp4'), '-show_entries', 'stream=codec_name,codec_tag_string')).toEqual([['hevc', 'hvc1']]);
  });

  it.each(['basic', 'digest'] as const)('that asks for a password (%s)', async (method) => {
    const password = 'p@ss/w:rd#% ü';
    await using locked = await startRtspServer({ path: at('h264.mp4'), lengthS: 20, credentials: { username: 'admin', password, method } });
    const signal = new AbortController().signal;
    for (const options of [
      { url: locked.url, username: 'admin', password },
      { url: locked.url.replace('//', `//admin:${password}@`) },
      { url: locked.url.replace('//', `//admin:${encodeURIComponent(password)}@`) },
    ]) {
      const connection = await createSource({ ...options, logger }).connect(null, signal);
      await connection[Symbol.asyncDispose]();
    }
    const lines: string[] = [];
    const logged = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
    const wrong = createSource({ url: locked.url, username: 'admin', password: 'hunter2', logger: logged }).connect(null, signal);
    const error = await wrong.then(
      () => null,
      (reason: unknown) => reason as Error,
    );
    expect(error).toMatchObject({ code: 'SOURCE_UNAUTHORIZED' });
    expect(`${error?.message} ${error?.stack} ${lines.join()}`).not.toContain('hunter2');
    expect(error?.message).not.toContain('\n');
  });

  it('that has no such stream, or is not there at all, or is silent', async () => {
    const signal = new AbortController().signal;
    const missing = createSource({ url: server.url.replace('/stream', '/none'), logger });
    await expect(missing.connect(null, signal)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('path'),
    });
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const hole = createSource({ url: `rtsp://127.0.0.1:${port}/x`, timeoutMs: 700, logger });
    expect(await hole.reachable(signal)).toBe(true);
    await expect(hole.connect(null, signal)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    await new Promise((resolve) => silent.close(resolve));
    expect(await hole.reachable(signal)).toBe(false);
    await expect(hole.connect(null, signal)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('nothing listens'),
    });
  });

  // How soon, supervisor.test.ts tells by its own clock.
  it('comes back with its server, after a crash of ffmpeg, and after a stall', async () => {
    const readings: Reading[] = [];
    const states: string[] = [];
    const connections: SourceConnection[] = [];
    const supervisor = createSupervisor({
      source: createSource({ url: server.url, logger }),
      clock: systemClock,
      logger,
      stallMs: 2500,
      consume: (connection) => {
        connections.push(connection);
        const reading = consume(connection);
        readings.push(reading);
        return reading;
      },
      onState: (change) => states.push(change.state),
    });
    const controller = new AbortController();
    const running = supervisor.run(controller.signal);
    const showing = (): boolean => supervisor.state().state === 'online' && (readings.at(-1)?.seen.length ?? 0) > 10;
    await until(showing);

    await server.kill();
    await until(() => (supervisor.restarts().unreachable ?? 0) >= 2);
    expect(supervisor.restarts().disconnected).toBe(1);
    await server.start();
    const before = readings.length;
    await until(() => readings.length > before && showing());

    server.freeze();
    await until(() => states.includes('stalled'));
    server.thaw();
    const stalled = readings.length;
    await until(() => readings.length > stalled && showing());
    expect(supervisor.restarts().stalled).toBe(1);

    const killed = readings.length;
    killFfmpegReading(server.url);
    await until(() => readings.length > killed && showing());
    expect(supervisor.restarts().killed).toBe(1);

    controller.abort();
    expect(await running).toMatchObject({ reason: 'shutdown' });
    expect(states.at(-1)).toBe('offline');
  });
});

/** Kills the ffmpeg that this process started on a source. */
function killFfmpegReading(url: string): void {
  const pids = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)])
    .toString()
    .split('\n')
    .filter((line) => line.includes(url) && line.includes('ffmpeg'))
    .map((line) => Number(line.trim().split(' ')[0]));
  expect(pids.length).toBe(1);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}
