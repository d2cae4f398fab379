import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ffmpeg } from '../testing/clips.js';
import { Yuv4MpegReader } from './yuv4mpeg.js';

let folder: string;
/** Three pictures of 16 × 4, each of one grey: 10, 20, 30, as ffmpeg writes them. */
let stream: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-test-'));
  const path = join(folder, 'a.y4m');
  const source = ['-f', 'lavfi', '-i', 'color=s=16x4:r=10:d=0.3,geq=lum=10*(N+1):cb=128:cr=128', '-vf', 'extractplanes=y'];
  await ffmpeg(...source, '-f', 'yuv4mpegpipe', path);
  stream = readFileSync(path);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Reads bytes that come in pieces of a size. */
function readerOf(bytes: Uint8Array, pieceBytes = bytes.length): Yuv4MpegReader {
  let at = 0;
  return new Yuv4MpegReader((buffer) => {
    const some = bytes.subarray(at, at + Math.min(buffer.length, pieceBytes));
    buffer.set(some);
    at += some.length;
    return some.length;
  });
}

it.each([1, 5, 6, 7, 63, 64, 4096])('reads every picture from pieces of %i bytes', (pieceBytes) => {
  const reader = readerOf(stream, pieceBytes);
  expect(reader.header()).toEqual({ width: 16, height: 4 });
  const picture = new Uint8Array(64);
  for (const grey of [10, 20, 30]) {
    expect(reader.next(picture)).toBeNull();
    expect(new Set(picture)).toEqual(new Set([grey]));
  }
  expect(reader.next(picture)).toBe('clean');
});

it('gives no picture that is not whole', () => {
  for (const missing of [1, 63, 64, 66, 70]) {
    const reader = readerOf(stream.subarray(0, stream.length - missing));
    reader.header();
    const picture = new Uint8Array(64);
    expect([1, 2, 3].map(() => reader.next(picture))).toEqual([null, null, missing === 70 ? 'clean' : 'cut']);
  }
  expect(readerOf(stream.subarray(0, 20)).header()).toBe('cut');
  expect(readerOf(new Uint8Array(0)).header()).toBe('clean');
});

it('says what is wrong with another stream', () => {
  const text = (words: string) => readerOf(Buffer.from(words));
  expect(() => text('RIFF1234\n').header()).toThrow('does not begin as YUV4MPEG2');
  expect(() => text('x'.repeat(1000)).header()).toThrow('does not begin as YUV4MPEG2');
  expect(() => text('YUV4MPEG2 W16 H4 C420jpeg\n').header()).toThrow('colour space "420jpeg"');
  const lost = text(`YUV4MPEG2 W16 H4 Cmono\nFRAM\u0000ab${'x'.repeat(64)}`);
  expect(lost.header()).toEqual({ width: 16, height: 4 });
  expect(() => lost.next(new Uint8Array(64))).toThrow('begins with');
});
