import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../config/index.js';
import { homographyFrom, mapPoint } from '../core/geometry/homography.js';
import type { Point } from '../domain/geometry.js';
import { runCli } from '../testing/cli-process.js';
import { ffmpeg } from '../testing/clips.js';
import { configOf } from './calibrate/report.js';
import { renderDemoScene } from './demo/scene-cache.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-calibrate-'));
let video: string;
let drawn: { corners: readonly (readonly [number, number])[]; floors: { first: number; last: number } };

beforeAll(async () => {
  const scene = await renderDemoScene(process.env, () => undefined, new AbortController().signal);
  video = scene.video;
  drawn = facadeOf(scene.config);
});

afterAll(() => rmSync(folder, { recursive: true }));

function facadeOf(file: string): typeof drawn {
  const facade = loadConfig({ file, env: {}, cwd: folder }).config.cameras[0]?.facade;
  if (facade === null || facade === undefined) throw new Error(`${file} has no facade`);
  return facade;
}

const points = (corners: readonly (readonly [number, number])[]): [Point, Point, Point, Point] =>
  corners.map(([x, y]) => ({ x, y })) as unknown as [Point, Point, Point, Point];

test('the facade of a rendered tower, ready to be used', async () => {
  const out = join(folder, 'found');
  const { code, stdout, stderr } = await runCli(['calibrate', video, '--out', out, '--camera', 'tower-3', '--units', '01,02,03,04']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^facade: floors 1 to \d+, 3 m each \(assumed\); confidence 0\.\d\d \(0 to 1\)$/m);
  expect(readFileSync(join(out, 'calibration.jpg')).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  const { config } = loadConfig({ file: join(out, 'parapet.yaml'), env: {}, cwd: folder });
  expect(config.cameras[0]).toMatchObject({ id: 'tower-3', facade: { units: ['01', '02', '03', '04'] } });

  const facade = facadeOf(join(out, 'parapet.yaml'));
  const unit = points([
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ]);
  const lines = homographyFrom(unit, points(facade.corners));
  const truth = homographyFrom(points(drawn.corners), unit);
  const floors = facade.floors.last - facade.floors.first + 1;
  // The roof of this tower is out of the picture.
  expect(floors).toBeGreaterThanOrEqual(15);
  for (let k = 1; k < floors; k++) {
    const at = mapPoint(truth, mapPoint(lines, { x: 0.5, y: k / floors }));
    expect(Math.abs(18 * at.y - Math.round(18 * at.y))).toBeLessThan(0.3);
  }
  for (const side of [0, 1]) {
    expect(Math.abs(mapPoint(truth, mapPoint(lines, { x: side, y: 0.5 })).x - side)).toBeLessThan(0.05);
  }

  const again = await runCli(['calibrate', video, '--out', out]);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('--force');
});

test('a picture without a facade gives no proposal and no file', async () => {
  const clip = join(folder, 'plain.mp4');
  await ffmpeg('-f', 'lavfi', '-i', 'color=gray:s=640x360:d=1', clip);
  const { code, stdout, stderr } = await runCli(['calibrate', clip, '--out', join(folder, 'none')]);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^parapet: .*plain\.mp4: no facade found: .*--around x,y\n$/);
  expect(existsSync(join(folder, 'none'))).toBe(false);
});

test.each([
  [['--around', '2,0'], 'from 0 to 1'],
  [['--floors', '3.5'], 'whole number'],
  [['--units', 'a,,b'], 'names between commas'],
  [['--camera', '../x'], 'letters, digits'],
])('%j is bad usage', async (flags, said) => {
  const { code, stderr } = await runCli(['calibrate', 'x.mp4', ...flags]);
  expect(code).toBe(2);
  expect(stderr).toContain(said);
});

test('a file in the way and a missing video are said in one line', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  expect((await runCli(['calibrate', 'x.mp4', '--out', file])).stderr).toBe(`parapet: ${file} is a file; --out needs a folder\n`);
  const missing = await runCli(['calibrate', join(folder, 'none.mp4'), '--out', join(folder, 'm')]);
  expect(missing.code).toBe(1);
  expect(missing.stderr.trim().split('\n')).toHaveLength(1);
  expect(existsSync(join(folder, 'm'))).toBe(false);
});

test.skipIf(!existsSync('/proc/self'))('a place that takes no folders is said at once', async () => {
  const { code, stderr } = await runCli(['calibrate', 'x.mp4', '--out', '/proc/x']);
  expect([code, stderr]).toEqual([1, 'parapet: /proc/x cannot be made (no folder can be made in /proc); choose another folder\n']);
});

test('credentials never reach the config', () => {
  const corner = { x: 0, y: 0 };
  const facade = { corners: [corner, corner, corner, corner], floors: { first: 1, last: 2, heightM: 3 }, units: [], widthM: null } as const;
  const proposal = { facade, confidence: 0.8, reasons: [], checks: [] };
  const yaml = configOf({ camera: 'gate', source: 'rtsp://admin:hunter2@10.0.0.8/main', proposal, sketch: false });
  expect(yaml).not.toContain('hunter2');
  expect(yaml).toContain('url: "rtsp://10.0.0.8/main"');
});
