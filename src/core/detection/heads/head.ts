import type { InputSpec, OutputShape, OutputTensor } from '../detection.js';
import type { RawDetection } from '../suppress.js';

/** What a family of models has in common: how a picture goes in, and how boxes come out. */
export interface Head {
  /** As `models/registry.yaml` names it. */
  readonly family: string;
  /** Whether boxes of one thing come several times, and are to be suppressed. */
  readonly overlapping: boolean;
  /** How such models want their input, but for its size. */
  readonly input: Omit<InputSpec, 'width' | 'height'>;
  /**
   * Why a model with these outputs is none of this family, in words; `null`: it may be one.
   *
   * @param classes of the model's labels.
   */
  misfit(outputs: readonly OutputShape[], input: Size, classes: number): string | null;
  /**
   * Boxes with a score of at least `least`, in pixels of the input. A score that is no number is none.
   *
   * @param outputs as {@link misfit} accepted them.
   */
  decode(outputs: readonly OutputTensor[], input: Size, least: number): RawDetection[];
}

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Places of a grid that covers the input in steps of `stride`, the last of them perhaps in part. */
export const gridOf = (input: Size, stride: number): { readonly columns: number; readonly rows: number; readonly places: number } => {
  const columns = Math.ceil(input.width / stride);
  const rows = Math.ceil(input.height / stride);
  return { columns, rows, places: columns * rows };
};

/** Which of `count` numbers from `at` is the largest, counted from 0. A number alone: an object for each of a model's thousands of places would be garbage. */
export function placeOfLargest(data: Float32Array, at: number, count: number): number {
  let index = 0;
  let value = data[at] as number;
  for (let i = 1; i < count; i++) {
    const next = data[at + i] as number;
    if (next > value) {
      index = i;
      value = next;
    }
  }
  return index;
}

/** A logit as a probability. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Dimensions in words: `1×3549×85`, any as `?`. */
export const inWords = (dims: readonly number[]): string => dims.map((d) => (d < 0 ? '?' : String(d))).join('×');

/** Whether a dimension is known to be another. */
export const differs = (dim: number | undefined, wanted: number): boolean => dim !== undefined && dim >= 0 && dim !== wanted;

/** The output of that name. @throws {RangeError} when there is none. */
export function named<T extends OutputShape>(outputs: readonly T[], name: string): T {
  const output = outputs.find((one) => one.name === name);
  if (output === undefined) throw new RangeError(`there is no output ${name}`);
  return output;
}
