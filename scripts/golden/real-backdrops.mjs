#!/usr/bin/env node
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '../scenes/random.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const USAGE = `Draws falls into real clips of streets, rooms and birds, and counts which of them the engine finds without a facade: real walls, leaves, people and compression
behind things whose truth is known.

  node scripts/golden/real-backdrops.mjs [--data ../shared/data] [--clip NAME] [--seed 1]

  A line a clip, those that were not confirmed below it, and the sum. Exit code 1 when something was confirmed that was not drawn. A minute and a half.`;

/** Clips of cameras that stand still, at least a quarter of a minute long. */
const CLIPS = [
  'street/road_a.mp4',
  'street/road_b.mp4',
  'street/people_at_table.mp4',
  'street/cars_overhead.mp4',
  'street/bottles_placed_removed.mp4',
  'street/motorway_person_on_shoulder.avi',
  'abandoned/street_bag.avi',
  'negative/birds.mp4',
];
/** Of each clip, seconds. */
const LONGEST_S = 40;
/** From the end of one fall to the next, and before the first, seconds. */
const PAUSE_S = 2.5;
const GRAVITY = 9.81;
/** Shutter, seconds, and pictures of the thing that make its blur. */
const EXPOSURE_S = 0.01;
const BLUR_STEPS = 6;
/** Grain of what is drawn, grey. */
const GRAIN_GREY = 2;
/** Largest distance between the middles of what was drawn and what was found, share of the picture's width. */
const NEAR_SHARE = 0.12;

/**
 * @typedef {object} Fall
 * @property {number} atS let go
 * @property {number} endS gone, at its lowest
 * @property {number} diameterPx
 * @property {number} contrast from what lies behind its first place, grey; the other way where black or white is too near
 * @property {(t: number) => {x: number, y: number}} at pixels, t seconds after it was let go
 */

/** Falls one after the other: things of 0.1 to 0.4 m that look 4 to 9 px large, over 45 to 90 % of the picture's height. @returns {Fall[]} */
export function planFalls(random, { width, height, seconds }) {
  const falls = [];
  for (let atS = PAUSE_S; ; ) {
    const metres = random.range(0.1, 0.4);
    const pxPerM = Math.min(0.09 * height, Math.max(0.012 * height, random.range(4.2, 9) / metres));
    const dropPx = random.range(0.45, 0.9) * height;
    const top = random.range(0.02, Math.max(0.03, 0.95 - dropPx / height)) * height;
    const left = random.range(0.12, 0.88) * width;
    const terminal = random.pick([10, 14, 20, 30, 40]);
    const acrossMps = random.range(-2, 2);
    const lastsS = (terminal / GRAVITY) * Math.acosh(Math.exp((dropPx / pxPerM) * (GRAVITY / terminal ** 2)));
    if (atS + lastsS > seconds - PAUSE_S) return falls;
    falls.push({
      ...{ atS, endS: atS + lastsS, diameterPx: Math.max(4.2, metres * pxPerM) },
      contrast: random.range(35, 90) * (random.chance(0.5) ? 1 : -1),
      at: (t) => ({
        x: left + pxPerM * acrossMps * t,
        y: top + pxPerM * (terminal ** 2 / GRAVITY) * Math.log(Math.cosh((GRAVITY * t) / terminal)),
      }),
    });
    atS += lastsS + PAUSE_S + random.range(0, 1.5);
  }
}

/** Draws a thing of a grey of its own into a picture's luma, t seconds after it was let go. */
function draw(luma, { width, height }, { fall, grey }, t, random) {
  const radius = fall.diameterPx / 2;
  const [from, to] = [fall.at(Math.max(0, t - EXPOSURE_S)), fall.at(t)];
  const [left, right] = [Math.min(from.x, to.x) - radius - 2, Math.max(from.x, to.x) + radius + 2].map(Math.round);
  const [top, bottom] = [from.y - radius - 2, to.y + radius + 2].map(Math.round);
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, right); x++) {
      let cover = 0;
      for (let k = 0; k < BLUR_STEPS; k++) {
        const share = (k + 0.5) / BLUR_STEPS;
        const away = Math.hypot(x - from.x - share * (to.x - from.x), y - from.y - share * (to.y - from.y));
        cover += Math.min(1, Math.max(0, (radius - away) / 1.2 + 0.5)) / BLUR_STEPS;
      }
      const i = y * width + x;
      luma[i] = Math.min(255, Math.max(0, luma[i] + cover * (grey + GRAIN_GREY * random.gauss() - luma[i])));
    }
  }
}

/** As far from the wall as wanted, on the other side where black or white is too near. */
function ownGrey(wall, contrast) {
  const own = wall + contrast;
  return own < 5 || own > 250 ? Math.min(250, Math.max(5, wall - contrast)) : own;
}

/** Pictures of so many bytes each, one after the other. */
async function* inPictures(stream, bytes) {
  let now = Buffer.alloc(bytes);
  let filled = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(now, filled, at);
      at += taken;
      filled += taken;
      if (filled < bytes) continue;
      yield now;
      now = Buffer.alloc(bytes);
      filled = 0;
    }
  }
}

/** What a clip is. @returns {{width: number, height: number, rate: string, fps: number, seconds: number}} */
function probe(path) {
  const show = ['-show_entries', 'stream=width,height,avg_frame_rate:format=duration', '-of', 'json'];
  const { streams, format } = JSON.parse(
    execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v:0', ...show, path], { encoding: 'utf8' }),
  );
  const [{ width, height, avg_frame_rate: rate }] = streams;
  const [over, under] = rate.split('/').map(Number);
  return { width, height, rate, fps: over / under, seconds: Math.min(LONGEST_S, Number(format.duration)) };
}

/** Decodes a clip, draws into each picture, and encodes it as a camera does: no B pictures, a keyframe every two seconds. */
async function drawInto(path, to, clip, falls, random) {
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p'];
  const size = [...raw, '-s', `${clip.width}x${clip.height}`, '-r', clip.rate];
  const decoder = spawn('ffmpeg', ['-v', 'error', '-t', String(clip.seconds), '-i', path, '-an', ...raw, '-r', clip.rate, '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const coding = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '24', '-bf', '0', '-g', String(Math.round(2 * clip.fps))];
  const encoder = spawn('ffmpeg', ['-v', 'error', '-y', ...size, '-i', '-', ...coding, to], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = Promise.all([decoder, encoder].map((ffmpeg) => once(ffmpeg, 'close')));
  const lumaBytes = clip.width * clip.height;
  const bytes = lumaBytes + 2 * Math.ceil(clip.width / 2) * Math.ceil(clip.height / 2);
  const greys = new Map();
  let picture = 0;
  for await (const now of inPictures(decoder.stdout, bytes)) {
    const luma = now.subarray(0, lumaBytes);
    const timeS = picture++ / clip.fps;
    for (const fall of falls.filter(({ atS, endS }) => timeS >= atS && timeS <= endS)) {
      const first = fall.at(timeS - fall.atS);
      if (!greys.has(fall)) greys.set(fall, ownGrey(luma[Math.round(first.y) * clip.width + Math.round(first.x)], fall.contrast));
      draw(luma, clip, { fall, grey: greys.get(fall) }, timeS - fall.atS, random);
    }
    if (!encoder.stdin.write(now)) await once(encoder.stdin, 'drain');
  }
  encoder.stdin.end();
  const codes = (await ended).map(([code]) => code);
  if (codes.some((code) => code !== 0) || picture === 0)
    throw new Error(`${path}: ffmpeg ended with ${codes.join(' and ')} (reading and writing) after ${picture} pictures`);
}

/** Throws that the engine tells of in a video. */
function thrownIn(video) {
  const args = [join(root, 'dist/main.js'), 'analyze', video, '--events', '-'];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }).split(
    '\n',
  );
  return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line)])).filter(({ type }) => type === 'thrown_object');
}

/** Whether what was found is what was drawn: at the same time and place for the most part. */
export function isOf({ stream_time: found, box }, fall, width) {
  const [startS, endS] = [Math.max(found.start, fall.atS), Math.min(found.end, fall.endS)];
  if (endS - startS < 0.5 * (found.end - found.start)) return false;
  const { x } = fall.at((startS + endS) / 2 - fall.atS);
  return Math.abs((box[0] + box[2]) / 2 - x / width) < NEAR_SHARE;
}

async function measure(path, name, seed, folder) {
  const random = createRandom(`${name} ${seed}`);
  const clip = probe(path);
  const falls = planFalls(random.fork('falls'), clip);
  const video = join(folder, `${name.replaceAll(/\W/g, '-')}.mp4`);
  await drawInto(path, video, clip, falls, random.fork('grain'));
  const found = thrownIn(video);
  const verdicts = falls.map((fall) => {
    const own = found.filter((event) => isOf(event, fall, clip.width)).map(({ verdict }) => verdict);
    return own.includes('confirmed') ? 'confirmed' : (own[0] ?? 'missed');
  });
  const strangers = found.filter((event) => event.verdict === 'confirmed' && !falls.some((fall) => isOf(event, fall, clip.width)));
  rmSync(video);
  return { falls, verdicts, strangers: strangers.length };
}

async function main(values) {
  const data = resolve(values.data);
  if (!existsSync(data)) throw new Error(`the shared clips are not at ${data}; --data says where they are`);
  const chosen = CLIPS.filter((clip) => clip.includes(values.clip));
  if (chosen.length === 0) throw new Error(`no clip has '${values.clip}' in its name; there are ${CLIPS.join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'parapet-backdrops-'));
  const sum = { drawn: 0, confirmed: 0, suspected: 0, strangers: 0 };
  try {
    for (const name of chosen) {
      const { falls, verdicts, strangers } = await measure(join(data, name), name, values.seed, folder);
      const count = (verdict) => verdicts.filter((one) => one === verdict).length;
      console.log(
        `${name}: ${count('confirmed')} of ${falls.length} confirmed, ${count('suspected')} suspected, ${strangers} that were not drawn`,
      );
      verdicts.forEach((verdict, i) => {
        const { atS, endS, diameterPx } = falls[i];
        if (verdict !== 'confirmed') console.log(`  ${verdict}: ${atS.toFixed(2)} to ${endS.toFixed(2)} s, ${diameterPx.toFixed(1)} px`);
      });
      sum.drawn += falls.length;
      sum.confirmed += count('confirmed');
      sum.suspected += count('suspected');
      sum.strangers += strangers;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(
    `${sum.confirmed} of ${sum.drawn} falls confirmed, ${sum.suspected} suspected; ${sum.strangers} confirmed that were not drawn`,
  );
  if (sum.strangers > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = { type: /** @type {const} */ ('string') };
  const { values } = parseArgs({
    options: {
      data: { ...text, default: join(root, '../shared/data') },
      clip: { ...text, default: '' },
      seed: { ...text, default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) console.error(USAGE);
  else await main(values);
}
