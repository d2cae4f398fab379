import type { CameraConfig } from '../config/camera-schema.js';
// Not from the index: a camera's thread does not need the config's parser and YAML.
import { toFacade } from '../config/facade.js';
import { toGround, toLines, toZones } from '../config/places.js';
import { timeZoneOf } from '../config/time-zone.js';
import { createGroundPlane } from '../core/geometry/ground-plane.js';
import { fillPolygon } from '../core/geometry/polygon.js';
import { createKernels } from '../core/kernels/kernels.js';
import { MOTION_SLOTS, MotionDetector } from '../core/motion/motion-detector.js';
import type { Frame } from '../domain/frame.js';
import type { Incident } from '../domain/incident.js';
import type { RuleContext, RuleFinding } from '../rules/contract.js';
import { workOf } from '../rules/registry.js';
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

/**
 * Wires the stages of one camera: kernels, motion, the rules of its config.
 *
 * @throws {RangeError} when the picture is too small or large for the kernels, or the facade's corners make no facade.
 */
export function createCameraPipeline(options: CameraPipelineOptions): CameraPipeline {
  const { camera, width, height } = options;
  const rules = camera.rules.filter((rule) => rule.enabled).map((config) => ({ config, work: workOf(config) }));
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
  const demands = rules.flatMap(({ config, work }) => (work.input === 'motion' ? [work.motion(config)] : []));
  const motion = new MotionDetector(kernels, {
    floorGrey: Math.min(255, ...demands.map((d) => d.floorGrey)),
    sigmas: Math.min(16, ...demands.map((d) => d.sigmas)),
  });
  const ground = toGround(camera);
  const context: RuleContext = {
    width,
    height,
    facade: toFacade(camera),
    zones: toZones(camera),
    lines: toLines(camera),
    ground: ground === null ? null : createGroundPlane(ground),
    timeZone: timeZoneOf(camera),
  };
  const running = rules.flatMap(({ config, work }) => {
    if (work.input !== 'motion') return [];
    return {
      config,
      /** By finding: the id, and the wall clock of stream time 0 when it began, so that its times stay when the mapping is corrected. */
      open: new Map<number, { readonly id: string; readonly offsetMs: number }>(),
      rule: work.create(config, context),
    };
  });

  // A width that is no multiple of sixteen needs its rows spread out; others are read straight into the kernels' memory.
  const packed = kernels.stride === width ? null : new Uint8Array(width * height);
  const stageMs = { motion: 0, rules: 0 };
  let frames = 0;
  let candidates = 0;
  /** UTC milliseconds of stream time 0, as last mapped. */
  let wallOffsetMs = 0;
  /** Stream time of the newest picture, milliseconds. */
  let newestPtsMs = 0;

  const incidentOf = (entry: (typeof running)[number], finding: RuleFinding): Incident => {
    const { number, startPtsMs, endPtsMs, ...told } = finding;
    const known = entry.open.get(number);
    const offsetMs = known?.offsetMs ?? wallOffsetMs;
    const startedAtMs = Math.round(offsetMs + startPtsMs);
    const id = known?.id ?? options.createId(startedAtMs);
    if (finding.phase === 'end') entry.open.delete(number);
    else entry.open.set(number, { id, offsetMs });
    return {
      ...told,
      id,
      cameraId: camera.id,
      rule: entry.config.name,
      type: entry.config.type,
      startedAtMs,
      endedAtMs: finding.phase === 'end' ? Math.round(offsetMs + endPtsMs) : null,
      streamTime: { start: startPtsMs / 1000, end: endPtsMs / 1000, told: newestPtsMs / 1000 },
    };
  };

  return {
    frameBuffer: () => packed ?? motion.incomingSlot(),
    process(frame: Frame) {
      frames++;
      wallOffsetMs = frame.capturedAtMs - frame.ptsMs;
      newestPtsMs = frame.ptsMs;
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
    learn({ lessons, nowMs }) {
      for (const { config, rule } of running) {
        rule.learn?.({ nowMs, lessons: lessons.filter(({ incident }) => incident.type === config.type) });
      }
    },
    counters: () => ({
      frames,
      repeatedFrames: motion.repeatedFrames,
      vetoedFrames: motion.vetoedFrames,
      candidates,
      stageMs: { ...stageMs },
    }),
  };
}
