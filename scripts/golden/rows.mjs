/**
 * A row of the golden table from the figures of `parapet score --json`, and whether a new row is worse than the kept one.
 *
 * @typedef {object} Row
 * @property {number} clips
 * @property {number} hours
 * @property {{found: number, of: number}} recall confirmed events only; likewise `clear`, `small`, `hard`
 */

/** @param {object} score @returns {Row} */
export function rowOf(score) {
  const { total, recallByVisibility: by } = score;
  return {
    clips: total.clips,
    hours: round(total.hours, 3),
    recall: found(total.recall),
    clear: found(by.clear),
    small: found(by.small),
    hard: found(by.hard),
    recallWithSuspected: found(total.recallWithSuspected),
    falseAlarms: total.falseAlarms,
    falseAlarmsPerHour: round(total.falseAlarmsPerHour, 2),
    duplicates: score.duplicates,
    precision: round(total.precision.share, 4),
    cleanClips: found(score.cleanClips),
    falseSuspected: total.falseSuspected,
    temporalIou: round(score.temporalIou.mean, 3),
    pathErrorPx: round(score.distancePx.median, 2),
    floorExact: found(score.floorExact),
    floorWithin1: found(score.floorWithin1),
    unit: found(score.unitExact),
    massRight: found(score.massRight),
    massWrong: found(score.massWrong),
    alarmDelayS: spread(score.alarmDelay),
    newDelayS: spread(score.newDelay),
    conditions: Object.fromEntries(
      Object.entries(score.byCondition).map(([tag, f]) => [
        tag,
        { hours: round(f.hours, 3), recall: found(f.recall), falseAlarms: f.falseAlarms, falseSuspected: f.falseSuspected },
      ]),
    ),
  };
}

/**
 * How far each figure may fall before it counts as worse. Counts may not move at all: the same clips and the same engine give
 * the same events. Another ffmpeg or libx264 shifts what it encodes by a grey level, which moves the means a little.
 */
const SLACK = { temporalIou: 0.02, pathErrorPx: 0.5, alarmDelayS: 0.1 };

/**
 * What has become worse, one line each; empty when nothing has. Rows of different clips cannot be compared.
 *
 * @param {Row} kept @param {Row} now @returns {readonly string[]}
 */
export function worsenings(kept, now) {
  if (kept.clips !== now.clips || kept.recall.of !== now.recall.of) {
    return [
      `other clips: ${kept.clips} with ${kept.recall.of} throws were kept, ${now.clips} with ${now.recall.of} are there; write the row anew`,
    ];
  }
  const lines = [];
  const say = (name, was, is) => lines.push(`${name}: ${was} before, ${is} now`);
  for (const name of ['recall', 'clear', 'small']) if (now[name].found < kept[name].found) say(name, text(kept[name]), text(now[name]));
  for (const name of ['falseAlarms', 'falseSuspected']) if (now[name] > kept[name]) say(name, kept[name], now[name]);
  for (const name of ['floorExact', 'floorWithin1', 'unit']) {
    // A throw found in addition may have its floor wrong: only more wrong ones among as many found are worse.
    if (wrong(now[name]) > wrong(kept[name]) && now.recall.found <= kept.recall.found) say(name, text(kept[name]), text(now[name]));
  }
  if (now.massWrong.found > kept.massWrong.found) say('massWrong', text(kept.massWrong), text(now.massWrong));
  if ((now.temporalIou ?? 0) < (kept.temporalIou ?? 0) - SLACK.temporalIou) say('temporalIou', kept.temporalIou, now.temporalIou);
  if ((now.pathErrorPx ?? 0) > (kept.pathErrorPx ?? 0) + SLACK.pathErrorPx) say('pathErrorPx', kept.pathErrorPx, now.pathErrorPx);
  const [was, is] = [kept.alarmDelayS.p95 ?? 0, now.alarmDelayS.p95 ?? 0];
  if (is > was + SLACK.alarmDelayS) say('alarmDelayS, 95 %', was, is);
  return lines;
}

const found = (ratio) => ({ found: ratio.count, of: ratio.of });
const wrong = (ratio) => ratio.of - ratio.found;
const text = (ratio) => `${ratio.found} of ${ratio.of}`;
const spread = ({ count, median, p95, max }) => ({ count, median: round(median, 2), p95: round(p95, 2), max: round(max, 2) });

function round(value, digits) {
  return value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits;
}
