import type { CameraConfig } from '../config/camera-schema.js';
import { timeZoneOf } from '../config/camera-time.js';
// Not from the index: a camera's thread does not need the config's parser and YAML.
import { toFacade } from '../config/facade.js';
import { toGround, toLines, toZones } from '../config/places.js';
import { createGroundPlane } from '../core/geometry/ground-plane.js';
import { type Frame, frameBytes, type PixelFormat } from '../domain/frame.js';
import { type Incident, lastSeenMs } from '../domain/incident.js';
import type { StreetFrame } from '../domain/street.js';
import type { Rule, RuleContext } from '../rules/contract.js';
import type { RuleConfig } from '../rules/registry.js';
import type { CameraParts } from './camera-parts.js';
import type { CameraPipeline } from './camera-pipeline.js';
import { createIncidentMaker, type FindingTime } from './incident-maker.js';
import { createMotionStage } from './motion-stage.js';
import type { ObjectEyes } from './object-eyes.js';
import { figuresOf } from './rule-figures.js';
import { memoriesOf, recallBy } from './rule-memories.js';

export interface CameraPipelineOptions {
  readonly camera: CameraConfig;
  /** What its rules need, loaded for them or for more. */
  readonly parts: CameraParts;
  /** The compiled kernels. */
  readonly kernels: WebAssembly.Module;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Street rules need `yuv420p`. */
  readonly format: PixelFormat;
  /** The camera's way to a model that names objects; `null`: there is none. Asked for only when a rule wants one. */
  readonly openEyes: () => ObjectEyes | null;
  /** Makes the id of a new incident from its start, UTC milliseconds. */
  readonly createId: (startedAtMs: number) => string;
  /** Monotonic milliseconds, for the stage times. */
  readonly monotonic: () => number;
}

/**
 * Wires the stages of one camera: motion for the rules that it is for, scene and objects for those of the street.
 *
 * @throws {RangeError} when the picture is too small or large for the kernels, the facade's corners make no facade, or a part is not loaded.
 */
export function createCameraPipeline(options: CameraPipelineOptions): CameraPipeline {
  const { camera, parts, width, height, format, monotonic } = options;
  const context = contextOf(camera, width, height);
  const running = <F>(config: RuleConfig, rule: Rule<F>) => ({
    config,
    rule,
    maker: createIncidentMaker(camera.id, config, options.createId),
  });
  const works = camera.rules.filter(({ enabled }) => enabled).map((config) => ({ config, work: parts.workOf(config) }));
  const ofMotion = works.flatMap(({ config, work }) => (work.input === 'motion' ? [running(config, work.create(config, context))] : []));
  const demands = works.flatMap(({ config, work }) => (work.input === 'motion' ? [work.motion(config)] : []));
  const ofStreet = works.flatMap(({ config, work }) => (work.input === 'street' ? [{ config, work }] : []));

  const motion = demands.length === 0 ? null : createMotionStage({ camera, kernels: options.kernels, width, height, demands });
  const wantsNames = ofStreet.some(({ config, work }) => work.labels(config).length > 0);
  const eyes = wantsNames ? options.openEyes() : null;
  const street = ofStreet.length === 0 ? null : streetStageOf(parts)({ camera, width, height, eyes });
  const streetRules =
    street === null
      ? []
      : ofStreet.map(({ config, work }) =>
          running(config, work.create(config, { ...context, width: street.width, height: street.height })),
        );

  const direct = motion?.packed === true && format === 'gray' ? motion : null;
  const buffer = direct === null ? new Uint8Array(frameBytes(format, width, height)) : null;
  const stageMs = { motion: 0, scene: 0, rules: 0 };
  let frames = 0;
  let candidates = 0;
  let time: FindingTime = { wallOffsetMs: 0, newestPtsMs: 0 };

  function processMotion(frame: Frame): readonly Incident[] {
    if (motion === null) return [];
    const begunMs = monotonic();
    const seen = motion.push(frame.seq, frame.ptsMs, direct === null ? frame.data.subarray(0, width * height) : null);
    const movedMs = monotonic();
    stageMs.motion += movedMs - begunMs;
    if (seen === null) return [];
    candidates += seen.candidates.length;
    const incidents = ofMotion.flatMap(({ rule, maker }) => rule.step(seen).map((finding) => maker.make(finding, time)));
    stageMs.rules += monotonic() - movedMs;
    return incidents;
  }

  /** Takes what the street stage shows through the rules; what that cost is not the stage's. */
  function processStreet(work: (show: (seen: StreetFrame) => void) => void): readonly Incident[] {
    const incidents: Incident[] = [];
    const begunMs = monotonic();
    let rulesMs = 0;
    work((seen) => {
      const shownMs = monotonic();
      for (const { rule, maker } of streetRules) for (const finding of rule.step(seen)) incidents.push(maker.make(finding, time));
      rulesMs += monotonic() - shownMs;
    });
    stageMs.rules += rulesMs;
    stageMs.scene += monotonic() - begunMs - rulesMs;
    return incidents;
  }

  const all = [...ofMotion, ...streetRules];

  /** Shows what still waits, and ends what is open of the rules that are meant. */
  function end(isMeant: (rule: Pick<Rule<never>, 'resume'>) => boolean): readonly Incident[] {
    const last = street === null ? [] : processStreet((show) => street.finish(show));
    return [...last, ...all.flatMap(({ rule, maker }) => (isMeant(rule) ? rule.finish().map((finding) => maker.make(finding, time)) : []))];
  }

  return {
    frameBuffer: () => direct?.incoming() ?? (buffer as Uint8Array),
    process(frame) {
      frames++;
      time = { wallOffsetMs: frame.capturedAtMs - frame.ptsMs, newestPtsMs: frame.ptsMs };
      const thrown = processMotion(frame);
      return street === null ? thrown : [...thrown, ...processStreet((show) => street.process(frame, show))];
    },
    finish: () => end(() => true),
    suspend: () => end(({ resume }) => resume === undefined),
    open: () => all.flatMap(({ rule, maker }) => (rule.resume === undefined ? [] : maker.open())),
    resume(open) {
      const left = new Set(open);
      for (const { config, rule, maker } of all) {
        if (rule.resume === undefined) continue;
        const own = open.filter((incident) => incident.rule === config.name && incident.type === config.type);
        for (const incident of own) left.delete(incident);
        if (own.length > 0) rule.resume(own.map(maker.resume));
      }
      return [...left].map((incident) => ({ ...incident, phase: 'end', endedAtMs: lastSeenMs(incident) }));
    },
    learn({ lessons, nowMs }) {
      for (const { config, rule } of all) {
        rule.learn?.({ nowMs, lessons: lessons.filter(({ incident }) => incident.type === config.type) });
      }
    },
    memories: () => memoriesOf(all),
    recall: (memories) => recallBy(all, memories),
    figures: () => figuresOf(all),
    counters: () => {
      const { repeatedFrames, vetoedFrames } = motion?.counters() ?? { repeatedFrames: 0, vetoedFrames: 0 };
      return { frames, repeatedFrames, vetoedFrames, candidates, stageMs: { ...stageMs } };
    },
  };
}

function streetStageOf({ createStreetStage }: CameraParts): NonNullable<CameraParts['createStreetStage']> {
  if (createStreetStage === null) throw new RangeError('the stage of street rules is not loaded');
  return createStreetStage;
}

function contextOf(camera: CameraConfig, width: number, height: number): RuleContext {
  const ground = toGround(camera);
  return {
    width,
    height,
    facade: toFacade(camera),
    zones: toZones(camera),
    lines: toLines(camera),
    ground: ground === null ? null : createGroundPlane(ground),
    // Asked for only by rules that have hours: this machine's own costs a thread as much time as half of the code that looks for throws.
    get timeZone() {
      return timeZoneOf(camera);
    },
  };
}
