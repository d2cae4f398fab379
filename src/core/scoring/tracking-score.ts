import { clearMot } from './clear-mot.js';
import { hota } from './hota.js';
import { identity } from './identity.js';
import { prepareClip, type TrackingPicture } from './tracking-pictures.js';

/** How well objects were followed; shares are 0..1 and `null` where there was nothing to find. */
export interface TrackingScore {
  /** Boxes of truth, of a tracker, and objects of truth. */
  readonly truthBoxes: number;
  readonly foundBoxes: number;
  readonly objects: number;
  /** Higher order tracking accuracy: the geometric mean of finding and of keeping apart, over overlaps from 0.05 to 0.95. */
  readonly hota: number | null;
  /** How well boxes are found, and how well those found keep their id. */
  readonly detA: number | null;
  readonly assA: number | null;
  /** Multiple object tracking accuracy: 1 less misses, false boxes and switches per true box; may be below 0. */
  readonly mota: number | null;
  /** F1 of boxes that carry the id that is theirs all along. */
  readonly idf1: number | null;
  readonly misses: number;
  readonly falseBoxes: number;
  /** How often an object went on under another id; and how often its track was broken off and taken up again. */
  readonly switches: number;
  readonly fragmentations: number;
}

/**
 * Scores a tracker against truth over some clips, which are summed up box by box, as TrackEval does.
 *
 * @param clips each its pictures in order of time.
 * @source Luiten et al., HOTA, IJCV 2020; Bernardin and Stiefelhagen, CLEAR MOT, 2008; Ristani et al., 2016 (IDF1).
 * @example // one object in four pictures, found in all, under a second id in the last two:
 * // hota √0.5, detA 1, assA 0.5, mota 0.75, idf1 0.5, switches 1
 */
export function scoreTracking(clips: readonly (readonly TrackingPicture[])[]): TrackingScore {
  const ready = clips.map(prepareClip);
  const { found, kept, both } = hota(ready);
  const { truthBoxes, foundBoxes, misses, falseBoxes, switches, fragmentations } = clearMot(ready);
  const of = (value: number): number | null => (truthBoxes === 0 ? null : value);
  return {
    ...{ truthBoxes, foundBoxes, objects: ready.reduce((sum, clip) => sum + clip.truthIds, 0) },
    ...{ hota: of(both), detA: of(found), assA: of(kept) },
    mota: of(1 - (misses + falseBoxes + switches) / truthBoxes),
    idf1: of((2 * identity(ready)) / (truthBoxes + foundBoxes)),
    ...{ misses, falseBoxes, switches, fragmentations },
  };
}
