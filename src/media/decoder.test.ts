import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Frame, PixelFormat } from '../domain/frame.js';
import type { PixelRoi } from '../domain/roi.js';
import { ffmpeg, pictureTimes } from '../testing/clips.js';
import { type DecoderOptions, startDecoder } from './decoder.js';
import { createFrameReader, type FramesEnd } from './frame-reader.js';
import { createWallClock } from './wall-clock.js';

let folder: string;
const logger = pino({ level: 'silent' });
const clip = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function optionsFor(path: string, more: Partial<DecoderOptions> = {}): DecoderOptions {
  return {
    input: { kind: 'file', path },
    pixelFormat: 'gray',
    threads: 1,
    hwaccel: 'none',
    firstPictureTimeoutMs: null,
    logger,
    ...more,
  };
}

interface Seen {
  readonly frames: readonly { readonly seq: number; readonly ptsMs: number; readonly sum: number }[];
  readonly size: readonly [number, number];
  readonly end: FramesEnd | null;
}

/** Reads everything in this thread: the pipe's other end is another process, so blocking is no deadlock. */
async function readAll(options: DecoderOptions, each: (frame: Frame) => void = () => undefined): Promise<Seen> {
  await using decoder = await startDecoder(options);
  const format: PixelFormat = options.pixelFormat;
  let size: readonly [number, number] = [0, 0];
  const reader = createFrameReader({
    fds: decoder.framesFds,
    cameraId: 'test',
    format,
    allocate: ({ width, height }) => {
      size = [width, height];
      const buffer = new Uint8Array(new WebAssembly.Memory({ initial: 256 }).buffer);
      return () => buffer;
    },
    wallClock: createWallClock({ kind: 'file', epochMs: 0 }, () => 0),
  });
  const frames = [];
  for (const frame of reader.frames()) {
    each(frame);
    frames.push({ seq: frame.seq, ptsMs: frame.ptsMs, sum: frame.data.reduce((a, b) => (a * 31 + b) | 0, 7) });
  }
  return { frames, size, end: reader.end() };
}

describe('decoder and frame reader', () => {
  it('carries every picture’s true time on a clip with a variable frame rate and missing frames', async () => {
    const path = clip('vfr.mp4');
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=30:d=4', '-vf', 'select=not(between(n\\,20\\,43))*gt(mod(n*7\\,11)\\,2)'],
      ...['-fps_mode', 'vfr', '-video_track_timescale', '90000', '-c:v', 'libx264', '-bf', '2', path],
    );
    const truth = await pictureTimes(path);
    expect(new Set(truth.slice(1).map((t, i) => Math.round((t - (truth[i] ?? 0)) * 1000))).size).toBeGreaterThan(2);
    const seen = await readAll(optionsFor(path));
    expect(seen.frames.length).toBe(truth.length);
    for (const [i, frame] of seen.frames.entries()) expect(frame.ptsMs / 1000).toBeCloseTo((truth[i] ?? 0) - (truth[0] ?? 0), 5);
    expect(seen.end).toEqual({ reason: 'ended' });
  });

  it.each(['libx264', 'libx265'])('gives the same pictures every time, and ffmpeg’s own luma (%s)', async (codec) => {
    const path = clip(`${codec}.mp4`);
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=98x66:r=25:d=1', '-c:v', codec, '-pix_fmt', 'yuv420p', path);
    const raw = clip(`${codec}.y`);
    await ffmpeg('-i', path, '-vf', 'extractplanes=y', '-f', 'rawvideo', raw);
    const expected = readFileSync(raw);
    let at = 0;
    const first = await readAll(optionsFor(path), (frame) => {
      expect(Buffer.compare(frame.data, expected.subarray(at, at + frame.data.length))).toBe(0);
      at += frame.data.length;
    });
    expect(at).toBe(expected.length);
    expect(await readAll(optionsFor(path))).toEqual(first);
    const colour = await readAll(optionsFor(path, { pixelFormat: 'yuv420p' }), (frame) => {
      expect(frame.data.length).toBe(98 * 66 * 1.5);
      const luma = expected.subarray(frame.seq * 98 * 66, (frame.seq + 1) * 98 * 66);
      expect(Buffer.compare(frame.data.subarray(0, 98 * 66), luma)).toBe(0);
    });
    expect(colour.frames.length).toBe(25);
  });

  it.each([
    ['ten bits', ['-c:v', 'libx265', '-pix_fmt', 'yuv420p10le'], 'mp4'],
    ['grey', ['-c:v', 'ffv1', '-pix_fmt', 'gray'], 'mkv'],
    ['RGB', ['-c:v', 'ffv1', '-pix_fmt', 'bgr0'], 'mkv'],
    ['4:2:2', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p'], 'avi'],
  ])('reads 8 bits of luma from %s', async (name, encoding, extension) => {
    const path = clip(`${name.replace(/\W/g, '')}.${extension}`);
    await ffmpeg('-f', 'lavfi', '-i', 'color=gray:s=64x48:r=5:d=1', ...encoding, path);
    const seen = await readAll(optionsFor(path), (frame) => {
      expect(frame.data.length).toBe(64 * 48);
      expect(Math.abs((frame.data[1000] ?? 0) - 127)).toBeLessThan(3);
    });
    expect(seen.frames.length).toBe(5);
  });

  it('turns pictures as their metadata says', async () => {
    const flat = clip('flat.mp4');
    const path = clip('turned.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=5:d=1', '-c:v', 'libx264', flat);
    await ffmpeg('-display_rotation', '90', '-i', flat, '-c', 'copy', path).catch(
      async () => await ffmpeg('-i', flat, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', path),
    );
    expect((await readAll(optionsFor(path))).size).toEqual([64, 96]);
  });

  describe('a region of interest', () => {
    const roi = { from: 0.25, to: 0.7 };
    let flat: string;
    beforeAll(async () => {
      flat = clip('wide.mp4');
      await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=352x264:r=5:d=1', '-c:v', 'libx264', flat);
    });

    /** Expects the columns of whole pictures, in its place and no others. */
    async function expectColumns(options: DecoderOptions, place: PixelRoi, height: number): Promise<void> {
      const whole: Uint8Array[] = [];
      await readAll(options, (frame) => whole.push(frame.data.slice()));
      await using decoder = await startDecoder({ ...options, roi });
      expect(decoder.roi).toEqual(place);
      let pictures = 0;
      const seen = await readAll({ ...options, roi }, (frame) => {
        expect([frame.width, frame.height]).toEqual([place.width, height]);
        const from = whole[frame.seq] as Uint8Array;
        for (let y = 0; y < height; y++) {
          const left = y * place.pictureWidth + place.left;
          expect(Buffer.compare(frame.data.subarray(y * place.width, (y + 1) * place.width), from.subarray(left, left + place.width))).toBe(
            0,
          );
        }
        pictures++;
      });
      expect(pictures).toBe(whole.length);
      expect(seen.end).toEqual({ reason: 'ended' });
    }

    it('is read alone, in whole steps', async () => {
      await expectColumns(optionsFor(flat), { left: 64, width: 192, pictureWidth: 352 }, 264);
    });

    it('is one of the picture as it is shown: turned, or smaller', async () => {
      const path = clip('wide-turned.mp4');
      await ffmpeg('-display_rotation', '90', '-i', flat, '-c', 'copy', path).catch(
        async () => await ffmpeg('-i', flat, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', path),
      );
      await expectColumns(optionsFor(path), { left: 64, width: 128, pictureWidth: 264 }, 352);
      await expectColumns(optionsFor(flat, { maxWidth: 200 }), { left: 32, width: 128, pictureWidth: 200 }, 150);
    });

    it('is given up where the stream says another size than its pictures have', async () => {
      // As where a container cuts pictures to a part that its description does not tell.
      const odd = clip('odd-ffmpeg');
      const found = execFileSync('sh', ['-c', 'command -v ffmpeg'], { encoding: 'utf8' }).trim();
      writeFileSync(odd, `#!/bin/bash\nexec ${found} "$@" 2> >(exec sed -u s/352x264/360x288/ >&2)\n`, { mode: 0o755 });
      vi.stubEnv('FFMPEG_PATH', odd);
      const events: unknown[] = [];
      const logged = pino({ level: 'info' }, { write: (line: string) => events.push(JSON.parse(line)) });
      const seen = await readAll(optionsFor(flat, { roi, logger: logged })).finally(() => vi.unstubAllEnvs());
      expect(seen.size).toEqual([352, 264]);
      expect(seen.frames).toHaveLength(5);
      expect(events).toMatchObject([{ event: 'roi-unknown' }]);
    });
  });

  it.each([
    ['of an odd height', '63x49'],
    ['that fill their pipes more than once', '2560x1440'],
  ])('puts pictures %s together from their halves', async (_what, size) => {
    const path = clip(`halves-${size}.mkv`);
    await ffmpeg('-f', 'lavfi', '-i', `testsrc2=s=${size}:r=5:d=0.6,format=gray`, '-c:v', 'ffv1', path);
    const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-'], { maxBuffer: 1 << 28 });
    const bytes = raw.length / 3;
    const seen = await readAll(optionsFor(path), (frame) => {
      expect(Buffer.compare(frame.data, raw.subarray(frame.seq * bytes, (frame.seq + 1) * bytes))).toBe(0);
    });
    expect(seen.size.join('x')).toBe(size);
    expect(seen.frames.length).toBe(3);
  });

  it('reads through narrow pipes too', async () => {
    const path = clip('narrow.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=640x480:r=5:d=1', '-c:v', 'libx264', path);
    const wide = await readAll(optionsFor(path));
    // Nobody there who could widen them.
    const bin = clip('bin');
    mkdirSync(bin);
    const found = (program: string): string => execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    symlinkSync(found('mkfifo'), join(bin, 'mkfifo'));
    vi.stubEnv('FFMPEG_PATH', found('ffmpeg'));
    vi.stubEnv('PATH', bin);
    const narrow = await readAll(optionsFor(path)).finally(() => vi.unstubAllEnvs());
    expect(narrow).toEqual(wide);
    expect(narrow.frames.length).toBe(5);
  });

  it('starts at 0 where the file does not', async () => {
    const path = clip('late.ts');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=1', '-c:v', 'libx264', '-output_ts_offset', '777', path);
    const seen = await readAll(optionsFor(path));
    expect(seen.frames.map((frame) => Math.round(frame.ptsMs))).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  it('starts whatever a file says of itself', async () => {
    const [plain, path, words] = [clip('plain.mp4'), clip('words.mkv'), clip('words.txt')];
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=1', '-c:v', 'libx264', plain);
    writeFileSync(words, `;FFMETADATA1\ncomment=${'x'.repeat(100_000)}\n`);
    await ffmpeg('-i', plain, '-i', words, '-map_metadata', '1', '-c', 'copy', path);
    expect((await readAll(optionsFor(path))).frames.length).toBe(10);
  });

  it.each(['96x64', '80x48', '64x64', '48x48'])('ends where the resolution changes to %s', async (size) => {
    const [a, b, path] = [clip('a.ts'), clip('b.ts'), clip('ab.ts')];
    await ffmpeg('-y', '-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=1', '-c:v', 'libx264', '-bf', '0', a);
    await ffmpeg('-y', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=10:d=1`, '-c:v', 'libx264', '-bf', '0', '-output_ts_offset', '1', b);
    writeFileSync(path, Buffer.concat([readFileSync(a), readFileSync(b)]));
    const seen = await readAll(optionsFor(path));
    expect(seen.end).toEqual({ reason: 'resolution-changed' });
    expect(seen.frames.length).toBe(10);
    expect(seen.size).toEqual([64, 48]);
  });

  it('reads fewer and smaller pictures when asked', async () => {
    const path = clip('fast.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=25:d=2', '-c:v', 'libx264', path);
    const seen = await readAll(optionsFor(path, { maxFps: 5, maxWidth: 160 }));
    expect(seen.size).toEqual([160, 120]);
    expect(seen.frames.map((frame) => Math.round(frame.ptsMs))).toEqual([0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800]);
  });

  it('gives a paced file the same frames as a fast one, at its own pace', async () => {
    const path = clip('paced.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=25:d=1.5', '-c:v', 'libx264', path);
    const fast = await readAll(optionsFor(path));
    const began = performance.now();
    expect(await readAll(optionsFor(path, { paced: true }))).toEqual(fast);
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  it('delivers a truncated file up to the damage', async () => {
    const path = clip('truncated.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=4', '-c:v', 'libx264', '-movflags', '+faststart', path);
    truncateSync(path, Math.floor((await stat(path)).size * 0.6));
    const seen = await readAll(optionsFor(path));
    expect(seen.frames.length).toBeGreaterThan(30);
    expect(seen.frames.length).toBeLessThan(90);
  });

  it.each([
    ['a text named .mp4', 'SOURCE_NOT_VIDEO', () => writeFileSync(clip('text.mp4'), 'This is no video.\n'.repeat(500)), 'text.mp4'],
    ['an empty file', 'SOURCE_NOT_VIDEO', () => writeFileSync(clip('empty.mp4'), ''), 'empty.mp4'],
    ['no file', 'SOURCE_NOT_FOUND', () => undefined, 'none.mp4'],
    ['a name that looks like an option', 'SOURCE_NOT_FOUND', () => undefined, '-i.mp4'],
    ['a name that looks like a protocol', 'SOURCE_NOT_FOUND', () => undefined, 'concat:a.mp4|b.mp4'],
  ])('says what is wrong with %s', async (_what, code, prepare, name) => {
    prepare();
    await expect(startDecoder(optionsFor(clip(name)))).rejects.toMatchObject({ name: 'AgentError', code });
  });

  it('falls back to software and says why when there is no such hardware', async () => {
    const path = clip('hw.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=5:d=1', '-c:v', 'libx264', path);
    const events: unknown[] = [];
    const logged = pino({ level: 'warn' }, { write: (line: string) => events.push(JSON.parse(line)) });
    // Of another system: no machine that runs this test has it.
    const hwaccel = process.platform === 'darwin' ? 'd3d11va' : 'videotoolbox';
    await using decoder = await startDecoder(optionsFor(path, { hwaccel, logger: logged }));
    expect(decoder.stream).toMatchObject({ codec: 'h264', width: 64, height: 48, fps: 5 });
    expect(events).toMatchObject([{ event: 'hwaccel-fallback', hwaccel, reason: expect.stringMatching(/\S/) }]);
  });
});

describe('the pipe between ffmpeg and reader', () => {
  const slow = async (): Promise<string> => {
    const path = clip('long.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=25:d=8', '-c:v', 'libx264', '-preset', 'ultrafast', path);
    return path;
  };

  it('ends the stream of a worker that is blocked in reading when ffmpeg is killed', async () => {
    await using decoder = await startDecoder(optionsFor(await slow(), { paced: true }));
    const worker = new Worker(
      `const { readSync } = require('node:fs'); const { workerData, parentPort } = require('node:worker_threads');
       const buffer = new Uint8Array(1 << 16); let total = 0, got;
       while ((got = readSync(workerData, buffer, 0, buffer.length, null)) > 0) { if (total === 0) parentPort.postMessage('begun'); total += got; }
       parentPort.postMessage(total);`,
      { eval: true, workerData: decoder.framesFds.fds[0] },
    );
    const messages: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message) => {
        messages.push(message);
        if (message === 'begun') killFfmpegReading('long.mp4');
      });
      worker.on('exit', () => resolve());
      worker.on('error', reject);
    });
    expect(messages.at(-1)).toBeGreaterThan(0);
    expect(await decoder.exited).toMatchObject({ reason: 'killed', signal: 'SIGKILL' });
  });

  it('stops an ffmpeg that nobody reads from', async () => {
    const decoder = await startDecoder(optionsFor(await slow()));
    decoder.stop();
    expect(await decoder.exited).toMatchObject({ reason: 'stopped' });
    await decoder[Symbol.asyncDispose]();
  });

  it('gives what ffmpeg wrote before it ended to a reader that comes late', async () => {
    const path = clip('tiny.mp4');
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=5:d=1', '-c:v', 'libx264', path);
    await using decoder = await startDecoder(optionsFor(path));
    await decoder.exited;
    const reader = createFrameReader({
      fds: decoder.framesFds,
      cameraId: 'test',
      format: 'gray',
      allocate: () => () => new Uint8Array(64 * 48),
      wallClock: createWallClock({ kind: 'file', epochMs: 0 }, () => 0),
    });
    expect([...reader.frames()].length).toBe(5);
  });

  it('leaves nothing behind', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const decoder = await startDecoder(optionsFor(await slow()));
    await decoder[Symbol.asyncDispose]();
    await expect(startDecoder(optionsFor(clip('none.mp4')))).rejects.toThrow();
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
  });

  it('gives up when aborted', async () => {
    await expect(startDecoder(optionsFor(await slow(), { signal: AbortSignal.abort(new Error('enough')) }))).rejects.toThrow('enough');
    const controller = new AbortController();
    const decoder = await startDecoder(optionsFor(clip('long.mp4'), { signal: controller.signal }));
    controller.abort();
    expect(await decoder.exited).toMatchObject({ reason: 'stopped' });
    await decoder[Symbol.asyncDispose]();
  });
});

/** Kills the ffmpeg that this process started on a file of that name. */
function killFfmpegReading(name: string): void {
  const pids = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)])
    .toString()
    .split('\n')
    .filter((line) => line.includes(name) && line.includes('ffmpeg'))
    .map((line) => Number(line.trim().split(' ')[0]));
  expect(pids.length).toBe(1);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}
