import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100;

/**
 * A process and all that descend from it, as they are now. Linux only.
 *
 * @param {number} root process id
 * @returns {{rssMb: number, treeRssMb: number, treePssMb: number, peakRssMb: number, cpuS: number}} `rssMb`, `peakRssMb` of the root
 *   alone; `treeRssMb` counts shared pages once a process, `treePssMb` once; `cpuS` user and system of all, of children that
 *   have ended too
 */
export function readTree(root) {
  const stats = new Map(allStats().map((stat) => [stat.pid, stat]));
  const tree = [...stats.values()].filter((stat) => descends(stat, root, stats));
  const status = statusOf(root);
  return {
    rssMb: status.VmRSS / 1024,
    peakRssMb: status.VmHWM / 1024,
    treeRssMb: tree.reduce((sum, { pid }) => sum + (statusOf(pid).VmRSS ?? 0), 0) / 1024,
    treePssMb: tree.reduce((sum, { pid }) => sum + pssKb(pid), 0) / 1024,
    cpuS: tree.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_S,
  };
}

function descends(stat, root, stats) {
  for (let at = stat; at !== undefined; at = stats.get(at.parent)) if (at.pid === root) return true;
  return false;
}

function allStats() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const text = readOrEmpty(`/proc/${name}/stat`);
      if (text === '') return [];
      // The name before the last bracket may hold spaces.
      const fields = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const [utime, stime, cutime, cstime] = fields.slice(11, 15);
      return [{ pid: Number(name), parent: fields[1], ticks: utime + stime + cutime + cstime }];
    });
}

/** kB by name. */
function statusOf(pid) {
  const lines = readOrEmpty(`/proc/${pid}/status`).matchAll(/^(Vm\w+):\s+(\d+) kB$/gm);
  return Object.fromEntries([...lines].map(([, name, kb]) => [name, Number(kb)]));
}

function pssKb(pid) {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** A process may end while it is looked at. */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  }
}
