import type { Polygon } from './geometry.js';

/** What of a camera's pictures nobody is to see. Plain data; corners normalised to 0..1 of the full frame. */
export interface Redaction {
  /** Filled black. */
  readonly black: readonly Polygon[];
  /** Parts of a facade that are shown in blocks; `null` when none are. */
  readonly coarse: CoarseFacade | null;
}

/** The windows of a facade that are nobody's business, and how coarsely they are shown. */
export interface CoarseFacade {
  readonly parts: readonly Polygon[];
  /** Side of a block, as a fraction of the picture's height. */
  readonly blockShare: number;
  /** Whether the windows that something fell from are left as they are. */
  readonly leavesOrigin: boolean;
}

/** What was done to a file, as its signed record says it. */
export interface Redactions {
  /** Areas filled black. */
  readonly black: number;
  /** Windows of the facade that are shown in blocks. */
  readonly windows: 'none' | 'all' | 'all_but_origin';
  /** False for the camera's own recording, copied bit by bit. */
  readonly reencoded: boolean;
}

/** How a file made with a redaction is described. */
export function describeRedaction({ black, coarse }: Redaction): Redactions {
  return { black: black.length, windows: coarse === null ? 'none' : coarse.leavesOrigin ? 'all_but_origin' : 'all', reencoded: true };
}

/** The camera's own recording: nothing was done to it. */
export const unredacted: Redactions = { black: 0, windows: 'none', reencoded: false };
