import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), 'agents-process.mjs');

/**
 * Simulated agents, spread over processes.
 *
 * @param {{agents: number, processes: number, folder: string, url: string, fileBytes: Record<string, number>}} options
 */
export async function startFleet({ agents, processes, folder, url, fileBytes }) {
  const children = Array.from({ length: processes }, (_, process) => {
    const first = Math.round((process * agents) / processes);
    const orders = { process, first, agents: Math.round(((process + 1) * agents) / processes) - first, folder, url, fileBytes };
    return createChild(fork(program, [JSON.stringify(orders)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  });
  const all = (order, parameters = {}) => Promise.all(children.map((child) => child.ask(order, parameters)));
  try {
    await Promise.all(children.map(({ ready }) => ready));
  } catch (error) {
    for (const child of children) child.kill();
    throw error;
  }

  return {
    pids: children.map(({ pid }) => pid),
    /** Starts the uplinks one after the other. @param {number} perSecond of all together */
    connect: (perSecond) => all('connect', { perSecond: perSecond / processes }),
    /** @param {number} casesPerS of all together @param {number} share of cases with video */
    setRate: (casesPerS, share) => all('rate', { casesPerS: casesPerS / processes, share }),
    /** How many are connected, and since when each is, UTC milliseconds. */
    async links() {
      const answers = await all('links');
      return {
        connected: sumOf(answers, ({ connected }) => connected),
        connects: sumOf(answers, ({ connects }) => connects),
        sinceMs: answers.flatMap(({ sinceMs }) => sinceMs),
      };
    },
    /** What was made and delivered so far, and the latencies since the last call, milliseconds. */
    async figures() {
      const answers = await all('figures');
      const sum = (read) => sumOf(answers, read);
      return {
        cases: sum(({ made }) => made.cases),
        events: sum(({ made }) => made.event),
        files: sum(({ made }) => made.file),
        deliveredEvents: sum(({ delivered }) => delivered.event),
        deliveredFiles: sum(({ delivered }) => delivered.file),
        eventMs: answers.flatMap(({ latencies }) => latencies.event),
        fileMs: answers.flatMap(({ latencies }) => latencies.file),
        counters: Object.fromEntries(Object.keys(answers[0].counters).map((name) => [name, sum(({ counters }) => counters[name])])),
        emptyMb: sum(({ emptyMb }) => emptyMb),
        rssMb: sum(({ rssMb }) => rssMb),
      };
    },
    /** What is in the outboxes, and whether nothing more is to come of what was found. */
    async waiting() {
      const answers = await all('waiting');
      return { waiting: sumOf(answers, ({ waiting }) => waiting), quiet: answers.every(({ quiet }) => quiet) };
    },
    end: () => all('end'),
    kill: () => {
      for (const child of children) child.kill();
    },
  };
}

const sumOf = (list, read) => list.reduce((total, one) => total + read(one), 0);

/** Questions and answers by number over the channel of a forked process. */
function createChild(child) {
  const open = new Map();
  let next = 1;
  let failure = null;
  const ready = new Promise((resolve, reject) => open.set(0, { resolve, reject }));
  child.on('message', ({ id, answer, error }) => {
    const question = open.get(id);
    open.delete(id);
    if (error === undefined) question?.resolve(answer);
    else question?.reject(new Error(error));
  });
  void once(child, 'exit').then(([code, signal]) => {
    failure = new Error(`a process of simulated agents has ended with ${code ?? signal}`);
    for (const { reject } of open.values()) reject(failure);
  });
  return {
    pid: child.pid,
    ready,
    ask(order, parameters) {
      return new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        open.set(next, { resolve, reject });
        child.send({ id: next++, order, ...parameters });
      });
    },
    kill: () => child.kill('SIGKILL'),
  };
}
