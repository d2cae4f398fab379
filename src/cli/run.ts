import { resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../platform/clock.js';
import { createServiceManager } from '../platform/lifecycle/service-manager.js';
import {
  addConfigOptions,
  type CommandContext,
  type ConfigOptions,
  createCommand,
  createCommandLogger,
  loadConfigFromFlags,
} from './context.js';
import { aborted } from './shared/aborted.js';

/** `parapet run`: the agent, until it is told to end. */
export function createRunCommand(context: CommandContext): Command {
  const command = createCommand(
    'run',
    'Runs the agent: watches the cameras, keeps evidence, delivers both. It starts without a broker and with cameras that are away.',
    'parapet run -c parapet.yaml\nparapet run --camera rtsp://user:password@10.0.0.8/main --mqtt mqtt://10.0.0.2:1883',
  );
  return addConfigOptions(command, { streams: true }).action(async (options: ConfigOptions) => {
    const readConfig = () => loadConfigFromFlags(context, options, { cameras: true }).config;
    const config = readConfig();
    // Loaded here, so that other commands start without all of it.
    const { startAgent } = await import('../agent.js');
    const logger = createCommandLogger(context, config.log.level);
    const manager = createServiceManager({ env: context.env, pid: process.pid, clock: systemClock, logger });
    await using agent = await startAgent({
      config,
      readConfig,
      dataDir: resolve(context.cwd, config.data_dir),
      version: context.version,
      clock: systemClock,
      logger,
      signal: context.signal,
    });
    await manager?.ready();
    const ended = new AbortController();
    const watching = manager?.watch(agent.stuck, ended.signal);
    try {
      await Promise.race([agent.finished, aborted(context.signal)]);
    } finally {
      ended.abort();
      await watching;
      await manager?.stopping();
    }
  });
}
