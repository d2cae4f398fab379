import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { childrenCpuMs, runInTurns, runTimed } from './cpu-clock.mjs';
import { median, slope } from './facts.mjs';
import { readTree } from './process-tree.mjs';
import { assignEvents, listThrows } from './throws.mjs';

/** A throw from 8 to 11 s of a scene of 30 s. */
const truth = { video: { duration_s: 30 }, throws: [{ visible_span: [8, 11] }, { visible_span: null }] };
const connection = (servedS, onlineS, brokenS) => ({ servedAtMs: servedS * 1000, onlineAtMs: onlineS * 1000, brokenAtMs: brokenS * 1000 });
const event = (atS, start) => ({ started_at: new Date(atS * 1000).toISOString(), stream_time: { start } });

describe('the throws of a served scene', () => {
  test.each([
    ['none began', [100, 102, 107], []],
    ['one may have been cut', [100, 102, 112], ['1.1 straddling']],
    ['one may have begun', [100, 102, 109], ['1.1 straddling']],
    ['one is whole', [100, 102, 113.5], ['1.1 shown']],
    ['the second turn is cut', [100, 102, 140], ['1.1 shown', '1.2 straddling']],
  ])('%s', (_, times, expected) => {
    expect(listThrows(truth, [connection(...times)]).map(({ name, kind }) => `${name} ${kind}`)).toEqual(expected);
  });

  test('events go to the throw of their own connection, others are strays', () => {
    const thrown = listThrows(truth, [connection(100, 102, 130), connection(140, 142, 170)]);
    const events = [event(109, 8), event(149, 8.2), event(149.1, 8), event(120, 20), event(135, 8)];
    const { shown, found, strays } = assignEvents(thrown, events);
    expect(shown.map((one) => found.get(one)?.length)).toEqual([1, 2]);
    expect(strays).toEqual([events[3], events[4]]);
  });
});

test('the middle and the slope of numbers', () => {
  expect(median([3, 1, 2, 10])).toBe(2.5);
  expect(slope([...Array(5).keys()].map((x) => [x, 7 - 2 * x]))).toBeCloseTo(-2);
});

test.skipIf(process.platform !== 'linux')('a process tree has memory and has worked', () => {
  const tree = readTree(process.pid);
  expect(tree.treeRssMb).toBeGreaterThanOrEqual(tree.rssMb);
  expect(tree.peakRssMb).toBeGreaterThanOrEqual(tree.rssMb - 5);
  expect(tree.cpuS).toBeGreaterThan(0);
});

test.skipIf(process.platform !== 'linux')('the CPU of a process tree counts grandchildren', () => {
  const burn = 'for (let spent = 0; spent < 3e5; ) { const { user, system } = process.cpuUsage(); spent = user + system; }';
  const before = childrenCpuMs();
  const { cpuMs, stdout } = runTimed(['sh', '-c', `"${process.execPath}" -e '${burn}'; echo done`]);
  expect(stdout).toBe('done\n');
  expect(cpuMs).toBeGreaterThanOrEqual(250);
  expect(childrenCpuMs() - before).toBeGreaterThanOrEqual(cpuMs);
});

test.skipIf(process.platform !== 'linux')('commands by turns have each its own CPU, that of its children included', async () => {
  const burn = (us) => `for (let spent = 0; spent < ${us}; ) { const { user, system } = process.cpuUsage(); spent = user + system; }`;
  const node = (us) => ['sh', '-c', `"${process.execPath}" -e '${burn(us)}'; echo ${us}`];
  const before = performance.now();
  const [short, long] = await runInTurns([node(3e5), node(9e5)]);
  expect([short.stdout, long.stdout]).toEqual(['300000\n', '900000\n']);
  for (const [{ cpuMs }, asked] of [
    [short, 300],
    [long, 900],
  ]) {
    expect(cpuMs).toBeGreaterThanOrEqual(asked * 0.9);
    expect(cpuMs).toBeLessThan(asked + 300);
  }
  // One after the other: together they took as long as both.
  expect(performance.now() - before).toBeGreaterThanOrEqual(1000);
  await expect(runInTurns([node(1e4), ['sh', '-c', 'echo the reason >&2; exit 3']])).rejects.toThrow('sh ended with 3: the reason');
});

test.skipIf(process.platform !== 'linux')('nothing stands still for ever when the measurement is ended', async () => {
  const clock = new URL('cpu-clock.mjs', import.meta.url).href;
  const mark = `61.${process.pid}`;
  const code = `const { runInTurns } = await import('${clock}'); console.log('begun'); await runInTurns([['sleep', '${mark}'], ['sleep', '${mark}']]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const sleeping = () =>
    spawnSync('pgrep', ['-f', `sleep ${mark}`], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean).length;
  await expect.poll(sleeping, { timeout: 10_000 }).toBeGreaterThan(1);
  child.kill('SIGTERM');
  await once(child, 'exit');
  await expect.poll(sleeping, { timeout: 10_000 }).toBe(0);
});

test('a command that fails says why', () => {
  expect(() => runTimed(['sh', '-c', 'echo first; echo the reason >&2; exit 3'])).toThrow('sh ended with 3: the reason');
});
