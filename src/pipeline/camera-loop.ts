import type { Incident } from '../domain/incident.js';
import type { Teaching } from '../domain/lesson.js';
import type { FrameReader, FramesEnd, PictureFormat } from '../media/frame-reader.js';
import { createFigureWriter } from './camera-counters.js';
import type { CameraPipeline } from './camera-pipeline.js';

/** What a camera's thread tells the main thread. */
export type ThreadMessage =
  | { readonly kind: 'incidents'; readonly incidents: readonly Incident[] }
  | { readonly kind: 'ended'; readonly end: FramesEnd };

export interface CameraLoopOptions {
  /** Opens the stream of pictures; they go where `allocate` says. */
  readonly openFrames: (allocate: (format: PictureFormat) => () => Uint8Array) => FrameReader;
  /** Called once, when the size of the pictures is known. */
  readonly createPipeline: (format: PictureFormat) => CameraPipeline;
  readonly counters: SharedArrayBuffer;
  /** The latest of what the main thread has sent to learn from since it was last asked; `null`: nothing. Asked before every picture. */
  readonly receive: () => Teaching | null;
  readonly post: (message: ThreadMessage) => void;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

/**
 * Takes every picture of one connection through the pipeline, in the calling thread, until the stream ends. Reading
 * blocks, so a pipeline that is slow holds ffmpeg back: no queue grows.
 */
export function runCameraLoop(options: CameraLoopOptions): void {
  const { receive, post, monotonic } = options;
  const writeFigures = createFigureWriter(options.counters);
  let pipeline: CameraPipeline | null = null;
  const reader = options.openFrames((format) => {
    const created = options.createPipeline(format);
    pipeline = created;
    return () => created.frameBuffer();
  });
  const running = (): CameraPipeline | null => pipeline;
  let readMs = 0;
  let waitingSinceMs = monotonic();
  for (const frame of reader.frames()) {
    const camera = running();
    if (camera === null) throw new TypeError('a frame came before its format');
    readMs += monotonic() - waitingSinceMs;
    const teaching = receive();
    if (teaching !== null) camera.learn(teaching);
    const incidents = camera.process(frame);
    writeFigures(camera.counters(), { skippedFrames: reader.droppedFrames(), readMs, lastPtsMs: frame.ptsMs });
    if (incidents.length > 0) post({ kind: 'incidents', incidents });
    waitingSinceMs = monotonic();
  }
  const last = running()?.finish() ?? [];
  if (last.length > 0) post({ kind: 'incidents', incidents: last });
  post({ kind: 'ended', end: reader.end() ?? { reason: 'ended' } });
}
