import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { frameBytes } from '../../domain/frame.js';
import type { FfmpegExit } from '../../media/ffmpeg.js';
import { copyVideo, encodeLikeCamera } from '../../media/make-video.js';
import { AgentError } from '../../platform/errors.js';
import { benchFacade, createFacadePainter, createFacadeView, TURN_S } from './facade.js';

/** Pictures a second of the videos made here: what cameras in Europe and China send. */
const BENCH_FPS = 25;

/**
 * Sizes that `bench` makes videos of, with the bit rate at which cameras send H.264 of that size, and the length that is measured
 * unless asked otherwise: together under a minute. Much shorter, and the start of threads and compilers shows in every picture.
 */
export const benchSizes = {
  '720p': { width: 1280, height: 720, mbps: 2, seconds: 30 },
  '1080p': { width: 1920, height: 1080, mbps: 4, seconds: 20 },
  '4k': { width: 3840, height: 2160, mbps: 12, seconds: 10 },
} as const;
export type BenchSize = keyof typeof benchSizes;

/** Goes into the name of the kept file: raise it when the pictures change. */
const EDITION = 1;
/** A keyframe every so many pictures: two seconds. */
const KEYFRAME_EVERY = 50;

/** The drawn facade, as an installer would write it into a config. */
export function benchFacadeConfig(size: BenchSize): { corners: unknown; floors: object; width: string } {
  const { width, height } = benchSizes[size];
  const { floors, floorM, widthM } = benchFacade;
  const { corners } = createFacadeView(width, height);
  return { corners, floors: { first: 1, last: floors, height: `${floorM} m` }, width: `${widthM} m` };
}

/**
 * A test video of a facade with falls, made once and kept in the user's cache.
 *
 * @param onMake called when it must be made, which takes some seconds.
 * @throws {AgentError} MEDIA_FAILED when ffmpeg cannot encode it. The signal's reason when aborted.
 */
export async function makeBenchVideo(
  size: BenchSize,
  seconds: number,
  env: Readonly<Record<string, string | undefined>>,
  onMake: () => void,
  signal: AbortSignal,
): Promise<string> {
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'parapet');
  const path = join(cache, `bench-${EDITION}-${size}-${seconds}s.mp4`);
  if (existsSync(path)) return path;
  onMake();
  await mkdir(cache, { recursive: true });
  const turn = join(cache, `bench-turn.${process.pid}.mp4`);
  const whole = join(cache, `bench-whole.${process.pid}.mp4`);
  try {
    await encodeTurn(size, turn, Math.min(seconds, TURN_S), signal);
    await repeatBenchVideo({ from: turn, to: whole, turns: Math.ceil(seconds / TURN_S), seconds }, signal);
    await rename(whole, path);
  } finally {
    await rm(turn, { force: true });
    await rm(whole, { force: true });
  }
  return path;
}

/**
 * Copies the pictures of a video as they are, `turns` times one after the other, up to a length.
 *
 * @throws {AgentError} MEDIA_FAILED. The signal's reason when aborted.
 */
export async function repeatBenchVideo(job: Parameters<typeof copyVideo>[0], signal: AbortSignal): Promise<void> {
  mustBeMade(await copyVideo(job, signal));
}

async function encodeTurn(size: BenchSize, path: string, seconds: number, signal: AbortSignal): Promise<void> {
  const { width, height, mbps } = benchSizes[size];
  const pictures = paintTurn(width, height, seconds * BENCH_FPS);
  mustBeMade(await encodeLikeCamera({ path, width, height, fps: BENCH_FPS, mbps, keyframeEvery: KEYFRAME_EVERY, pictures }, signal));
}

function* paintTurn(width: number, height: number, count: number): Generator<Uint8Array> {
  const paint = createFacadePainter(createFacadeView(width, height));
  const picture = new Uint8Array(frameBytes('yuv420p', width, height));
  for (let n = 0; n < count; n++) {
    paint(picture, n / BENCH_FPS);
    yield picture;
  }
}

function mustBeMade({ reason, complaints }: FfmpegExit): void {
  if (reason === 'finished') return;
  const why = complaints.at(-1) ?? reason;
  throw new AgentError('MEDIA_FAILED', `the test video could not be made (${why}); give a video of yours: parapet bench VIDEO`);
}
