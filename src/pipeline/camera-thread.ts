import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { CameraConfig } from '../config/camera-schema.js';
import type { PixelFormat } from '../domain/frame.js';
import type { Teaching } from '../domain/lesson.js';
import { createFrameReader } from '../media/frame-reader.js';
import { createWallClock, type WallClockSpec } from '../media/wall-clock.js';
import { runCameraLoop } from './camera-loop.js';
import { createCameraPipeline } from './create-camera-pipeline.js';
import { createIdFactory } from './incident-ids.js';

/** What a camera's thread is given when it starts. */
export interface CameraThreadData {
  readonly camera: CameraConfig;
  /** The compiled kernels: compiled once for all cameras. */
  readonly kernels: WebAssembly.Module;
  /** Decoded pictures come out of this descriptor; ffmpeg's end is the thread's end. */
  readonly framesFd: number;
  readonly pixelFormat: PixelFormat;
  readonly wallClock: WallClockSpec;
  readonly counters: SharedArrayBuffer;
  /** What is known of earlier incidents; later ones come as messages. `null`: nothing. */
  readonly teaching: Teaching | null;
  /** See `createIdFactory`. */
  readonly idSeed: string | null;
}

const data = workerData as CameraThreadData;
const port = parentPort;
if (port === null) throw new TypeError('camera-thread runs in a worker thread only');

const createId = createIdFactory(data.idSeed);
const monotonic = (): number => performance.now();

/** Reading pictures blocks the thread, so that messages have to be fetched; the latest says all. */
function createInbox(from: MessagePort, known: Teaching | null): () => Teaching | null {
  let latest = known;
  return () => {
    for (let next = receiveMessageOnPort(from); next !== undefined; next = receiveMessageOnPort(from)) latest = next.message as Teaching;
    const taken = latest;
    latest = null;
    return taken;
  };
}

runCameraLoop({
  openFrames: (allocate) =>
    createFrameReader({
      fd: data.framesFd,
      cameraId: data.camera.id,
      format: data.pixelFormat,
      allocate,
      wallClock: createWallClock(data.wallClock, () => Date.now()),
    }),
  createPipeline: ({ width, height }) =>
    createCameraPipeline({ camera: data.camera, kernels: data.kernels, width, height, createId, monotonic }),
  counters: data.counters,
  receive: createInbox(port, data.teaching),
  post: (message) => port.postMessage(message),
  monotonic,
});
