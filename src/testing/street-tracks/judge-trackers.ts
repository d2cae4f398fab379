import type { Detection } from '../../core/detection/detection.js';
import { createObjectTracker } from '../../core/objects/object-tracker.js';
import type { IdentifiedBox, TrackingPicture, TrueBox } from '../../core/scoring/tracking-pictures.js';
import { createRandom } from '../random.js';
import { noisyDetections } from './noisy-detections.js';
import { createPlainSort } from './plain-sort.js';
import { renderTruth, type TrackScene } from './scenes.js';

/** Pictures with detections, and what is really in them. */
export interface JudgedClip {
  readonly named: boolean;
  readonly pictures: readonly { readonly ptsMs: number; readonly detections: readonly Detection[]; readonly truth: readonly TrueBox[] }[];
}

/** Less of a thing than this need not be found. */
const LEAST_VISIBLE = 0.3;

/** A scene as a faulty detector sees it. */
export function sceneClip(scene: TrackScene, seed: number, fps: number, seconds: number): JudgedClip {
  const truth = renderTruth(scene, seed, fps, seconds);
  const found = noisyDetections(truth, scene.faults, createRandom(seed + 7919));
  return {
    named: !scene.faults.regions,
    pictures: truth.map(({ ptsMs, objects }, i) => ({
      ptsMs,
      detections: found[i] ?? [],
      truth: objects.filter(({ kind }) => kind !== 'pillar').map(({ id, box, visible }) => ({ id, box, ignored: visible < LEAST_VISIBLE })),
    })),
  };
}

/** What is told of a picture: confirmed objects that it shows. */
export function followed(clip: JudgedClip): TrackingPicture[] {
  const tracker = createObjectTracker({ named: clip.named });
  return clip.pictures.map(({ ptsMs, detections, truth }) => ({
    truth,
    found: tracker.step(ptsMs, detections).filter(({ state }) => state === 'confirmed'),
  }));
}

/** The same by plain SORT. */
export function followedBySort(clip: JudgedClip): TrackingPicture[] {
  const sort = createPlainSort();
  return clip.pictures.map(({ ptsMs, detections, truth }): TrackingPicture => {
    const found: IdentifiedBox[] = sort.step(ptsMs, detections);
    return { truth, found };
  });
}
