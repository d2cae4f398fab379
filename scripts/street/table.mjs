import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {Record<string, {engine: string, made: string, row: import('./rows.mjs').Row}>} Table rows by `set type eyes` */

/** @param {string} folder @returns {Table} */
export function readTable(folder) {
  const file = join(folder, 'street.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** Writes `street.json` for programs and `street.md` for people. @param {string} folder @param {Table} table */
export function writeTable(folder, table) {
  const sorted = Object.fromEntries(Object.entries(table).sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(join(folder, 'street.json'), `${JSON.stringify(sorted, null, 1)}\n`);
  writeFileSync(join(folder, 'street.md'), tableText(sorted));
}

const share = ({ found, of }) => (of === 0 ? '–' : `${((100 * found) / of).toFixed(0)} % (${found}/${of}; ${wilson(found, of).join('–')})`);

/**
 * Between which percentages a share lies with 95 % confidence.
 *
 * @param {number} found @param {number} of above 0
 * @source Wilson 1927: it holds for few and for all of them, too.
 */
export function wilson(found, of) {
  const z = 1.96;
  const middle = (found + z ** 2 / 2) / (of + z ** 2);
  const half = (z / (of + z ** 2)) * Math.sqrt((found * (of - found)) / of + z ** 2 / 4);
  return [middle - half, middle + half].map((one) => Math.round(100 * Math.min(1, Math.max(0, one))));
}

const delay = ({ median, p95 }) => (median === null ? '–' : `${median.toFixed(1)}; ${p95.toFixed(1)}`);

/** @param {Table} rows */
export function tableText(rows) {
  return `${[
    '# Golden table of the street',
    '',
    'Written by `node scripts/street/run.mjs` (docs/street-scenes.md); not by hand. `model`: by boxes as a small detector makes them (made of the truth, with',
    'drop-outs, trembling and false boxes); `none`: no model, whatever moves or stays. Behind a count stands what its share may be with 95 % confidence, %.',
    '',
    '| set | type | by | scenes | hours | confirmed in time | told at all | false confirmed | false suspected | repeats | delay, s (median; 95 %) | made |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...Object.entries(rows).map(([name, { row, made, engine }]) => {
      const [set, type, eyes] = name.split(' ');
      return `| ${[set, type, eyes, row.scenes, row.hours.toFixed(2), share(row.recall), share(row.told), row.falseConfirmed, row.falseSuspected, row.repeats, delay(row.delayS), `${made} ${engine}`].join(' | ')} |`;
    }),
  ].join('\n')}\n`;
}
