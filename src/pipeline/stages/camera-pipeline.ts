import type { CameraConfig } from '../../config/camera-schema.js';
import type { Frame } from '../../domain/frame.js';
import type { Incident } from '../../domain/incident.js';
import type { Teaching } from '../../domain/lesson.js';
import type { RuleFigures } from '../figures/rule-figures.js';
import type { RuleMemories } from '../learning/rule-memories.js';
import type { CameraParts } from './camera-parts.js';

/** A camera's config, and what its rules need, loaded. */
export interface CameraSettings {
  readonly camera: CameraConfig;
  readonly parts: CameraParts;
}

/** What a camera's pixel work has counted since it began. */
export interface PipelineCounters {
  /** Frames taken in, repeated ones included. */
  readonly frames: number;
  /** Frames recognised as a repeat of the one before. */
  readonly repeatedFrames: number;
  /** Frames not looked at because too much of the picture changed at once (exposure step, infrared switch, knock). */
  readonly vetoedFrames: number;
  readonly candidates: number;
  /** Milliseconds of work by stage. The pipeline's own figures, since they are asked for at every picture: read them at once. */
  readonly stageMs: Readonly<Record<string, number>>;
}

/**
 * The stages of one camera between frames and incidents, synchronous and deterministic: the same frames give the same
 * incidents. It lives in the camera's worker thread.
 */
export interface CameraPipeline {
  /** Where the next picture's planes are to be written; the frame handed to {@link process} must view this buffer. */
  frameBuffer(): Uint8Array;
  /** Takes one frame and returns what is new: incidents with phase `new`, `update` or `end`. */
  process(frame: Frame): readonly Incident[];
  /** The stream has ended, and no other follows: ends what is open. */
  finish(): readonly Incident[];
  /** The stream has broken off, but may be back: what goes on in the street stays as it is, until the next frame. Ends what is over in a moment. */
  pause(): readonly Incident[];
  /** The stream is back, on another connection: frames come with another clock. */
  goOn(memories: RuleMemories): void;
  /** The stream will not be back soon, or is another: ends what is open, save what the next pipeline can go on with. */
  suspend(): readonly Incident[];
  /**
   * Makes the pipeline to go on with when the camera's settings have changed: what they do not concern goes on in it as it is. This one has then {@link open} what the
   * next is to {@link resume}. Returns the ends of the rest.
   */
  succeed(settings: CameraSettings): { readonly next: CameraPipeline; readonly last: readonly Incident[] };
  /** What is open and can be gone on with. */
  open(): readonly Incident[];
  /** Goes on with what an earlier pipeline left open, after {@link recall} and before the first frame. Returns the ends of what no rule goes on with. */
  resume(open: readonly Incident[]): readonly Incident[];
  /** Takes over what is known of earlier incidents of this camera, in place of what was known. */
  learn(teaching: Teaching): void;
  /** What its rules remember, for the pipeline that comes after it. */
  memories(): RuleMemories;
  /** Takes over what the rules of an earlier pipeline remembered, before the first frame; those that go on as they are know better. */
  recall(memories: RuleMemories): void;
  /** What its rules have counted and measured since it began, or since figures were the last. @param last counting begins anew. */
  figures(last: boolean): RuleFigures;
  counters(): PipelineCounters;
}
