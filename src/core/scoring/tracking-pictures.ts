import type { Box } from '../../domain/geometry.js';
import { intersectionOverUnion, shareInside } from '../geometry/box.js';
import { createAssigner } from '../objects/assignment.js';

/** A box with the identity that it belongs to. Ids are compared only with ids of the same side and clip. */
export interface IdentifiedBox {
  readonly id: number;
  readonly box: Box;
}

/** An object that really is in a picture. */
export interface TrueBox extends IdentifiedBox {
  /** Neither to be found nor to be missed: too small or too hidden to label, or a whole area of them. What lies on it and on no other object counts neither way. */
  readonly ignored?: boolean;
}

/** One picture of a clip: what is in it, and what a tracker said. */
export interface TrackingPicture {
  readonly truth: readonly TrueBox[];
  readonly found: readonly IdentifiedBox[];
}

/** A picture made ready: ids as places in lists, and how alike each pair is. */
export interface ScoredPicture {
  /** Places in the clip's lists of ids. */
  readonly truth: readonly number[];
  readonly found: readonly number[];
  /** Intersection over union, `truth × found`, row after row. */
  readonly overlap: Float64Array;
}

export interface ScoredClip {
  readonly truthIds: number;
  readonly foundIds: number;
  readonly pictures: readonly ScoredPicture[];
}

/** Overlap from which a box is taken for an object in MOTA and IDF1; share inside an ignored one from which a box lies on it. Source: MOTChallenge. */
export const SAME_OBJECT = 0.5;

/** Numbers the ids of a clip from 0, measures overlaps, and leaves out what lies on ignored objects. */
export function prepareClip(pictures: readonly TrackingPicture[]): ScoredClip {
  const truthIds = new Map<number, number>();
  const foundIds = new Map<number, number>();
  const place = (ids: Map<number, number>, id: number): number => {
    const known = ids.get(id) ?? ids.size;
    ids.set(id, known);
    return known;
  };
  const assigner = createAssigner();
  const ready = pictures.map((picture) => {
    const { truth, found } = withoutIgnored(picture, (costs, rows, columns) => assigner.assign(costs, rows, columns, 1 - SAME_OBJECT));
    return {
      truth: truth.map(({ id }) => place(truthIds, id)),
      found: found.map(({ id }) => place(foundIds, id)),
      overlap: overlaps(truth, found),
    };
  });
  return { truthIds: truthIds.size, foundIds: foundIds.size, pictures: ready };
}

function withoutIgnored(
  { truth, found }: TrackingPicture,
  assign: (costs: Float64Array, rows: number, columns: number) => Int32Array,
): TrackingPicture {
  const ignored = truth.filter((one) => one.ignored === true);
  if (ignored.length === 0) return { truth, found };
  const chosen = assign(
    overlaps(truth, found).map((overlap) => 1 - overlap),
    truth.length,
    found.length,
  );
  const objectOf = new Map([...chosen.subarray(0, truth.length)].map((column, row) => [column, truth[row]]));
  const counts = ({ box }: IdentifiedBox, column: number): boolean => {
    const object = objectOf.get(column);
    if (object !== undefined) return object.ignored !== true;
    return !ignored.some((area) => shareInside(box, area.box) >= SAME_OBJECT);
  };
  return { truth: truth.filter((one) => one.ignored !== true), found: found.filter(counts) };
}

function overlaps(truth: readonly IdentifiedBox[], found: readonly IdentifiedBox[]): Float64Array {
  const table = new Float64Array(truth.length * found.length);
  truth.forEach((one, row) => {
    found.forEach((other, column) => {
      table[row * found.length + column] = intersectionOverUnion(one.box, other.box);
    });
  });
  return table;
}
