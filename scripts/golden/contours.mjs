#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { fitRecall } from './recall-model.mjs';

const USAGE = `Draws the sweep: every throw by size and contrast, found or missed, and where recall passes 50 % and 95 %, by speed.

  parapet score EVENTS CLIPS --json > score.json
  node scripts/golden/contours.mjs --score score.json --out docs/images/sweep.png`;

/** Axes, in the figures of the sweep; logarithmic both. */
const SIZE_PX = [1.7, 18];
const CONTRAST = [6.5, 95];
const PANEL = { width: 250, height: 250, left: 62, top: 92, gap: 22, below: 58 };

/** @param {readonly object[]} throws of `parapet score --json` @returns {string} SVG */
export function contourPicture(throws) {
  const list = throws.map((t) => ({ ...t, found: t.found === 'confirmed' }));
  const recall = fitRecall(list);
  const groups = bySpeed(list);
  const width = PANEL.left + 4 * (PANEL.width + PANEL.gap) + 10;
  const rows = Math.ceil(groups.length / 4);
  const height = PANEL.top + rows * (PANEL.height + PANEL.below);
  const panels = groups.map((group, i) => {
    const x = PANEL.left + (i % 4) * (PANEL.width + PANEL.gap);
    const y = PANEL.top + Math.floor(i / 4) * (PANEL.height + PANEL.below);
    return `<g transform="translate(${x} ${y})">${panel(group, recall, i % 4 === 0)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${PANEL.left}" y="26" font-size="17" font-weight="bold">What is found, by size, contrast and speed</text>
<text x="${PANEL.left}" y="46" fill="#444">${list.length} throws before a plain wall. Filled: confirmed; hollow: not. Thick line: recall 95 %; dashed: 50 % (smoothed).</text>
${panels.join('\n')}
<text x="${width / 2}" y="${height - 14}" text-anchor="middle" fill="#444">size, pixels</text>
</svg>`;
}

function panel({ speedPx, throws }, recall, labelled) {
  const { width: w, height: h } = PANEL;
  const px = (size) => (w * Math.log(size / SIZE_PX[0])) / Math.log(SIZE_PX[1] / SIZE_PX[0]);
  const py = (contrast) => h - (h * Math.log(contrast / CONTRAST[0])) / Math.log(CONTRAST[1] / CONTRAST[0]);
  const ticks = [
    ...[2, 3, 4, 6, 9, 15].map(
      (s) => `<text x="${px(s)}" y="${h + 17}" text-anchor="middle" fill="#444">${s}</text>${grid(px(s), 0, px(s), h)}`,
    ),
    ...[8, 12, 17, 25, 40, 60, 80].map(
      (c) => `${grid(0, py(c), w, py(c))}${labelled ? `<text x="-7" y="${py(c) + 4}" text-anchor="end" fill="#444">${c}</text>` : ''}`,
    ),
  ];
  const dots = throws.map(
    (t) =>
      `<circle cx="${px(t.sizePx).toFixed(1)}" cy="${py(t.contrast).toFixed(1)}" r="4" fill="${t.found ? '#1f6f54' : '#fff'}" stroke="${t.found ? '#1f6f54' : '#b3261e'}" stroke-width="1.4" fill-opacity="0.75"/>`,
  );
  const found = throws.filter((t) => t.found).length;
  return [
    `<text y="-10" font-weight="bold">${speedPx.toFixed(speedPx < 10 ? 1 : 0)} px a picture</text>`,
    `<text x="${w}" y="-10" text-anchor="end" fill="#444">${found} of ${throws.length}</text>`,
    `<rect width="${w}" height="${h}" fill="#fafafa" stroke="#999"/>`,
    ...ticks,
    ...dots,
    line(recall, speedPx, 0.95, px, py, 'stroke="#111" stroke-width="2.6"'),
    line(recall, speedPx, 0.5, px, py, 'stroke="#111" stroke-width="1.6" stroke-dasharray="6 4"'),
    labelled ? `<text transform="translate(-42 ${h / 2}) rotate(-90)" text-anchor="middle" fill="#444">contrast, grey levels</text>` : '',
  ].join('');
}

const grid = (x1, y1, x2, y2) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#e4e4e4"/>`;

/** Where recall passes a level: for each size the contrast at which it does so for good, seen from above. */
function line(recall, speedPx, level, px, py, style) {
  const points = [];
  for (let i = 0; i <= 60; i++) {
    const size = SIZE_PX[0] * (SIZE_PX[1] / SIZE_PX[0]) ** (i / 60);
    let contrast = CONTRAST[1];
    if (recall(size, contrast, speedPx) < level) continue;
    while (contrast > CONTRAST[0] && recall(size, contrast, speedPx) >= level) contrast *= 0.99;
    if (contrast > CONTRAST[0]) points.push(`${px(size).toFixed(1)},${py(contrast).toFixed(1)}`);
  }
  return points.length < 2 ? '' : `<polyline points="${points.join(' ')}" fill="none" ${style}/>`;
}

/** Throws of about the same speed in the picture, slowest first: neighbours whose speeds differ by less than half. */
function bySpeed(throws) {
  const groups = [];
  for (const t of [...throws].sort((a, b) => a.speedPx - b.speedPx)) {
    const last = groups[groups.length - 1];
    if (last !== undefined && t.speedPx < last[0].speedPx * 1.5) last.push(t);
    else groups.push([t]);
  }
  return groups.map((list) => ({ speedPx: list[list.length >> 1].speedPx, throws: list }));
}

async function main() {
  const { values } = parseArgs({ options: { score: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help || values.score === undefined || values.out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const { throws } = JSON.parse(readFileSync(values.score, 'utf8'));
  if (!(throws?.length > 0)) throw new Error(`${values.score}: no throws in it; expected what parapet score --json prints`);
  await sharp(Buffer.from(contourPicture(throws)))
    .png({ palette: true })
    .toFile(values.out);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(`contours: ${error.message}`);
    process.exitCode = 1;
  });
}
