import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
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

/** How long one of the commands runs before the others get their turn, milliseconds: short against what a host does to its machines, long against a full cache. */
const TURN_MS = 400;
/** What ends a program unless it listens; none of them ends what stands still. */
const DEADLY = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs commands side by side, by turns: one runs for a moment while the others stand still, so that whatever else the machine does falls on all alike. Each
 * must leave alone what stops and continues it, and none may mind that time passes.
 *
 * @param {readonly (readonly string[])[]} commands
 * @returns {Promise<{cpuMs: number, stolenShare: number, stdout: string, stderr: string}[]>} as of {@link runTimed}
 * @throws when one fails; the others are ended.
 */
export async function runInTurns(commands) {
  const runs = [];
  const endAll = () => {
    for (const run of runs) run.signal('SIGKILL');
  };
  // What stands still would do so for ever: whoever ends this is heard from before the first of them begins.
  process.once('exit', endAll);
  const interrupted = () => process.exit(130);
  for (const signal of DEADLY) process.once(signal, interrupted);
  try {
    for (const command of commands) runs.push(startStopped(command));
    for (let left = runs; left.length > 0; left = left.filter((run) => !run.hasEnded())) {
      for (const run of left) await run.turn();
    }
    return await Promise.all(runs.map((run) => run.result));
  } finally {
    endAll();
    process.off('exit', endAll);
    for (const signal of DEADLY) process.off(signal, interrupted);
  }
}

/** The shell counts what its children took, and theirs, and says so on a descriptor of its own. */
const COUNTED = '"$@"; status=$?; times >&3; exit $status';

function startStopped([program, ...args]) {
  const child = spawn('sh', ['-c', COUNTED, 'sh', program, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
  const [, stdout, stderr, times] = child.stdio.map((stream) => stream?.toArray().then((parts) => Buffer.concat(parts).toString()));
  const closed = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  let ended = false;
  let busy = 0;
  let stolen = 0;
  const signal = (name) => {
    if (ended) return;
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      // It is gone, and has not been heard of yet.
      if (error.code !== 'ESRCH') throw error;
    }
  };
  const result = closed.then(async (status) => {
    ended = true;
    if (status !== 0) throw new Error(`${program} ended with ${status}: ${(await stderr).trim().split('\n').at(-1)}`);
    const cpuMs = readTimes((await times).trim().split('\n').at(-1));
    return { cpuMs, stolenShare: stolen + busy > 0 ? stolen / (stolen + busy) : 0, stdout: await stdout, stderr: await stderr };
  });
  result.catch(() => undefined);
  signal('SIGSTOP');
  return {
    signal,
    result,
    hasEnded: () => ended,
    async turn() {
      const before = machineTicks();
      signal('SIGCONT');
      await Promise.race([result, delay(TURN_MS)]);
      signal('SIGSTOP');
      const after = machineTicks();
      busy += after.busy - before.busy;
      stolen += after.stolen - before.stolen;
    },
  };
}

/** User and system time in a line of the shell's `times`, such as `0m1.250000s 0m0.310000s`, milliseconds. */
function readTimes(line) {
  const parts = Array.from(line.matchAll(/(\d+)m([\d.]+)s/g), ([, minutes, seconds]) => 60_000 * Number(minutes) + 1000 * Number(seconds));
  if (parts.length !== 2) throw new Error(`the shell said of its children's time: ${line}`);
  return parts[0] + parts[1];
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
