import { type StillThing, type TrackedObject, UNKNOWN_OBJECT } from '../../domain/street.js';
import type { StandingSight } from './standing-watch.js';

/** An object as something that stands, at the median of its boxes; `null` while it moves. @param arrived whether it was seen to come. */
export function sightOfObject(object: TrackedObject, arrived: boolean): StandingSight | null {
  const { id, box, stillBox, stillSincePtsMs, label, score, state } = object;
  if (stillSincePtsMs === null) return null;
  return {
    ...{ label, score, arrived, box: stillBox ?? box, trackId: id, thingId: null, sincePtsMs: stillSincePtsMs },
    visible: state === 'confirmed',
  };
}

/** A still thing, which nobody has named, as something that stands. */
export function sightOfThing({ id, box, confidence, sincePtsMs, state }: StillThing, arrived: boolean): StandingSight {
  return {
    ...{ box, sincePtsMs, arrived, label: UNKNOWN_OBJECT, score: confidence, trackId: null, thingId: id },
    visible: state === 'present',
  };
}
