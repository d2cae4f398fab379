import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createFacts } from './facts.mjs';
import { defaultWork } from './rig.mjs';

/** `--work DIR`, for measurements that keep scenes and runs: the folder is made. */
export const workOption = { work: { type: 'string', default: defaultWork } };

/**
 * Runs a measurement from the command line: reads its options (`--json FILE` and `--help` are everybody's), says what machine it is on,
 * and ends with its summary and exit code: 1 when a target was missed or it failed.
 *
 * @param {string} name first word of each line
 * @param {string} usage shown for `--help`
 * @param {import('node:util').ParseArgsConfig['options']} options
 * @param {(values: Record<string, string>, facts: ReturnType<typeof createFacts>) => void | Promise<void>} measure
 */
export async function runMeasurement(name, usage, options, measure) {
  try {
    const everybodys = { json: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } };
    const { values } = parseArgs({ options: { ...options, ...everybodys } });
    if (values.help) return console.log(usage);
    const facts = createFacts(name);
    facts.machine();
    if (values.work !== undefined) mkdirSync(values.work, { recursive: true });
    await measure(values, facts);
    facts.finish(values.json);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
