import type { Figures, Ratio, Score } from '../../core/scoring/score.js';

/** The score as a person reads it. Ends with a line break. */
export function formatScore(score: Score): string {
  const t = score.total;
  const lines = [
    `${counted(t.clips, 'clip')}, ${number(t.hours, 2)} camera-hours, ${counted(t.recall.of, 'throw')}${score.unseen > 0 ? ` (and ${score.unseen} that cannot be seen)` : ''}`,
    '',
    ...table([
      ['recall', percent(t.recall), 'with suspected', percent(t.recallWithSuspected)],
      ['  clear (≥ 4 px, ≥ 25 grey, ≥ 8 pictures)', percent(score.recallByVisibility.clear), '', ''],
      ['  small (2 to 4 px)', percent(score.recallByVisibility.small), '', ''],
      ['  hard (the rest)', percent(score.recallByVisibility.hard), '', ''],
      ['precision', percent(t.precision), 'clips without a false alarm', percent(score.cleanClips)],
      ['false alarms', String(t.falseAlarms), 'an hour', number(t.falseAlarmsPerHour, 2)],
      ['  of those, second alarms for one throw', String(score.duplicates), 'false suspected', String(t.falseSuspected)],
      ['temporal IoU, mean', number(score.temporalIou.mean, 3), 'median', number(score.temporalIou.median, 3)],
      ['path error, median px', number(score.distancePx.median, 1), '', ''],
      ['floor exact', percent(score.floorExact), '± 1', percent(score.floorWithin1)],
      ['floor inside its interval', percent(score.floorInInterval), 'unit', percent(score.unitExact)],
      ['landing error, median px', number(score.landing.medianPx, 0), '90 %', number(score.landing.p90Px, 0)],
      ['speed at impact inside its interval', percent(score.impactInInterval), 'its error, median and 90 %', errorWords(score.impactError)],
      ['weight class right where one is given', percent(score.massRight), 'wrong, of all found', percent(score.massWrong)],
      ['alarm after the last picture of it, median s', number(score.alarmDelay.median, 2), '95 %', number(score.alarmDelay.p95, 2)],
      ['first message after it could be confirmed, median s', number(score.newDelay.median, 2), '95 %', number(score.newDelay.p95, 2)],
    ]),
    '',
    ...table([
      ['weight: true \\ said', 'light', 'medium', 'heavy', 'undetermined'],
      ...Object.entries(score.massConfusion).map(([was, row]) => [
        was,
        String(row.light),
        String(row.medium),
        String(row.heavy),
        String(row.undetermined),
      ]),
    ]),
    '',
    ...table([
      ['condition', 'clips', 'hours', 'recall', 'precision', 'false', 'an hour', 'false suspected'],
      ...Object.entries(score.byCondition).map(([tag, f]) => conditionRow(tag, f)),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function errorWords({ median, p90 }: Score['impactError']): string {
  return median === null || p90 === null ? '–' : `${number(100 * median, 0)} %, ${number(100 * p90, 0)} %`;
}

function conditionRow(tag: string, f: Figures): readonly string[] {
  return [
    tag,
    String(f.clips),
    number(f.hours, 2),
    percent(f.recall),
    percent(f.precision),
    String(f.falseAlarms),
    number(f.falseAlarmsPerHour, 2),
    String(f.falseSuspected),
  ];
}

const percent = (r: Ratio): string => (r.share === null ? '–' : `${(100 * r.share).toFixed(1)} % (${r.count}/${r.of})`);
const number = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits));

/** Columns as wide as their widest cell, the first to the left. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
