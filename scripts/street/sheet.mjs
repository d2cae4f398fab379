#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { findScenario, stageOf } from './scenarios/index.mjs';
import { createScene } from './scene.mjs';
import { createTruth, isSeen } from './truth.mjs';

const USAGE = `Draws a contact sheet of a street scene: pictures spread over its length, with zones, lines, what is to be seen, and open incidents.

  node scripts/street/sheet.mjs --clip DIR | --scene NAME [--seed 1] --out FILE.png
       [--count 9] [--from SECONDS] [--to SECONDS] [--width 640] [--plain]

  --clip: of a rendered scene. --scene: draws only the pictures that it shows, which is much quicker than to render it all.
  Example: node scripts/street/sheet.mjs --scene illegal_parking-car-day --out /tmp/parked.png`;

/**
 * A scene to be looked at.
 *
 * @typedef {object} Source
 * @property {object} truth
 * @property {(t: number) => Promise<{picture: import('sharp').Sharp, detections: readonly object[]}>} at
 */

/** @param {string} folder of a rendered scene @returns {Source} */
function clipSource(folder) {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  const frames = readFileSync(join(folder, 'detections.jsonl'), 'utf8').trim().split('\n');
  return {
    truth,
    async at(t) {
      const index = Math.min(frames.length - 1, Math.round(t * truth.video.fps));
      const picture = sharp(await readPicture(join(folder, 'video.mp4'), index / truth.video.fps));
      return { picture, detections: JSON.parse(frames[index]).detections };
    },
  };
}

/** @param {string} name @param {number} seed @returns {Source} */
function sceneSource(name, seed) {
  const stage = stageOf(findScenario(name), seed);
  const scene = createScene(stage);
  const truth = createTruth(stage);
  // What is watched stands there from the beginning.
  truth.add(0, scene.at(0).boxes);
  return {
    truth: { ...truth.finish(), incidents: [] },
    async at(t) {
      const { picture, boxes } = scene.at(Math.round(t * stage.fps) / stage.fps);
      const { width, height } = stage;
      return { picture: sharp(toRgb(picture, width, height), { raw: { width, height, channels: 3 } }), detections: boxes.filter(isSeen) };
    },
  };
}

/** @param {Source} source @param {{out: string, count: number, from?: number, to?: number, width: number, plain: boolean}} p */
async function drawSheet(source, p) {
  const { truth } = source;
  const { width, height, duration_s: durationS } = truth.video;
  const from = p.from ?? 0;
  const to = p.to ?? durationS;
  const columns = Math.ceil(Math.sqrt(p.count));
  const tileHeight = Math.round((p.width * height) / width);
  const tiles = [];
  for (let i = 0; i < p.count; i++) {
    const t = Math.min(durationS - 1, from + ((to - from) * (i + 0.5)) / p.count);
    const { picture, detections } = await source.at(t);
    const small = await picture.resize(p.width, tileHeight).png().toBuffer();
    const drawn = p.plain ? [] : [{ input: Buffer.from(overlay(truth, t, detections, p.width, tileHeight)) }];
    tiles.push({
      input: await sharp(small).composite(drawn).png().toBuffer(),
      left: (i % columns) * p.width,
      top: Math.floor(i / columns) * tileHeight,
    });
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

/** BT.709, limited range, to RGB. */
function toRgb(frame, width, height) {
  const rgb = Buffer.alloc(3 * width * height);
  const [size, half] = [width * height, width >> 1];
  const byte = (value) => Math.max(0, Math.min(255, Math.round(value)));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const k = size + (y >> 1) * half + (x >> 1);
      const luma = (frame[i] - 16) * 1.164;
      const [u, v] = [frame[k] - 128, frame[k + size / 4] - 128];
      rgb[3 * i] = byte(luma + 1.793 * v);
      rgb[3 * i + 1] = byte(luma - 0.213 * u - 0.533 * v);
      rgb[3 * i + 2] = byte(luma + 2.112 * u);
    }
  }
  return rgb;
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
  const text = { type: /** @type {const} */ ('string') };
  const flag = { type: /** @type {const} */ ('boolean'), default: false };
  const { values } = parseArgs({
    options: {
      ...{ clip: text, scene: text, out: text, from: text, to: text, plain: flag, help: { ...flag, short: 'h' } },
      ...{ seed: { ...text, default: '1' }, count: { ...text, default: '9' }, width: { ...text, default: '640' } },
    },
  });
  if (values.help || values.out === undefined || (values.clip === undefined) === (values.scene === undefined)) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const seconds = (value) => (value === undefined ? undefined : Number(value));
  const source = values.clip === undefined ? sceneSource(values.scene, Number(values.seed)) : clipSource(values.clip);
  const { out, plain } = values;
  await drawSheet(source, {
    out,
    plain,
    count: Number(values.count),
    width: Number(values.width),
    from: seconds(values.from),
    to: seconds(values.to),
  });
}

main().catch((error) => {
  console.error(`sheet: ${error.message}`);
  process.exitCode = 1;
});
