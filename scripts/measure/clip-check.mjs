#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { createFacts, median } from './facts.mjs';
import { readReceived } from './received.mjs';
import { run } from './rig.mjs';

const USAGE = `Does every clip that a receiver holds play without an error, hold the span asked for, and show the fall?

  node scripts/measure/clip-check.mjs DIR [--pre 5] [--post 5] [--json FILE]

  DIR is the folder of \`parapet receive --data\`. The fall is looked for in the clip's own pictures: the moment at which the places
  of the event's trajectory change most, one after the other.`;

/** How far the moment of the fall in the pictures may lie off, seconds: two pictures at 25 a second. */
const MOMENT_TOLERANCE_S = 0.08;
/** How many times as much the places of the trajectory change during the fall as at other moments. */
const LEAST_CONTRAST = 3;

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      pre: { type: 'string', default: '5' },
      post: { type: 'string', default: '5' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [folder] = positionals;
  if (values.help || folder === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const facts = createFacts('clip-check');
  const { incidents } = readReceived(folder);
  facts.judge('events', incidents.length, '≥ 1', incidents.length > 0);
  for (const { event, evidence } of incidents) {
    const clip = evidence.find(({ kind }) => kind === 'clip');
    if (clip === undefined || clip.path === null) facts.judge(event.id, 'no clip', 'a clip', false);
    else checkClip(facts, event, clip.path, { preS: Number(values.pre), postS: Number(values.post) });
  }
  facts.finish(values.json);
}

function checkClip(facts, event, path, { preS, postS }) {
  const name = `${event.id}/${basename(path)}`;
  const complaints = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', '-xerror', '-i', path, '-f', 'null', '-'], { encoding: 'utf8' });
  const plays = complaints.status === 0 && complaints.stderr === '';
  facts.judge(`${name} decodes`, plays ? 'without a word' : complaints.stderr.trim().split('\n')[0], 'no error', plays);
  const asked = '-v error -select_streams v:0 -show_entries stream=width,height,avg_frame_rate,duration -of json'.split(' ');
  const { width, height, avg_frame_rate, duration } = JSON.parse(run('ffprobe', [...asked, path])).streams[0];
  const [over, under] = avg_frame_rate.split('/').map(Number);
  const picture = { width, height, fps: over / under, durationS: Number(duration) };

  const fallS = event.stream_time.end - event.stream_time.start;
  const { atS, contrast } = findFall(path, event.throw.trajectory, picture);
  facts.judge(
    `${name} shows the fall`,
    `${contrast.toFixed(1)} × the change at other times`,
    `≥ ${LEAST_CONTRAST}`,
    contrast >= LEAST_CONTRAST,
  );
  // A stream that began later has nothing to show from before.
  const before = Math.min(preS, event.stream_time.start);
  const says = (s) => `${s.toFixed(2)} s`;
  facts.judge(`${name} before the fall`, says(atS), `≥ ${says(before)}`, atS >= before - MOMENT_TOLERANCE_S);
  const afterS = picture.durationS - atS - fallS;
  facts.judge(`${name} after the fall`, says(afterS), `≥ ${postS} s`, afterS >= postS - MOMENT_TOLERANCE_S);
}

/**
 * When the fall begins in a clip, by its pictures alone: at every start that is possible, how much each place of the trajectory
 * changes against a quarter of a second before and after.
 */
function findFall(path, trajectory, { width, height, fps }) {
  const points = trajectory.map(([t, x, y]) => ({ frame: Math.round((t - trajectory[0][0]) * fps), x: x * width, y: y * height }));
  const inside = points.filter(({ x, y }) => x >= 2 && y >= 2 && x < width - 2 && y < height - 2);
  const [left, top] = [Math.floor(Math.min(...inside.map(({ x }) => x))) - 2, Math.floor(Math.min(...inside.map(({ y }) => y))) - 2];
  const w = Math.ceil(Math.max(...inside.map(({ x }) => x))) + 3 - left;
  const h = Math.ceil(Math.max(...inside.map(({ y }) => y))) + 3 - top;
  const filter = ['-vf', `crop=${w}:${h}:${left}:${top}:exact=1`, '-f', 'rawvideo', '-pix_fmt', 'gray', '-fps_mode', 'passthrough', '-'];
  const { stdout } = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', path, ...filter], { maxBuffer: 2 ** 31 });
  const frames = Math.floor(stdout.length / (w * h));
  const grey = (frame, { x, y }) => {
    let sum = 0;
    for (const dy of [-1, 0, 1])
      for (const dx of [-1, 0, 1]) sum += stdout[frame * w * h + (Math.round(y) - top + dy) * w + Math.round(x) - left + dx];
    return sum / 9;
  };
  const apart = Math.round(fps / 4);
  const last = Math.max(...inside.map(({ frame }) => frame));
  const starts = Array.from({ length: Math.max(0, frames - last - 2 * apart) }, (_, i) => i + apart);
  const scores = starts.map((start) => {
    const changes = inside.map((point) => {
      const now = grey(start + point.frame, point);
      return Math.min(Math.abs(now - grey(start + point.frame - apart, point)), Math.abs(now - grey(start + point.frame + apart, point)));
    });
    return changes.reduce((sum, change) => sum + change, 0) / changes.length;
  });
  const best = scores.indexOf(Math.max(...scores));
  return { atS: (starts[best] ?? Number.NaN) / fps, contrast: scores[best] / Math.max(0.5, median(scores)) };
}

main();
