#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const USAGE = `Draws a contact sheet of a rendered street scene: pictures spread over the clip, with zones, lines, detections and incidents.

  node scripts/street/sheet.mjs --clip DIR --out FILE.png [--count 9] [--from SECONDS] [--to SECONDS] [--width 640] [--plain]

  Example: node scripts/street/sheet.mjs --clip /tmp/street/parked --out /tmp/parked.png`;

/** Draws one. @param {{clip: string, out: string, count: number, from?: number, to?: number, width: number, plain: boolean}} p */
export async function drawSheet(p) {
  const truth = JSON.parse(readFileSync(join(p.clip, 'truth.json'), 'utf8'));
  const frames = readFileSync(join(p.clip, 'detections.jsonl'), 'utf8').trim().split('\n');
  const { fps, width, height, duration_s: durationS } = truth.video;
  const from = p.from ?? 0;
  const to = p.to ?? durationS;
  const columns = Math.ceil(Math.sqrt(p.count));
  const tileHeight = Math.round((p.width * height) / width);
  const tiles = [];
  for (let i = 0; i < p.count; i++) {
    const index = Math.min(frames.length - 1, Math.round((from + ((to - from) * (i + 0.5)) / p.count) * fps));
    const picture = await readPicture(join(p.clip, 'video.mp4'), index / fps);
    const drawn = sharp(picture).resize(p.width, tileHeight);
    const { t, detections } = JSON.parse(frames[index]);
    const input = await (p.plain ? drawn : drawn.composite([{ input: Buffer.from(overlay(truth, t, detections, p.width, tileHeight)) }]))
      .png()
      .toBuffer();
    tiles.push({ input, left: (i % columns) * p.width, top: Math.floor(i / columns) * tileHeight });
  }
  const rows = Math.ceil(p.count / columns);
  await sharp({ create: { width: columns * p.width, height: rows * tileHeight, channels: 3, background: 'black' } })
    .composite(tiles)
    .png()
    .toFile(p.out);
}

function overlay(truth, t, detections, w, h) {
  const path = (points) => points.map(([x, y]) => `${x * w},${y * h}`).join(' ');
  const rect = ([x1, y1, x2, y2], colour, text, stroke) =>
    `<rect x="${x1 * w}" y="${y1 * h}" width="${(x2 - x1) * w}" height="${(y2 - y1) * h}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>` +
    `<text x="${x1 * w}" y="${y1 * h - 2}" font-size="11" font-family="sans-serif" fill="${colour}">${text}</text>`;
  const open = truth.incidents.filter((one) => t >= one.from && t <= (one.to ?? Infinity) + 0.5 && one.box !== null);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">`,
    ...Object.values(truth.zones).map(({ polygon }) => `<polygon points="${path(polygon)}" fill="none" stroke="cyan"/>`),
    ...Object.values(truth.lines).map(({ from, to }) => `<polyline points="${path([from, to])}" stroke="magenta" stroke-width="2"/>`),
    ...Object.values(truth.watched).map(({ box }) => rect(box, 'orange', '', 1)),
    ...detections.map((one) =>
      rect(one.box, 'lime', `${one.label} ${one.id}${one.visible < 0.95 ? ` ${Math.round(100 * one.visible)} %` : ''}`, 1),
    ),
    ...open.map((one) => rect(one.box, 'red', one.type, 2)),
    `<text x="4" y="14" font-size="13" font-family="sans-serif" fill="yellow">${t.toFixed(1)} s</text></svg>`,
  ].join('');
}

function readPicture(video, atS) {
  return new Promise((resolve, reject) => {
    const args = [
      '-v',
      'error',
      '-ss',
      Math.max(0, atS - 0.02).toFixed(3),
      '-i',
      video,
      '-frames:v',
      '1',
      '-f',
      'image2',
      '-c:v',
      'png',
      '-',
    ];
    const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => reject(new Error(`ffmpeg cannot be started (${error.message}); install it: apt-get install ffmpeg`)));
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`${video} cannot be read at ${atS} s`))));
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      clip: { type: 'string' },
      out: { type: 'string' },
      count: { type: 'string', default: '9' },
      from: { type: 'string' },
      to: { type: 'string' },
      width: { type: 'string', default: '640' },
      plain: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.clip === undefined || values.out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const seconds = (text) => (text === undefined ? undefined : Number(text));
  await drawSheet({
    clip: values.clip,
    out: values.out,
    count: Number(values.count),
    from: seconds(values.from),
    to: seconds(values.to),
    width: Number(values.width),
    plain: values.plain,
  });
}

main().catch((error) => {
  console.error(`sheet: ${error.message}`);
  process.exitCode = 1;
});
