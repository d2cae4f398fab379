#!/usr/bin/env node
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchFacadeConfig, makeBenchVideo } from '../../dist/cli/bench/video.js';
import { analysisFigures, runTimed } from '../measure/cpu-clock.mjs';
import { createFacts } from '../measure/facts.mjs';
import { describeVideo, program } from '../measure/rig.mjs';

const USAGE = `Does one core keep up with a 4K camera, beside decoding? Threads are bound to cores with taskset; the file is read as fast as it goes.

  node scripts/bench/realtime-4k.mjs [--seconds 20] [--cores 0,1] [--video FILE -c CONFIG] [--json FILE]

  Needs a built program and two cores. Exit code 1 when Parapet on the first core, with ffmpeg on the second, is slower than the camera.`;

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '20' },
      cores: { type: 'string', default: '0,1' },
      video: { type: 'string' },
      config: { type: 'string', short: 'c' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const facts = createFacts('realtime-4k');
  facts.machine();
  const folder = mkdtempSync(join(tmpdir(), 'parapet-realtime-'));
  try {
    const subject = values.video === undefined ? await madeVideo(folder, Number(values.seconds)) : values;
    measure(facts, subject, values.cores.split(','), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  facts.finish(values.json);
}

async function madeVideo(folder, seconds) {
  const video = await makeBenchVideo('4k', seconds, process.env, () => undefined, new AbortController().signal);
  const config = join(folder, 'parapet.yaml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ cameras: [{ id: 'tower', source: { url: video }, facade: benchFacadeConfig('4k') }] }));
  return { video, config };
}

function measure(facts, { video, config }, [ours, decoders], folder) {
  const { width, height, fps, durationS } = describeVideo(video);
  facts.note('video', `${width}×${height}, ${fps} pictures a second, ${durationS.toFixed(1)} s`);
  const on = (core, command) => ['taskset', '-c', core, ...command];
  const alone = runTimed(on(decoders, ['ffmpeg', '-nostdin', '-v', 'error', '-threads', '1', '-i', video, '-f', 'null', '-']));
  facts.note('decoding alone, one core', speed(alone, durationS, fps));

  // The program looks for ffmpeg where it is told to: here a command that moves it to the other core.
  const elsewhere = join(folder, 'ffmpeg');
  writeFileSync(elsewhere, `#!/bin/sh\nexec taskset -c ${decoders} ffmpeg "$@"\n`);
  chmodSync(elsewhere, 0o755);
  const analyze = [process.execPath, program, 'analyze', video, ...(config === undefined ? [] : ['-c', config]), '--events', '-'];
  const command = on(ours, [...analyze, '--log-level', 'debug']);
  const apart = runTimed(command, { env: { ...process.env, FFMPEG_PATH: elsewhere } });
  const what = `Parapet on core ${ours}, ffmpeg on core ${decoders}`;
  const factor = (durationS * 1000) / apart.tookMs;
  facts.judge(`${what}: times the camera's speed, start included`, factor.toFixed(2), '≥ 1', factor >= 1);
  facts.note(what, speed(apart, durationS, fps));
  const { frames, stageMs } = analysisFigures(apart.stderr);
  const busyMs = (stageMs.motion + stageMs.rules) / frames;
  const budgetMs = 1000 / fps;
  facts.judge('pictures looked at', frames, `${Math.round(durationS * fps)}`, Math.abs(frames - durationS * fps) < 2);
  facts.note('its thread works a picture', `${busyMs.toFixed(2)} ms of the ${budgetMs.toFixed(0)} there are (wall clock)`);
  facts.note(`everything on core ${ours}`, speed(runTimed(command), durationS, fps));
}

function speed({ cpuMs, tookMs }, durationS, fps) {
  const factor = (durationS * 1000) / tookMs;
  return `${(cpuMs / (durationS * fps)).toFixed(2)} ms of CPU a picture, ${factor.toFixed(2)} × the camera's speed`;
}

main().catch((error) => {
  console.error(`realtime-4k: ${error.message}`);
  process.exitCode = 1;
});
