import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { AgentError } from '../../platform/errors.js';
import type { PictureAnswer, PictureRequest } from './picture-child.js';
import type { PictureMaker } from './picture-maker.js';

/** What a process's own heap may take, MB; pictures lie outside it. */
const heapMb = 96;
/** After being let go of, a process has this long to end ffmpeg and itself, milliseconds. */
const graceMs = 3_000;
/** Added to the process's and its ffmpeg's niceness: on a crowded box it gets a third of a camera's share. At 10, a tenth, the demo's evidence took a minute and a half. */
const niceness = 5;
/** What a process may say of its death, characters: the end of a stack or of a native library's complaint. */
const complaintChars = 500;

/** The process's own code; beside this file once compiled. */
const builtChild = new URL('./picture-child.js', import.meta.url);

/**
 * Makes each picture in a process of its own, behind the cameras' work in priority. Decoded pictures and drawings take tens of megabytes
 * of native memory, which the C library does not give back: an agent that made them itself grew by 4 MB a minute
 * (docs/measurements.md). And a crash in a native library costs a picture, not the agent. A start takes some 0.3 s.
 *
 * @param childUrl the compiled process; another one in tests.
 */
export function createPictureProcess(childUrl: URL = builtChild): PictureMaker {
  return {
    async make(job, signal) {
      const answer = await ask(childUrl, { ask: 'make', job }, signal);
      if ('span' in answer) return answer.span;
      throw failure(answer);
    },
    async canDrawText(signal) {
      const answer = await ask(childUrl, { ask: 'canDrawText' }, signal);
      if ('canDrawText' in answer) return answer.canDrawText;
      throw failure(answer);
    },
  };
}

function failure(answer: PictureAnswer): Error {
  const { failed, code } = 'failed' in answer ? answer : { failed: 'its process gave another answer than asked for', code: null };
  const error = new AgentError('MEDIA_FAILED', failed);
  // What the disk says must stay recognisable: it has a mend of its own.
  return code === 'ENOSPC' ? Object.assign(new Error(failed), { code }) : error;
}

async function ask(childUrl: URL, request: PictureRequest, signal: AbortSignal): Promise<PictureAnswer> {
  signal.throwIfAborted();
  const child = fork(childUrl, { execArgv: [`--max-old-space-size=${heapMb}`], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const letGo = (): void => endChild(child);
  signal.addEventListener('abort', letGo, { once: true });
  try {
    return await new Promise<PictureAnswer>((resolve, reject) => {
      let complaint = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        complaint = (complaint + text).slice(-complaintChars);
      });
      const died = (how: string): void => {
        if (signal.aborted) reject(signal.reason);
        else
          reject(
            new AgentError('MEDIA_FAILED', `the process that makes pictures ${how}${complaint === '' ? '' : `: ${oneLine(complaint)}`}`),
          );
      };
      child.once('message', (answer: PictureAnswer) => (signal.aborted ? reject(signal.reason) : resolve(answer)));
      child.once('error', (error) => died(`cannot be started (${error.message})`));
      child.once('close', (code, by) => died(`ended with ${by ?? code}`));
      // One that was let go of never closes its side of the channel: Node tells of its exit alone.
      child.once('exit', () => signal.aborted && reject(signal.reason));
      child.once('spawn', () => {
        lowerPriority(child);
        // A process that is gone before it could be asked says so by `close`.
        child.send(request, (error) => error !== null && child.kill('SIGKILL'));
      });
    });
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}

/** Cameras first: a picture may wait. */
function lowerPriority(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, niceness);
  } catch {
    // It is gone already, which `close` tells, or the system does not allow it: then it works at the usual priority.
  }
}

function endChild(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  timer.unref();
  child.once('exit', () => clearTimeout(timer));
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ');
