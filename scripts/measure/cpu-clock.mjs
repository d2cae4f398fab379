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

/** What all cores of this machine did since it started, ticks: `busy`, and `stolen`, when they had work and the host let another machine run. */
function machineTicks() {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9).map(Number);
  return { busy: user + nice + system + irq + softirq, stolen: steal };
}

/**
 * Runs a command to its end.
 *
 * @param {readonly string[]} command
 * @returns {{cpuMs: number, tookMs: number, stolenShare: number, stdout: string, stderr: string}} `cpuMs`: user and system of its whole process tree;
 *   `stolenShare`: of the time in which this machine had something to do meanwhile, the share in which its host let others run, 0 to 1
 * @throws when it fails.
 */
export function runTimed([program, ...args], options = {}) {
  const before = { cpuMs: childrenCpuMs(), ticks: machineTicks(), ms: performance.now() };
  const said = runToEnd(program, args, options);
  const ticks = machineTicks();
  const stolen = ticks.stolen - before.ticks.stolen;
  const wanted = stolen + ticks.busy - before.ticks.busy;
  return {
    cpuMs: childrenCpuMs() - before.cpuMs,
    tookMs: performance.now() - before.ms,
    stolenShare: wanted > 0 ? stolen / wanted : 0,
    ...said,
  };
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
