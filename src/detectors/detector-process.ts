import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { AgentError, type ErrorCode, errorMessage } from '../platform/errors.js';
import type { DetectorReply, DetectRequest, OpenRequest } from './detector-child.js';
import type { DetectorAnswer, ModelAbout, ModelDetector } from './model-detector.js';

/** The process's own code; beside this file once compiled. */
const builtChild = new URL('./detector-child.js', import.meta.url);
/** What a process may say of its death, characters: the end of a stack or of a native library's complaint. */
const COMPLAINT_CHARS = 500;
/** Niceness: pictures that are decoded late are lost, a detection that is late is only late. */
const NICENESS = 5;

interface Waiting {
  resolve(answer: DetectorAnswer): void;
  reject(error: Error): void;
}

/**
 * Opens a model in a process of its own: a library that crashes takes its process with it, and not the agent. Disposing of it ends the process.
 *
 * @param name of the model, for messages.
 * @param childUrl the compiled process; another one in tests.
 * @throws {AgentError} MODEL_INVALID with what is wrong with the model; WORKER_FAILED when the process dies.
 */
export async function openDetector(name: string, request: OpenRequest, childUrl: URL = builtChild): Promise<ModelDetector> {
  const child = fork(childUrl, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const waiting = new Map<number, Waiting>();
  let complaint = '';
  let death: AgentError | null = null;
  let asked = 0;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARS);
  });
  const about = await new Promise<ModelAbout>((resolve, reject) => {
    const die = (how: string): void => {
      const said = complaint.trim().replace(/\s*\n\s*/g, ' ');
      death ??= new AgentError('WORKER_FAILED', `the process that runs the model ${name} ${how}${said === '' ? '' : `: ${said}`}`);
      reject(death);
      for (const { reject: give } of waiting.values()) give(death);
      waiting.clear();
    };
    child.once('error', (error) => die(`cannot be started (${error.message})`));
    child.once('close', (code, signal) => die(`ended with ${signal ?? code}`));
    child.on('message', (reply: DetectorReply) => {
      if ('about' in reply) return resolve(reply.about);
      const waits = reply.id === null ? { resolve: () => undefined, reject } : waiting.get(reply.id);
      if (reply.id !== null) waiting.delete(reply.id);
      if ('answer' in reply) waits?.resolve(reply.answer);
      else waits?.reject(named(name, reply));
    });
    child.once('spawn', () => {
      lowerPriority(child);
      child.send(request, (error) => error !== null && child.kill('SIGKILL'));
    });
  }).catch(async (error: unknown) => {
    await end(child);
    throw error;
  });
  return {
    about,
    detect: (picture, least) =>
      new Promise((resolve, reject) => {
        if (death !== null) return reject(death);
        const ask: DetectRequest = { id: asked++, picture, least };
        waiting.set(ask.id, { resolve, reject });
        child.send(ask, (error) => {
          if (error === null || !waiting.delete(ask.id)) return;
          reject(
            death ?? new AgentError('WORKER_FAILED', `the process that runs the model ${name} cannot be asked: ${errorMessage(error)}`),
          );
        });
      }),
    [Symbol.asyncDispose]: () => end(child),
  };
}

function named(name: string, reply: { readonly failed: string; readonly code: ErrorCode }): AgentError {
  return new AgentError(reply.code, `${name}: ${reply.failed}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // It holds nothing that could be lost.
  if (!child.kill('SIGKILL')) return;
  await gone;
}

function lowerPriority(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  } catch {
    // It is gone already, which `close` tells, or the system does not allow it: then it works at the usual priority.
  }
}
