import type { Detection } from '../detection/detection.js';
import { createAssigner } from './assignment.js';
import type { Gate } from './gates.js';
import type { Track } from './track.js';

/** Sets tracks and detections against each other, and keeps its memory from picture to picture. */
export interface Pairing {
  /**
   * Sets tracks against detections at the least total cost; each pair is told to `found`.
   *
   * @param tracks and
   * @param detections those that find no partner are left in both.
   */
  match(tracks: Track[], detections: Detection[], gate: Gate, limit: number, found: (track: Track, detection: Detection) => unknown): void;
}

/** @see createAssigner */
export function createPairing(): Pairing {
  const assigner = createAssigner();
  let costs = new Float64Array(1024);
  return {
    match(tracks, detections, gate, limit, found) {
      if (tracks.length === 0 || detections.length === 0) return;
      const { length } = detections;
      if (tracks.length * length > costs.length) costs = new Float64Array(2 * tracks.length * length);
      tracks.forEach((track, t) => {
        for (let d = 0; d < length; d++) costs[t * length + d] = gate(track, detections[d] as Detection);
      });
      const chosen = assigner.assign(costs, tracks.length, length, limit);
      const free = new Set(detections);
      let left = 0;
      for (let t = 0; t < tracks.length; t++) {
        const track = tracks[t] as Track;
        const detection = detections[chosen[t] as number];
        if (detection === undefined) tracks[left++] = track;
        else {
          found(track, detection);
          free.delete(detection);
        }
      }
      tracks.length = left;
      detections.splice(0, length, ...free);
    },
  };
}
