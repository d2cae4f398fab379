import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{rows: Record<string, {about: string, engine: string, made: string, row: import('./rows.mjs').Row}>}} Table */

/** @param {string} folder @returns {Table} */
export function readTable(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'table.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return { rows: {} };
    throw error;
  }
}

/** Writes `table.json` for programs and `table.md` for people. @param {string} folder @param {Table} table */
export function writeTable(folder, table) {
  writeFileSync(join(folder, 'table.json'), `${JSON.stringify(table, null, 1)}\n`);
  writeFileSync(join(folder, 'table.md'), tableText(table));
}

/** @param {Table} table */
export function tableText(table) {
  const rows = Object.entries(table.rows);
  const figures = [
    ['clips', (r) => r.clips],
    ['camera-hours', (r) => r.hours.toFixed(2)],
    ['throws found (confirmed)', (r) => percent(r.recall)],
    ['… clear: ≥ 4 px, ≥ 25 grey, ≥ 8 pictures', (r) => percent(r.clear)],
    ['… small: 2 to 4 px', (r) => percent(r.small)],
    ['… hard: the rest', (r) => percent(r.hard)],
    ['found, suspected ones included', (r) => percent(r.recallWithSuspected)],
    ['precision', (r) => (r.precision === null ? '–' : `${(100 * r.precision).toFixed(1)} %`)],
    ['false alarms', (r) => `${r.falseAlarms}${r.duplicates > 0 ? ` (${r.duplicates} told twice)` : ''}`],
    ['false alarms an hour', (r) => r.falseAlarmsPerHour],
    ['clips without one', (r) => percent(r.cleanClips)],
    ['false suspected', (r) => r.falseSuspected],
    ['temporal IoU, mean', (r) => r.temporalIou ?? '–'],
    ['path error, median px', (r) => r.pathErrorPx ?? '–'],
    ['floor exact', (r) => percent(r.floorExact)],
    ['floor ± 1', (r) => percent(r.floorWithin1)],
    ['unit', (r) => percent(r.unit)],
    ['weight right, where one is given', (r) => percent(r.massRight)],
    ['weight wrong, of all found', (r) => percent(r.massWrong)],
    ['alarm after its last picture, s (median; 95 %)', (r) => delay(r.alarmDelayS)],
    ['first message after it can be confirmed, s', (r) => delay(r.newDelayS)],
  ];
  const lines = [
    '# Golden table',
    '',
    'Written by `node scripts/golden/run.mjs` (docs/scenes.md); not by hand. Scored by the protocol of docs/adr/0005-scoring.md.',
    '',
    ...rows.map(([name, { about, engine, made }]) => `- **${name}**: ${about}. Engine ${engine}, ${made}.`),
    '',
    `| | ${rows.map(([name]) => name).join(' | ')} |`,
    `|---|${rows.map(() => '---').join('|')}|`,
    ...figures.map(([label, of]) => `| ${label} | ${rows.map(([, { row }]) => of(row)).join(' | ')} |`),
  ];
  for (const [name, { row }] of rows) {
    lines.push(
      '',
      `## ${name}, by condition`,
      '',
      '| condition | hours | throws found | false alarms | false suspected |',
      '|---|---|---|---|---|',
    );
    for (const [tag, c] of Object.entries(row.conditions)) {
      lines.push(`| ${tag} | ${c.hours.toFixed(2)} | ${percent(c.recall)} | ${c.falseAlarms} | ${c.falseSuspected} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const percent = ({ found, of }) => (of === 0 ? '–' : `${((100 * found) / of).toFixed(1)} % (${found}/${of})`);
const delay = (s) => (s.count === 0 ? '–' : `${s.median?.toFixed(2)}; ${s.p95?.toFixed(2)}`);
