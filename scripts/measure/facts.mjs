import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/**
 * Prints one line a fact and remembers whether every target was met.
 *
 * @param {string} name of the measurement, first word of each line
 */
export function createFacts(name) {
  const list = [];
  let missed = 0;
  const add = (what, value, target, ok) => {
    if (ok === false) missed++;
    list.push({ what, value, ...(target === undefined ? {} : { target, ok }) });
    const judged = target === undefined ? '' : ` (target: ${target}) ${ok ? 'ok' : 'MISSED'}`;
    console.log(`${name}: ${what}: ${value}${judged}`);
  };
  return {
    /** A figure without a target. @param {string} what @param {unknown} value */
    note: (what, value) => add(what, value),
    /** @param {string} what @param {unknown} value @param {string} target in words @param {boolean} ok */
    judge: (what, value, target, ok) => add(what, value, target, ok),
    /** The machine and what else it is doing. */
    machine() {
      const load = loadavg().map((average) => average.toFixed(1));
      add('machine', `${cpus().length} cores, ${cpus()[0]?.model.trim()}, node ${process.version}, load ${load.join(' ')}`);
    },
    /** How many targets were missed so far. */
    missed: () => missed,
    /** Writes the summary where it is asked for and sets the exit code. @param {string | undefined} jsonPath */
    finish(jsonPath) {
      console.log(`${name}: ${missed === 0 ? 'every target met' : `${missed} missed`}`);
      if (jsonPath !== undefined) {
        const summary = { measurement: name, at: new Date().toISOString(), met: missed === 0, facts: list };
        writeFileSync(jsonPath, `${JSON.stringify(summary, null, 1)}\n`);
      }
      process.exitCode = missed === 0 ? 0 : 1;
    },
  };
}

/** The middle value. @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Least squares: how much y grows a unit of x. @param {readonly (readonly [number, number])[]} points [x, y] */
export function slope(points) {
  const mean = (i) => points.reduce((sum, point) => sum + point[i], 0) / points.length;
  const [mx, my] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return over / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}
