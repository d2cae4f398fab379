import { describe, expect, it } from 'vitest';
import { PIPE_BYTES } from './frame-pipe.js';
import { correction, createPipeReader, FillingPace, type PipeIo } from './pipe-reader.js';

describe('the wait before a read', () => {
  const [fits, doesNot] = [0.75 * PIPE_BYTES, 3 * PIPE_BYTES];
  it.each([
    ['all was there', fits, fits, 'shorter'],
    ['some of what fits was missing', 0.95 * fits, fits, 'longer'],
    ['next to nothing was there', 1 << 15, fits, 'longer'],
    ['little of a large picture was there', 0.4 * PIPE_BYTES, doesNot, 'longer'],
    ['the pipe was half full and more', 0.7 * PIPE_BYTES, doesNot, 'kept'],
    ['the pipe was full', PIPE_BYTES, doesNot, 'shorter'],
  ])('%s', (_what, got, length, expected) => {
    const factor = correction(got, length);
    expect(factor > 1 ? 'longer' : factor < 1 ? 'shorter' : 'kept').toBe(expected);
  });

  it('comes back only slowly where all is there: a wait too long costs little, one too short a read', () => {
    expect(correction(fits, fits) ** 20 * correction(0.9 * fits, fits)).toBeGreaterThan(1);
  });
});

/** Pipes of one pace, and what happens at them: each read gets what is given, and takes so long. */
function pipes() {
  const waits: number[] = [];
  let nowMs = 0;
  let given = { got: 0, ms: 0 };
  const io: PipeIo = {
    read: () => {
      nowMs += given.ms;
      return given.got;
    },
    wait: (ms) => waits.push(ms),
    now: () => nowMs,
  };
  const pace = new FillingPace();
  const [upper, lower] = [createPipeReader(3, pace, io), createPipeReader(4, pace, io)];
  const read = (pipe: typeof upper, length: number, got = length, ms = 0.01): number => {
    given = { got, ms };
    const before = waits.length;
    pipe.read(new Uint8Array(length));
    return waits.length - before;
  };
  return { upper, lower, read, waits, pace };
}

describe('a picture in halves', () => {
  const half = 0.7 * PIPE_BYTES;
  it('is waited for once, when its beginning had to be waited for', () => {
    const { upper, lower, read } = pipes();
    read(upper, half, half, 0.4);
    expect(read(upper, 6, 6, 3)).toBe(0);
    expect(read(upper, half, half, 0.2)).toBe(1);
    expect(read(lower, 6)).toBe(0);
    expect(read(lower, half, half, 0.2)).toBe(0);
    // Fewer bytes than asked for, as the header of a small picture, are no sign of a pipe that is being filled.
    expect(read(lower, 512, 437)).toBe(0);
    expect(read(upper, 6)).toBe(0);
    expect(read(upper, half, half, 0.2)).toBe(0);
  });

  it('whose rest is missing is waited for, and the next one longer', () => {
    const { upper, lower, read, waits } = pipes();
    read(upper, half, half);
    read(upper, 6, 6, 3);
    read(upper, half);
    expect(read(lower, half, half / 2)).toBe(0);
    expect(read(lower, half / 2)).toBe(1);
    read(upper, 6, 6, 3);
    read(upper, half);
    expect(waits[2]).toBeGreaterThan(waits[0] as number);
  });

  it('is not waited for on a pipe that never held as much', () => {
    const { upper, read } = pipes();
    for (let i = 0; i < 20; i++) expect(read(upper, half, 1 << 16, 1)).toBe(0);
  });
});
