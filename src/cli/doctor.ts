import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../platform/clock.js';
import { addConfigOptions, type CommandContext, type ConfigOptions, createCommand, loadConfigFromFlags } from './context.js';

/** `parapet doctor`: everything that an agent needs, one line each. */
export function createDoctorCommand(context: CommandContext): Command {
  const command = createCommand(
    'doctor',
    'Checks programs, disk, clock, every camera and the broker: one line each, with the mend.',
    'parapet doctor -c parapet.yaml\nparapet doctor --camera rtsp://10.0.0.8/main --mqtt mqtt://10.0.0.2:1883',
  );
  return addConfigOptions(command, { streams: true }).action(async (options: ConfigOptions) => {
    const { config } = loadConfigFromFlags(context, options);
    // Loaded here: the checks bring in most of the program.
    const { doctorChecks, runChecks } = await import('./doctor/checks.js');
    const checks = doctorChecks(config, resolve(context.cwd, config.data_dir), systemClock);
    const findings = await runChecks(checks, context.signal);
    for (const { ok, what, detail } of findings) context.stdout.write(`${ok ? '✓' : '✗'} ${what}: ${detail}\n`);
    const bad = findings.filter(({ ok }) => !ok).length;
    context.stdout.write(bad === 0 ? 'Everything is fine.\n' : `${bad} of ${findings.length} need mending.\n`);
    if (config.cameras.length === 0) context.stdout.write('No camera was looked at: give -c FILE or --camera URL.\n');
    if (bad > 0) context.setExitCode(1);
  });
}
