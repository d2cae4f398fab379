import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../platform/logger.js';
import { ffmpeg, ffprobeRows, pictureTimes } from '../testing/clips.js';
import { type PlanarPicture, type RedrawRequest, redrawVideo } from './redraw.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const never = new AbortController().signal;
const logger = createLogger('silent');

const moving = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=2'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-redraw-'));
  await ffmpeg(...moving, '-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p', at('plain.mp4'));
  // Every third picture left out, the rest at their own times.
  await ffmpeg(...moving, '-vf', 'select=mod(n\\,3)', '-fps_mode', 'vfr', '-enc_time_base', '1/90000', ...h264, at('vfr.mkv'));
  await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=98x64:r=25:d=1', '-vf', 'scale=97:63,format=yuv420p', '-c:v', 'ffv1', at('odd.mkv'));
  await ffmpeg('-i', at('plain.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', at('rotated.mp4'));
  await ffmpeg(...moving, '-c:v', 'mpeg2video', '-f', 'mpegts', at('late.ts'));
  await ffmpeg(...moving, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', at('full-range.avi'));
  await ffmpeg(...moving, '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le', at('ten-bits.mp4'));
});
afterAll(async () => await rm(folder, { recursive: true }));

/** White where a picture's number says, so that each can be known again. */
const marked = (): RedrawRequest['draw'] => {
  let n = 0;
  return async ({ width, data }) => {
    for (let y = 0; y < 16; y++) data.fill(235, y * width + 4 * (n % 20), y * width + 4 * (n % 20) + 16);
    n++;
  };
};

async function redraw(name: string, over: Partial<RedrawRequest> = {}, signal = never): Promise<{ path: string; pictures: number }> {
  const path = over.path ?? at(`${name}.out.mp4`);
  const onStart = async (): Promise<void> => undefined;
  const request: RedrawRequest = {
    input: { kind: 'file', path: at(name) },
    path,
    lastPicture: null,
    onStart,
    draw: marked(),
    logger,
    ...over,
  };
  return { path, pictures: (await redrawVideo(request, signal)).pictures };
}

describe('redrawVideo', () => {
  it.each([
    ['plain.mp4', 50, '160,120'],
    ['vfr.mkv', 33, '160,120'],
    ['odd.mkv', 25, '98,64'],
    ['rotated.mp4', 50, '120,160'],
    ['late.ts', 50, '160,120'],
    ['full-range.avi', 50, '160,120'],
    ['ten-bits.mp4', 50, '160,120'],
  ])('keeps every picture of %s at its own time', async (name, count, size) => {
    const times: number[] = [];
    const { path, pictures } = await redraw(name, { draw: async (picture) => void times.push(picture.atS) });
    const [wanted, got] = [await pictureTimes(at(name)), await pictureTimes(path)];
    expect([pictures, got.length, wanted.length]).toEqual([count, count, count]);
    expect(got.map((time, i) => Math.abs(time - (times[i] ?? 0)) < 0.0001)).not.toContain(false);
    // A container's clock may begin anywhere; the stream's begins with it.
    const startS = (wanted[0] ?? 0) - (times[0] ?? 0);
    expect(got.map((time, i) => Math.abs(time + startS - (wanted[i] ?? 0)) < 0.0011)).not.toContain(false);
    expect((await ffprobeRows(path, '-select_streams', 'v', '-show_entries', 'stream=width,height'))[0]?.join()).toBe(size);
  });

  it('shows what was drawn on each, and the rest as it was', async () => {
    const { path } = await redraw('plain.mp4');
    const [drawn, source] = [at('drawn.gray'), at('source.gray')];
    await ffmpeg('-i', path, '-f', 'rawvideo', '-pix_fmt', 'gray', drawn);
    await ffmpeg('-i', at('plain.mp4'), '-f', 'rawvideo', '-pix_fmt', 'gray', source);
    const [out, before] = [readFileSync(drawn), readFileSync(source)];
    for (const n of [0, 7, 49]) {
      const middle = n * 160 * 120 + 8 * 160 + 4 * (n % 20) + 8;
      expect(out[middle]).toBeGreaterThan(220);
      let apart = 0;
      for (let i = 40 * 160; i < 120 * 160; i++) apart += Math.abs((out[n * 19_200 + i] ?? 0) - (before[n * 19_200 + i] ?? 0));
      expect(apart / (80 * 160)).toBeLessThan(4);
    }
  });

  it.each(['plain.mp4', 'odd.mkv'])('makes the same bytes of %s twice', async (name) => {
    const hash = async (path: string): Promise<string> => {
      await redraw(name, { path });
      return createHash('sha256').update(readFileSync(path)).digest('hex');
    };
    expect(await hash(at('once.mp4'))).toBe(await hash(at('twice.mp4')));
  });

  it('lets the last picture stand, and adds none', async () => {
    const { path } = await redraw('plain.mp4', { lastPicture: { fromS: 1.9595, holdS: 3 } });
    expect(await pictureTimes(path)).toHaveLength(50);
    const [row] = await ffprobeRows(path, '-select_streams', 'v', '-show_entries', 'stream=duration');
    expect(Number(row?.[0])).toBeCloseTo(4.96, 2);
  });

  it('says how colours are meant, and passes it on', async () => {
    const told: unknown[] = [];
    const { path } = await redraw('full-range.avi', { onStart: async ({ colours }) => void told.push(colours) });
    expect(told).toEqual([{ matrix: 'bt601', fullRange: true }]);
    expect((await ffprobeRows(path, '-select_streams', 'v', '-show_entries', 'stream=color_range'))[0]?.[0]).toBe('pc');
  });

  it.each([
    ['no video', 'text.mp4', 'SOURCE_NOT_VIDEO'],
    ['nothing', 'missing.mp4', 'SOURCE_NOT_FOUND'],
  ])('says what is wrong with %s', async (_, name, code) => {
    writeFileSync(at('text.mp4'), 'this is no video');
    await expect(redraw(name)).rejects.toMatchObject({ name: 'AgentError', code });
  });

  it('says that the disk is full', async () => {
    await expect(redraw('plain.mp4', { path: '/dev/full' })).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  it('hands on what goes wrong while drawing, and ends', async () => {
    const draw = async ({ atS }: PlanarPicture): Promise<void> => {
      if (atS > 1) throw new TypeError('no brush');
    };
    await expect(redraw('plain.mp4', { draw })).rejects.toThrow('no brush');
  });

  it('ends when asked to', async () => {
    const stop = new AbortController();
    const draw = async ({ atS }: PlanarPicture): Promise<void> => {
      if (atS > 0.5) stop.abort(new Error('enough'));
    };
    await expect(redraw('plain.mp4', { draw }, stop.signal)).rejects.toThrow('enough');
  });

  it('copies a file that was cut off as far as it goes', async () => {
    writeFileSync(at('cut.ts'), readFileSync(at('late.ts')).subarray(0, 60_000));
    const { pictures } = await redraw('cut.ts');
    expect(pictures).toBeGreaterThan(3);
    expect(pictures).toBeLessThan(50);
  });
});
