import type { Incident } from '../../domain/incident.js';
import type { Teaching } from '../../domain/lesson.js';
import type { FrameReader, FramesEnd, PictureFormat } from '../../media/frame-reader.js';
import type { LookMessage } from '../eyes/object-eyes.js';
import type { RuleFigures } from '../figures/rule-figures.js';
import { changedMemories, type RuleMemories } from '../learning/rule-memories.js';
import type { CameraPipeline, CameraSettings, PipelineCounters } from '../stages/camera-pipeline.js';
import { addCounters, createFigureWriter } from './camera-counters.js';

/** What a camera's thread tells the main thread. */
export type ThreadMessage =
  | { readonly kind: 'incidents'; readonly incidents: readonly Incident[] }
  | LookMessage
  | { readonly kind: 'memories'; readonly memories: RuleMemories }
  /** `last`: of a pipeline that has ended; the next one begins anew. */
  | { readonly kind: 'figures'; readonly figures: RuleFigures; readonly last: boolean }
  | { readonly kind: 'ended'; readonly end: FramesEnd };

/** Opens a stream of pictures; they go where `allocate` says. */
export type OpenFrames = (allocate: (format: PictureFormat) => () => Uint8Array) => FrameReader;

export interface CameraLoopOptions {
  /** Called when the size of the pictures is known, or is another. */
  readonly createPipeline: (format: PictureFormat) => CameraPipeline;
  readonly counters: SharedArrayBuffer;
  /** What the rules of an earlier loop remembered. */
  readonly memories: RuleMemories;
  /** What it left open; `null`: nobody will go on with what is left open, which is ended. */
  readonly carried: readonly Incident[] | null;
  /** The latest of what the main thread has sent to learn from since it was last asked; `null`: nothing. Asked before every picture. */
  readonly receive: () => Teaching | null;
  /**
   * The camera's settings, when they have changed since it was last asked; `null`: they have not. Asked after every picture; pictures wait until what they need is
   * there.
   */
  readonly changed?: () => Promise<CameraSettings> | null;
  readonly post: (message: ThreadMessage) => void;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

/** The pictures of one camera, connection after connection. */
export interface CameraLoop {
  /**
   * Takes every picture of one connection through the pipeline, in the calling thread, until the stream ends. Reading blocks, so a pipeline that is slow holds
   * ffmpeg back: no queue grows. What goes on in the street stays as it is until the next connection.
   */
  run(openFrames: OpenFrames): Promise<void>;
  /** There will be no other connection soon. */
  finish(): void;
}

/** How often what rules remember is told, milliseconds: it goes to the disk, and what is younger is lost with the power. */
const REMEMBER_MS = 10_000;
/** How often it is told what rules have counted, milliseconds: seldomer, and a display lags behind what people see. */
const FIGURES_MS = 2_000;

export function createCameraLoop(options: CameraLoopOptions): CameraLoop {
  const { receive, post, monotonic } = options;
  const writeFigures = createFigureWriter(options.counters);
  let wired: { readonly pipeline: CameraPipeline; readonly format: PictureFormat } | null = null;
  const tell = (incidents: readonly Incident[]): void => {
    if (incidents.length > 0) post({ kind: 'incidents', incidents });
  };
  const running = (): NonNullable<typeof wired> => {
    if (wired === null) throw new TypeError('a frame came before its format');
    return wired;
  };
  /** Of pipelines that are over. */
  let past: PipelineCounters | null = null;
  let taught: Teaching | null = null;
  let remembered = options.memories;
  let rememberedAtMs = monotonic();
  let figuredAtMs = monotonic();
  let readMs = 0;
  /** Of connections that are over. */
  let pastSkipped = 0;

  const counted = (pipeline: CameraPipeline): PipelineCounters =>
    past === null ? pipeline.counters() : addCounters(past, pipeline.counters());

  /** Tells what the rules remember otherwise than before. */
  function remember(pipeline: CameraPipeline): void {
    rememberedAtMs = monotonic();
    const memories = changedMemories(remembered, pipeline.memories());
    if (Object.keys(memories).length === 0) return;
    remembered = { ...remembered, ...memories };
    post({ kind: 'memories', memories });
  }

  /** Tells what the rules have counted and measured. */
  function tellFigures(pipeline: CameraPipeline, last: boolean): void {
    figuredAtMs = monotonic();
    const figures = pipeline.figures(last);
    if (Object.keys(figures).length > 0) post({ kind: 'figures', figures, last });
  }

  /** Pictures of this size begin: where they were of it before, all goes on; otherwise anew, with what was left open. */
  function begin(format: PictureFormat): void {
    const before = wired;
    const isSame = before !== null && JSON.stringify(before.format) === JSON.stringify(format);
    if (isSame) {
      before.pipeline.goOn(remembered);
      if (taught !== null) before.pipeline.learn(taught);
      return;
    }
    if (before !== null) leave(before.pipeline);
    const pipeline = options.createPipeline(format);
    pipeline.recall(remembered);
    tell(pipeline.resume(before?.pipeline.open() ?? options.carried ?? []));
    if (taught !== null) pipeline.learn(taught);
    wired = { pipeline, format };
  }

  /** A pipeline is over. */
  function leave(pipeline: CameraPipeline): void {
    tell(options.carried === null ? pipeline.finish() : pipeline.suspend());
    past = counted(pipeline);
    remember(pipeline);
    tellFigures(pipeline, true);
  }

  /** The stream goes on with other settings. What they concern begins anew; what was open of it is gone on with as by another connection. */
  function rewire(settings: CameraSettings): void {
    const { pipeline, format } = running();
    const { next, last } = pipeline.succeed(settings);
    tell(last);
    past = counted(pipeline);
    remember(pipeline);
    tellFigures(pipeline, true);
    next.recall(remembered);
    tell(next.resume(pipeline.open()));
    wired = { pipeline: next, format };
    if (taught !== null) next.learn(taught);
  }

  function finish(): void {
    const last = wired;
    wired = null;
    if (last !== null) leave(last.pipeline);
  }

  return {
    async run(openFrames) {
      const reader = openFrames((format) => {
        begin(format);
        return () => running().pipeline.frameBuffer();
      });
      let waitingSinceMs = monotonic();
      let shown = false;
      for (const frame of reader.frames()) {
        shown = true;
        const { pipeline } = running();
        readMs += monotonic() - waitingSinceMs;
        const teaching = receive();
        if (teaching !== null) {
          taught = teaching;
          pipeline.learn(teaching);
        }
        const incidents = pipeline.process(frame);
        writeFigures(counted(pipeline), { skippedFrames: pastSkipped + reader.droppedFrames(), readMs, lastPtsMs: frame.ptsMs });
        tell(incidents);
        // What was told of must be known again, however soon the agent is killed.
        if (incidents.length > 0 || monotonic() - rememberedAtMs >= REMEMBER_MS) remember(pipeline);
        if (monotonic() - figuredAtMs >= FIGURES_MS) tellFigures(pipeline, false);
        const changing = options.changed?.() ?? null;
        if (changing !== null) rewire(await changing);
        waitingSinceMs = monotonic();
      }
      pastSkipped += reader.droppedFrames();
      if (options.carried === null) finish();
      else if (wired !== null && shown) {
        const { pipeline } = running();
        tell(pipeline.pause());
        remember(pipeline);
        tellFigures(pipeline, true);
      }
      post({ kind: 'ended', end: reader.end() ?? { reason: 'ended' } });
    },
    finish,
  };
}
