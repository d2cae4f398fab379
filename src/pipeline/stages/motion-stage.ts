import type { CameraConfig } from '../../config/camera-schema.js';
import { fillPolygon } from '../../core/geometry/polygon.js';
import { createKernels } from '../../core/kernels/kernels.js';
import type { MotionFrame } from '../../core/motion/candidate.js';
import { MOTION_SLOTS, MotionDetector, type MotionOptions } from '../../core/motion/motion-detector.js';
import type { PixelRoi } from '../../domain/roi.js';

export interface MotionStageOptions {
  readonly camera: Pick<CameraConfig, 'masks'>;
  /** The compiled kernels. */
  readonly kernels: WebAssembly.Module;
  /** Of what is looked at, pixels. */
  readonly width: number;
  readonly height: number;
  /** Where that lies in the camera's picture; `null`: it is all of it. */
  readonly roi: PixelRoi | null;
  /** How sensitive it must be for each rule; the most demanding decides. */
  readonly demands: readonly MotionOptions[];
}

/** From a camera's luma to what moves from picture to picture. */
export interface MotionStage {
  /** Where the next picture’s luma belongs: a buffer of its own for every picture. */
  incoming(): Uint8Array;
  /** Whether rows follow each other there without a gap. */
  readonly packed: boolean;
  /** Takes the picture whose luma lies in {@link incoming}, or in `luma`: of what is looked at, or of the whole picture. */
  push(seq: number, ptsMs: number, luma: Uint8Array | null): MotionFrame | null;
  counters(): { readonly repeatedFrames: number; readonly vetoedFrames: number };
}

/** @throws {RangeError} when the picture is too small or large for the kernels. */
export function createMotionStage(options: MotionStageOptions): MotionStage {
  const { camera, width, height, roi, demands } = options;
  const inRoi = (x: number): number => (roi === null ? x : (x * roi.pictureWidth - roi.left) / width);
  const kernels = createKernels(options.kernels, width, height, MOTION_SLOTS);
  for (const polygon of camera.masks.motion) {
    fillPolygon(
      polygon.map(([x, y]) => ({ x: inRoi(x), y })),
      kernels.mask,
      width,
      height,
      kernels.stride,
      255,
    );
  }
  const demand = {
    floorGrey: Math.min(255, ...demands.map(({ floorGrey }) => floorGrey)),
    sigmas: Math.min(16, ...demands.map(({ sigmas }) => sigmas)),
  };
  const motion = new MotionDetector(kernels, demand, roi);
  return {
    incoming: () => motion.incomingSlot(),
    packed: kernels.stride === width,
    push(seq, ptsMs, luma) {
      if (luma !== null) {
        const slot = motion.incomingSlot();
        const columns = luma.length / height;
        const left = columns === width ? 0 : (roi?.left ?? 0);
        if (kernels.stride === columns) slot.set(luma);
        else for (let y = 0, at = left; y < height; y++, at += columns) slot.set(luma.subarray(at, at + width), y * kernels.stride);
      }
      return motion.push(seq, ptsMs);
    },
    counters: () => ({ repeatedFrames: motion.repeatedFrames, vetoedFrames: motion.vetoedFrames }),
  };
}
