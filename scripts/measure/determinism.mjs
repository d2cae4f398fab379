#!/usr/bin/env node
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createFacts } from './facts.mjs';
import { program, run } from './rig.mjs';

const USAGE = `Are the events of a file the same bytes in two fast runs and one that reads no faster than the video plays?

  node scripts/measure/determinism.mjs VIDEO [-c CONFIG] [--json FILE]`;

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { config: { type: 'string', short: 'c' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const [video] = positionals;
  if (values.help || video === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const facts = createFacts('determinism');
  const config = values.config === undefined ? [] : ['-c', values.config];
  const analyze = (...more) => run(process.execPath, [program, 'analyze', video, ...config, '--events', '-', ...more]);
  const texts = [analyze(), analyze(), analyze('--paced')];
  facts.note('events', texts[0].split('\n').filter(Boolean).length);
  facts.note('SHA-256', createHash('sha256').update(texts[0]).digest('hex'));
  facts.judge('two fast runs', texts[0] === texts[1] ? 'the same bytes' : 'differ', 'the same bytes', texts[0] === texts[1]);
  facts.judge('a paced run', texts[0] === texts[2] ? 'the same bytes' : 'differs', 'the same bytes', texts[0] === texts[2]);
  facts.finish(values.json);
}

main();
