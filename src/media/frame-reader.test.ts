import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameFds } from './frame-pipe.js';
import { createFrameReader, type FramesEnd } from './frame-reader.js';
import { createWallClock } from './wall-clock.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-reader-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

/** A stream of luma as ffmpeg would send it through a pipe. */
function stream(size: string, pictures: number, rate = 10): string {
  const path = join(folder, `${size}-${pictures}-${rate}.nut`);
  const source = `testsrc2=s=${size}:r=${rate},format=yuv420p,extractplanes=y`;
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-frames:v', String(pictures)],
    ...['-c:v', 'rawvideo', '-f', 'nut', path],
  ]);
  return path;
}

interface Seen {
  readonly sizes: readonly (readonly [number, number])[];
  readonly end: FramesEnd | null;
}

function readAll(paths: readonly [string, string]): Seen {
  const fds: FrameFds = [openSync(paths[0], 'r'), openSync(paths[1], 'r')];
  try {
    const reader = createFrameReader({
      ...{ fds, cameraId: 'test', format: 'gray', wallClock: createWallClock({ kind: 'file', epochMs: 0 }, () => 0) },
      allocate: ({ width, height }) => {
        const buffer = new Uint8Array(width * height);
        return () => buffer;
      },
    });
    const sizes = Array.from(reader.frames(), ({ width, height }) => [width, height] as const);
    return { sizes, end: reader.end() };
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

describe('halves of pictures out of two pipes', () => {
  it('are put together, alike or not', () => {
    const upper = stream('64x20', 3);
    const lower = stream('64x22', 3);
    expect(readAll([upper, lower])).toEqual({ sizes: Array(3).fill([64, 42]), end: { reason: 'ended' } });
  });

  it('of which one comes no more are no picture', () => {
    expect(readAll([stream('64x20', 3), stream('64x20', 2)])).toEqual({ sizes: Array(2).fill([64, 40]), end: { reason: 'cut' } });
    const empty = join(folder, 'empty');
    closeSync(openSync(empty, 'w'));
    expect(readAll([stream('64x20', 3), empty])).toEqual({ sizes: [], end: { reason: 'cut' } });
    expect(readAll([empty, empty])).toEqual({ sizes: [], end: { reason: 'ended' } });
  });

  it('of different pictures are not taken for one', () => {
    const { sizes, end } = readAll([stream('64x20', 3), stream('64x20', 3, 5)]);
    expect(sizes).toEqual([[64, 40]]);
    expect(end).toEqual({ reason: 'malformed', detail: 'halves of pictures from 100 and 200 ms' });
    expect(readAll([stream('64x20', 3), stream('48x20', 3)])).toEqual({
      sizes: [],
      end: { reason: 'malformed', detail: 'halves of 64 and 48 columns' },
    });
  });

  it('are none any more when one of them is cut', () => {
    const cut = join(folder, 'cut.nut');
    const whole = readFileSync(stream('64x20', 3));
    writeFileSync(cut, whole.subarray(0, whole.length - 700));
    expect(readAll([stream('64x20', 3), cut])).toEqual({ sizes: Array(2).fill([64, 40]), end: { reason: 'cut' } });
    expect(readAll([cut, stream('64x20', 3)])).toEqual({ sizes: Array(2).fill([64, 40]), end: { reason: 'cut' } });
  });

  it('end where the size of one of them changes', () => {
    const changed = join(folder, 'changed.nut');
    const encode = (size: string, offsetS: string): Buffer => {
      const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=10`, '-frames:v', '2', '-output_ts_offset', offsetS];
      return execFileSync('ffmpeg', ['-v', 'error', ...source, '-c:v', 'libx264', '-bf', '0', '-f', 'mpegts', '-']);
    };
    const both = join(folder, 'both.ts');
    writeFileSync(both, Buffer.concat([encode('64x20', '0'), encode('64x24', '0.2')]));
    const asTheyAre = ['-fps_mode', 'passthrough', '-autoscale', '0', '-vf', 'extractplanes=y', '-c:v', 'rawvideo'];
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', both, ...asTheyAre, '-f', 'nut', changed]);
    expect(readAll([stream('64x20', 3), changed])).toEqual({ sizes: Array(2).fill([64, 40]), end: { reason: 'resolution-changed' } });
  });
});
