import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ffmpeg, ffprobeRows, pictureTimes } from '../testing/clips.js';
import { cutAt, writeClip } from './clip.js';
import { createMediaTools } from './footage-tools.js';
import type { FootageInput } from './input.js';
import { readPictures } from './pictures.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const signal = new AbortController().signal;

/** 12 s at 25/s, a keyframe every 2 s; each picture's grey level is twice its number, so that none can be taken for another. */
const numbered = ['-f', 'lavfi', '-i', 'color=black:s=64x48:r=25:d=12,geq=lum=2*mod(N\\,100)+20:cb=128:cr=128'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-test-'));
  const common = ['-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];
  await ffmpeg(...numbered, '-c:v', 'libx264', '-qp', '0', ...common, '-bf', '2', at('h264.mp4'));
  await ffmpeg(
    ...numbered,
    '-c:v',
    'libx265',
    '-x265-params',
    'keyint=50:min-keyint=50:scenecut=0:open-gop=0:lossless=1:log-level=1',
    at('h265.mp4'),
  );
  await ffmpeg('-i', at('h264.mp4'), '-c', 'copy', at('h264.mkv'));
  await ffmpeg('-i', at('h264.mp4'), '-c', 'copy', at('h264.ts'));
  // A recording as the decoder writes it, on a clock far from 0.
  await ffmpeg(...numbered, '-c:v', 'libx264', '-qp', '0', ...common, '-bf', '0', at('flat.mp4'));
  await ffmpeg(
    ...[
      '-copyts',
      '-itsoffset',
      '5000',
      '-i',
      at('flat.mp4'),
      '-c',
      'copy',
      '-f',
      'segment',
      '-segment_format',
      'mpegts',
      '-segment_time',
      '1',
    ],
    ...[
      '-segment_format_options',
      'mpegts_copyts=1',
      '-muxdelay',
      '0',
      '-muxpreload',
      '0',
      '-avoid_negative_ts',
      'disabled',
      at('%03d.ts'),
    ],
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const pathsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => at(`${String(from + i).padStart(3, '0')}.ts`));
const segments = (from: number, to: number): FootageInput => ({ kind: 'segments', paths: pathsOf(from, to), startS: 5000 + from * 2 });

async function numbers(path: string): Promise<number[]> {
  const seen: number[] = [];
  await readPictures({ input: { kind: 'file', path }, fromS: 0, toS: 1000 }, (picture) => seen.push(numberOf(picture.data)), signal);
  return seen;
}
/** The picture's number, modulo 100, from its grey: the full-range RGB of a limited-range luma. */
const numberOf = (data: Uint8Array): number => Math.round((((data[3000] ?? 0) * 219) / 255 + 16 - 20) / 2) + 0;

describe('writeClip', () => {
  it.each([
    ['h264.mp4', 5.3, 7.1, 4, 7.12],
    ['h264.mkv', 5.3, 7.1, 4, 7.12],
    ['h264.ts', 5.3, 7.1, 4, 7.12],
    ['h265.mp4', 5.3, 7.1, 4, 7.12],
    ['h264.mp4', 4, 6, 4, 6.04],
    ['h264.mp4', -3, 0.5, 0, 0.52],
    ['h264.mp4', 9.9, 60, 8, 12],
    ['h264.mp4', 0, 12, 0, 12],
  ])('of %s from %d to %d s holds the keyframe before and the picture after', async (name, fromS, toS, expectedFrom, atLeast) => {
    const path = at('clip.mp4');
    const span = await writeClip({ input: { kind: 'file', path: at(name) }, fromS, toS, path }, signal);
    expect(span.fromS).toBeCloseTo(expectedFrom, 3);
    expect(span.toS).toBeGreaterThanOrEqual(atLeast - 0.001);
    expect(span.toS).toBeLessThan(Math.min(12, atLeast + 0.13) + 0.001);
    const times = await pictureTimes(path);
    expect(times[0]).toBeCloseTo(0, 3);
    expect((times.at(-1) ?? 0) + 0.04).toBeCloseTo(span.toS - span.fromS, 2);
    const seen = await numbers(path);
    expect(seen[0]).toBe((expectedFrom * 25) % 100);
    await expect(ffmpeg('-xerror', '-err_detect', 'explode', '-i', path, '-f', 'null', '-')).resolves.toBeUndefined();
  });

  it('of segments does the same on their clock', async () => {
    const path = at('from-segments.mp4');
    const span = await writeClip({ input: segments(1, 4), fromS: 5004.5, toS: 5007.3, path }, signal);
    expect(span.fromS).toBeCloseTo(5004, 3);
    expect(span.toS).toBeCloseTo(5007.36, 2);
    const seen = await numbers(path);
    expect(seen).toEqual(Array.from({ length: 84 }, (_, i) => (100 + i) % 100));
  });

  it('knows the stream’s clock although that of segments begins anew every 26.5 hours', async () => {
    const turnS = 2 ** 33 / 90_000;
    const input: FootageInput = { kind: 'segments', paths: pathsOf(1, 3), startS: 5002 + turnS };
    const span = await writeClip({ input, fromS: turnS + 5004.5, toS: turnS + 5005, path: at('turned.mp4') }, signal);
    expect(span.fromS).toBeCloseTo(turnS + 5004, 3);
    expect((await numbers(at('turned.mp4')))[0]).toBe(0);
  });

  it('gives the same bytes every time, marked for every player', async () => {
    const hashes = [];
    for (const name of ['one.mp4', 'two.mp4']) {
      await writeClip({ input: { kind: 'file', path: at('h265.mp4') }, fromS: 2.5, toS: 5, path: at(name) }, signal);
      hashes.push(
        createHash('sha256')
          .update(readFileSync(at(name)))
          .digest('hex'),
      );
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(await ffprobeRows(at('one.mp4'), '-show_entries', 'stream=codec_tag_string')).toEqual([['hvc1']]);
    const bytes = readFileSync(at('one.mp4'));
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  });

  it('says what is wrong with a recording that is none', async () => {
    writeFileSync(at('broken.mp4'), 'no video');
    const request = { fromS: 0, toS: 1, path: at('never.mp4') };
    await expect(writeClip({ ...request, input: { kind: 'file', path: at('broken.mp4') } })).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
    });
    const beyond = { ...request, fromS: 100, toS: 101, input: { kind: 'file', path: at('h264.mp4') } as const };
    expect((await writeClip(beyond)).toS).toBeCloseTo(12, 3);
  });
});

describe('cutAt', () => {
  const packets = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({ atS: i / 4, decodedAtS: i / 4, keyframe: i % 4 === 0 }));
  it.each([
    [0.3, 0.6, false, { fromS: 0, toS: 1, packets: 4, enterS: -0.5 }],
    [1, 1, false, { fromS: 1, toS: 1.25, packets: 1, enterS: 0.5 }],
    [-1, 0.1, false, null],
    [-1, 0.1, true, { fromS: 0, toS: 0.5, packets: 2, enterS: -0.5 }],
    [1.2, 9, false, { fromS: 1, toS: 2, packets: 4, enterS: 0.5 }],
    [-2, -1, true, null],
  ])('from %d to %d (whole: %s)', (fromS, toS, whole, expected) => {
    expect(cutAt(packets, fromS, toS, whole)).toEqual(expected);
  });

  it('keeps every picture shown before the end, stored later or not', () => {
    const reordered = [0, 3, 1, 2, 6, 4, 5].map((i) => ({ atS: i, decodedAtS: i, keyframe: i === 0 }));
    expect(cutAt(reordered, 0, 2, true)).toMatchObject({ packets: 4, toS: 4 });
    // The picture at 6 is stored before 4 and 5: with it come all that are shown before it.
    expect(cutAt(reordered, 0, 4, true)).toMatchObject({ packets: 7, toS: 7 });
  });
});

describe('readPictures', () => {
  it.each(['h264.mp4', 'h264.mkv', 'h264.ts', 'h265.mp4'])('gives the pictures of a span of %s with their times', async (name) => {
    const seen: [number, number][] = [];
    await readPictures(
      { input: { kind: 'file', path: at(name) }, fromS: 6.2, toS: 6.4 },
      (picture) => {
        expect([picture.width, picture.height, picture.data.length]).toEqual([64, 48, 64 * 48 * 3]);
        seen.push([Math.round(picture.atS * 1000), numberOf(picture.data)]);
      },
      signal,
    );
    expect(seen.map(([ms]) => ms)).toEqual([6200, 6240, 6280, 6320, 6360, 6400]);
    expect(seen.map(([, number]) => number)).toEqual(seen.map(([ms]) => (ms / 40) % 100));
  });

  it('gives those of segments on the stream’s clock', async () => {
    const seen: [number, number][] = [];
    const span = { input: segments(2, 3), fromS: 5005.96, toS: 5006.08 };
    await readPictures(span, (picture) => seen.push([Math.round(picture.atS * 1000), numberOf(picture.data)]), signal);
    expect(seen.map(([ms]) => ms)).toEqual([5_005_960, 5_006_000, 5_006_040, 5_006_080]);
    expect(seen.map(([, number]) => number)).toEqual(seen.map(([ms]) => ((ms - 5_000_000) / 40) % 100));
  });

  it('fails in words on what cannot be decoded, and stops when told', async () => {
    const ask = { fromS: 0, toS: 1 };
    await expect(readPictures({ ...ask, input: { kind: 'file', path: at('none.mp4') } }, () => undefined)).rejects.toMatchObject({
      code: 'MEDIA_FAILED',
    });
    const controller = new AbortController();
    const reading = readPictures(
      { input: { kind: 'file', path: at('h264.mp4') }, fromS: 0, toS: 12 },
      () => controller.abort(new Error('enough')),
      controller.signal,
    );
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('media tools', () => {
  const tools = createMediaTools();

  it('measure a segment that is on no list', async () => {
    const measured = await tools.measureSegment(at('002.ts'));
    expect(measured?.startS).toBeCloseTo(5004, 3);
    expect(measured?.durationS).toBeCloseTo(2, 3);
    writeFileSync(at('torn.ts'), readFileSync(at('002.ts')).subarray(0, 50));
    expect(await tools.measureSegment(at('torn.ts'))).toBeNull();
  });

  it('know the size of pictures', async () => {
    expect(await tools.pictureSize(segments(0, 1), signal)).toEqual({ width: 64, height: 48 });
    await expect(tools.pictureSize({ kind: 'file', path: at('none.mp4') }, signal)).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
  });

  it('encode, scale and draw the same every time', async () => {
    const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 37) % 256);
    const picture = { width: 40, height: 30, data };
    expect(await tools.encodeJpeg(picture, 88)).toEqual(await tools.encodeJpeg(picture, 88));
    const half = await tools.resizePicture(picture, 20, 15);
    expect(half.data.length).toBe(20 * 15 * 3);
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="2" height="4" fill="#ff0000"/></svg>';
    const pixels = await tools.renderSvg(drawing, 8, 8);
    expect([...pixels.subarray(0, 4), ...pixels.subarray(28, 32)]).toEqual([255, 0, 0, 255, 0, 0, 0, 0]);
    await expect(tools.encodeJpeg({ ...picture, width: 41 }, 88)).rejects.toThrow(RangeError);
  });
});
