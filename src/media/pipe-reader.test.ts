import { describe, expect, it } from 'vitest';
import { PIPE_BYTES } from './frame-pipe.js';
import { correction } from './pipe-reader.js';

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
