import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg';
import { AgentError } from '../platform/errors.js';

export type MediaProgram = 'ffmpeg' | 'ffprobe';

/**
 * Finds a program: `FFMPEG_PATH` or `FFPROBE_PATH` if set, otherwise the first one in `PATH`.
 *
 * @throws {AgentError} FFMPEG_MISSING.
 */
export function findProgram(program: MediaProgram): string {
  const { env } = process;
  const variable = `${program.toUpperCase()}_PATH`;
  const named = env[variable];
  const candidates = named === undefined ? (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program)) : [named];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const where = named === undefined ? 'in no folder of PATH' : `not at ${variable}=${named}`;
  throw new AgentError('FFMPEG_MISSING', `${program} is ${where}; install it (apt-get install ffmpeg) or set ${variable}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface CommandHooks {
  /** File descriptors that the program gets as 3, 4, …; they stay the caller's to close. */
  readonly descriptors?: readonly number[];
  readonly onSpawn: (child: ChildProcess) => void;
  /** The program could not be started at all. */
  readonly onSpawnError: (error: Error) => void;
}

interface LineRing {
  get(): string;
}
type EndCallback = (error: Error | null, stdout?: LineRing, stderr?: LineRing) => void;
type SpawnCallback = (child: ChildProcess, stdout: LineRing, stderr: LineRing) => void;

/** What fluent-ffmpeg calls on itself while it starts a program. */
interface FluentInternals {
  _checkCapabilities(callback: (error?: Error) => void): void;
  availableEncoders(callback: (error: Error | null, encoders: object) => void): void;
  _getFfmpegPath(callback: (error: Error | null, path: string) => void): void;
  _spawnFfmpeg(args: string[], options: SpawnOptions, onSpawn: SpawnCallback, onEnd: EndCallback): void;
}

/** Lines of output that fluent-ffmpeg keeps of each stream; 0 keeps all. Fewer would hide why ffmpeg failed. */
const keptLines = 100;

/**
 * An empty fluent-ffmpeg command that runs `ffmpeg` or `ffprobe`, with four of its habits mended:
 *
 * - before its first command it runs ffmpeg three times to list formats, codecs and encoders (100 ms each, per process);
 *   what we ask for is fixed and tested, and a missing codec has a clear message of ffmpeg's own;
 * - it keeps the found path for the life of the process;
 * - it cannot be given file descriptors, and keeps a pipe open on standard input;
 * - when the program cannot be started it throws a TypeError where nobody can catch it.
 *
 * @param lines 0 keeps the whole standard output.
 * @throws {AgentError} FFMPEG_MISSING.
 */
export function createCommand(program: MediaProgram, hooks: CommandHooks, lines: number = keptLines): FfmpegCommand {
  const path = findProgram(program);
  const command = ffmpeg({ stdoutLines: lines });
  const internals = command as unknown as FluentInternals;
  const spawn = internals._spawnFfmpeg.bind(internals);
  internals._checkCapabilities = (callback) => callback();
  internals.availableEncoders = (callback) => callback(null, {});
  internals._getFfmpegPath = (callback) => callback(null, path);
  internals._spawnFfmpeg = (args, options, onSpawn, onEnd) => {
    const spawnOptions: SpawnOptions = { ...options, stdio: ['ignore', 'pipe', 'pipe', ...(hooks.descriptors ?? [])] };
    spawn(
      args,
      spawnOptions,
      (child, stdout, stderr) => {
        hooks.onSpawn(child);
        onSpawn(child, stdout, stderr);
      },
      (error, stdout, stderr) => {
        if (stdout === undefined || stderr === undefined) hooks.onSpawnError(error ?? new Error(`${program} did not start`));
        else onEnd(error, stdout, stderr);
      },
    );
  };
  return command;
}
