import type { Box } from '../../domain/geometry.js';
import { stepsApart } from './boxes.js';

/** Where incidents have ended of late: who is found there again is who was told of. */
export interface CoolingPlaces {
  /** An incident has ended there. */
  note(box: Box, ptsMs: number): void;
  /** Whether somebody who is there now is not told of again. */
  covers(box: Box, ptsMs: number): boolean;
}

/** Within so many own sizes of where an incident ended it is the same place. */
const SAME_PLACE = 1.5;
/** Places that cool down at most. */
const MAX_PLACES = 200;

/** @param coolDownMs how long a place cools down, milliseconds; 0: none does. */
export function createCoolingPlaces(coolDownMs: number): CoolingPlaces {
  let places: readonly { readonly box: Box; readonly untilPtsMs: number }[] = [];
  const cooling = (ptsMs: number): typeof places => places.filter(({ untilPtsMs }) => ptsMs < untilPtsMs);
  return {
    note(box, ptsMs) {
      if (coolDownMs > 0) places = [...cooling(ptsMs), { box, untilPtsMs: ptsMs + coolDownMs }].slice(-MAX_PLACES);
    },
    covers(box, ptsMs) {
      places = cooling(ptsMs);
      return places.some((place) => stepsApart(box, place.box) <= SAME_PLACE);
    },
  };
}
