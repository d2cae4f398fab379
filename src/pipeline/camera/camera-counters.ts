import type { PipelineCounters } from '../stages/camera-pipeline.js';

/** Stages whose time is measured; `read` is the wait for the next picture, the others are work. */
const stageNames = ['read', 'motion', 'scene', 'rules'] as const;
export type StageName = (typeof stageNames)[number];

/** What one connection's pixel work has counted. */
export interface CameraFigures {
  /** Pictures decoded, repeated ones included. */
  readonly frames: number;
  /** Pictures left out: their time did not lie after the one before, or a gap in the numbering. */
  readonly skippedFrames: number;
  readonly repeatedFrames: number;
  readonly vetoedFrames: number;
  readonly candidates: number;
  /** Milliseconds by stage. */
  readonly stageMs: Readonly<Record<StageName, number>>;
  /** Stream clock of the latest picture, milliseconds; 0 before the first. */
  readonly lastPtsMs: number;
}

const countNames = ['frames', 'skippedFrames', 'repeatedFrames', 'vetoedFrames', 'candidates', 'lastPtsMs'] as const;
const SLOTS = countNames.length + stageNames.length;

export const noFigures: CameraFigures = {
  frames: 0,
  skippedFrames: 0,
  repeatedFrames: 0,
  vetoedFrames: 0,
  candidates: 0,
  stageMs: { read: 0, motion: 0, scene: 0, rules: 0 },
  lastPtsMs: 0,
};

/** What two pipelines, one after the other, have counted together. */
export function addCounters(a: PipelineCounters, b: PipelineCounters): PipelineCounters {
  const stageMs: Record<string, number> = { ...a.stageMs };
  for (const [stage, ms] of Object.entries(b.stageMs)) stageMs[stage] = (stageMs[stage] ?? 0) + ms;
  return {
    frames: a.frames + b.frames,
    repeatedFrames: a.repeatedFrames + b.repeatedFrames,
    vetoedFrames: a.vetoedFrames + b.vetoedFrames,
    candidates: a.candidates + b.candidates,
    stageMs,
  };
}

/** Memory that a camera's thread writes its figures to and the main thread reads them from, without a message. */
export function createCountersMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT);
}

/** The main thread's side. Two figures may be one picture apart; each is whole, because processors of 64 bits store one in one go. */
export function readFigures(memory: SharedArrayBuffer): CameraFigures {
  const slots = new Float64Array(memory);
  const at = (slot: number): number => slots[slot] as number;
  const stageAt = (stage: StageName): number => at(countNames.length + stageNames.indexOf(stage));
  return {
    frames: at(0),
    skippedFrames: at(1),
    repeatedFrames: at(2),
    vetoedFrames: at(3),
    candidates: at(4),
    lastPtsMs: at(5),
    stageMs: { read: stageAt('read'), motion: stageAt('motion'), scene: stageAt('scene'), rules: stageAt('rules') },
  };
}

/** What the thread adds to what the pipeline counts itself. */
export interface ThreadFigures {
  readonly skippedFrames: number;
  readonly readMs: number;
  readonly lastPtsMs: number;
}

/** The camera thread's side: once a picture, so it makes nothing but the view. */
export function createFigureWriter(memory: SharedArrayBuffer): (pipeline: PipelineCounters, thread: ThreadFigures) => void {
  const slots = new Float64Array(memory);
  return ({ frames, repeatedFrames, vetoedFrames, candidates, stageMs }, { skippedFrames, readMs, lastPtsMs }) => {
    slots[0] = frames;
    slots[1] = skippedFrames;
    slots[2] = repeatedFrames;
    slots[3] = vetoedFrames;
    slots[4] = candidates;
    slots[5] = lastPtsMs;
    slots[6] = readMs;
    slots[7] = stageMs['motion'] ?? 0;
    slots[8] = stageMs['scene'] ?? 0;
    slots[9] = stageMs['rules'] ?? 0;
  };
}

/** Figures of two connections of one camera together; `lastPtsMs` is the later one's. */
export function addFigures(a: CameraFigures, b: CameraFigures): CameraFigures {
  return {
    frames: a.frames + b.frames,
    skippedFrames: a.skippedFrames + b.skippedFrames,
    repeatedFrames: a.repeatedFrames + b.repeatedFrames,
    vetoedFrames: a.vetoedFrames + b.vetoedFrames,
    candidates: a.candidates + b.candidates,
    lastPtsMs: b.lastPtsMs,
    stageMs: {
      read: a.stageMs.read + b.stageMs.read,
      motion: a.stageMs.motion + b.stageMs.motion,
      scene: a.stageMs.scene + b.stageMs.scene,
      rules: a.stageMs.rules + b.stageMs.rules,
    },
  };
}
