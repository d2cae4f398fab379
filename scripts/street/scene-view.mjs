// Runs the scene analyser over a video, as a camera without a model would see it, and writes a contact sheet with its boxes and a list.
//
//   node scripts/street/scene-view.mjs VIDEO [--out DIR] [--fps 5] [--width 640] [--from S] [--to S] [--every S] [--columns 4] [--quiet]
//
// Yellow: moves. Red: added and still there. Blue: removed. Grey: unclear. Dashed: hidden. The list says when each still thing came and went.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { createSceneAnalyser } from '../../dist/core/scene/scene-analyser.js';
import { readScene } from './read-scene.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: '.' },
    fps: { type: 'string', default: '5' },
    width: { type: 'string', default: '640' },
    from: { type: 'string', default: '0' },
    to: { type: 'string', default: '1e9' },
    every: { type: 'string', default: '2' },
    columns: { type: 'string', default: '4' },
    quiet: { type: 'boolean', default: false },
  },
});
const [video] = positionals;
if (video === undefined) {
  process.stderr.write('which video? node scripts/street/scene-view.mjs VIDEO [--out DIR]\n');
  process.exit(2);
}
const everyS = Number(values.every);
const tiles = [];
const told = new Map();
const notes = [];
let analyser = null;
let [pictures, spentMs, moved, nextTileS, state] = [0, 0, 0, 0, ''];

for await (const { picture, ptsMs } of readScene(video, { fps: Number(values.fps), width: Number(values.width) })) {
  analyser ??= createSceneAnalyser({ width: picture.width, height: picture.height, mask: [] });
  const startedMs = performance.now();
  const view = analyser.step(picture, ptsMs, { keep: [] });
  spentMs += performance.now() - startedMs;
  pictures++;
  moved += view.moving.length;
  const timeS = ptsMs / 1000;
  for (const thing of view.still) note(thing, timeS);
  const { scene } = view;
  const now = `${scene.unsettled ? ' unsettled' : ''}${scene.night ? ' night' : ''}${scene.frozen ? ' frozen' : ''}`;
  if (now !== state) notes.push(`${timeS.toFixed(1)}${now || ' calm'}`);
  state = now;
  if (timeS < Number(values.from) || timeS > Number(values.to)) continue;
  if (timeS + 1e-6 < nextTileS) continue;
  nextTileS = timeS + everyS;
  tiles.push(await tileOf(picture, view, timeS));
}

const name = basename(video).replace(/\.\w+$/, '');
mkdirSync(values.out, { recursive: true });
if (tiles.length > 0) {
  const columns = Math.min(tiles.length, Number(values.columns));
  const { info } = await sharp(tiles[0]).toBuffer({ resolveWithObject: true });
  const sheet = sharp({
    create: { width: columns * info.width, height: Math.ceil(tiles.length / columns) * info.height, channels: 3, background: '#000' },
  });
  sheet.composite(tiles.map((input, k) => ({ input, left: (k % columns) * info.width, top: Math.floor(k / columns) * info.height })));
  await sheet.png().toFile(join(values.out, `${name}.png`));
}
const lines = [...told.values()].map(
  (t) =>
    `#${t.id} ${t.kind} ${t.confidence.toFixed(2)} since ${(t.sincePtsMs / 1000).toFixed(1)} told ${t.toldS.toFixed(1)} ${t.endS === null ? 'stays' : `gone ${t.endS.toFixed(1)}`} box ${[t.box.x1, t.box.y1, t.box.x2, t.box.y2].map((v) => v.toFixed(3)).join(' ')} area ${(100 * t.area).toFixed(2)} %`,
);
const summary = `${name}: ${pictures} pictures, ${(spentMs / pictures).toFixed(2)} ms each, ${(moved / pictures).toFixed(2)} moving a picture; ${told.size} still things`;
writeFileSync(join(values.out, `${name}.txt`), `${[summary, ...lines, ...notes].join('\n')}\n`);
process.stdout.write(`${summary}\n${values.quiet ? '' : `${[...lines, ...notes].join('\n')}\n`}`);

function note(thing, timeS) {
  const known = told.get(thing.id);
  const endS = thing.state === 'gone' ? timeS : null;
  const box = thing.state === 'gone' && known !== undefined ? known.box : thing.box;
  told.set(thing.id, {
    ...thing,
    box,
    area: known !== undefined && thing.state === 'gone' ? known.area : thing.area,
    toldS: known?.toldS ?? timeS,
    endS,
  });
}

async function tileOf(picture, view, timeS) {
  const { width, height } = picture;
  const shown = Math.min(width, 400);
  const scale = shown / width;
  const rgb = Buffer.alloc(3 * width * height);
  const half = (width + 1) >> 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const c = (y >> 1) * half + (x >> 1);
      const l = 1.164 * (picture.luma[at] - 16);
      const [u, v] = [picture.cb[c] - 128, picture.cr[c] - 128];
      rgb[3 * at] = clamp(l + 1.596 * v);
      rgb[3 * at + 1] = clamp(l - 0.392 * u - 0.813 * v);
      rgb[3 * at + 2] = clamp(l + 2.017 * u);
    }
  }
  const rect = (box, colour, dashed, words) => {
    const [x, y] = [box.x1 * width * scale, box.y1 * height * scale];
    const dash = dashed ? ' stroke-dasharray="4 3"' : '';
    return `<rect x="${x}" y="${y}" width="${(box.x2 - box.x1) * width * scale}" height="${(box.y2 - box.y1) * height * scale}" fill="none" stroke="${colour}" stroke-width="1.5"${dash}/><text x="${x + 1}" y="${Math.max(9, y - 2)}" font-size="10" fill="${colour}">${words}</text>`;
  };
  const colours = { added: '#f33', removed: '#48f', unclear: '#ccc' };
  const h = Math.round(height * scale);
  const boxes = [
    ...view.moving.map((d) => rect(d.box, '#fd0', d.score < 0.5, d.score.toFixed(2))),
    ...view.still.map((t) => rect(t.box, t.state === 'gone' ? '#3f3' : colours[t.kind], t.state === 'occluded', `#${t.id}`)),
  ];
  const s = view.scene;
  const words = `${timeS.toFixed(1)} e${s.edgesKept.toFixed(2)} s${s.sharpness.toFixed(2)} c${s.saturation.toFixed(1)} f${s.foreground.toFixed(2)} ${(s.shift.x * width).toFixed(1)},${(s.shift.y * height).toFixed(1)}${s.unsettled ? ' U' : ''}${s.night ? ' N' : ''}${s.frozenMs > 0 ? ' F' : ''}`;
  const svg = `<svg width="${shown}" height="${h}" xmlns="http://www.w3.org/2000/svg">${boxes.join('')}<text x="3" y="${h - 4}" font-size="11" fill="#fff" stroke="#000" stroke-width=".3">${words}</text></svg>`;
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(shown, h)
    .composite([{ input: Buffer.from(svg), left: 0, top: 0 }])
    .png()
    .toBuffer();
}

function clamp(v) {
  return Math.max(0, Math.min(255, v));
}
