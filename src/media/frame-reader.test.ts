import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../domain/frame.js';
import type { FrameFds } from './frame-pipe.js';
import { createFrameReader, type FramesEnd } from './frame-reader.js';
import { createWallClock } from './wall-clock.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-reader-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

/** Luma as ffmpeg would send it through a pipe. */
function stream(container: 'nut' | 'yuv4mpegpipe', size: string, pictures: number): string {
  const path = join(folder, `${size}-${pictures}.${container}`);
  const source = `testsrc2=s=${size}:r=10,format=yuv420p,extractplanes=y`;
  const written = container === 'nut' ? ['-c:v', 'rawvideo', '-write_index', '0'] : [];
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-frames:v', String(pictures)],
    ...[...written, '-f', container, path],
  ]);
  return path;
}

const times = (pictures: number, size = '8x4'): string => stream('nut', size, pictures);
const half = (size: string, pictures: number): string => stream('yuv4mpegpipe', size, pictures);

/** The first bytes of a file, or with a negative count all but the last. */
function part(path: string, bytes: number): string {
  const cut = `${path}-${bytes}`;
  writeFileSync(cut, readFileSync(path).subarray(0, bytes));
  return cut;
}

interface Seen {
  readonly sizes: readonly (readonly [number, number])[];
  readonly end: FramesEnd | null;
}

type Paths = readonly [upper: string, lower: string, times: string];

function visit(paths: Paths, holdsBytes: number, look: (frame: Frame) => void): FramesEnd | null {
  const fds: FrameFds['fds'] = [openSync(paths[0], 'r'), openSync(paths[1], 'r'), openSync(paths[2], 'r')];
  try {
    const reader = createFrameReader({
      ...{ fds: { fds, holdsBytes }, cameraId: 'test', format: 'gray', wallClock: createWallClock({ kind: 'file', epochMs: 0 }, () => 0) },
      allocate: ({ width, height }) => {
        const buffer = new Uint8Array(width * height);
        return () => buffer;
      },
    });
    for (const frame of reader.frames()) look(frame);
    return reader.end();
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

const seen = (pictures: number) => Array(pictures).fill([64, 40]);

describe.each([
  ['read while they come', 0],
  ['read when their time is there', 1 << 20],
])('pictures in halves, and their times, out of three pipes, %s', (_how, holdsBytes) => {
  const readAll = (...paths: Paths): Seen => {
    const sizes: [number, number][] = [];
    const end = visit(paths, holdsBytes, ({ width, height }) => sizes.push([width, height]));
    return { sizes, end };
  };

  it('are put together, alike or not', () => {
    const end = { reason: 'ended' };
    expect(readAll(half('64x20', 3), half('64x22', 3), times(3))).toEqual({ sizes: Array(3).fill([64, 42]), end });
  });

  it('end with the upper half', () => {
    expect(readAll(half('64x20', 2), half('64x20', 3), times(3))).toEqual({ sizes: seen(2), end: { reason: 'ended' } });
    const empty = part(times(3), 0);
    expect(readAll(empty, empty, empty)).toEqual({ sizes: [], end: { reason: 'ended' } });
  });

  it('of which something comes no more are no picture', () => {
    const end = { reason: 'cut' };
    expect(readAll(half('64x20', 3), half('64x20', 2), times(3))).toEqual({ sizes: seen(2), end });
    expect(readAll(half('64x20', 3), half('64x20', 3), times(2))).toEqual({ sizes: seen(2), end });
    const empty = part(times(3), 0);
    expect(readAll(half('64x20', 3), empty, empty)).toEqual({ sizes: [], end });
    expect(readAll(half('64x20', 3), half('64x20', 3), empty)).toEqual({ sizes: [], end });
  });

  it('are none any more when one of them is cut', () => {
    const end = { reason: 'cut' };
    for (const bytes of [-700, -1283]) {
      const cut = part(half('64x20', 3), bytes);
      expect(readAll(half('64x20', 3), cut, times(3))).toEqual({ sizes: seen(2), end });
      expect(readAll(cut, half('64x20', 3), times(3))).toEqual({ sizes: seen(2), end });
    }
    expect(readAll(half('64x20', 3), half('64x20', 3), part(times(3), -8))).toEqual({ sizes: seen(2), end });
  });

  it('of different streams are not taken for one', () => {
    const malformed = (detail: string) => ({ sizes: [], end: { reason: 'malformed', detail } });
    expect(readAll(half('64x20', 3), half('48x20', 3), times(3))).toEqual(malformed('halves of 64 and 48 columns'));
    expect(readAll(half('64x20', 3), times(3), times(3))).toEqual(malformed('the stream does not begin as YUV4MPEG2'));
    expect(readAll(half('64x20', 3), half('64x20', 3), half('64x20', 3))).toEqual(malformed('the stream does not begin as NUT'));
  });

  it('end where another size of what brings their times says that theirs changes', () => {
    const changed = join(folder, 'changed.nut');
    const encode = (size: string, offsetS: string): Buffer => {
      const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=10`, '-frames:v', '2', '-output_ts_offset', offsetS];
      return execFileSync('ffmpeg', ['-v', 'error', ...source, '-c:v', 'libx264', '-bf', '0', '-f', 'mpegts', '-']);
    };
    const both = join(folder, 'both.ts');
    writeFileSync(both, Buffer.concat([encode('64x20', '0'), encode('64x24', '0.2')]));
    const asTheyAre = ['-fps_mode', 'passthrough', '-autoscale', '0', '-vf', 'extractplanes=y', '-c:v', 'rawvideo'];
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', both, ...asTheyAre, '-f', 'nut', changed]);
    expect(readAll(half('64x20', 4), half('64x20', 4), changed)).toEqual({ sizes: seen(2), end: { reason: 'resolution-changed' } });
  });

  it('are left out whole where their time does not lie after the one before', () => {
    // A stream of one picture at 0 s stands between 0.2 and 0.3 s: what follows its headers sets the clock back, and on.
    const syncpoint = Buffer.from([0x4e, 0x4b, 0xe4, 0xad, 0xee, 0xca, 0x45, 0x69]);
    const fromSyncpoint = (path: string): Buffer => {
      const bytes = readFileSync(path);
      return bytes.subarray(bytes.indexOf(syncpoint));
    };
    const late = join(folder, 'late.nut');
    const source = ['-f', 'lavfi', '-i', 'testsrc2=s=8x4:r=10,format=yuv420p,extractplanes=y', '-frames:v', '1'];
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...source, '-output_ts_offset', '0.3', '-c:v', 'rawvideo', '-write_index', '0', late]);
    const back = join(folder, 'back.nut');
    writeFileSync(back, Buffer.concat([readFileSync(times(3)), fromSyncpoint(times(1)), fromSyncpoint(late)]));
    const all = readFileSync(half('64x20', 5));
    const pictures: [number, number, boolean][] = [];
    const end = visit([half('64x20', 5), half('64x20', 5), back], holdsBytes, ({ seq, ptsMs, data }) => {
      const at = all.length - (5 - seq) * (6 + 64 * 20) + 6;
      pictures.push([seq, ptsMs, Buffer.compare(data.subarray(0, 64 * 20), all.subarray(at, at + 64 * 20)) === 0]);
    });
    expect(end).toEqual({ reason: 'ended' });
    expect(pictures).toEqual([0, 1, 2, 4].map((seq) => [seq, expect.closeTo([0, 100, 200, 0, 300][seq] as number, 3), true]));
  });
});
