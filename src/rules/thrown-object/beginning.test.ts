import { describe, expect, it } from 'vitest';
import type { Candidate, MotionFrame } from '../../core/motion/candidate.js';
import type { Path, PathPoint } from '../../core/tracking/linker.js';
import { project, stageFrames, type Thing, type TowerView, thrown } from '../../testing/candidate-scene.js';
import { towerJudging } from '../../testing/tower-judging.js';
import { fromOrigin } from './beginning.js';
import { extend } from './extend.js';
import { judge } from './judge.js';

const view: TowerView = { width: 1920, height: 1080, fps: 25 };
const options = towerJudging(view);

/** Behind a rail it is not seen; as it comes out, its lower part is seen first. */
const RAIL_PX = 1;
const HIDDEN_S = [-0.12, 0.1] as const;

/** A path that was linked as it came out from behind a rail at the top of its way, and all that was seen before. */
function fallBehindRail(thing: Thing, topS: number): { path: Path; history: MotionFrame[] } {
  const seen: Thing = (t) => (t > topS + HIDDEN_S[0] && t < topS + HIDDEN_S[1] ? null : thing(t));
  const history = stageFrames(view, [seen], { seconds: topS + 1.2, clutter: 40, missed: 0 });
  const points: PathPoint[] = [];
  for (const { seq, ptsMs, timeS, candidates } of history) {
    const place = timeS < topS + HIDDEN_S[1] ? null : seen(timeS);
    if (place === null) continue;
    const { x, y } = project(view, ...place);
    const nearest = candidates.reduce((a, b) => (Math.hypot(b.x - x, b.y - y) < Math.hypot(a.x - x, a.y - y) ? b : a)) as Candidate;
    const candidate = points.length < 2 ? { ...nearest, y: nearest.y + RAIL_PX } : nearest;
    points.push({ seq, ptsMs, timeS, candidate });
  }
  return { path: { rootId: 1, points, score: 100, frames: points.length, missed: 0 }, history };
}

describe('the beginning of a fall that was linked late, behind a rail', () => {
  it('is the way up of a ball that was tossed from the ground, which was not thrown', () => {
    const { path, history } = fallBehindRail(thrown(1, [10, 1.2, 2.5], [0.5, 15, -0.3], 60), 1 + 15 / 9.81);
    const found = judge(path, options);
    expect(found.verdict).toBe('confirmed');
    expect(extend(path.points, history, 'first').length - path.points.length).toBeLessThan(5);
    expect(fromOrigin(path, found, options, history)).toBeNull();
  });

  it('is where it was let go, when nothing rose', () => {
    const { path, history } = fallBehindRail(thrown(2, [10, 12.7, 2.5], [0.5, 0, -0.3], 60), 2);
    const found = judge(path, options);
    expect(found.verdict).toBe('confirmed');
    expect(fromOrigin(path, found, options, history)?.judgement.verdict).toBe('confirmed');
  });
});
