import type { StreetFrame } from '../../domain/street.js';
import type { OpenIncident, RuleFinding } from '../contract.js';
import { asLeft, type IncidentBook } from './incident-book.js';
import type { Place } from './place.js';

/** Goes on with incidents of single places that an earlier stream left open, as a standing watch takes them up. */
export interface TakingUp {
  resume(open: readonly OpenIncident[]): void;
  /** Opens them in the book under the keys of their places, with the first picture; ends those whose places count no more: zones are drawn anew. */
  step(standing: readonly Place[], frame: StreetFrame): readonly RuleFinding[];
}

/** @param counts whether what stands at a place still counts. */
export function createTakingUp(book: IncidentBook<number>, counts: (place: Place) => boolean): TakingUp {
  let resumed: readonly OpenIncident[] = [];
  return {
    resume(open) {
      resumed = open;
    },
    step(standing, frame) {
      if (resumed.length === 0) return [];
      const ended: RuleFinding[] = [];
      for (const place of standing) {
        const open = resumed.find(({ number }) => number === place.resumes);
        if (open === undefined) continue;
        book.resume(place.key, open.number, asLeft(open, frame));
        if (!counts(place)) ended.push(book.end(place.key, frame.ptsMs));
      }
      resumed = [];
      return ended;
    },
  };
}
