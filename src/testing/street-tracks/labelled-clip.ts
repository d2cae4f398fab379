import type { Detection } from '../../core/detection/detection.js';
import type { TrueBox } from '../../core/scoring/tracking-pictures.js';
import type { Box } from '../../domain/geometry.js';
import type { JudgedClip } from './judge-trackers.js';

/** A span of a real clip whose objects were labelled by eye (test-fixtures/street/tracks.json). */
export interface LabelledSpan {
  /** Milliseconds of the clip. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Corners of areas in which nothing was labelled. */
  readonly ignored: readonly (readonly [number, number, number, number])[];
  /** Each object's box at some times, `[ms, x1, y1, x2, y2]`, normalised: straight between them, absent before and after. */
  readonly objects: readonly { readonly name: string; readonly at: readonly Label[] }[];
}

type Label = readonly [number, number, number, number, number];

/** A span set beside what a model found in its pictures. */
export function labelledClip(
  span: LabelledSpan,
  seen: readonly { readonly ptsMs: number; readonly detections: readonly Detection[] }[],
): JudgedClip {
  const areas = span.ignored.map(([x1, y1, x2, y2], i): TrueBox => ({ id: -1 - i, box: { x1, y1, x2, y2 }, ignored: true }));
  return {
    named: true,
    pictures: seen
      .filter(({ ptsMs }) => ptsMs >= span.fromMs && ptsMs <= span.toMs)
      .map(({ ptsMs, detections }) => {
        const objects = span.objects.flatMap(({ at }, id): TrueBox[] => {
          const box = boxAt(at, ptsMs);
          return box === null ? [] : [{ id, box }];
        });
        return { ptsMs, detections, truth: [...objects, ...areas] };
      }),
  };
}

function boxAt(labels: readonly Label[], ptsMs: number): Box | null {
  const after = labels.findIndex(([at]) => at >= ptsMs);
  const b = labels[after];
  if (b === undefined) return null;
  const a = labels[after - 1] ?? b;
  if (ptsMs < a[0]) return null;
  const part = b[0] === a[0] ? 1 : (ptsMs - a[0]) / (b[0] - a[0]);
  const edge = (i: 1 | 2 | 3 | 4): number => a[i] + part * (b[i] - a[i]);
  return { x1: edge(1), y1: edge(2), x2: edge(3), y2: edge(4) };
}
