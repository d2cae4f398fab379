import { Command, CommanderError } from 'commander';
import { nearest } from '../domain/option/nearest.js';
import { AgentError, errorMessage } from '../platform/errors.js';
import { redactUrls } from '../platform/redact.js';
import type { CommandContext, CommandFactory } from './context.js';

/** Exit code of an error that is a mistake in this program. */
const UNEXPECTED = 1;
const BAD_USAGE = 2;

/** The whole command line, made of its commands. Help and errors go to the context's streams; nothing ends the process. */
export function createProgram(factories: readonly CommandFactory[], context: CommandContext): Command {
  const program = new Command('parapet')
    .description(
      'Finds objects thrown from buildings, and incidents in the street, in camera streams, keeps the evidence, and delivers both over MQTT.',
    )
    .version(context.version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', '\nExample:\n  parapet run --camera rtsp://10.0.0.8/main --mqtt mqtt://10.0.0.2:1883');
  for (const create of factories) program.addCommand(create(context));
  for (const command of withDescendants(program)) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .configureOutput({
        writeOut: (text) => void context.stdout.write(text),
        writeErr: (text) => void context.stderr.write(text),
        getOutHelpWidth: () => context.stdout.columns ?? 100,
        getErrHelpWidth: () => context.stderr.columns ?? 100,
        // Commander's errors are shown by `runProgram`, so that all errors look the same.
        outputError: () => undefined,
      });
  }
  return program;
}

/** Settings of a command do not reach those below it by themselves. */
function withDescendants(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

/**
 * Runs one command line and says what the exit code is: 0 good, 1 failed, 2 bad usage or bad config. Errors become one
 * line each on standard error; a stack is shown only at log level debug.
 *
 * @param args what stands after the program's name.
 */
export async function runProgram(
  factories: readonly CommandFactory[],
  context: Omit<CommandContext, 'setExitCode'>,
  args: readonly string[],
): Promise<number> {
  let exitCode = 0;
  const own: CommandContext = {
    ...context,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  const program = createProgram(factories, own);
  try {
    if (args.length === 0) {
      context.stderr.write(program.helpInformation());
      return BAD_USAGE;
    }
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, context, args, program);
  }
}

function report(error: unknown, context: Omit<CommandContext, 'setExitCode'>, args: readonly string[], program: Command): number {
  const say = (line: string): void => void context.stderr.write(`parapet: ${redactUrls(line)}\n`);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    say(usageError(error, args, program));
    return BAD_USAGE;
  }
  const debugging = wantsStack(args);
  if (error instanceof AgentError) {
    for (const line of error.message.split('\n')) say(line);
    if (debugging) context.stderr.write(stackOf(error));
    return error.exitCode;
  }
  say(`${errorMessage(error)}; this is a bug in parapet${debugging ? '' : '; run with --log-level debug to see where'}`);
  if (debugging) context.stderr.write(stackOf(error));
  return UNEXPECTED;
}

/** What Commander says of a command line, and how to mend it. */
function usageError(error: CommanderError, args: readonly string[], program: Command): string {
  const [command = ''] = args;
  const text = errorMessage(error)
    .replace(/^error: /, '')
    .replace(/ \(Did you mean (.*)\?\)$/, "; did you mean '$1'?");
  if (text === '(outputHelp)') return 'expected a command; parapet --help lists them';
  if (error.code === 'commander.unknownCommand' && !text.endsWith('?')) return `${text}; parapet --help lists them`;
  if (error.code === 'commander.missingArgument') return `${text}; parapet ${command} --help shows how`;
  if (error.code === 'commander.excessArguments') return tooMany(args, program);
  return notOneOf(text) ?? text;
}

/** Which words a command did not ask for, and the flag before them that takes none. */
function tooMany(args: readonly string[], program: Command): string {
  let command = program;
  const path: string[] = [];
  for (const word of args) {
    const below = command.commands.find((one) => one.name() === word);
    if (below === undefined) continue;
    command = below;
    path.push(word);
  }
  const words = command.args.slice(command.registeredArguments.length);
  const before = args[args.lastIndexOf(words[0] ?? '') - 1];
  const flag = command.options.find((option) => option.isBoolean() && (option.long === before || option.short === before));
  const takesNone = flag === undefined ? '' : `; ${before} takes no value`;
  const name = path.join(' ');
  return `${words.map((word) => `'${word}'`).join(', ')}: more than '${name}' takes${takesNone}; parapet ${name} --help shows how`;
}

/** A word that is none of the choices, with the one that was probably meant; `null` where the text tells of something else. */
function notOneOf(text: string): string | null {
  const found =
    /^option '(?<place>\S+).*?' argument '(?<word>.*)' is invalid\. Allowed choices are (?<choices>.*)\.$/s.exec(text) ??
    /^command-argument value '(?<word>.*)' is invalid for argument '(?<place>.*)'\. Allowed choices are (?<choices>.*)\.$/s.exec(text);
  const { place, word, choices } = found?.groups ?? {};
  if (word === undefined || choices === undefined) return null;
  const guess = nearest(word, choices.split(', '));
  return `${place} '${word}': expected one of ${choices}${guess === null ? '' : `; did you mean '${guess}'?`}`;
}

function wantsStack(args: readonly string[]): boolean {
  return args.some(
    (arg, i) => /^--log-level=(debug|trace)$/.test(arg) || (arg === '--log-level' && /^(debug|trace)$/.test(args[i + 1] ?? '')),
  );
}

function stackOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? `caused by ${stackOf(error.cause)}` : '';
  return `${redactUrls(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n${cause}`;
}
