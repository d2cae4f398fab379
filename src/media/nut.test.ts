import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ffmpeg } from '../testing/clips.js';
import { createNutDemuxer, type ReadRequest } from './nut.js';
import { createHeaderReader, NutError } from './nut-header.js';

let folder: string;
/** 12 pictures of 16 × 16 at 1/30 s from 1000 s on, as ffmpeg writes them. */
let stream: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-test-'));
  const path = join(folder, 'a.nut');
  const source = ['-f', 'lavfi', '-i', 'color=s=16x16:r=30:d=0.4,geq=lum=N*9+X:cb=128:cr=128', '-vf', 'setpts=PTS+1000/TB,extractplanes=y'];
  await ffmpeg(...source, '-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0', path);
  stream = readFileSync(path);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly times: readonly number[];
  readonly pictures: readonly string[];
  readonly end: 'clean' | 'cut' | 'refused' | 'malformed';
  readonly largestRead: number;
}

/** Reads a stream that comes in pieces of a given size. Pictures above 64 KiB are refused, as a reader of small ones does. */
function readAll(bytes: Uint8Array, pieceBytes: number): Outcome {
  let at = 0;
  let largestRead = 0;
  const drive = <T>(steps: Generator<ReadRequest, T, number>): T => {
    let step = steps.next(0);
    while (step.done !== true) {
      const { buffer, offset, length } = step.value;
      expect(length).toBeGreaterThan(0);
      expect(offset + length).toBeLessThanOrEqual(buffer.length);
      largestRead = Math.max(largestRead, buffer.length);
      const count = Math.min(length, pieceBytes, bytes.length - at);
      buffer.set(bytes.subarray(at, at + count), offset);
      at += count;
      step = steps.next(count);
    }
    return step.value;
  };
  const times: number[] = [];
  const pictures: string[] = [];
  const outcome = (end: Outcome['end']): Outcome => ({ times, pictures, end, largestRead });
  const demuxer = createNutDemuxer();
  try {
    const header = drive(demuxer.header());
    if ('end' in header) return outcome(header.end);
    for (;;) {
      const picture = drive(demuxer.next((size) => (size <= 65_536 ? new Uint8Array(size) : null)));
      if (picture === null) return outcome('refused');
      if ('end' in picture) return outcome(picture.end);
      times.push(picture.ptsMs);
      pictures.push(Buffer.from(picture.data).toString('base64'));
    }
  } catch (error) {
    if (!(error instanceof NutError)) throw error;
    return outcome('malformed');
  }
}

describe('NUT demuxer', () => {
  it('reads what ffmpeg writes', () => {
    const { times, pictures, end } = readAll(stream, 1 << 20);
    expect(end).toBe('clean');
    expect(times.map((time) => Math.round(time * 3) / 3)).toEqual(times.map((_, i) => Math.round((1000 + i / 30) * 1000 * 3) / 3));
    expect(new Set(pictures).size).toBe(12);
  });

  it('gives the same whatever the pieces in which the stream comes', () => {
    const whole = readAll(stream, 1 << 20);
    for (const pieceBytes of [1, 7, 255, 256, 300])
      expect({ ...readAll(stream, pieceBytes), largestRead: 0 }).toEqual({ ...whole, largestRead: 0 });
  });

  it('ends at any cut, with the pictures that came whole', () => {
    const whole = readAll(stream, 1 << 20);
    for (let length = 0; length < stream.length; length++) {
      const { pictures, end } = readAll(stream.subarray(0, length), 1 << 20);
      expect(['clean', 'cut']).toContain(end);
      expect(whole.pictures.slice(0, pictures.length)).toEqual(pictures);
    }
    expect(readAll(new Uint8Array(), 1).end).toBe('clean');
    for (const length of [1, 24, 25, 26, 200]) expect(readAll(stream.subarray(0, length), 1 << 20).end).toBe('cut');
  });

  it('reads small pictures that begin as codecs do, and headers longer than what it reads ahead', async () => {
    const path = join(folder, 'long.nut');
    const source = ['-f', 'lavfi', '-i', 'color=s=16x2:r=30:d=0.2,geq=lum=if(eq(X\\,2)\\,1\\,0)+9*gt(X\\,2)*N:cb=128:cr=128'];
    const tag = ['-metadata', `comment=${'x'.repeat(6000)}`];
    await ffmpeg(...source, ...tag, '-vf', 'extractplanes=y', '-c:v', 'rawvideo', '-f', 'nut', '-write_index', '0', path);
    const long = readFileSync(path);
    for (const pieceBytes of [1, 255, 1 << 20]) {
      const { pictures, end } = readAll(long, pieceBytes);
      expect(end).toBe('clean');
      expect(pictures).toEqual(
        Array.from({ length: 6 }, (_, n) =>
          Buffer.from(Array.from({ length: 32 }, (_, i) => (i % 16 > 2 ? 9 * n : i % 16 === 2 ? 1 : 0))).toString('base64'),
        ),
      );
    }
  });

  it('gives up a number that does not end', () => {
    const headers = stream.subarray(0, stream.length / 2);
    expect(readAll(Buffer.concat([headers, Buffer.alloc(1 << 20, 0x80)]), 1 << 16).end).toBe('malformed');
  }, 2000);

  it('survives any damage: an end or a clear error, no hang, no large allocation', () => {
    const edit = fc.record({ at: fc.nat(4500), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), fc.nat(4500), (edits, length) => {
        const damaged = stream.slice(0, Math.max(1, length));
        for (const { at, value } of edits) damaged[at % damaged.length] = value;
        const { end, largestRead } = readAll(damaged, 4096);
        expect(['clean', 'cut', 'refused', 'malformed']).toContain(end);
        expect(largestRead).toBeLessThanOrEqual((1 << 20) + 4);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('survives garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const id = stream.subarray(0, 25);
        expect(['clean', 'cut', 'malformed']).toContain(readAll(bytes, 64).end);
        expect(['clean', 'cut', 'malformed']).toContain(readAll(Buffer.concat([id, bytes]), 64).end);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('header numbers', () => {
  it.each([
    [[0], 0],
    [[0x7f], 127],
    [[0x81, 0x00], 128],
    [[0xff, 0xff, 0x7f], 2_097_151],
  ])('%j is %d', (bytes, value) => expect(createHeaderReader(Uint8Array.from(bytes)).v()).toBe(value));

  it.each([
    [[0], 0],
    [[1], 1],
    [[2], -1],
    [[3], 2],
    [[4], -2],
  ])('signed, %j is %d', (bytes, value) => expect(createHeaderReader(Uint8Array.from(bytes)).s() + 0).toBe(value));

  it('that end early or are too large are errors', () => {
    expect(() => createHeaderReader(Uint8Array.from([0x80])).v()).toThrow(NutError);
    expect(() => createHeaderReader(new Uint8Array(9).fill(0xff)).v()).toThrow(NutError);
    expect(() => createHeaderReader(Uint8Array.from([5, 1])).vb()).toThrow(NutError);
  });
});
