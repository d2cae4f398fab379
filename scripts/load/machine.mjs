import { readFileSync } from 'node:fs';
import { readTree } from '../measure/process-tree.mjs';

/** Clock ticks a second of /proc: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/**
 * Who used the processors between two moments. Linux only.
 *
 * @param {Record<string, readonly number[]>} processes ids by name; their descendants count with them
 */
export function createCpuMeter(processes) {
  const read = () => ({
    atMs: performance.now(),
    ...machineS(),
    byName: Object.fromEntries(
      Object.entries(processes).map(([name, pids]) => [name, pids.reduce((sum, pid) => sum + readTree(pid).cpuS, 0)]),
    ),
  });
  let before = read();
  return {
    /**
     * Since the last call (or the making): seconds, cores used by name, by all others on the machine, and left idle.
     *
     * @returns {{seconds: number, cores: Record<string, number>, cpuS: Record<string, number>, othersCores: number, idleCores: number}}
     */
    since() {
      const now = read();
      const seconds = (now.atMs - before.atMs) / 1000;
      const cpuS = Object.fromEntries(Object.entries(now.byName).map(([name, s]) => [name, s - before.byName[name]]));
      const cores = Object.fromEntries(Object.entries(cpuS).map(([name, s]) => [name, s / seconds]));
      const busy = (now.busyS - before.busyS) / seconds;
      const idleCores = (now.idleS - before.idleS) / seconds;
      const ours = Object.values(cores).reduce((sum, one) => sum + one, 0);
      before = now;
      return { seconds, cores, cpuS, othersCores: Math.max(0, busy - ours), idleCores };
    },
  };
}

/** In one line. */
export function describeCpu({ seconds, cores, othersCores, idleCores }) {
  const list = Object.entries(cores).map(([name, used]) => `${name} ${used.toFixed(2)}`);
  return `${list.join(', ')}, others on the machine ${othersCores.toFixed(2)}, idle ${idleCores.toFixed(2)} (${seconds.toFixed(0)} s)`;
}

/** Seconds that all processors have worked, and have been idle (waiting for a disk included), since the machine started. */
function machineS() {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  // cpu user nice system idle iowait irq softirq steal; guests are counted in user.
  const [user, nice, system, idle, iowait, irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number);
  return { busyS: (user + nice + system + irq + softirq + steal) / TICKS_PER_S, idleS: (idle + iowait) / TICKS_PER_S };
}

/** How many files a process may have open; `Infinity` without a limit. @param {number | 'self'} pid */
export function openFilesLimit(pid) {
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}
