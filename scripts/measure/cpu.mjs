#!/usr/bin/env node
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { analysisFigures, runInTurns } from './cpu-clock.mjs';
import { median } from './facts.mjs';
import { runMeasurement, workOption } from './measurement.mjs';
import { program, renderTower, repeatVideo } from './rig.mjs';

const USAGE = `What analyze costs against decoding alone: user and system time of the whole process tree, 1080p25 H.264 at 4 Mbit/s.

  node scripts/measure/cpu.mjs [--seconds 300] [--pairs 3] [--video FILE [-c CONFIG]] [--json FILE] [--work DIR]

  Both run side by side, each a moment while the other stands still, so that whatever else the machine does falls on both. Exit code 1 when
  the median ratio is over 1.5.
  Short films are dearer: the program's start is paid once.`;

const LIMIT = 1.5;

async function main(values, facts) {
  const { video, config } = values.video === undefined ? tower(values.work, Number(values.seconds)) : values;
  const analyze = [process.execPath, program, 'analyze', video, ...(config === undefined ? [] : ['-c', config]), '--events', '-'];
  const decode = ['ffmpeg', '-nostdin', '-v', 'error', '-threads', '1', '-i', video, '-f', 'null', '-'];
  const pairs = [];
  while (pairs.length < Number(values.pairs)) {
    const [analyzed, decoded] = await runInTurns([[...analyze, '--log-level', 'debug'], decode]);
    const pair = { analyze: analyzed, decode: decoded, ratio: analyzed.cpuMs / decoded.cpuMs };
    pairs.push(pair);
    const seconds = `${(pair.analyze.cpuMs / 1000).toFixed(2)} s against ${(pair.decode.cpuMs / 1000).toFixed(2)} s`;
    const stolen = [pair.analyze, pair.decode].map(({ stolenShare }) => `${(100 * stolenShare).toFixed(1)} %`);
    facts.note(
      `pair ${pairs.length}, analyze against decoding`,
      `${seconds}, ratio ${pair.ratio.toFixed(3)}; the host took ${stolen.join(' and ')} away`,
    );
  }
  const ratio = median(pairs.map((pair) => pair.ratio));
  facts.judge('CPU of analyze ÷ CPU of decoding alone, median', ratio.toFixed(3), `≤ ${LIMIT.toFixed(1)}`, ratio <= LIMIT);
  reportPictures(facts, pairs);
}

/** What a picture costs. The stages' own clocks run on while a program stands still, so what each of them takes cannot be told here. */
function reportPictures(facts, pairs) {
  const { frames } = analysisFigures(pairs[0].analyze.stderr);
  const perFrame = (values) => (median(values) / frames).toFixed(3);
  facts.note('pictures', frames);
  facts.note('ms a picture: decoding', perFrame(pairs.map(({ decode }) => decode.cpuMs)));
  facts.note('ms a picture: everything else', perFrame(pairs.map(({ analyze, decode }) => analyze.cpuMs - decode.cpuMs)));
}

function tower(work, seconds) {
  mkdirSync(work, { recursive: true });
  const scene = renderTower(work);
  const video = join(work, `tower-${seconds}s.mp4`);
  if (!existsSync(video)) repeatVideo(scene.video, seconds, video);
  return { video, config: scene.config };
}

await runMeasurement(
  'cpu',
  USAGE,
  {
    seconds: { type: 'string', default: '300' },
    pairs: { type: 'string', default: '3' },
    video: { type: 'string' },
    config: { type: 'string', short: 'c' },
    ...workOption,
  },
  main,
);
