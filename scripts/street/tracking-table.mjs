import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Rows of the golden table of the object tracker: what it reached on a clip or scene, and plain SORT beside it.
 *
 * @typedef {{hota: number, detA: number, assA: number, mota: number, idf1: number, switches: number, fragmentations: number}} Figures
 * @typedef {{about: string, pictures: number, objects: number, ours: Figures, sort: Figures}} Row
 * @typedef {{spells: number, found: number, newIds: number, within2S: number, lateS: {p5: number, median: number, p95: number}, movingToldStanding: number}} StandingRow
 * @typedef {{rows: Record<string, Row>, standing: Record<string, StandingRow>}} Table
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

/** @param {import('../../src/testing/street-tracks/judge-standing.js').StandingFigures} figures @returns {StandingRow} */
export function standingRowOf({ spells, found, newIds, lateS, moving, movingToldStanding }) {
  const at = (share) => Math.round(100 * lateS[Math.floor(share * (lateS.length - 1))]) / 100;
  return {
    ...{ spells, found, newIds },
    within2S: lateS.filter((late) => Math.abs(late) <= 2).length,
    lateS: { p5: at(0.05), median: at(0.5), p95: at(0.95) },
    movingToldStanding: Math.round((1e4 * movingToldStanding) / moving) / 1e4,
  };
}

/** The same of what stands. One spell more or less is granted, for the same reason. @param {Table} kept @param {Record<string, StandingRow>} now @returns {string[]} */
export function standingWorsenings(kept, now) {
  return Object.entries(now).flatMap(([name, row]) => {
    const before = kept.standing?.[name];
    if (before === undefined) return [`standing, ${name}: no such row is kept; write the table anew`];
    const worse = (figure, by) => (by > 1 ? [`standing, ${name}: ${figure} ${before[figure]} before, ${row[figure]} now`] : []);
    return [
      ...['found', 'within2S'].flatMap((figure) => worse(figure, before[figure] - row[figure])),
      ...worse('newIds', row.newIds - before.newIds),
      ...worse('movingToldStanding', 200 * (row.movingToldStanding - before.movingToldStanding)),
    ];
  });
}

/** @param {string} folder @returns {Table} */
export function readTable(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'tracking.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return { rows: {}, standing: {} };
    throw error;
  }
}

/** @param {string} folder @param {Table} table */
export function writeTable(folder, table) {
  writeFileSync(join(folder, 'tracking.json'), `${JSON.stringify(table, null, 1)}\n`);
  writeFileSync(join(folder, 'tracking.md'), tableText(table));
}

/** @param {Table} table */
export function tableText({ rows, standing }) {
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
  lines.push(
    '',
    'What stands for eight seconds and more, and since when it is said to stand.',
    '',
    '| scenes | spells | found | under new ids | start within 2 s | told late by, s (5 %; median; 95 %) | moving things told to stand |',
    '|---|---|---|---|---|---|---|',
    ...Object.entries(standing).map(
      ([name, { spells, found, newIds, within2S, lateS, movingToldStanding }]) =>
        `| ${name} | ${spells} | ${found} | ${newIds} | ${within2S} | ${lateS.p5}; ${lateS.median}; ${lateS.p95} | ${(100 * movingToldStanding).toFixed(1)} % |`,
    ),
  );
  lines.push('', ...Object.entries(rows).flatMap(([name, { about }]) => (about === '' ? [] : [`- **${name}**: ${about}.`])));
  return `${lines.join('\n')}\n`;
}

const both = (ours, sort) => `${(100 * ours).toFixed(1)} / ${(100 * sort).toFixed(1)}`;
