import type { Reason } from '../../domain/incident.js';
import type { SceneState } from '../../domain/street.js';

/** What a camera's pictures are usually like, as far as tampering shows in it. */
export interface Usual {
  /** Standard deviation of the luma, grey. */
  readonly contrast: number;
}

export const faults = ['frozen', 'black', 'white', 'covered', 'defocused', 'moved'] as const;
export type Fault = (typeof faults)[number];

/** One kind of tampering, and what says so. */
export interface Diagnosis {
  readonly fault: Fault;
  readonly reasons: readonly Reason[];
}

/** Mean luma of a picture that shows nothing, grey: video black is 16, and a lens cap lets some noise through. */
const BLACK_GREY = 24;
const WHITE_GREY = 232;
/** Share of the usual contrast that is left of it at most: dusk takes contrast slowly, and what is usual follows. */
const PLAIN_SHARE = 0.4;
/**
 * Share of the usual contrast and edges at most before a covered lens. A bus before the lens leaves windows and its own edges, which lie elsewhere; it is gone
 * before the time has passed.
 */
const COVERED_SHARE = 0.6;

/** What `sensitivity` decides. */
interface Limits {
  /** Share of the scene's usual edges that are still there, at most: a view that was turned keeps some by chance. */
  readonly edges: number;
  /** Fine detail against the usual, at most. */
  readonly sharpness: number;
}

export const LIMITS: Readonly<Record<'low' | 'normal' | 'high', Limits>> = {
  low: { edges: 0.2, sharpness: 0.35 },
  normal: { edges: 0.3, sharpness: 0.5 },
  high: { edges: 0.4, sharpness: 0.6 },
};

/** What is wrong with a picture; `null`: nothing. The first that fits counts: a black picture has no edges either. */
export function diagnose(scene: SceneState, usual: Usual, limits: Limits): Diagnosis | null {
  const contrast = scene.contrast / Math.max(1, usual.contrast);
  const contrastKept = (threshold: number): Reason => ({ criterion: 'contrast_kept', value: contrast, threshold, unit: 'of usual' });
  const edgesKept = (threshold: number): Reason => ({ criterion: 'edges_kept', value: scene.edgesKept, threshold, unit: 'of usual' });
  if (scene.frozenMs > 0) return { fault: 'frozen', reasons: [] };
  if (contrast <= PLAIN_SHARE && scene.brightness <= BLACK_GREY) {
    const brightness: Reason = { criterion: 'brightness', value: scene.brightness, threshold: BLACK_GREY, unit: 'grey' };
    return { fault: 'black', reasons: [brightness, contrastKept(PLAIN_SHARE)] };
  }
  if (contrast <= PLAIN_SHARE && scene.brightness >= WHITE_GREY) {
    const brightness: Reason = { criterion: 'too_bright', value: scene.brightness, threshold: WHITE_GREY, unit: 'grey' };
    return { fault: 'white', reasons: [brightness, contrastKept(PLAIN_SHARE)] };
  }
  if (scene.edgesKept <= limits.edges) {
    if (contrast <= COVERED_SHARE) return { fault: 'covered', reasons: [edgesKept(limits.edges), contrastKept(COVERED_SHARE)] };
    return { fault: 'moved', reasons: [edgesKept(limits.edges)] };
  }
  if (scene.sharpness <= limits.sharpness) {
    const sharpness: Reason = { criterion: 'sharpness', value: scene.sharpness, threshold: limits.sharpness, unit: 'of usual' };
    return { fault: 'defocused', reasons: [sharpness, edgesKept(limits.edges)] };
  }
  return null;
}
