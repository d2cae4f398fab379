import type { MotionFrame } from '../../core/motion/candidate.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import { judge } from './judge.js';
import { failsAny, type Judgement, type JudgeOptions, VETO } from './judgement.js';

/** Residual of the whole path, in its limit, above which a throw turns out to have been something that flies. */
const WANDERS_TIMES = 2.5;
/**
 * How far gusts may carry something light from any fall, metres for each second that it falls after the first few. Less, and a shirt that came down
 * for ten seconds ends as suspected; more, and so does no bird.
 */
const GUST = { mPerS: 0.15, afterS: 4, lightMps: 10 } as const;

/** Confidence at most of an alarm that is taken back. */
const TAKEN_BACK = 0.45;

/**
 * The verdict on the whole path of a confirmed throw: what turned out not to go on falling was not thrown, and the `end` says so.
 *
 * @param fliesOn it stopped falling and went on at speed.
 * @param history frames in order of time.
 */
export function lastWord(
  thrown: { readonly points: readonly PathPoint[]; readonly judgement: Judgement },
  fliesOn: boolean,
  options: JudgeOptions,
  history: readonly MotionFrame[],
): Judgement {
  const { points, judgement } = thrown;
  const [fromS, toS] = [(points[0] as PathPoint).timeS, (points[points.length - 1] as PathPoint).timeS];
  const frames = history.filter(({ timeS }) => timeS >= fromS && timeS <= toS).length;
  const score = judgement.reasons.find(({ criterion }) => criterion === 'against_clutter')?.value ?? 0;
  const path = { rootId: 0, points, score, frames: Math.max(frames, points.length), missed: 0 };
  const last = judge(path, { ...options, weather: false });
  if (last.verdict === 'confirmed' && !fliesOn) return last;
  if (options.plane !== null && !fliesOn && !wanders(last, toS - fromS) && !failsAny(last, VETO)) return judgement;
  return { ...last, verdict: 'suspected', confidence: Math.min(TAKEN_BACK, judgement.confidence) };
}

/** Whether it leaves any fall altogether, as a bird does. Light things flutter away from theirs on their way down. */
function wanders({ reasons, fit }: Judgement, durationS: number): boolean {
  const residual = reasons.find(({ criterion }) => criterion === 'fall_fit');
  const light = (fit?.forces.terminalSpeed ?? Number.POSITIVE_INFINITY) < GUST.lightMps;
  const gustsM = light ? GUST.mPerS * Math.max(0, durationS - GUST.afterS) : 0;
  return residual !== undefined && residual.value > WANDERS_TIMES * residual.threshold + gustsM;
}
