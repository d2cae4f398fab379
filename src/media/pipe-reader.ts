import { readSync } from 'node:fs';
import { PIPE_BYTES } from './frame-pipe.js';
import type { ReadRequest } from './nut.js';

/** Pictures as they come through a pipe from ffmpeg. */
export interface PipeReader {
  /** Blocks until something is there. @returns bytes read; 0 at the end of the stream. */
  read(request: ReadRequest): number;
}

/** Less than this is not waited for, bytes; nor is anything on a pipe that holds no more, where waiting only holds ffmpeg up. */
const WORTH_WAITING_BYTES = 1 << 16;
/** A read that takes longer found the pipe empty, milliseconds. */
const BLOCKED_MS = 0.05;
/**
 * How long ffmpeg is given to fill the pipe, milliseconds: at first, at least and at most. For halves of 1080p, 1 and 2 ms cost alike (Intel Xeon, by turns); much
 * more would hold pictures up after a moment in which the machine stood still.
 */
const FILL_MS = { first: 0.3, least: 0.05, most: 2.5 };
/** What does not fit into the pipe: a read of more than this share of it found it full, and ffmpeg standing still … */
const FULL_SHARE = 0.9;
/** … and one of less than this came too soon. In between the wait is right. */
const SMALL_SHARE = 0.5;
/** Longer quickly, since every picture that is read in pieces costs; shorter slowly, since a wait costs nothing but some of a millisecond. */
const FACTORS = { longer: 1.1, slightlyShorter: 0.998, shorter: 0.8 };

/**
 * Reads a picture in few pieces. ffmpeg writes by 32 KiB: who takes each as it comes is woken fifty times a picture, and ffmpeg waits for the pipe's lock
 * as long as that copies. So where the pipe is empty and ffmpeg at work, it gets some time first: so much that all of it is there then, or the pipe half full.
 *
 * @param fd the reading end, blocking.
 */
export function createPipeReader(fd: number): PipeReader {
  const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let largest = 0;
  let fillMs = FILL_MS.first;
  let isBeingFilled = false;
  return {
    read({ buffer, offset, length }) {
      const waits = isBeingFilled && length > WORTH_WAITING_BYTES && largest > WORTH_WAITING_BYTES;
      if (waits) Atomics.wait(nobody, 0, 0, fillMs);
      const startedMs = performance.now();
      const got = readSync(fd, buffer, offset, length, null);
      largest = Math.max(largest, got);
      if (waits) fillMs = Math.min(FILL_MS.most, Math.max(FILL_MS.least, fillMs * correction(got, length)));
      isBeingFilled = got < length || performance.now() - startedMs > BLOCKED_MS;
      return got;
    },
  };
}

/**
 * What the wait is multiplied by after a read that was waited for.
 *
 * @param got bytes read.
 * @param length bytes asked for.
 */
export function correction(got: number, length: number): number {
  if (got === length) return FACTORS.slightlyShorter;
  if (length <= PIPE_BYTES || got < SMALL_SHARE * PIPE_BYTES) return FACTORS.longer;
  return got > FULL_SHARE * PIPE_BYTES ? FACTORS.shorter : 1;
}
