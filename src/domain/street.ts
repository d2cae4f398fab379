import type { Box, Point } from './geometry.js';

/**
 * What street rules see: pictures sampled a few times a second, and what the stages made of each. All places are normalised to 0..1 of the full
 * frame; all times are milliseconds on the stream's clock unless a name says otherwise.
 */

/** A small picture in colour: luma, and both chroma planes at half its size each way (rounded up). Full-range or video-range as it came. */
export interface ScenePicture {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** `width × height` bytes, without padding. */
  readonly luma: Uint8Array;
  readonly cb: Uint8Array;
  readonly cr: Uint8Array;
}

/** What is called so by a camera without a model: something moved, and nobody knows what. */
export const UNKNOWN_OBJECT = 'object';

/** One place on the way of an object. */
export interface PathPoint {
  readonly ptsMs: number;
  /** Of its foot: the middle of the box's lower edge. */
  readonly x: number;
  readonly y: number;
  /** Its box as a picture showed it, neither smoothed nor expected: what was hidden is not in it, and what merged with it is. */
  readonly seen?: Box;
}

/** An object that is followed from picture to picture. */
export interface TrackedObject {
  /** Counts the objects of a stream from 1; an object that comes back after it was lost keeps it. */
  readonly id: number;
  /** What it was called most, weighted by score; {@link UNKNOWN_OBJECT} without a model. */
  readonly label: string;
  /** How sure that is, 0..1. */
  readonly score: number;
  /** `tentative`: seen too seldom to count; `lost`: not in this picture, its box is where it is expected. */
  readonly state: 'tentative' | 'confirmed' | 'lost';
  readonly box: Box;
  /** The middle of the box's lower edge, smoothed: where it stands. */
  readonly foot: Point;
  /** Of the foot, per second. */
  readonly velocity: Point;
  readonly firstPtsMs: number;
  /** When a picture last showed it. */
  readonly seenPtsMs: number;
  /** Since when it stands still, through occlusion too; `null`: it moves. */
  readonly stillSincePtsMs: number | null;
  /** While it stands still: the median of its boxes. */
  readonly stillBox: Box | null;
  /** Of its foot, oldest first, bounded: every sample of the last seconds, older ones thinned. */
  readonly path: readonly PathPoint[];
}

/** Something that the background did not show and that does not move: put there, or taken away. Known without any model. */
export interface StillThing {
  /** Counts the still things of a stream from 1. */
  readonly id: number;
  readonly box: Box;
  /** The box without what may be its shadow; the same where nothing stands out beyond that. */
  readonly core: Box;
  /** Share of the picture's area that it covers. */
  readonly area: number;
  /** Since when its pixels are as they are. */
  readonly sincePtsMs: number;
  /** When a picture last showed it; before now while something stands in front of it. */
  readonly seenPtsMs: number;
  /** By its edges: `added` to the scene, or `removed` from it; `unclear` while they do not tell. */
  readonly kind: 'added' | 'removed' | 'unclear';
  /** How sure the kind is, 0..1. */
  readonly confidence: number;
  /**
   * `absorbed`: it has been there for a day, or there are too many, and it belongs to the scene; nothing shows any more that it is there, but it would be told that
   * it has gone. `gone`: the scene is as it was before; told once, then the thing is forgotten.
   */
  readonly state: 'present' | 'occluded' | 'absorbed' | 'gone';
}

/** How the camera itself fares. */
export interface SceneState {
  /** Mean and standard deviation of the luma, grey 0..255. */
  readonly brightness: number;
  readonly contrast: number;
  /** Strength of fine detail against the scene's usual, 1 as a rule, towards 0 when defocused or covered. */
  readonly sharpness: number;
  /** Mean distance of chroma from grey, 0..128: near zero at infrared night. */
  readonly saturation: number;
  /** Share of the scene's usual edges that are still where they were, 0..1. */
  readonly edgesKept: number;
  /** Infrared night: no colour. Told with a delay, so that a grey noon is not night. */
  readonly night: boolean;
  /** The camera's pose against its usual one, fractions of the picture's width and height. */
  readonly shift: Point;
  /** For how long the camera has sent the same picture, milliseconds: it was coded anew, but a sensor's noise is not in it. 0: it lives, or nobody can tell. */
  readonly frozenMs: number;
  /** The light or the pose changed at once, or has not settled since: what moves or stands still cannot be told. */
  readonly unsettled: boolean;
  /** Share of the picture that differs from the background. */
  readonly foreground: number;
}

/** One sampled picture of a street camera, and what the stages made of it. */
export interface StreetFrame {
  readonly seq: number;
  readonly ptsMs: number;
  /** Wall clock of capture, UTC milliseconds since 1970: for schedules. */
  readonly capturedAtMs: number;
  /** Valid until the rule returns: whoever wants to keep some of it copies it. */
  readonly picture: ScenePicture;
  /** Whether a model names objects on this camera; without one every object is {@link UNKNOWN_OBJECT}. */
  readonly named: boolean;
  /** Confirmed, tentative and lost ones. */
  readonly objects: readonly TrackedObject[];
  readonly still: readonly StillThing[];
  readonly scene: SceneState;
}
