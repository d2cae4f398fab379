// How often looking again is right: things that stay in staged streets (docs/street-scenes.md), each looked at while it is there and when it is not.
//
//   npm run build && node scripts/measure/look-again.mjs [--work FOLDER] [--seed N] [SCENE…]
//
// Rendered scenes stay in the work folder and are used again.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { work: { type: 'string', default: '/tmp/parapet-look-again' }, seed: { type: 'string', default: '1' } },
});
const { judgeThing } = await import('../../dist/rules/common/look-again.js');

const usual = [
  ...['illegal_parking-car-day', 'illegal_parking-two-vehicles-overcast', 'illegal_parking-hidden-by-bus-day', 'illegal_parking-night'],
  ...[
    'abandoned_object-bag-day',
    'abandoned_object-suitcase-passers-overcast',
    'abandoned_object-box-shaded-taken-later',
    'abandoned_object-bag-night',
  ],
  ...['removed_object-cover-day', 'removed_object-sign-overcast', 'removed_object-extinguisher-shaded', 'removed_object-cover-night'],
  ...['illegal_dumping-van-day', 'illegal_dumping-sofa-overcast', 'road_obstruction-heap-overcast', 'road_obstruction-car-night'],
  ...['street_vending-stall-day', 'stopped_vehicle-car-day'],
];
/** Seconds that a rule takes to tell what is due: it looks more than once. */
const RULE_S = 3;
/** Seconds between two looks. */
const STEP_S = 2;
/** Around a beginning and an end nobody can say what is right: things are put down and carried off, vehicles move off. */
const CLEAR_S = 4;

/** Every picture of a video, as rules are shown it. */
function picturesOf(path, { width, height }) {
  const bytes = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'], {
    maxBuffer: 2 ** 31 - 1,
  });
  const [whole, half] = [width * height, (width / 2) * (height / 2)];
  return (frame) => {
    const at = frame * (whole + 2 * half);
    return {
      width,
      height,
      luma: bytes.subarray(at, at + whole),
      cb: bytes.subarray(at + whole, at + whole + half),
      cr: bytes.subarray(at + whole + half, at + whole + 2 * half),
    };
  };
}

/** As evidence takes the scene before and what has lasted: of each pixel the middle of five pictures, from 4 to 2 s before and of the last 6 s. */
function middle(pictures) {
  const luma = new Uint8Array(pictures[0].luma.length);
  const five = new Uint8Array(pictures.length);
  for (let i = 0; i < luma.length; i++) {
    for (const [p, picture] of pictures.entries()) five[p] = picture.luma[i];
    luma[i] = five.sort()[pictures.length >> 1];
  }
  return { ...pictures[0], luma };
}

const total = { there: { still_there: 0, gone: 0, cannot_tell: 0 }, away: { still_there: 0, gone: 0, cannot_tell: 0 } };
const row = ({ still_there, gone, cannot_tell }) => `${still_there} still there, ${gone} gone, ${cannot_tell} cannot tell`;
for (const scene of positionals.length > 0 ? positionals : usual) {
  const folder = join(values.work, `${scene}-${values.seed}`);
  if (!existsSync(join(folder, 'truth.json'))) {
    execFileSync(process.execPath, ['scripts/street/render.mjs', '--scene', scene, '--seed', values.seed, '--out', folder], {
      stdio: 'ignore',
    });
  }
  const { video, incidents } = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  const shown = picturesOf(join(folder, 'video.mp4'), video);
  const at = (s) => shown(Math.max(0, Math.min(video.frames - 1, Math.round(s * video.fps))));
  const counts = { there: { still_there: 0, gone: 0, cannot_tell: 0 }, away: { still_there: 0, gone: 0, cannot_tell: 0 } };
  for (const { from, to, due, box } of incidents) {
    const toldS = Math.max((due ?? from) + RULE_S, from + CLEAR_S);
    const endS = to ?? video.duration_s;
    if (from < 5 || toldS >= endS || box === null) continue;
    const [x1, y1, x2, y2] = box;
    const incident = { box: { x1, y1, x2, y2 } };
    const view = {
      capturedAtMs: 0,
      before: at(toldS),
      steady: toldS - from < 8 ? null : middle([6, 4.8, 3.6, 2.4, 1.2].map((s) => at(toldS - s))),
      scene: middle([4, 3.6, 3.2, 2.6, 2.2].map((s) => at(from - s))),
    };
    const look = (s, truth) => {
      counts[truth][judgeThing(incident, { ...view, picture: at(s) }, 'it').presence]++;
    };
    for (let s = toldS + STEP_S; s <= endS - CLEAR_S; s += STEP_S) look(s, 'there');
    for (let s = endS + CLEAR_S; s < video.duration_s; s += STEP_S) look(s, 'away');
    for (let s = 0; s <= from - CLEAR_S; s += STEP_S) look(s, 'away');
  }
  for (const truth of ['there', 'away']) for (const verdict of Object.keys(total.there)) total[truth][verdict] += counts[truth][verdict];
  process.stdout.write(`${scene}: there: ${row(counts.there)}; away: ${row(counts.away)}\n`);
}
const share = (part, counts) => `${((100 * part) / Object.values(counts).reduce((a, b) => a + b, 0)).toFixed(1)} %`;
process.stdout.write(
  `all, while it is there: ${row(total.there)} (right ${share(total.there.still_there, total.there)}, wrong ${share(total.there.gone, total.there)})\n`,
);
process.stdout.write(
  `all, when it is not: ${row(total.away)} (right ${share(total.away.gone, total.away)}, wrong ${share(total.away.still_there, total.away)})\n`,
);
