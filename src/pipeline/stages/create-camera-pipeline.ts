import type { CameraConfig } from '../../config/camera-schema.js';
import { timeZoneOf } from '../../config/camera-time.js';
// Not from the index: a camera's thread does not need the config's parser and YAML.
import { toFacade } from '../../config/facade.js';
import { toGround, toLines, toZones } from '../../config/places.js';
import { facadeRoi } from '../../core/geometry/facade-roi.js';
import { createGroundPlane } from '../../core/geometry/ground-plane.js';
import type { MotionFrame } from '../../core/motion/candidate.js';
import type { Figure } from '../../domain/figure.js';
import { type Frame, frameBytes, type PixelFormat } from '../../domain/frame.js';
import { type Incident, lastSeenMs } from '../../domain/incident.js';
import { type PixelRoi, pixelRoi } from '../../domain/roi.js';
import type { StreetFrame } from '../../domain/street.js';
import type { Rule, RuleContext } from '../../rules/contract.js';
import type { RuleConfig } from '../../rules/registry.js';
import type { ObjectEyes } from '../eyes/object-eyes.js';
import { figuresOf } from '../figures/rule-figures.js';
import { createIncidentMaker, type IncidentMaker } from '../incidents/incident-maker.js';
import { memoriesOf, recallBy } from '../learning/rule-memories.js';
import type { CameraParts } from './camera-parts.js';
import type { CameraPipeline } from './camera-pipeline.js';
import { createMotionStage, type MotionStage } from './motion-stage.js';
import { createPipelineClock, type PipelineClock } from './pipeline-clock.js';
import type { StreetStage } from './street-stage.js';

export interface CameraPipelineOptions {
  readonly camera: CameraConfig;
  /** What its rules need, loaded for them or for more. */
  readonly parts: CameraParts;
  /** The compiled kernels. */
  readonly kernels: WebAssembly.Module;
  /** Of the pictures as they come, pixels. */
  readonly width: number;
  readonly height: number;
  /** Where they lie in the camera's; `null` or absent: they are all of it. */
  readonly roi?: PixelRoi | null;
  /** Street rules need `yuv420p`. */
  readonly format: PixelFormat;
  /** The camera's way to a model that names objects; `null`: there is none. Asked for only when a rule wants one. */
  readonly openEyes: () => ObjectEyes | null;
  /** Makes the id of a new incident from its start, UTC milliseconds. */
  readonly createId: (startedAtMs: number) => string;
  /** Monotonic milliseconds, for the stage times. */
  readonly monotonic: () => number;
}

/** What ended incidents that were not over, as one of their reasons: the pictures stayed away, or other settings came into force. */
type Cut = 'stream_ended' | 'settings_changed';

const cutUnits: Readonly<Record<Cut, string>> = { stream_ended: 'streams', settings_changed: 'changes' };

/** A rule at work. */
interface Running<F> {
  readonly config: RuleConfig;
  /** Says all that it was made of. */
  readonly key: string;
  readonly rule: Rule<F>;
  readonly maker: IncidentMaker;
  counted: readonly Figure[];
}

/** The motion stage and its rules. */
interface MotionPart {
  readonly key: string;
  readonly stage: MotionStage;
  readonly rules: readonly Running<MotionFrame>[];
}

/** What one pipeline hands on to the next, which takes of it what its settings do not change. */
interface Inheritance {
  readonly clock: PipelineClock;
  readonly motion: MotionPart | null;
  readonly street: { readonly key: string; readonly stage: StreetStage } | null;
  readonly streetRules: readonly Running<StreetFrame>[];
}

/**
 * Wires the stages of one camera: motion for the rules that it is for, scene and objects for those of the street.
 *
 * @throws {RangeError} when the picture is too small or large for the kernels, the facade's corners make no facade, or a part is not loaded.
 */
export function createCameraPipeline(options: CameraPipelineOptions): CameraPipeline {
  return build(options, null).pipeline;
}

interface Built {
  readonly pipeline: CameraPipeline;
  readonly street: StreetStage | null;
  readonly rules: ReadonlySet<object>;
}

function build(options: CameraPipelineOptions, before: Inheritance | null): Built {
  const { camera, parts, width, height, format, monotonic } = options;
  // Whole pictures are for rules of the street, and no reason to look for throws elsewhere.
  const roi = options.roi ?? (format === 'gray' ? null : roiOf(camera, width));
  const seen = roi ?? { left: 0, width };
  const context = contextOf(camera, { width: roi?.pictureWidth ?? width, height, seen });
  const clock = before?.clock ?? createPipelineClock();
  const works = camera.rules.filter(({ enabled }) => enabled).map((config) => ({ config, work: parts.workOf(config) }));
  const running = <F>(config: RuleConfig, create: () => Rule<F>): Running<F> => ({
    ...{ config, key: ruleKey(config, camera), counted: [] },
    rule: create(),
    maker: createIncidentMaker(camera.id, config, options.createId),
  });

  function createMotion(inherited: MotionPart | null): MotionPart | null {
    const of = works.flatMap(({ config, work }) => (work.input === 'motion' ? [{ config, work }] : []));
    if (of.length === 0) return null;
    const key = JSON.stringify([camera.masks.motion, ...of.map(({ config }) => ruleKey(config, camera))]);
    if (inherited?.key === key) return inherited;
    const demands = of.map(({ config, work }) => work.motion(config));
    return {
      key,
      stage: createMotionStage({ camera, kernels: options.kernels, width: seen.width, height, roi, demands }),
      rules: of.map(({ config, work }) => running(config, () => work.create(config, context))),
    };
  }

  const ofStreet = works.flatMap(({ config, work }) => (work.input === 'street' ? [{ config, work }] : []));
  const streetKey = JSON.stringify([camera.masks.motion, camera.detector]);
  const kept = before?.street?.key === streetKey ? before : null;

  function createStreet(): StreetStage | null {
    if (ofStreet.length === 0) return null;
    const eyes = ofStreet.some(({ config, work }) => work.labels(config).length > 0) ? options.openEyes() : null;
    const stage = kept?.street?.stage ?? streetStageOf(parts)({ camera, width, height, eyes });
    stage.nameBy(eyes);
    return stage;
  }

  let motion = createMotion(before?.motion ?? null);
  const street = createStreet();
  const streetRules =
    street === null
      ? []
      : ofStreet.map(({ config, work }) => {
          const key = ruleKey(config, camera);
          const known = kept?.streetRules.find((one) => one.key === key);
          return (
            known ??
            running(config, () => {
              const { width, height } = street;
              return work.create(config, { ...context, width, height, seen: { left: 0, width } });
            })
          );
        });
  const inherited = new Set<object>([...(before?.motion?.rules ?? []), ...(before?.streetRules ?? [])]);
  /** Counters of stages of connections that are over, less what an inherited one had counted for another pipeline. */
  const past = { repeatedFrames: 0, vetoedFrames: 0 };
  if (motion !== null && motion === before?.motion) addStage(motion.stage, -1);

  let direct: MotionStage | null = null;
  let buffer: Uint8Array | null = null;
  const stageMs = { motion: 0, scene: 0, rules: 0 };
  let frames = 0;
  let candidates = 0;
  /** Rules that another pipeline goes on with. */
  let handedOn: ReadonlySet<object> = new Set();

  function addStage(stage: MotionStage, times: number): void {
    const { repeatedFrames, vetoedFrames } = stage.counters();
    past.repeatedFrames += times * repeatedFrames;
    past.vetoedFrames += times * vetoedFrames;
  }

  function layOut(): void {
    direct = motion?.stage.packed === true && format === 'gray' ? motion.stage : null;
    if (direct === null) buffer ??= new Uint8Array(frameBytes(format, width, height));
  }
  layOut();

  function processMotion(frame: Frame): readonly Incident[] {
    if (motion === null) return [];
    const begunMs = monotonic();
    const seen = motion.stage.push(frame.seq, frame.ptsMs, direct === null ? frame.data.subarray(0, width * height) : null);
    const movedMs = monotonic();
    stageMs.motion += movedMs - begunMs;
    if (seen === null) return [];
    candidates += seen.candidates.length;
    const time = clock.streamTime();
    const incidents = motion.rules.flatMap(({ rule, maker }) => rule.step(seen).map((finding) => maker.make(finding, time)));
    stageMs.rules += monotonic() - movedMs;
    return incidents;
  }

  /** Takes what the street stage shows through the rules; what that cost is not the stage's. */
  function processStreet(work: (show: (seen: StreetFrame) => void) => void): readonly Incident[] {
    const incidents: Incident[] = [];
    const begunMs = monotonic();
    let rulesMs = 0;
    const time = clock.time();
    work((seen) => {
      const shownMs = monotonic();
      for (const { rule, maker } of streetRules) for (const finding of rule.step(seen)) incidents.push(maker.make(finding, time));
      rulesMs += monotonic() - shownMs;
    });
    stageMs.rules += rulesMs;
    stageMs.scene += monotonic() - begunMs - rulesMs;
    return incidents;
  }

  const all = (): readonly Running<never>[] => [...(motion?.rules ?? []), ...streetRules];
  const showWaiting = (): readonly Incident[] => (street === null ? [] : processStreet((show) => street.finish(show)));
  /** What falls is over in seconds, whatever becomes of the stream. */
  const endMotion = (): readonly Incident[] =>
    (motion?.rules ?? []).flatMap(({ rule, maker }) => rule.finish().map((finding) => maker.make(finding, clock.streamTime())));
  /** @param why what ends them, where they are not over. */
  const endStreet = (why: Cut | null, isMeant: (one: Running<StreetFrame>) => boolean): readonly Incident[] =>
    streetRules.filter(isMeant).flatMap(({ rule, maker }) => rule.finish().map((finding) => cut(maker.make(finding, clock.time()), why)));

  const pipeline: CameraPipeline = {
    frameBuffer: () => direct?.incoming() ?? (buffer as Uint8Array),
    process(given) {
      frames++;
      const frame = clock.take(given);
      // A path is told by the clock of its own stream, which its evidence is cut by.
      const thrown = processMotion(given);
      return street === null ? thrown : [...thrown, ...processStreet((show) => street.process(frame, show))];
    },
    finish: () => [...showWaiting(), ...endMotion(), ...endStreet(null, () => true)],
    pause() {
      const last = [...showWaiting(), ...endMotion()];
      clock.pause();
      return last;
    },
    goOn(memories) {
      if (motion === null) return;
      addStage(motion.stage, 1);
      motion = createMotion(null);
      layOut();
      recallBy(motion?.rules ?? [], memories);
    },
    suspend: () => [...showWaiting(), ...endMotion(), ...endStreet('stream_ended', ({ rule }) => rule.resume === undefined)],
    succeed(settings) {
      const next = build(
        { ...options, ...settings },
        { clock, motion, street: street === null ? null : { key: streetKey, stage: street }, streetRules },
      );
      handedOn = next.rules;
      const shown = next.street === street ? [] : showWaiting();
      const thrown = (motion?.rules ?? []).some((one) => handedOn.has(one)) ? [] : endMotion();
      const ended = endStreet('settings_changed', (one) => one.rule.resume === undefined && !handedOn.has(one));
      return { next: next.pipeline, last: [...shown, ...thrown, ...ended] };
    },
    open: () => all().flatMap((one) => (one.rule.resume === undefined || handedOn.has(one) ? [] : one.maker.open())),
    resume(open) {
      const left = new Set(open);
      for (const { config, rule, maker } of all()) {
        if (rule.resume === undefined) continue;
        const own = open.filter((incident) => incident.rule === config.name && incident.type === config.type);
        for (const incident of own) left.delete(incident);
        if (own.length > 0) rule.resume(own.map(maker.resume));
      }
      return [...left].map((incident) => cut({ ...incident, phase: 'end', endedAtMs: lastSeenMs(incident) }, 'settings_changed'));
    },
    learn({ lessons, nowMs }) {
      for (const { config, rule } of all()) {
        rule.learn?.({ nowMs, lessons: lessons.filter(({ incident }) => incident.type === config.type) });
      }
    },
    memories: () => memoriesOf(all()),
    recall: (memories) =>
      recallBy(
        all().filter((one) => !inherited.has(one)),
        memories,
      ),
    figures: (last) => figuresOf(all(), last),
    counters: () => {
      const ofStage = motion?.stage.counters();
      const repeatedFrames = past.repeatedFrames + (ofStage?.repeatedFrames ?? 0);
      const vetoedFrames = past.vetoedFrames + (ofStage?.vetoedFrames ?? 0);
      return { frames, repeatedFrames, vetoedFrames, candidates, stageMs };
    },
  };
  return { pipeline, street, rules: new Set<object>(all()) };
}

/** An end that came before it was over says why. */
function cut(incident: Incident, why: Cut | null): Incident {
  if (why === null || incident.phase !== 'end') return incident;
  return { ...incident, reasons: [...incident.reasons, { criterion: why, value: 1, threshold: 1, unit: cutUnits[why] }] };
}

/** Everything that a rule is made of: its own config, and what that refers to. */
function ruleKey(config: RuleConfig, camera: CameraConfig): string {
  const own = JSON.stringify(config);
  const named = (places: Readonly<Record<string, unknown>>) =>
    Object.entries(places).filter(([name]) => own.includes(JSON.stringify(name)));
  return JSON.stringify([own, camera.facade, camera.ground, timeZoneOf(camera), named(camera.zones), named(camera.lines)]);
}
function streetStageOf({ createStreetStage }: CameraParts): NonNullable<CameraParts['createStreetStage']> {
  if (createStreetStage === null) throw new RangeError('the stage of street rules is not loaded');
  return createStreetStage;
}

/** Where a camera's facade lies in its picture; `null`: all of it is to be looked at. */
function roiOf(camera: CameraConfig, width: number): PixelRoi | null {
  const facade = toFacade(camera);
  const roi = facade === null ? null : facadeRoi(facade);
  return roi === null ? null : pixelRoi(roi, width);
}

function contextOf(camera: CameraConfig, picture: Pick<RuleContext, 'width' | 'height' | 'seen'>): RuleContext {
  const ground = toGround(camera);
  return {
    ...picture,
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
