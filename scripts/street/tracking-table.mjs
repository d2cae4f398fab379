import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Rows of the golden table of the object tracker: what it reached on a clip or scene, and plain SORT beside it.
 *
 * @typedef {{hota: number, detA: number, assA: number, mota: number, idf1: number, switches: number, fragmentations: number}} Figures
 * @typedef {{about: string, pictures: number, objects: number, ours: Figures, sort: Figures}} Row
 * @typedef {{rows: Record<string, Row>}} Table
 */

/** @param {import('../../src/core/scoring/tracking-score.js').TrackingScore} score @returns {Figures} */
export function figuresOf(score) {
  const share = (value) => (value === null ? null : Math.round(1000 * value) / 1000);
  return {
    ...{ hota: share(score.hota), detA: share(score.detA), assA: share(score.assA) },
    ...{ mota: share(score.mota), idf1: share(score.idf1), switches: score.switches, fragmentations: score.fragmentations },
  };
}

/**
 * What is worse than it was kept, one line each. Slack is granted for sums that another Node or processor rounds otherwise: a pair that is set otherwise once
 * may change a whole track.
 *
 * @param {Table} kept @param {Record<string, Row>} now @returns {string[]}
 */
export function worsenings(kept, now) {
  return Object.entries(now).flatMap(([name, row]) => {
    const before = kept.rows[name];
    if (before === undefined) return [`${name}: no such row is kept; write the table anew`];
    const slack = name.startsWith('clip ') ? 0.02 : 0.01;
    return ['hota', 'mota', 'idf1'].flatMap((figure) =>
      row.ours[figure] < before.ours[figure] - slack ? [`${name}: ${figure} ${before.ours[figure]} before, ${row.ours[figure]} now`] : [],
    );
  });
}

/** @param {string} folder @returns {Table} */
export function readTable(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'tracking.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return { rows: {} };
    throw error;
  }
}

/** @param {string} folder @param {Table} table */
export function writeTable(folder, table) {
  writeFileSync(join(folder, 'tracking.json'), `${JSON.stringify(table, null, 1)}\n`);
  writeFileSync(join(folder, 'tracking.md'), tableText(table));
}

/** @param {Table} table */
export function tableText({ rows }) {
  const lines = [
    '# Golden table of the object tracker',
    '',
    'Written by `node scripts/street/tracking.mjs` ([ADR 18](../../docs/adr/0018-object-tracker.md)); not by hand. Ours / plain SORT on the same detections.',
    'Scenes: 2 seeds of 60 s each, detections made faulty on purpose. Clips: YOLOX-nano on spans labelled by hand.',
    '',
    '| | pictures | objects | HOTA | DetA | AssA | MOTA | IDF1 | switches | fragmentations |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const [name, { pictures, objects, ours, sort }] of Object.entries(rows)) {
    const cells = ['hota', 'detA', 'assA', 'mota', 'idf1'].map((figure) => both(ours[figure], sort[figure]));
    lines.push(
      `| ${name} | ${pictures} | ${objects} | ${cells.join(' | ')} | ${ours.switches} / ${sort.switches} | ${ours.fragmentations} / ${sort.fragmentations} |`,
    );
  }
  lines.push('', ...Object.entries(rows).flatMap(([name, { about }]) => (about === '' ? [] : [`- **${name}**: ${about}.`])));
  return `${lines.join('\n')}\n`;
}

const both = (ours, sort) => `${(100 * ours).toFixed(1)} / ${(100 * sort).toFixed(1)}`;
