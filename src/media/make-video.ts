import { write } from 'node:fs';
import { promisify } from 'node:util';
import { type CommandSpec, type FfmpegExit, startFfmpeg } from './ffmpeg.js';
import { createFramePipe } from './frame-pipe.js';

export interface EncodeRequest {
  /** Of the MP4 file to make; one that is there is replaced. */
  readonly path: string;
  /** Pixels, even. */
  readonly width: number;
  /** Pixels, even. */
  readonly height: number;
  /** Pictures a second. */
  readonly fps: number;
  /** Megabits a second. */
  readonly mbps: number;
  /** Pictures from one keyframe to the next. */
  readonly keyframeEvery: number;
  /** Each a whole `yuv420p` picture; may be one buffer again and again. */
  readonly pictures: Iterable<Uint8Array>;
}

/**
 * Encodes pictures as cameras do: H.264 without B-frames, steady keyframes, a bit rate without room to spare.
 *
 * @returns how ffmpeg ended; a reason other than `finished` is the caller's to tell.
 * @throws {AgentError} FFMPEG_MISSING. The signal's reason when aborted.
 */
export async function encodeLikeCamera(request: EncodeRequest, signal: AbortSignal): Promise<FfmpegExit> {
  const pipe = await createFramePipe();
  const encoding = runFfmpeg(encoderCommand(request, pipe.readFd), signal);
  try {
    // An encoder that ends early leaves a pipe that nobody reads: how it ended counts, not the broken pipe.
    await Promise.race([encoding, writePictures(pipe.writeFd, request.pictures, signal)]);
  } finally {
    pipe.close();
  }
  return await encoding;
}

async function writePictures(fd: number, pictures: Iterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  for (const picture of pictures) {
    if (signal.aborted) return;
    for (let at = 0; at < picture.length; ) at += (await promisify(write)(fd, picture, at, picture.length - at, null)).bytesWritten;
  }
}

function encoderCommand({ path, width, height, fps, mbps, keyframeEvery }: EncodeRequest, readFd: number): CommandSpec {
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(fps)];
  const params = `bframes=0:rc-lookahead=0:scenecut=0:keyint=${keyframeEvery}:min-keyint=${keyframeEvery}`;
  const rate = ['-b:v', `${mbps}M`, '-maxrate', `${mbps}M`, '-bufsize', `${mbps}M`];
  const options = ['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', params, '-g', String(keyframeEvery), ...rate];
  return {
    descriptors: [readFd],
    inputs: [{ options: raw, source: 'pipe:3' }],
    outputs: [{ options, target: `file:${path}` }],
  };
}

/**
 * Copies the pictures of a video as they are, `turns` times one after the other, up to a length.
 *
 * @returns how ffmpeg ended; a reason other than `finished` is the caller's to tell.
 * @throws {AgentError} FFMPEG_MISSING. The signal's reason when aborted.
 */
export async function copyVideo(
  job: { readonly from: string; readonly to: string; readonly turns: number; readonly seconds: number },
  signal: AbortSignal,
): Promise<FfmpegExit> {
  const input = ['-stream_loop', String(job.turns - 1), '-protocol_whitelist', 'file'];
  const output = ['-map', '0:v:0', '-c', 'copy', '-t', String(job.seconds)];
  const spec = { inputs: [{ options: input, source: `file:${job.from}` }], outputs: [{ options: output, target: `file:${job.to}` }] };
  return await runFfmpeg(spec, signal);
}

async function runFfmpeg(spec: CommandSpec, signal: AbortSignal): Promise<FfmpegExit> {
  await using ffmpeg = startFfmpeg(spec, { signal });
  await ffmpeg.ready;
  const exit = await ffmpeg.exited;
  signal.throwIfAborted();
  return exit;
}
