import { readSync } from 'node:fs';
import { PIPE_BYTES } from './frame-pipe.js';

/** Pictures as they come through a pipe from ffmpeg. */
export interface PipeReader {
  /** Fills a buffer as far as something is there, and blocks until something is. @returns bytes read; 0 at the end of the stream. */
  read(buffer: Uint8Array): number;
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

/** How pictures come, which the pipes that they come through know together. */
export class FillingPace {
  /** How long ffmpeg is given, milliseconds. */
  waitMs = FILL_MS.first;
  /** A pipe was found empty, so that ffmpeg is at work. */
  isBeingFilled = false;
  /** Most bytes that a read gave. */
  largest = 0;
}

/** What a reader does with the world. */
export interface PipeIo {
  /** Blocks until something is there. @returns bytes; 0 at the end of the stream. */
  readonly read: (fd: number, buffer: Uint8Array) => number;
  readonly wait: (ms: number) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const realIo: PipeIo = {
  read: (fd, buffer) => readSync(fd, buffer, 0, buffer.length, null),
  wait: (ms) => Atomics.wait(nobody, 0, 0, ms),
  now: () => performance.now(),
};

/**
 * Reads a picture in few pieces. ffmpeg writes by 32 KiB: who takes each as it comes is woken fifty times a picture, and ffmpeg waits for the pipe's lock
 * as long as that copies. So where the pipe is empty and ffmpeg at work, it gets some time first: so much that all of it is there then, or the pipe half full.
 *
 * @param fd the reading end, blocking.
 * @param pace the same for all pipes of a picture: one wait is for all of them.
 */
export function createPipeReader(fd: number, pace: FillingPace, { read, wait, now }: PipeIo = realIo): PipeReader {
  return {
    read(buffer) {
      const { length } = buffer;
      const isLarge = length > WORTH_WAITING_BYTES;
      const fits = length <= PIPE_BYTES;
      const waits = isLarge && pace.isBeingFilled && pace.largest > WORTH_WAITING_BYTES;
      if (waits) wait(pace.waitMs);
      const startedMs = now();
      const got = read(fd, buffer);
      pace.largest = Math.max(pace.largest, got);
      // What was not waited for, because the other half was there, should have been as well.
      if (waits || (isLarge && fits && got < length)) {
        pace.waitMs = Math.min(FILL_MS.most, Math.max(FILL_MS.least, pace.waitMs * correction(got, length)));
      }
      // Copying all of a half takes its time, and a small read gets what there is: neither means that it was waited for.
      const tookLong = now() - startedMs > BLOCKED_MS;
      pace.isBeingFilled = (isLarge && got < length) || (tookLong && !(isLarge && fits));
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
