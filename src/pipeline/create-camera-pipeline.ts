import type { CameraConfig } from '../config/camera-schema.js';
// Not from the index: a camera's thread needs neither zod nor yaml, which would cost it 0.1 s and some megabytes.
import { toFacade } from '../config/facade.js';
import { createFacadePlane } from '../core/geometry/facade-plane.js';
import { fillPolygon } from '../core/geometry/polygon.js';
import { createKernels } from '../core/kernels/kernels.js';
import { MOTION_SLOTS, MotionDetector } from '../core/motion/motion-detector.js';
import type { Frame } from '../domain/frame.js';
import type { Incident } from '../domain/incident.js';
import { type ThrowFinding, ThrownObjectRule } from '../rules/thrown-object/rule.js';
import type { CameraPipeline } from './camera-pipeline.js';

export interface CameraPipelineOptions {
  readonly camera: CameraConfig;
  /** The compiled kernels. */
  readonly kernels: WebAssembly.Module;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Makes the id of a new incident from its start, UTC milliseconds. */
  readonly createId: (startedAtMs: number) => string;
  /** Monotonic milliseconds, for the stage times. */
  readonly monotonic: () => number;
}

/** Lowest difference from the background that counts, grey levels, and noise multiple, by sensitivity. */
const SENSITIVITY = {
  low: { floorGrey: 12, sigmas: 4 },
  normal: { floorGrey: 8, sigmas: 3 },
  high: { floorGrey: 6, sigmas: 3 },
} as const;

/**
 * Wires the stages of one camera: kernels, motion, the rules of its config.
 *
 * @throws {RangeError} when the picture is too small or large for the kernels, or the facade's corners make no facade.
 */
export function createCameraPipeline(options: CameraPipelineOptions): CameraPipeline {
  const { camera, width, height } = options;
  const rules = camera.rules.filter((rule) => rule.enabled);
  const kernels = createKernels(options.kernels, width, height, MOTION_SLOTS);
  for (const polygon of camera.masks.motion) {
    fillPolygon(
      polygon.map(([x, y]) => ({ x, y })),
      kernels.mask,
      width,
      height,
      kernels.stride,
      255,
    );
  }
  const sensitivities = rules.map((rule) => SENSITIVITY[rule.sensitivity]);
  const motion = new MotionDetector(kernels, {
    floorGrey: Math.min(...sensitivities.map((s) => s.floorGrey), SENSITIVITY.low.floorGrey),
    sigmas: Math.min(...sensitivities.map((s) => s.sigmas), SENSITIVITY.low.sigmas),
  });
  const facade = toFacade(camera);
  const plane = facade === null ? null : createFacadePlane(facade, width, height);
  const running = rules.map((config) => ({
    config,
    /** By finding: the id, and the wall clock of stream time 0 when it began, so that its times stay when the mapping is corrected. */
    open: new Map<number, { readonly id: string; readonly offsetMs: number }>(),
    rule: new ThrownObjectRule({
      width,
      height,
      plane,
      floorHeightM: facade?.floors.heightM ?? null,
      minDropFloors: config.min_drop_floors,
      minDropShare: config.min_drop,
      reportSuspected: config.report_suspected,
    }),
  }));

  // A width that is no multiple of sixteen needs its rows spread out; others are read straight into the kernels' memory.
  const packed = kernels.stride === width ? null : new Uint8Array(width * height);
  const stageMs = { motion: 0, rules: 0 };
  let frames = 0;
  let candidates = 0;
  /** UTC milliseconds of stream time 0, as last mapped. */
  let wallOffsetMs = 0;

  const incidentOf = (entry: (typeof running)[number], finding: ThrowFinding): Incident => {
    const known = entry.open.get(finding.number);
    const offsetMs = known?.offsetMs ?? wallOffsetMs;
    const startedAtMs = Math.round(offsetMs + finding.startPtsMs);
    const id = known?.id ?? options.createId(startedAtMs);
    if (finding.phase === 'end') entry.open.delete(finding.number);
    else entry.open.set(finding.number, { id, offsetMs });
    const { trajectory } = finding.details;
    return {
      id,
      cameraId: camera.id,
      rule: entry.config.name,
      type: entry.config.type,
      phase: finding.phase,
      severity: entry.config.severity[finding.verdict],
      verdict: finding.verdict,
      confidence: finding.confidence,
      startedAtMs,
      endedAtMs: finding.phase === 'end' ? Math.round(offsetMs + finding.endPtsMs) : null,
      streamTime: { start: finding.startPtsMs / 1000, end: finding.endPtsMs / 1000 },
      box: {
        x1: Math.min(...trajectory.map((p) => p.x - p.w / 2)),
        y1: Math.min(...trajectory.map((p) => p.y - p.h / 2)),
        x2: Math.max(...trajectory.map((p) => p.x + p.w / 2)),
        y2: Math.max(...trajectory.map((p) => p.y + p.h / 2)),
      },
      zone: null,
      labels: [],
      throw: finding.details,
      reasons: finding.reasons,
    };
  };

  return {
    frameBuffer: () => packed ?? motion.incomingSlot(),
    process(frame: Frame) {
      frames++;
      wallOffsetMs = frame.capturedAtMs - frame.ptsMs;
      const begun = options.monotonic();
      if (packed !== null) {
        const slot = motion.incomingSlot();
        for (let y = 0; y < height; y++) slot.set(packed.subarray(y * width, (y + 1) * width), y * kernels.stride);
      }
      const seen = motion.push(frame.seq, frame.ptsMs);
      const moved = options.monotonic();
      stageMs.motion += moved - begun;
      if (seen === null) return [];
      candidates += seen.candidates.length;
      const incidents = running.flatMap((entry) => entry.rule.step(seen).map((finding) => incidentOf(entry, finding)));
      stageMs.rules += options.monotonic() - moved;
      return incidents;
    },
    finish: () => running.flatMap((entry) => entry.rule.finish().map((finding) => incidentOf(entry, finding))),
    counters: () => ({
      frames,
      repeatedFrames: motion.repeatedFrames,
      vetoedFrames: motion.vetoedFrames,
      candidates,
      stageMs: { ...stageMs },
    }),
  };
}
