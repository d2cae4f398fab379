import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { FfmpegCommand } from 'fluent-ffmpeg';
import { AgentError } from '../platform/errors.js';
import { createLinkedAbort } from '../platform/lifecycle/linked-abort.js';
import { redactUrls } from '../platform/redact.js';
import { createDeferred } from './deferred.js';
import { createCommand, type MediaProgram } from './ffmpeg-command.js';

/** One output of a command: options in order, then where to. */
export interface CommandOutput {
  readonly options: readonly string[];
  /** `file:…`, `pipe:3`, or a stream that takes standard output. */
  readonly target: string | Writable;
}

/** A command line in parts. Every argument is passed as it is; no shell is involved. */
export interface CommandSpec {
  readonly inputs: readonly { readonly options: readonly string[]; readonly source: string }[];
  readonly outputs: readonly CommandOutput[];
  /** File descriptors that ffmpeg gets as 3, 4, …: `pipe:3`. They stay the caller's to close. */
  readonly descriptors?: readonly number[];
}

/** How a process ended. `stopped`: we asked for it. `killed`: a signal that we did not send. */
export type ExitReason = 'finished' | 'failed' | 'killed' | 'stopped';

export interface FfmpegExit {
  readonly reason: ExitReason;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines at level warning or worse, credentials hidden, oldest first, at most 100. */
  readonly complaints: readonly string[];
  /** Count of all such lines at level error or worse. */
  readonly errorLines: number;
  /** It was stopped because it took longer than it may. */
  readonly timedOut: boolean;
  /** Standard output, when it was not sent elsewhere. */
  readonly stdout: string;
}

/** A running ffmpeg. Its lifetime is that of one composed AbortSignal; disposing of it stops it and waits. */
export interface FfmpegProcess extends AsyncDisposable {
  /** Resolves with the process id once it runs. Rejects with FFMPEG_MISSING when it cannot be started. */
  readonly ready: Promise<number>;
  /** Resolves once, never rejects. */
  readonly exited: Promise<FfmpegExit>;
  /** SIGTERM, and SIGKILL when that does not help within {@link killAfterMs}. */
  stop(): void;
}

export interface FfmpegOptions {
  readonly signal?: AbortSignal;
  /** After so many milliseconds it is stopped: ffmpeg's own limits do not always hold, and a failing disk hangs. */
  readonly timeoutMs?: number;
  /** Every line of standard error, credentials hidden, `[info]` and the like at its front. */
  readonly onLine?: (line: string) => void;
}

/**
 * How long ffmpeg may take to end by itself, milliseconds: it finishes the open segment. It has been seen to hang in a
 * dead RTSP session; much shorter and a slow disk costs the last segment.
 */
const killAfterMs = 2000;
const keptComplaints = 100;

/** Arguments that every ffmpeg command begins with. Info lines tell when the input is open; progress would flood. */
const globalOptions = ['-y', '-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info'];

/**
 * Starts ffmpeg.
 *
 * @throws {AgentError} FFMPEG_MISSING when there is no such program.
 */
export function startFfmpeg(spec: CommandSpec, options: FfmpegOptions = {}): FfmpegProcess {
  return start('ffmpeg', options, spec.descriptors ?? [], (command) => {
    for (const input of spec.inputs) {
      command.input(input.source);
      addOptions((...words) => command.inputOptions(...words), input.options);
    }
    for (const [index, output] of spec.outputs.entries()) {
      command.output(output.target);
      addOptions((...words) => command.outputOptions(...words), index === 0 ? [...globalOptions, ...output.options] : output.options);
    }
  });
}

/**
 * Runs ffprobe to its end. fluent-ffmpeg's own `ffprobe` cannot be stopped; run as a command it can.
 *
 * @param args options, in order, without the input.
 * @returns how it ended, its whole standard output included.
 */
export async function runFfprobe(args: readonly string[], source: string, options: FfmpegOptions = {}): Promise<FfmpegExit> {
  await using process = start('ffprobe', options, [], (command) => {
    // The input stands where a command's output would: ffprobe takes it as its last argument.
    command.output(source);
    addOptions((...words) => command.outputOptions(...words), ['-hide_banner', '-loglevel', 'level+warning', ...args]);
  });
  await process.ready;
  return await process.exited;
}

function start(
  program: MediaProgram,
  options: FfmpegOptions,
  descriptors: readonly number[],
  describe: (command: FfmpegCommand) => void,
): FfmpegProcess {
  const lifetime = createLinkedAbort(options.signal);
  const { signal } = lifetime;
  const ready = createDeferred<number>();
  const exited = createDeferred<FfmpegExit>();
  const complaints: string[] = [];
  let errorLines = 0;
  let child: ChildProcess | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  let timeoutTimer: NodeJS.Timeout | undefined;
  let timedOut = false;

  const kill = (): void => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child?.kill('SIGKILL'), killAfterMs);
  };
  const finish = (failed: boolean, stdout: string): void => {
    clearTimeout(killTimer);
    clearTimeout(timeoutTimer);
    lifetime[Symbol.dispose]();
    const code = child?.exitCode ?? null;
    const bySignal = child?.signalCode ?? null;
    const reason: ExitReason = signal.aborted ? 'stopped' : bySignal !== null ? 'killed' : failed || code !== 0 ? 'failed' : 'finished';
    exited.resolve({ reason, code, signal: bySignal, complaints, errorLines, timedOut, stdout });
  };
  const command = createCommand(
    program,
    {
      descriptors,
      onSpawn: (spawned) => {
        child = spawned;
        if (signal.aborted) kill();
        else signal.addEventListener('abort', kill, { once: true });
        if (spawned.pid !== undefined) ready.resolve(spawned.pid);
      },
      onSpawnError: (error) => {
        ready.reject(new AgentError('FFMPEG_MISSING', `${program} could not be started: ${error.message}`));
        finish(true, '');
      },
    },
    program === 'ffprobe' ? 0 : undefined,
  );
  ready.promise.catch(() => undefined); // Who does not wait for it learns of it by `exited`.
  describe(command);
  command.on('stderr', (line: string) => {
    const text = redactUrls(line);
    if (/\[(?:error|fatal|panic)\]/.test(text)) errorLines++;
    if (/\[(?:warning|error|fatal|panic)\]/.test(text)) {
      complaints.push(text);
      if (complaints.length > keptComplaints) complaints.shift();
    }
    options.onLine?.(text);
  });
  command.on('end', (stdout: string | null) => finish(false, stdout ?? ''));
  command.on('error', (_error: Error, stdout?: string | null) => finish(true, stdout ?? ''));
  if (options.timeoutMs !== undefined) {
    timeoutTimer = setTimeout(() => {
      timedOut = true;
      lifetime.abort();
    }, options.timeoutMs);
  }
  command.run();

  return {
    ready: ready.promise,
    exited: exited.promise,
    stop: () => lifetime.abort(),
    async [Symbol.asyncDispose]() {
      lifetime.abort();
      await exited.promise;
    },
  };
}

/** fluent-ffmpeg splits a lone argument at its space; two or more it passes as they are. */
function addOptions(add: (...words: string[]) => unknown, options: readonly string[]): void {
  if (options.length === 1) throw new RangeError(`a lone option would be split at its space: ${options[0]}`);
  if (options.length > 1) add(...options);
}
