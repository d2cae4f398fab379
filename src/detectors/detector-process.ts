import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import type { ColourPicture } from '../core/detection/fill-input.js';
import { AgentError } from '../platform/errors.js';
import type { ChildReply, ChildRequest, OpenRequest } from './detector-child.js';
import type { DetectAsk, DetectorAnswer, ModelAbout, ModelDetector } from './model-detector.js';

/** The process's own code; beside this file once compiled. */
const builtChild = new URL('./detector-child.js', import.meta.url);
/** What a process may say of its death, characters: the end of a stack or of a native library's complaint. */
const COMPLAINT_CHARS = 500;
/** Niceness: pictures that are decoded late are lost, a detection that is late is only late. */
const NICENESS = 5;

/** A process that holds models. A library that crashes takes it along, and not the agent. Disposing of it ends it. */
export interface DetectorProcess extends AsyncDisposable {
  /**
   * @param name by which the model is spoken of from then on, in messages too.
   * @throws {AgentError} MODEL_INVALID or MODEL_MISSING with what is wrong; WORKER_FAILED when the process dies of it.
   */
  open(name: string, request: OpenRequest): Promise<ModelAbout>;
  /** @throws {AgentError} MODEL_INVALID when the model cannot run or gives what no such model gives; WORKER_FAILED when the process dies. */
  detect(name: string, picture: ColourPicture, ask: DetectAsk): Promise<DetectorAnswer>;
  /** Resolves when it has ended, with how: WORKER_FAILED, although that was meant when it was disposed of. */
  readonly ended: Promise<AgentError>;
}

interface Waiting {
  readonly name: string;
  resolve(reply: ChildReply): void;
  reject(error: AgentError): void;
}

/**
 * Starts a process for models.
 *
 * @param what it runs, for messages, such as `the model yolox-nano`.
 * @param childUrl the compiled process; another one in tests.
 */
export function startDetectorProcess(what: string, childUrl: URL = builtChild): DetectorProcess {
  const child = fork(childUrl, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const waiting = new Map<number, Waiting>();
  let complaint = '';
  let death: AgentError | null = null;
  let asked = 0;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARS);
  });
  child.once('spawn', () => lowerPriority(child));
  child.on('message', (reply: ChildReply) => {
    const waits = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('failed' in reply) waits?.reject(new AgentError(reply.code, `${waits.name}: ${reply.failed}`));
    else waits?.resolve(reply);
  });
  const ended = new Promise<AgentError>((resolve) => {
    const die = (how: string): void => {
      const said = complaint.trim().replace(/\s*\n\s*/g, ' ');
      death ??= new AgentError('WORKER_FAILED', `the process that runs ${what} ${how}${said === '' ? '' : `: ${said}`}`);
      for (const { reject } of waiting.values()) reject(death);
      waiting.clear();
      resolve(death);
    };
    child.once('error', (error) => die(`cannot be started (${error.message})`));
    child.once('close', (code, signal) => die(`ended with ${signal ?? code}`));
  });

  async function ask(name: string, request: (id: number) => ChildRequest): Promise<ChildReply> {
    return await new Promise((resolve, reject) => {
      if (death !== null) return reject(death);
      const id = asked++;
      waiting.set(id, { name, resolve, reject });
      // One that cannot be asked any more is dead or about to be; `close` tells whoever waits.
      child.send(request(id), (error) => error !== null && child.kill('SIGKILL'));
    });
  }

  return {
    ended,
    async open(name, request) {
      const reply = await ask(name, (id) => ({ id, open: name, request }));
      if (!('about' in reply)) throw new TypeError('the process answers what it was not asked');
      return reply.about;
    },
    async detect(name, picture, wanted) {
      const reply = await ask(name, (id) => ({ id, detect: name, picture, ask: wanted }));
      if (!('answer' in reply)) throw new TypeError('the process answers what it was not asked');
      return reply.answer;
    },
    async [Symbol.asyncDispose]() {
      // It holds nothing that could be lost.
      if (death === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * Opens one model in a process of its own. Disposing of it ends the process.
 *
 * @param name of the model, for messages.
 * @param childUrl the compiled process; another one in tests.
 * @throws {AgentError} MODEL_INVALID or MODEL_MISSING with what is wrong with the model; WORKER_FAILED when the process dies.
 */
export async function openDetector(name: string, request: OpenRequest, childUrl: URL = builtChild): Promise<ModelDetector> {
  const held = startDetectorProcess(`the model ${name}`, childUrl);
  try {
    return {
      about: await held.open(name, request),
      detect: (picture, ask) => held.detect(name, picture, ask),
      [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
    };
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
}

function lowerPriority(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  } catch {
    // It is gone already, which `close` tells, or the system does not allow it: then it works at the usual priority.
  }
}
