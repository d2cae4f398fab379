/** One connected group of foreground pixels that may be a small moving object. Pixels of the full frame, sub-pixel centre. */
export interface Candidate {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly areaPx: number;
  /** Mean signed difference from the background, grey: positive is brighter. */
  readonly contrast: number;
  /** Largest difference, grey. */
  readonly peak: number;
  /** Differs also from the pictures before and after: it moves. Others only help to extend a path already found. */
  readonly moving: boolean;
}

/** What one picture showed. */
export interface MotionFrame {
  readonly seq: number;
  /** Presentation time, milliseconds on the stream's clock: what events report. */
  readonly ptsMs: number;
  /** The same in seconds. */
  readonly timeS: number;
  readonly candidates: readonly Candidate[];
  /** Most of the picture differs from its background (exposure step, infrared switch, knock): only what moves from picture to picture was looked for. */
  readonly flooded: boolean;
  /** How far the camera had moved from its usual pose, pixels; already compensated in the candidates. */
  readonly shift: { readonly x: number; readonly y: number };
}
