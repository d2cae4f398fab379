import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { CameraConfig } from '../../config/camera-schema.js';
import type { PixelFormat } from '../../domain/frame.js';
import type { Incident } from '../../domain/incident.js';
import type { Teaching } from '../../domain/lesson.js';
import type { PixelRoi } from '../../domain/roi.js';
import type { FrameFds } from '../../media/frame-pipe.js';
import type { PictureFormat } from '../../media/frame-reader.js';
import { createFrameReader } from '../../media/frame-reader.js';
import { createWallClock, type WallClockSpec } from '../../media/wall-clock.js';
import { createThreadEyes, type Sighting, type ThreadEyesData } from '../eyes/object-eyes.js';
import { createIdFactory } from '../incidents/incident-ids.js';
import type { RuleMemories } from '../learning/rule-memories.js';
import { loadCameraParts } from '../stages/camera-parts.js';
import type { CameraPipeline, CameraSettings } from '../stages/camera-pipeline.js';
import { createCameraPipeline } from '../stages/create-camera-pipeline.js';
import { createCameraLoop } from './camera-loop.js';

/** A stream of pictures. */
export interface ThreadConnection {
  /** Decoded pictures come out of these descriptors; ffmpeg's end is theirs. */
  readonly framesFds: FrameFds;
  readonly pixelFormat: PixelFormat;
  /** As the reader's. */
  readonly roi?: PixelRoi | null;
  readonly wallClock: WallClockSpec;
}

/** What a camera's thread is given when it starts. */
export interface CameraThreadData {
  readonly camera: CameraConfig;
  /** The compiled kernels: compiled once for all cameras. */
  readonly kernels: WebAssembly.Module;
  /** The first; others come as messages, where {@link carried} says that they may. */
  readonly connection: ThreadConnection;
  readonly counters: SharedArrayBuffer;
  /** What is known of earlier incidents; later ones come as messages. `null`: nothing. */
  readonly teaching: Teaching | null;
  /** What the rules of the connection before remembered. */
  readonly memories: RuleMemories;
  /** What it left open; `null`: no other connection will follow, and the thread ends with this one and ends what is open. Otherwise it waits for the next. */
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
  | { readonly kind: 'seen'; readonly sighting: Sighting }
  /** Both only after `ended`. */
  | { readonly kind: 'connect'; readonly connection: ThreadConnection }
  | { readonly kind: 'finish' };

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
  const take = (order: ThreadOrder): void => {
    if (order.kind === 'teach') teaching = order.teaching;
    else if (order.kind === 'seen') seen.push(order.sighting);
    else if (order.kind === 'configure') camera = order.camera;
    else throw new TypeError(`${order.kind} came while pictures did`);
  };
  const fetch = (): void => {
    for (let next = receiveMessageOnPort(from); next !== undefined; next = receiveMessageOnPort(from)) take(next.message as ThreadOrder);
  };
  return {
    take,
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
/** Loads what the camera's rules need. */
async function prepare(camera: CameraConfig): Promise<CameraSettings> {
  return { camera, parts: await loadCameraParts(camera) };
}

let settings = await prepare(data.camera);
const loop = createCameraLoop({
  createPipeline: (picture: PictureFormat): CameraPipeline =>
    createCameraPipeline({ ...settings, kernels: data.kernels, ...picture, openEyes: () => eyes, createId, monotonic }),
  changed: () => {
    const camera = inbox.camera();
    if (camera === null) return null;
    return prepare(camera).then((changed) => {
      settings = changed;
      return changed;
    });
  },
  counters: data.counters,
  memories: data.memories,
  carried: data.carried,
  receive: inbox.teaching,
  post: (message) => port.postMessage(message),
  monotonic,
});

async function connect({ framesFds: fds, pixelFormat: format, roi = null, wallClock }: ThreadConnection): Promise<void> {
  await loop.run((allocate) =>
    createFrameReader({ fds, cameraId: data.camera.id, format, roi, allocate, wallClock: createWallClock(wallClock, () => Date.now()) }),
  );
}

/** Between connections there is nothing to block for. */
function onOrder(order: ThreadOrder): void {
  if (order.kind === 'connect') void connect(order.connection);
  else if (order.kind !== 'finish') inbox.take(order);
  else {
    loop.finish();
    // Nothing holds the thread any more.
    port?.off('message', onOrder);
  }
}

await connect(data.connection);
if (data.carried !== null) port.on('message', onOrder);
