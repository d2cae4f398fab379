/**
 * A row of the street's golden table from the outcomes of its clips, and whether a new row is worse than the kept one.
 *
 * @typedef {object} Row
 * @property {number} scenes
 * @property {number} hours
 * @property {{found: number, of: number}} recall incidents that were confirmed in time
 * @property {{found: number, of: number}} told suspected ones included
 * @property {number} falseConfirmed
 * @property {number} falseSuspected
 * @property {number} repeats events beyond the first of an incident
 * @property {{median: number | null, p95: number | null}} delayS from when an incident was due until it was told
 */

/** @param {readonly {hours: number, match: ReturnType<import('./match.mjs').matchEvents>}[]} clips @returns {Row} */
export function rowOf(clips) {
  const incidents = clips.flatMap(({ match }) => match.incidents);
  const sum = (of) => clips.reduce((total, { match }) => total + of(match), 0);
  const delays = incidents.flatMap(({ delayS }) => (delayS === null ? [] : [delayS])).sort((a, b) => a - b);
  const at = (share) => (delays.length === 0 ? null : delays[Math.min(delays.length - 1, Math.floor(share * delays.length))]);
  return {
    scenes: clips.length,
    hours: Math.round(clips.reduce((total, { hours }) => total + hours, 0) * 1000) / 1000,
    recall: { found: incidents.filter(({ verdict }) => verdict === 'confirmed').length, of: incidents.length },
    told: { found: incidents.filter(({ verdict }) => verdict !== null).length, of: incidents.length },
    falseConfirmed: sum((match) => match.falseConfirmed.length),
    falseSuspected: sum((match) => match.falseSuspected.length),
    repeats: sum((match) => match.repeats),
    delayS: { median: at(0.5), p95: at(0.95) },
  };
}

/** Another ffmpeg shifts what it encodes by a grey level, and a box by a picture: how much later counts as worse, seconds. */
const LATER_S = 0.6;

/** What has become worse, one line each; empty when nothing has. @param {Row} kept @param {Row} now */
export function worsenings(kept, now) {
  if (kept.scenes !== now.scenes || kept.recall.of !== now.recall.of) {
    return [
      `other scenes: ${kept.scenes} with ${kept.recall.of} incidents were kept, ${now.scenes} with ${now.recall.of} are there; write the row anew`,
    ];
  }
  const lines = [];
  for (const key of ['recall', 'told'])
    if (now[key].found < kept[key].found) lines.push(`${key}: ${kept[key].found} of ${kept[key].of} before, ${now[key].found} now`);
  for (const key of ['falseConfirmed', 'falseSuspected', 'repeats'])
    if (now[key] > kept[key]) lines.push(`${key}: ${kept[key]} before, ${now[key]} now`);
  // Where nothing was told before, whatever is told now is no later.
  if (kept.delayS.p95 !== null && (now.delayS.p95 ?? 0) > kept.delayS.p95 + LATER_S)
    lines.push(`delayS, 95 %: ${kept.delayS.p95} before, ${now.delayS.p95} now`);
  return lines;
}
