import type { Incident } from '../domain/incident.js';
import type { Teaching } from '../domain/lesson.js';
import type { FrameReader, FramesEnd, PictureFormat } from '../media/frame-reader.js';
import { addCounters, createFigureWriter } from './camera-counters.js';
import type { CameraPipeline, PipelineCounters } from './camera-pipeline.js';
import type { LookMessage } from './object-eyes.js';
import type { RuleFigures } from './rule-figures.js';
import { changedMemories, type RuleMemories } from './rule-memories.js';

/** What a camera's thread tells the main thread. */
export type ThreadMessage =
  | { readonly kind: 'incidents'; readonly incidents: readonly Incident[] }
  | LookMessage
  | { readonly kind: 'memories'; readonly memories: RuleMemories }
  /** `last`: of a pipeline that has ended; the next one begins anew. */
  | { readonly kind: 'figures'; readonly figures: RuleFigures; readonly last: boolean }
  | { readonly kind: 'ended'; readonly end: FramesEnd };

export interface CameraLoopOptions {
  /** Opens the stream of pictures; they go where `allocate` says. */
  readonly openFrames: (allocate: (format: PictureFormat) => () => Uint8Array) => FrameReader;
  /** Called once, when the size of the pictures is known. */
  readonly createPipeline: (format: PictureFormat) => CameraPipeline;
  readonly counters: SharedArrayBuffer;
  /** What the rules of the connection before remembered. */
  readonly memories: RuleMemories;
  /** What it left open; `null`: no other connection will go on with what this one leaves open, which is ended. */
  readonly carried: readonly Incident[] | null;
  /** The latest of what the main thread has sent to learn from since it was last asked; `null`: nothing. Asked before every picture. */
  readonly receive: () => Teaching | null;
  /**
   * Prepares the pipeline to go on with when the camera's settings have changed since it was last asked; `null`: they have not. Asked after every
   * picture; pictures wait until it is there.
   */
  readonly rewire?: () => Promise<(format: PictureFormat) => CameraPipeline> | null;
  readonly post: (message: ThreadMessage) => void;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

/** How often what rules remember is told, milliseconds: it goes to the disk, and what is younger is lost with the power. */
const REMEMBER_MS = 10_000;
/** How often it is told what rules have counted, milliseconds: seldomer, and a display lags behind what people see. */
const FIGURES_MS = 2_000;

/**
 * Takes every picture of one connection through the pipeline, in the calling thread, until the stream ends. Reading
 * blocks, so a pipeline that is slow holds ffmpeg back: no queue grows.
 */
export async function runCameraLoop(options: CameraLoopOptions): Promise<void> {
  const { receive, post, monotonic } = options;
  const writeFigures = createFigureWriter(options.counters);
  let wired: { readonly pipeline: CameraPipeline; readonly format: PictureFormat } | null = null;
  const tell = (incidents: readonly Incident[]): void => {
    if (incidents.length > 0) post({ kind: 'incidents', incidents });
  };
  const reader = options.openFrames((format) => {
    const pipeline = options.createPipeline(format);
    pipeline.recall(options.memories);
    tell(pipeline.resume(options.carried ?? []));
    wired = { pipeline, format };
    return () => running().pipeline.frameBuffer();
  });
  const running = (): NonNullable<typeof wired> => {
    if (wired === null) throw new TypeError('a frame came before its format');
    return wired;
  };
  /** Of pipelines whose settings have changed. */
  let past: PipelineCounters | null = null;
  let taught: Teaching | null = null;
  let remembered = options.memories;
  let rememberedAtMs = monotonic();
  let figuredAtMs = monotonic();
  let readMs = 0;
  let waitingSinceMs = monotonic();

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
    const figures = pipeline.figures();
    if (Object.keys(figures).length > 0) post({ kind: 'figures', figures, last });
  }

  /** The stream goes on, and the background is learnt anew; what was open is gone on with as by another connection. */
  function rewire(create: (format: PictureFormat) => CameraPipeline): void {
    const { pipeline, format } = running();
    const next = create(format);
    tell(pipeline.suspend());
    past = counted(pipeline);
    remember(pipeline);
    tellFigures(pipeline, true);
    next.recall(remembered);
    tell(next.resume(pipeline.open()));
    wired = { pipeline: next, format };
    if (taught !== null) next.learn(taught);
  }

  for (const frame of reader.frames()) {
    const { pipeline } = running();
    readMs += monotonic() - waitingSinceMs;
    const teaching = receive();
    if (teaching !== null) {
      taught = teaching;
      pipeline.learn(teaching);
    }
    const incidents = pipeline.process(frame);
    writeFigures(counted(pipeline), { skippedFrames: reader.droppedFrames(), readMs, lastPtsMs: frame.ptsMs });
    tell(incidents);
    // What was told of must be known again, however soon the agent is killed.
    if (incidents.length > 0 || monotonic() - rememberedAtMs >= REMEMBER_MS) remember(pipeline);
    if (monotonic() - figuredAtMs >= FIGURES_MS) tellFigures(pipeline, false);
    const prepared = options.rewire?.() ?? null;
    if (prepared !== null) rewire(await prepared);
    waitingSinceMs = monotonic();
  }
  const left = wired as { readonly pipeline: CameraPipeline } | null;
  if (left !== null) {
    tell(options.carried === null ? left.pipeline.finish() : left.pipeline.suspend());
    remember(left.pipeline);
    tellFigures(left.pipeline, true);
  }
  post({ kind: 'ended', end: reader.end() ?? { reason: 'ended' } });
}
