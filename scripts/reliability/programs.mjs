import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The delivering half of an agent and the receiver as processes of their own, to be killed: see src/testing. */

const built = fileURLToPath(new URL('../../dist/testing', import.meta.url));

/**
 * What a process has said on standard output, line by line, and how to end it.
 *
 * @typedef {{
 *   pid: number, lines: string[], words: (first: string) => string[][], has: (first: string) => boolean, running: () => boolean,
 *   signal: (signal: NodeJS.Signals) => void, kill: (signal?: NodeJS.Signals) => Promise<void>,
 * }} Program
 */

/**
 * @param {string} name of a file in src/testing
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} options
 * @returns {Program}
 */
function startPart(name, args, options = {}) {
  return startNode([join(built, `${name}.js`), ...args], options);
}

/** Any Node program. @returns {Program} */
function startNode(args, { env = {} } = {}) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const lines = [];
  let rest = '';
  child.stdout.on('data', (data) => {
    const parts = (rest + data.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const closed = once(child, 'close');
  const wordsOf = (first) => lines.filter((line) => line.startsWith(`${first} `)).map((line) => line.split(' ').slice(1));
  return {
    pid: child.pid,
    lines,
    words: wordsOf,
    has: (first) => lines.some((line) => line === first || line.startsWith(`${first} `)),
    running: () => child.exitCode === null && child.signalCode === null,
    signal: (signal) => void child.kill(signal),
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await closed;
    },
  };
}

/** @param {object} orders see src/testing/delivery-agent.ts */
export const startAgent = (orders, options) =>
  startPart('delivery-agent', [JSON.stringify({ delivery: 'centre', incidents: 1e9, clipBytes: 0, ...orders })], options);

export const startReceiver = (url, folder, options) => startPart('delivery-receiver', [url, folder], options);
