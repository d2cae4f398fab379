import { matchClip } from '../../dist/core/scoring/match.js';

/**
 * What a method's alarms are worth, by the same rules as `parapet score`: one alarm to one throw, in time and on its path.
 *
 * @param {import('../../dist/core/scoring/truth.js').TruthClip} clip
 * @param {readonly {start: number, end: number, trajectory: number[][]}[]} tracks seconds, and [t, x, y, w, h] normalised
 * @returns {{throws: number, found: number, falseAlarms: number}} throws that cannot be seen in any picture count neither way
 */
export function judgeTracks(clip, tracks) {
  const events = tracks.map(({ start, end, trajectory }, i) => ({
    ...{ id: String(i), type: 'thrown_object', verdict: 'confirmed' },
    ...{ stream_time: { start, end }, throw: { trajectory } },
  }));
  const { matches, missed, falseEvents } = matchClip(clip, events);
  return { throws: matches.length + missed.length, found: matches.length, falseAlarms: falseEvents.length };
}

/** A wall clock that follows a video is not exact, seconds. */
const SLACK_S = 1;

/**
 * The same for a program that says only when something moved: a throw is found when it lies in a span, a span without a throw is a false
 * alarm. It is not asked where; that would leave it nothing.
 *
 * @param {import('../../dist/core/scoring/truth.js').TruthClip} clip
 * @param {readonly [number, number][]} spans seconds
 */
export function judgeSpans(clip, spans) {
  const seen = clip.throws.filter(({ positions }) => positions.length > 0);
  const meets = ([from, to], { positions }) => from < positions.at(-1).t + SLACK_S && to > positions[0].t - SLACK_S;
  return {
    throws: seen.length,
    found: seen.filter((thrown) => spans.some((span) => meets(span, thrown))).length,
    falseAlarms: spans.filter((span) => !seen.some((thrown) => meets(span, thrown))).length,
  };
}
