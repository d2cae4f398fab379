import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from '../testing/cli-process.js';
import type { BenchReport } from './bench/report.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { XDG_CACHE_HOME: folder };
const sum = (values: object): number => Object.values(values).reduce((total: number, value: number) => total + value, 0);

test('measures a video that it made, and its parts add up', async () => {
  const { code, stdout, stderr } = await runCli(['bench', '--sizes', '720p', '--seconds', '8', '--pairs', '1', '--json', '-'], { env });
  expect([code, stderr]).toEqual([0, 'making the 720p test video; it is kept\n']);
  expect(readdirSync(join(folder, 'parapet'))).toEqual(['bench-1-720p-8s.mp4']);
  const report = JSON.parse(stdout) as BenchReport;
  expect(report.schema).toBe('parapet/bench/v1');
  const [size] = report.sizes;
  if (size === undefined) throw new Error('no size');
  expect(size).toMatchObject({ name: '720p', width: 1280, height: 720, fps: 25, pictures: 200 });
  // The drawn thing falls within these eight seconds: the engine had what it is for.
  expect(size.incidents).toBeGreaterThanOrEqual(1);
  expect(size.decodeMs + size.handOverMs + size.engineMs + size.restMs).toBeCloseTo(size.wholeMs, 6);
  expect(sum(size.partsMs)).toBeCloseTo(size.engineMs, 6);
  expect(sum(size.kernelsMs)).toBeCloseTo(size.partsMs.kernels, 6);
  for (const kernel of ['detectAndCompare', 'updateModel', 'label']) expect(size.kernelsMs[kernel], kernel).toBeGreaterThan(0);
  expect(size.partsMs.other).toBeLessThan(0.2 * size.engineMs);
  expect(size.ratio).toBe(size.pairs[0]);
  expect(size.ratio).toBeGreaterThan(1);

  const given = await runCli(['bench', join(folder, 'parapet', 'bench-1-720p-8s.mp4'), '--seconds', '2', '--pairs', '1'], { env });
  expect([given.code, given.stderr]).toEqual([0, '']);
  expect(given.stdout).toMatch(/^decoding alone +\d+\.\d\d +ffmpeg/m);
  expect(readdirSync(join(folder, 'parapet'))).toHaveLength(1);
});

describe('refuses', () => {
  test.each([
    [['--sizes', '8k'], 2, 'Expected sizes out of 720p, 1080p, 4k'],
    [['tower.mp4', '--sizes', '4k'], 2, 'a video has its own size'],
    [['--camera', 'gate'], 2, 'give a VIDEO beside'],
    [['missing.mp4'], 1, 'missing.mp4'],
    [['--json', '/dev/null/x'], 1, 'cannot be written'],
  ])('%j', async (args, exit, words) => {
    const { code, stderr } = await runCli(['bench', ...args], { env });
    expect(code).toBe(exit);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
