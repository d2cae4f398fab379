import { readFileSync } from 'node:fs';
import { runToEnd } from './rig.mjs';

/** Clock ticks a second of /proc: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/** CPU of all children of this process that have ended, with their descendants that they waited for, milliseconds. Linux only. */
export function childrenCpuMs() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name before the last bracket may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_S;
}

/**
 * Runs a command to its end.
 *
 * @param {readonly string[]} command
 * @returns {{cpuMs: number, tookMs: number, stdout: string, stderr: string}} `cpuMs`: user and system of its whole process tree
 * @throws when it fails.
 */
export function runTimed([program, ...args], options = {}) {
  const before = childrenCpuMs();
  const startedMs = performance.now();
  const said = runToEnd(program, args, options);
  return { cpuMs: childrenCpuMs() - before, tookMs: performance.now() - startedMs, ...said };
}

/**
 * What `analyze --log-level debug` counted.
 *
 * @param {string} log its standard error
 * @returns {{frames: number, stageMs: Record<string, number>}}
 */
export function analysisFigures(log) {
  const line = log.split('\n').find((text) => text.includes('"analysis-figures"'));
  if (line === undefined) throw new Error(`analyze did not log its figures: ${log.slice(-300)}`);
  return JSON.parse(line);
}
