import type { Box } from '../../domain/geometry.js';

/** One object that a detector found in one picture. */
export interface Detection {
  /** Normalised to 0..1 of the full picture; may not reach beyond it. */
  readonly box: Box;
  readonly label: string;
  /** How sure the model is, 0..1. */
  readonly score: number;
}

/** An output of a model: its numbers row after row, the last dimension fastest. */
export interface OutputTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** What is known of an output before the model has run; a dimension of -1 may be any. */
export interface OutputShape {
  readonly name: string;
  readonly dims: readonly number[];
}

/** How a picture becomes a model's input. */
export interface InputSpec {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Order of the three planes. */
  readonly order: 'rgb' | 'bgr';
  /** `letterbox`: scaled evenly, the rest padded; `stretch`: each side scaled to fit. */
  readonly fit: 'letterbox' | 'stretch';
  /** Where a letterboxed picture lies. */
  readonly anchor: 'top-left' | 'centre';
  /** What surrounds it, 0..255. */
  readonly pad: number;
  /** A plane's value v, 0..255, becomes (v − mean) × scale. In the order of the planes. */
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

/** Where a picture lies in a model's input: input = picture × scale + offset, pixels. */
export interface Placement {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/**
 * Where a picture of some size lies in a model's input.
 *
 * @example placementOf(letterboxed 416 × 416 input at its top left, 1920, 1080) // scaleX = scaleY = 0.2167, offsets 0
 */
export function placementOf(input: InputSpec, width: number, height: number): Placement {
  if (input.fit === 'stretch') return { scaleX: input.width / width, scaleY: input.height / height, offsetX: 0, offsetY: 0 };
  const scale = Math.min(input.width / width, input.height / height);
  if (input.anchor === 'top-left') return { scaleX: scale, scaleY: scale, offsetX: 0, offsetY: 0 };
  return {
    scaleX: scale,
    scaleY: scale,
    offsetX: Math.round((input.width - width * scale) / 2),
    offsetY: Math.round((input.height - height * scale) / 2),
  };
}
