import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { CameraConfig } from '../config/camera-schema.js';
import type { PixelFormat } from '../domain/frame.js';
import type { Incident } from '../domain/incident.js';
import type { Teaching } from '../domain/lesson.js';
import type { PictureFormat } from '../media/frame-reader.js';
import { createFrameReader } from '../media/frame-reader.js';
import { createWallClock, type WallClockSpec } from '../media/wall-clock.js';
import { runCameraLoop } from './camera-loop.js';
import { loadCameraParts } from './camera-parts.js';
import type { CameraPipeline } from './camera-pipeline.js';
import { createCameraPipeline } from './create-camera-pipeline.js';
import { createIdFactory } from './incident-ids.js';
import { createThreadEyes, type Sighting, type ThreadEyesData } from './object-eyes.js';
import type { RuleMemories } from './rule-memories.js';

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
  /** What the rules of the connection before remembered. */
  readonly memories: RuleMemories;
  /** What it left open; `null`: no other will go on with what this one leaves open. */
  readonly carried: readonly Incident[] | null;
  /** See `createIdFactory`. */
  readonly idSeed: string | null;
  /** The way to the eyes on the main thread; `null`: nobody names objects. */
  readonly eyes: ThreadEyesData | null;
}

/** What the main thread tells a camera's thread while it runs. */
export type ThreadOrder =
  | { readonly kind: 'teach'; readonly teaching: Teaching }
  | { readonly kind: 'configure'; readonly camera: CameraConfig }
  | { readonly kind: 'seen'; readonly sighting: Sighting };

const data = workerData as CameraThreadData;
const port = parentPort;
if (port === null) throw new TypeError('camera-thread runs in a worker thread only');

const createId = createIdFactory(data.idSeed);
const monotonic = (): number => performance.now();

/** Reading pictures blocks the thread, so that messages have to be fetched; the latest of a kind says all. */
function createInbox(from: MessagePort, known: Teaching | null) {
  let teaching = known;
  let camera: CameraConfig | null = null;
  let seen: Sighting[] = [];
  const fetch = (): void => {
    for (let next = receiveMessageOnPort(from); next !== undefined; next = receiveMessageOnPort(from)) {
      const order = next.message as ThreadOrder;
      if (order.kind === 'teach') teaching = order.teaching;
      else if (order.kind === 'seen') seen.push(order.sighting);
      else camera = order.camera;
    }
  };
  return {
    teaching(): Teaching | null {
      fetch();
      const taken = teaching;
      teaching = null;
      return taken;
    },
    sightings(): readonly Sighting[] {
      fetch();
      const taken = seen;
      seen = [];
      return taken;
    },
    camera(): CameraConfig | null {
      const taken = camera;
      camera = null;
      return taken;
    },
  };
}

const inbox = createInbox(port, data.teaching);
const eyes =
  data.eyes === null ? null : createThreadEyes(data.eyes, (message, transfer) => port.postMessage(message, transfer), inbox.sightings);
/** Loads what the camera's rules need; the pipeline is made when the size of its pictures is known. */
async function prepare(camera: CameraConfig): Promise<(picture: PictureFormat) => CameraPipeline> {
  const parts = await loadCameraParts(camera);
  return (picture) => createCameraPipeline({ camera, parts, kernels: data.kernels, ...picture, openEyes: () => eyes, createId, monotonic });
}

const createPipeline = await prepare(data.camera);
await runCameraLoop({
  openFrames: (allocate) =>
    createFrameReader({
      fd: data.framesFd,
      cameraId: data.camera.id,
      format: data.pixelFormat,
      allocate,
      wallClock: createWallClock(data.wallClock, () => Date.now()),
    }),
  createPipeline,
  rewire: () => {
    const camera = inbox.camera();
    return camera === null ? null : prepare(camera);
  },
  counters: data.counters,
  memories: data.memories,
  carried: data.carried,
  receive: inbox.teaching,
  post: (message) => port.postMessage(message),
  monotonic,
});
