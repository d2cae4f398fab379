import { createRandom } from '../scenes/random.mjs';

/** What a detector trained on COCO has names for, of what is in our scenes. */
export const COCO = new Set(['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck', 'bench', 'dog', 'umbrella', 'suitcase']);
/** What a detector trained on fires names beside them. */
export const FIRE = new Set([...COCO, 'fire', 'smoke']);
/** Vehicles that detectors take for one another now and then. */
const CONFUSED = { car: 'truck', truck: 'car', bus: 'truck' };

/**
 * Detections as a small detector would make them of perfect ones: some missing (in runs: what is missed once is missed again), boxes that tremble, scores
 * that depend on size and on what hides a thing, now and then another label, and boxes where nothing is.
 *
 * @param {readonly {t: number, detections: readonly object[]}[]} frames lines of detections.jsonl
 * @param {{seed: number | string, dropOut?: number, jitter?: number, falsePerMinute?: number, confused?: number, labels?: ReadonlySet<string>,
 *   pictureHeight?: number}} p `dropOut`: share of boxes that are missing; `jitter`: standard deviation of each edge as a share of the box's side;
 *   `confused`: chance that a vehicle bears another label in one picture
 * @returns {readonly {t: number, detections: readonly {label: string, score: number, box: readonly number[]}[]}[]}
 */
export function noisyDetections(
  frames,
  { seed, dropOut = 0.08, jitter = 0.025, falsePerMinute = 1.5, confused = 0.03, labels = COCO, pictureHeight = 360 },
) {
  const rng = createRandom(`detections/${seed}`);
  const missed = new Map();
  const stepS = frames.length > 1 ? frames[1].t - frames[0].t : 0.2;
  return frames.map(({ t, detections }) => {
    const found = [];
    for (const { id, label, box, visible } of detections) {
      if (!labels.has(label)) continue;
      const size = (box[3] - box[1]) * pictureHeight;
      // Small things and hidden ones are missed more often; below eight pixels all of them.
      const hard = Math.max(0, Math.min(1, (24 - size) / 16)) + (1 - visible) * 0.6;
      const chance = Math.min(1, dropOut * (1 + 6 * hard) * (missed.get(id) === true ? 4 : 0.75));
      const isMissed = size < 8 || rng.chance(chance);
      missed.set(id, isMissed);
      if (isMissed) continue;
      const [w, h] = [box[2] - box[0], box[3] - box[1]];
      const moved = box.map((edge, k) => clamp(edge + rng.gauss() * jitter * (k % 2 === 0 ? w : h)));
      const score = Math.round(1000 * Math.min(0.97, Math.max(0.12, 0.78 - 0.35 * hard + 0.1 * rng.gauss()))) / 1000;
      found.push({ label: CONFUSED[label] !== undefined && rng.chance(confused) ? CONFUSED[label] : label, score, box: moved });
    }
    if (rng.chance((falsePerMinute * stepS) / 60)) {
      const [x, y] = [rng.range(0, 0.9), rng.range(0.25, 0.8)];
      const h = rng.range(0.08, 0.2);
      found.push({
        label: rng.pick(['person', 'car', 'bicycle']),
        score: Math.round(1000 * rng.range(0.15, 0.5)) / 1000,
        box: [x, y, x + h * 0.5, y + h].map(clamp),
      });
    }
    return { t, detections: found };
  });
}

const clamp = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
