import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import { frameBytes } from '../domain/frame.js';
import { AgentError } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { type ColourTags, probeColours } from './colour-tags.js';
import { startDecoder } from './decoder.js';
import { mediaFailure, tellingComplaint } from './failure.js';
import { type CommandSpec, type FfmpegExit, startFfmpeg } from './ffmpeg.js';
import { createFramePipe } from './frame-pipe.js';
import type { FileInput } from './input.js';
import { ivfHeader, ivfPictureHeader } from './ivf.js';
import { createNutDemuxer, type ReadRequest } from './nut.js';
import { NutError } from './nut-header.js';

/** A picture to be drawn on. */
export interface PlanarPicture {
  /** Seconds on the stream's clock. */
  readonly atS: number;
  /** Pixels, as it is to be seen. */
  readonly width: number;
  /** Pixels, as it is to be seen. */
  readonly height: number;
  /** Planes as in a `Frame` of `yuv420p`; may be written to until `draw` is done. */
  readonly data: Uint8Array;
}

/** How a video's numbers mean colours: what is drawn must mean the same. */
export interface PlanarColours {
  readonly matrix: 'bt601' | 'bt709';
  /** Luma from 0 to 255 instead of 16 to 235. */
  readonly fullRange: boolean;
}

export interface RedrawRequest {
  readonly input: FileInput;
  /** Of the MP4 file to make; one that is there is replaced. */
  readonly path: string;
  /** Pictures at or after `fromS` stand for `holdS` instead of until the next: for the last one. Seconds. */
  readonly lastPicture: { readonly fromS: number; readonly holdS: number } | null;
  /** Called before the first picture. */
  readonly onStart: (picture: { readonly width: number; readonly height: number; readonly colours: PlanarColours }) => Promise<void>;
  /** Draws on one picture, in the order of time. */
  readonly draw: (picture: PlanarPicture) => Promise<void>;
  readonly logger: Logger;
}

/**
 * x264's quality, 0..51, smaller is better. At 20 an object of 3 px and thin lines stay; 23 blurs both, 17 takes twice the room.
 */
const quality = '20';
/** x264's own threads. The same number everywhere, because the bytes depend on it. */
const encoderThreads = '4';
/** Seconds between keyframes, in pictures of 25 a second: a person steps back and forth in it. */
const keyframePictures = '25';

/**
 * Copies a video picture by picture, each at its own time, with something drawn on it: H.264 in MP4, sound left out. Holds two
 * pictures in memory. The same file and drawing give the same bytes. A file that is damaged on the way is copied as far as it
 * can be read, or up to where its size changes.
 *
 * @returns how many pictures there are.
 * @throws {AgentError} why the input cannot be read (SOURCE_…), DISK_FULL, or MEDIA_FAILED. The signal's reason when aborted.
 */
export async function redrawVideo(request: RedrawRequest, signal: AbortSignal): Promise<{ readonly pictures: number }> {
  const { input, logger } = request;
  const tags = await probeColours(input, signal);
  await using decoder = await startDecoder({
    ...{ input, logger, signal, pixelFormat: 'yuv420p', threads: 0, hwaccel: 'none', firstPictureTimeoutMs: null },
  });
  const source = createPictureSource(decoder.framesFds.fds[0]);
  const format = await source.open();
  if (format === null) throw mediaFailure(input, (await decoder.exited).complaints);
  const { width, height, timeBase } = format;
  const colours = coloursOf(tags, height);
  const pipe = await createFramePipe();
  try {
    await using encoder = startFfmpeg(encoderCommand(request, width, height, tags, pipe.readFd), { signal });
    await encoder.ready;
    pipe.closeReader();
    let pictures = 0;
    let failure: unknown = null;
    try {
      await request.onStart({ width, height, colours });
      const send = createSender(pipe.writeFd);
      await send.next(ivfHeader(width, height, timeBase));
      for await (const picture of source.pictures()) {
        await request.draw({ atS: (picture.ticks * timeBase.num) / timeBase.den, width, height, data: picture.data });
        pictures++;
        await send.next(ivfPictureHeader(picture.data.length, picture.ticks), picture.data);
      }
      await send.done();
    } catch (error) {
      failure = error;
      // An encoder that is gone says itself why; nothing else is its fault.
      if (!isBrokenPipe(error)) encoder.stop();
    }
    pipe.closeWriter();
    const exit = await encoder.exited;
    signal.throwIfAborted();
    if (failure !== null && !isBrokenPipe(failure)) throw failure;
    if (exit.reason !== 'finished') throw encoderFailure(request.path, exit);
    return { pictures };
  } finally {
    pipe.close();
  }
}

interface SentPicture {
  readonly ticks: number;
  readonly data: Uint8Array;
}

/** Pictures out of a decoder's pipe, read without blocking the thread. */
function createPictureSource(fd: number) {
  const demuxer = createNutDemuxer();
  let bytes = 0;
  let den = 1;
  let num = 1;
  const buffers: Uint8Array[] = [];
  return {
    /** `null` when there is no picture. */
    async open() {
      const header = await drive(fd, demuxer.header());
      if ('end' in header) return null;
      ({ num, den } = header.timeBase);
      bytes = frameBytes('yuv420p', header.width, header.height);
      buffers.push(new Uint8Array(bytes), new Uint8Array(bytes));
      return header;
    },
    /** A picture stays as it is until the next but one is asked for: one is sent while another is read. */
    async *pictures(): AsyncGenerator<SentPicture> {
      let lastTicks = Number.NEGATIVE_INFINITY;
      for (let turn = 0; ; ) {
        const picture = await drive(
          fd,
          demuxer.next((size) => (size === bytes ? (buffers[turn] as Uint8Array) : null)),
        ).catch((error: unknown) => {
          if (error instanceof NutError) return null;
          throw error;
        });
        if (picture === null || 'end' in picture) return;
        const ticks = Math.round((picture.ptsMs * den) / (1000 * num));
        // A picture that is not after the one before cannot be shown; the analysis leaves it out too.
        if (ticks <= lastTicks) continue;
        lastTicks = ticks;
        turn = 1 - turn;
        yield { ticks, data: picture.data };
      }
    },
  };
}

const readFd = promisify(read);

/** Runs a demuxer's step with reads that are awaited. */
async function drive<T>(fd: number, steps: Generator<ReadRequest, T, number>): Promise<T> {
  let step = steps.next(0);
  while (step.done !== true) {
    const { buffer, offset, length } = step.value;
    step = steps.next((await readFd(fd, buffer, offset, length, null)).bytesRead);
  }
  return step.value;
}

const writeFd = promisify(write);

/** Writes behind the caller's back: `next` waits for what was sent before, not for what it sends. */
function createSender(fd: number) {
  let under: Promise<void> = Promise.resolve();
  const send = async (parts: readonly Uint8Array[]): Promise<void> => {
    for (const part of parts) {
      for (let from = 0; from < part.length; ) from += (await writeFd(fd, part, from, part.length - from, null)).bytesWritten;
    }
  };
  return {
    async next(...parts: readonly Uint8Array[]): Promise<void> {
      await under;
      under = send(parts);
      under.catch(() => undefined); // Whoever sends next, or waits for the end, learns of it.
    },
    done: async (): Promise<void> => await under,
  };
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** Untagged pictures are taken for what players take them for. */
function coloursOf(tags: ColourTags, height: number): PlanarColours {
  const known = tags.space === 'bt709' || ['smpte170m', 'bt470bg', 'fcc'].includes(tags.space ?? '');
  return { matrix: (known ? tags.space === 'bt709' : height >= 720) ? 'bt709' : 'bt601', fullRange: tags.range === 'pc' };
}

function encoderCommand({ path, lastPicture }: RedrawRequest, width: number, height: number, tags: ColourTags, fd: number): CommandSpec {
  // H.264 in 4:2:0 has even sides only: the last column and row are doubled.
  const odd = [width % 2, height % 2] as const;
  const even = `pad=${width + odd[0]}:${height + odd[1]},fillborders=right=${odd[0]}:bottom=${odd[1]}:mode=smear`;
  const setts = (last: { fromS: number; holdS: number }): string =>
    `setts=duration=if(gte(PTS*TB\\,${last.fromS.toFixed(6)})\\,${last.holdS.toFixed(3)}/TB\\,DURATION)`;
  const tag = (option: string, value: string | null): string[] => (value === null ? [] : [option, value]);
  return {
    descriptors: [fd],
    inputs: [{ options: ['-f', 'ivf'], source: 'pipe:3' }],
    outputs: [
      {
        options: [
          ...['-map', '0:v:0', ...(odd[0] + odd[1] > 0 ? ['-filter:v', even] : [])],
          ...['-copyts', '-fps_mode', 'passthrough', '-enc_time_base', '-1'],
          ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', quality, '-threads', encoderThreads, '-pix_fmt', 'yuv420p'],
          // Without pictures that refer forward, each is stored in the order and at the time in which it is shown.
          ...['-bf', '0', '-g', keyframePictures],
          ...tag('-color_range', tags.range),
          ...tag('-colorspace', tags.space),
          ...tag('-color_primaries', tags.primaries),
          ...tag('-color_trc', tags.transfer),
          ...(lastPicture === null ? [] : ['-bsf:v', setts(lastPicture)]),
          ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-movflags', '+faststart', '-f', 'mp4'],
        ],
        target: `file:${path}`,
      },
    ],
  };
}

function encoderFailure(path: string, exit: FfmpegExit): AgentError {
  const said = exit.complaints.join('\n');
  if (/No space left on device|Disk quota exceeded/i.test(said)) {
    return new AgentError('DISK_FULL', `${path}: no room is left on the disk; free some, or choose another folder`);
  }
  if (/Unknown encoder/i.test(said)) {
    return new AgentError('MEDIA_FAILED', `${path}: this ffmpeg has no H.264 encoder; install one with libx264 (apt-get install ffmpeg)`);
  }
  return new AgentError('MEDIA_FAILED', `${path}: the video could not be encoded: ${tellingComplaint(exit.complaints) ?? exit.reason}`);
}
