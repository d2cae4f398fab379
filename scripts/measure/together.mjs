#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { analysisFigures, runTimed } from './cpu-clock.mjs';
import { median } from './facts.mjs';
import { runMeasurement, workOption } from './measurement.mjs';
import { program, renderTower, repeatVideo } from './rig.mjs';

const USAGE = `What thrown objects and street rules on one camera cost together, against each alone: user and system time of the whole process tree,
1080p25 H.264 at 4 Mbit/s, street rules without a model.

  node scripts/measure/together.mjs [--seconds 120] [--rounds 3] [--json FILE] [--work DIR]

  The three take turns, so that whatever else the machine does falls on all. Exit code 1 when the median is more than 15 % above the sum.`;

const LIMIT = 1.15;
const streetRules = [{ type: 'intrusion', zone: 'gate' }];

function main(values, facts) {
  const { video, configs } = prepare(values.work, Number(values.seconds));
  const rounds = Array.from({ length: Number(values.rounds) }, (_, i) => {
    const [thrown, street, both] = ['thrown', 'street', 'both'].map((which) => {
      const { cpuMs, stderr } = runTimed([
        ...[process.execPath, program, 'analyze', video, '-c', configs[which], '--events', '-', '--log-level', 'debug'],
      ]);
      return { cpuMs, stageMs: analysisFigures(stderr).stageMs };
    });
    const ratio = both.cpuMs / (thrown.cpuMs + street.cpuMs);
    const seconds = [thrown, street, both].map(({ cpuMs }) => `${(cpuMs / 1000).toFixed(2)} s`);
    facts.note(`round ${i + 1}`, `thrown ${seconds[0]}, street ${seconds[1]}, both ${seconds[2]}, ratio ${ratio.toFixed(3)}`);
    facts.note(`round ${i + 1}, the street's stage of both`, `${(both.stageMs.scene / 1000).toFixed(2)} s`);
    return ratio;
  });
  const ratio = median(rounds);
  facts.judge('CPU of both ÷ sum of each alone, median', ratio.toFixed(3), `≤ ${LIMIT}`, ratio <= LIMIT);
}

/** The tower's film, and its config with either kind of rules and with both. */
function prepare(work, seconds) {
  mkdirSync(work, { recursive: true });
  const scene = renderTower(work);
  const video = join(work, `tower-${seconds}s.mp4`);
  if (!existsSync(video)) repeatVideo(scene.video, seconds, video);
  const config = parse(readFileSync(scene.config, 'utf8'));
  const camera = config.cameras[0];
  camera.zones = {
    ...camera.zones,
    gate: {
      polygon: [
        [0.2, 0.8],
        [0.8, 0.8],
        [0.8, 1],
        [0.2, 1],
      ],
    },
  };
  const thrownRules = camera.rules ?? [{ type: 'thrown_object' }];
  const configs = {};
  for (const [which, rules] of Object.entries({ thrown: thrownRules, street: streetRules, both: [...thrownRules, ...streetRules] })) {
    configs[which] = join(work, `together-${which}.yaml`);
    writeFileSync(configs[which], stringify({ ...config, cameras: [{ ...camera, rules }] }));
  }
  return { video, configs };
}

await runMeasurement(
  'together',
  USAGE,
  {
    seconds: { type: 'string', default: '120' },
    rounds: { type: 'string', default: '3' },
    ...workOption,
  },
  main,
);
