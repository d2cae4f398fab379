import { Command, InvalidArgumentError, Option } from 'commander';
// Not from the index: few commands need JSON Schema, or show a config.
import { type ConfigSources, type LoadedConfig, loadConfig } from '../config/load.js';
import { AgentError } from '../platform/errors.js';
import { createLogger, type Logger, type LogLevel, logLevels } from '../platform/logger.js';

/** A stream that a command writes text to; the process's own in `main.ts`, a collector in tests. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Characters that fit on a line, on a terminal. */
  readonly columns?: number | undefined;
}

/** What a command has of the world around it. */
export interface CommandContext {
  /** Results, and nothing else. */
  readonly stdout: TextSink;
  /** Everything else: progress, warnings, errors, the log. */
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** Version of this program. */
  readonly version: string;
  /** Aborted when the person or the system asks the program to end. */
  readonly signal: AbortSignal;
  /** The exit code of a command that ran to its end: 0 good (the default), 1 failed. */
  setExitCode(code: 0 | 1 | 2): void;
}

/** Builds one command. A new command is one file and one line in `commands.ts`. */
export type CommandFactory = (context: CommandContext) => Command;

/** Options that every command has. */
export interface CommonOptions {
  readonly logLevel?: LogLevel | undefined;
}

/** Options of commands that read a config; see {@link addConfigOptions}. */
export interface ConfigOptions extends CommonOptions {
  readonly config?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly camera?: readonly string[] | undefined;
  readonly mqtt?: string | undefined;
}

/**
 * Begins a command: name and arguments as commander writes them, what it does, and an example for its help.
 *
 * @example createCommand('validate', 'Checks a config', 'parapet validate -c parapet.yaml')
 */
export function createCommand(usage: string, summary: string, example: string): Command {
  const [name = '', ...args] = usage.split(' ');
  const command = new Command(name).description(summary).addHelpText('after', `\nExample:\n  ${example.split('\n').join('\n  ')}`);
  if (args.length > 0) command.arguments(args.join(' '));
  return command.addOption(new Option('--log-level <level>', 'least weight of what is logged, on standard error').choices(logLevels));
}

/** Adds `-c` and `--set`, and with `streams` also `--camera` and `--mqtt`. */
export function addConfigOptions(command: Command, { streams = false }: { streams?: boolean } = {}): Command {
  command
    .option('-c, --config <file>', 'config file (YAML); without it the defaults')
    .option('--set <path.to.key=value>', 'set any key of the config; repeatable', collect);
  if (!streams) return command;
  return command
    .option('--camera <url>', 'add a camera, called camera-1, camera-2, …; repeatable', collect)
    .option('--mqtt <url>', 'the broker, such as mqtt://10.0.0.2:1883');
}

/**
 * Reads the config that the flags of {@link addConfigOptions} ask for, environment included, and writes its warnings to
 * standard error.
 *
 * @param required with `cameras`, a config without a camera is an error.
 * @throws {AgentError} when the config is wrong (exit code 2).
 */
export function loadConfigFromFlags(
  context: CommandContext,
  options: ConfigOptions,
  required: { cameras?: boolean; later?: true } = {},
): LoadedConfig {
  const settings: { flag: string; setting: string }[] = [];
  if (options.logLevel !== undefined) settings.push({ flag: '--log-level', setting: `log.level=${options.logLevel}` });
  if (options.mqtt !== undefined) settings.push({ flag: '--mqtt', setting: `mqtt.url=${options.mqtt}` });
  for (const setting of options.set ?? []) settings.push({ flag: '--set', setting });
  const sources: ConfigSources = { file: options.config, env: context.env, cwd: context.cwd, cameras: options.camera, settings };
  const loaded = loadConfig(sources);
  if (required.cameras === true && loaded.config.cameras.length === 0) {
    const where = options.config === undefined ? 'no camera is given' : `${options.config}: there are no cameras`;
    throw new AgentError('CONFIG_INVALID', `${where}; add one with --camera rtsp://…, or under 'cameras:' in a file given with -c`);
  }
  if (required.later !== true) warnOf(context, loaded);
  return loaded;
}

/** What is not wrong with a config, and worth a second look. */
export function warnOf(context: CommandContext, { warnings }: Pick<LoadedConfig, 'warnings'>): void {
  for (const warning of warnings) context.stderr.write(`parapet: warning: ${warning}\n`);
}

/** Level for a command whose results a person reads: `log.level` where somebody set it, else warnings and errors alone. */
export function quietLogLevel({ config, originOf }: LoadedConfig): LogLevel {
  return originOf(['log', 'level']).kind === 'default' ? 'warn' : config.log.level;
}

/** The log of a command: JSON lines on standard error. */
export function createCommandLogger(context: CommandContext, level: LogLevel): Logger {
  return createLogger(level, { write: (line) => void context.stderr.write(line) });
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/**
 * Parser for an option that takes a number between bounds.
 *
 * @example command.option('--count <n>', 'how many', numberBetween(1, 100))
 */
export function numberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`);
  };
}
