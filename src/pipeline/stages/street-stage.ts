import type { CameraConfig } from '../../config/camera-schema.js';
import type { Detection } from '../../core/detection/detection.js';
import type { ColourPicture } from '../../core/detection/fill-input.js';
import { createObjectTracker, type ObjectTracker } from '../../core/objects/object-tracker.js';
import { createSceneAnalyser, type SceneView } from '../../core/scene/scene-analyser.js';
import { shrinkPlane } from '../../core/scene/shrink.js';
import type { Frame } from '../../domain/frame.js';
import type { ScenePicture, StreetFrame, TrackedObject } from '../../domain/street.js';
import type { ObjectEyes } from '../eyes/object-eyes.js';
import { STREET_EVERY_MS, STREET_WIDTH_PX } from './street-sampling.js';

export interface StreetStageOptions {
  readonly camera: Pick<CameraConfig, 'masks' | 'detector'>;
  /** Of the camera's pictures, pixels. */
  readonly width: number;
  readonly height: number;
  /** `null`: no model names objects; whatever moves is one. The same holds while it says that there is none to be asked. */
  readonly eyes: ObjectEyes | null;
}

/** From a camera's pictures to what street rules see: samples some, and follows objects, still things and the state of the scene in them. */
export interface StreetStage {
  /** Of the pictures that rules see, pixels. */
  readonly width: number;
  readonly height: number;
  /** Takes one picture; `show` gets each sampled one, in order, once its objects are known. What it gets is valid until it returns. */
  process(frame: Frame, show: (seen: StreetFrame) => void): void;
  /** The stream has ended: shows what still waits. Another may follow, on the same clock: what moved is not looked for in it. */
  finish(show: (seen: StreetFrame) => void): void;
  /** From now on objects are named by these, or by nobody. */
  nameBy(eyes: ObjectEyes | null): void;
  counters(): { readonly sampled: number; readonly looked: number };
}

/** A picture that comes this much before it is due counts as due: streams tremble. */
const EARLY_SHARE = 0.1;
/**
 * A model that takes longer with a picture than this is not waited for, milliseconds of the stream. A large one that many cameras share takes seconds,
 * and what stands still is found by it all the same; as long are rules behind while a model hangs, and as much is kept: 50 pictures, 17 MB.
 */
const PATIENCE_MS = 10_000;
/** How often the model looks all the same while nothing moves, milliseconds: what stands still is then seen to stand still. */
const REST_MS = 2_000;

/** Pictures that are kept to be used again: as many as wait for a model that keeps up. */
const SPARES = 3;

interface Sample {
  readonly buffer: ColourPicture;
  readonly picture: ScenePicture;
  readonly frame: Pick<Frame, 'seq' | 'ptsMs' | 'capturedAtMs'>;
  readonly view: SceneView;
  /** What is to be followed; `null`: nobody looked; `undefined`: the model is at it. */
  detections: readonly Detection[] | null | undefined;
  /** Whether that comes from a model. */
  named: boolean;
}

export function createStreetStage({ camera, width, height, eyes: given }: StreetStageOptions): StreetStage {
  const shrink = Math.max(1, width / STREET_WIDTH_PX);
  const size = { width: Math.round(width / shrink), height: Math.round(height / shrink) };
  const tiled = camera.detector.tiles.columns * camera.detector.tiles.rows > 1;
  const mask = camera.masks.motion.map((polygon) => polygon.map(([x, y]) => ({ x, y })));
  const analyser = createSceneAnalyser({ ...size, mask });
  const aspect = width / height;
  let eyes = given;
  /** Whether there is a model to be asked. Where it cannot be, the camera goes on by what moves, until it can. */
  let named = eyes !== null;
  let followed = { named, tracker: createObjectTracker({ named, aspect }) };
  let lastId = 0;
  /** A few, for those that wait in turn: what a stall made many of is let go. */
  const spare: ColourPicture[] = [];
  const waiting: Sample[] = [];
  let objects: readonly TrackedObject[] = [];
  let dueMs = Number.NEGATIVE_INFINITY;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let sampled = 0;
  let looked = 0;

  function take(frame: Frame): Sample {
    const buffer = spare.pop() ?? emptyPicture(size);
    shrinkInto(frame, buffer);
    const picture = planesOf(buffer);
    const keep = objects.flatMap(({ stillBox }) => (stillBox === null ? [] : [stillBox]));
    const view = analyser.step(picture, frame.ptsMs, { keep });
    const { seq, ptsMs, capturedAtMs } = frame;
    return { buffer, picture, frame: { seq, ptsMs, capturedAtMs }, view, detections: view.moving, named: false };
  }

  /** Nobody looked: with a model to be asked nothing is known of this picture, without one what moves is. */
  function leave(sample: Sample): void {
    sample.named = named;
    sample.detections = named ? null : sample.view.moving;
  }

  function isWorthALook({ view, frame }: Sample): boolean {
    // While the light or the camera is unsettled nobody knows what moves.
    if (!camera.detector.only_on_motion || view.scene.unsettled || view.moving.length > 0) return true;
    return frame.ptsMs - lookedMs >= REST_MS;
  }

  function look(sample: Sample, frame: Frame): void {
    if (eyes === null) return;
    leave(sample);
    if (!isWorthALook(sample)) return;
    lookedMs = frame.ptsMs;
    looked++;
    sample.detections = undefined;
    eyes.look(tiled ? { width, height, format: 'yuv420p', data: frame.data } : sample.buffer, frame.ptsMs);
  }

  function hear(nowMs: number): void {
    for (const { ptsMs, detections } of eyes?.sightings() ?? []) {
      const sample = waiting.find((one) => one.frame.ptsMs === ptsMs && one.detections === undefined);
      if (detections !== null) named = detections !== 'no-model';
      if (sample === undefined) continue;
      if (detections === null || detections === 'no-model') leave(sample);
      else Object.assign(sample, { named, detections });
    }
    for (const sample of waiting) if (sample.detections === undefined && nowMs - sample.frame.ptsMs > PATIENCE_MS) leave(sample);
  }

  /** Boxes of a model and regions that move are not followed by the same measure: objects begin anew, under ids of their own. */
  function trackerOf(sample: Sample): ObjectTracker {
    if (sample.named !== followed.named)
      followed = { named: sample.named, tracker: createObjectTracker({ named: sample.named, aspect, firstId: lastId + 1 }) };
    return followed.tracker;
  }

  function showReady(show: (seen: StreetFrame) => void): void {
    for (let head = waiting[0]; head !== undefined && head.detections !== undefined; head = waiting[0]) {
      waiting.shift();
      const { frame, picture, view, buffer } = head;
      objects = trackerOf(head).step(frame.ptsMs, head.detections);
      lastId = Math.max(lastId, objects.at(-1)?.id ?? 0);
      show({ ...frame, picture, named: head.named, objects, still: view.still, scene: view.scene });
      if (spare.length < SPARES) spare.push(buffer);
    }
  }

  return {
    ...size,
    process(frame, show) {
      if (frame.ptsMs >= dueMs - EARLY_SHARE * STREET_EVERY_MS) {
        dueMs = Math.max(dueMs + STREET_EVERY_MS, frame.ptsMs + STREET_EVERY_MS * (1 - EARLY_SHARE));
        sampled++;
        const sample = take(frame);
        waiting.push(sample);
        look(sample, frame);
      }
      hear(frame.ptsMs);
      showReady(show);
    },
    finish(show) {
      hear(Number.POSITIVE_INFINITY);
      showReady(show);
      followed.tracker.forgetMoving();
    },
    nameBy(next) {
      if (next === eyes) return;
      eyes = next;
      named = next !== null;
      for (const sample of waiting) if (sample.detections === undefined) leave(sample);
    },
    counters: () => ({ sampled, looked }),
  };
}

const halfOf = (pixels: number): number => Math.ceil(pixels / 2);

function emptyPicture({ width, height }: { readonly width: number; readonly height: number }): ColourPicture {
  return { width, height, format: 'yuv420p', data: new Uint8Array(width * height + 2 * halfOf(width) * halfOf(height)) };
}

function planesOf({ width, height, data }: ColourPicture): ScenePicture {
  const luma = width * height;
  const chroma = halfOf(width) * halfOf(height);
  return {
    width,
    height,
    luma: data.subarray(0, luma),
    cb: data.subarray(luma, luma + chroma),
    cr: data.subarray(luma + chroma, luma + 2 * chroma),
  };
}

function shrinkInto(frame: Frame, to: ColourPicture): void {
  if (frame.format !== 'yuv420p') throw new RangeError('street rules need colours');
  const from = planesOf({ width: frame.width, height: frame.height, format: 'yuv420p', data: frame.data });
  const small = planesOf(to);
  shrinkPlane(from.luma, frame.width, frame.height, small.luma, to.width, to.height);
  for (const plane of ['cb', 'cr'] as const) {
    shrinkPlane(from[plane], halfOf(frame.width), halfOf(frame.height), small[plane], halfOf(to.width), halfOf(to.height));
  }
}
