import type { Command } from 'commander';
import { type CommandContext, type CommonOptions, createCommand, createCommandLogger, numberBetween } from './context.js';

interface DemoFlags extends CommonOptions {
  readonly once?: true;
  readonly port: number;
}

/** `parapet demo`: the whole system on this machine. */
export function createDemoCommand(context: CommandContext): Command {
  return createCommand(
    'demo',
    'Shows the whole system on this machine: a rendered tower as a live camera, agent, broker, receiver, console.',
    'parapet demo\nparapet demo --once',
  )
    .option('--once', 'end when a confirmed event and its evidence have arrived; exit code 1 when they have not after 120 s')
    .option('--port <port>', 'port of the console; 0 is any free one', numberBetween(0, 65_535), 0)
    .action(async (flags: DemoFlags) => {
      // Loaded here, so that other commands start without all of it.
      const { runDemo } = await import('./demo/demo.js');
      const logger = createCommandLogger(context, flags.logLevel ?? 'error');
      await runDemo(context, { once: flags.once === true, port: flags.port, logger });
    });
}
