import type { Detection } from '../../core/detection/detection.js';
import { intersectionOverUnion } from '../../core/geometry/box.js';
import { createAssigner } from '../../core/objects/assignment.js';
import { type BoxFilter, createBoxFilter, type MutableBox } from '../../core/objects/box-filter.js';
import type { IdentifiedBox } from '../../core/scoring/tracking-pictures.js';
import type { Box } from '../../domain/geometry.js';

/** Source: Bewley et al., Simple Online and Realtime Tracking, 2016: the settings of the published MOT entries. */
const LEAST_OVERLAP = 0.3;
const MIN_HITS = 3;
const MAX_AGE = 1;
const LEAST_SCORE = 0.35;

interface Followed {
  readonly id: number;
  readonly filter: BoxFilter;
  readonly box: MutableBox;
  hits: number;
  missed: number;
}

/** SORT as it is published, to compare with: overlap alone, three hits in a row, forgotten after one miss. Only the filter is in seconds. */
export function createPlainSort(): { step(ptsMs: number, detections: readonly Detection[]): IdentifiedBox[] } {
  const assigner = createAssigner();
  let tracks: Followed[] = [];
  let nextId = 1;
  let lastMs = 0;
  let pictures = 0;
  return {
    step(ptsMs, detections) {
      pictures++;
      const found: Box[] = detections.filter(({ score }) => score >= LEAST_SCORE).map(({ box }) => box);
      for (const { filter, box } of tracks) {
        filter.predict((ptsMs - lastMs) / 1000);
        filter.box(box);
      }
      lastMs = ptsMs;
      const costs = Float64Array.from(tracks.flatMap(({ box }) => found.map((other) => 1 - intersectionOverUnion(box, other))));
      const chosen = assigner.assign(costs, tracks.length, found.length, 1 - LEAST_OVERLAP);
      const free = new Set(found);
      tracks.forEach((track, i) => {
        const box = found[chosen[i] as number];
        if (box === undefined) {
          track.missed++;
          track.hits = 0;
          return;
        }
        free.delete(box);
        track.filter.update(box, 1);
        track.filter.box(track.box);
        track.missed = 0;
        track.hits++;
      });
      for (const box of free) {
        const filter = createBoxFilter(16 / 9);
        filter.start(box);
        tracks.push({ id: nextId++, filter, box: { ...box }, hits: 1, missed: 0 });
      }
      tracks = tracks.filter(({ missed }) => missed <= MAX_AGE);
      return tracks
        .filter(({ hits, missed }) => missed === 0 && (hits >= MIN_HITS || pictures <= MIN_HITS))
        .map(({ id, box }) => ({ id, box: { ...box } }));
    },
  };
}
