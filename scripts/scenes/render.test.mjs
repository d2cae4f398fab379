import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const render = fileURLToPath(new URL('render.mjs', import.meta.url));
const tiny = fileURLToPath(new URL('../../test-fixtures/scenes/tiny.json', import.meta.url));
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) {
  if (process.env.CI) throw new Error('ffmpeg is missing; install it: apt-get install ffmpeg');
  console.warn('SKIPPED: the renderer is not tested, since ffmpeg is missing; install it: apt-get install ffmpeg');
}

describe.skipIf(!hasFfmpeg)('render.mjs', () => {
  const dir = mkdtempSync(join(tmpdir(), 'parapet-scene-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const truth = () => JSON.parse(readFileSync(join(dir, 'truth.json'), 'utf8'));
  beforeAll(() => {
    execFileSync(process.execPath, [render, '--scene', tiny, '--seed', '3', '--out', dir, '--quiet', '--set', 'calibrationError=0.002']);
  });

  test('the video holds just the pictures that were not lost, each at its own time', () => {
    const listed = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0', join(dir, 'video.mp4')], {
      encoding: 'utf8',
    });
    const times = listed
      .split('\n')
      .map((line) => Number.parseFloat(line))
      .filter((t) => !Number.isNaN(t)); // side data leaves an empty line
    expect(times).toHaveLength(truth().video.frames);
    expect(times.length).toBeLessThan(40);
    expect(times[0]).toBe(0);
    for (const t of times) expect(t * 10).toBeCloseTo(Math.round(t * 10), 3);
    for (const f of truth().throws[0].frames) expect(times.some((t) => Math.abs(t - f.t) < 0.001)).toBe(true);
  });

  test('the installer’s corners lie near the true ones', () => {
    const [camera] = parse(readFileSync(join(dir, 'parapet.yaml'), 'utf8')).cameras;
    const { corners, floors, units } = truth().facade;
    camera.facade.corners.forEach(([x, y], i) => {
      expect(Math.abs(x - corners[i][0])).toBeLessThan(0.0051);
      expect(Math.abs(y - corners[i][1])).toBeLessThan(0.0051);
    });
    expect(camera.facade).toMatchObject({ floors: { first: floors.first, last: floors.last, height: '2.9 m' }, units });
  });

  test.each([
    [['--scene', 'nowhere', '--out', dir], /unknown scene 'nowhere'; known: tower-day/],
    [['--scene', tiny, '--out', dir, '--bitrate', 'much'], /bitrate 'much' is not a number/],
    [['--scene', tiny, '--out', dir, '--codec', 'vp9'], /unknown codec 'vp9'; known: h264, h265/],
  ])('%j: one line', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [render, ...args], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
