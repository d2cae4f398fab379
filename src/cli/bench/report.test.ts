import { expect, test } from 'vitest';
import { type BenchReport, camerasThatFit, formatReport, type SizeReport } from './report.js';

test.each([
  ['two cores, 5 ms a picture', 2, 25, 5, 12],
  ['one of them', 1, 25, 5, 6],
  ['slower cameras', 2, 12.5, 5, 24],
  ['too slow for one', 2, 25, 80, 0],
])('cameras that fit: %s', (_name, cores, fps, wholeMs, expected) => {
  expect(camerasThatFit(cores, fps, wholeMs)).toBe(expected);
});

const size: SizeReport = {
  ...{ name: '1080p', width: 1920, height: 1080, fps: 25, pictures: 500, incidents: 2 },
  ...{ decodeMs: 3, handOverMs: 0.4, restMs: 0.6, engineMs: 1.1, wholeMs: 5.1 },
  partsMs: { kernels: 0.8, motion: 0.1, linking: 0.1, judging: 0.1, other: 0 },
  kernelsMs: { detectAndCompare: 0.3, updateModel: 0.15, label: 0.05, shift: 0.3 },
  ...{ pairs: [1.7, 1.72, 1.68], ratio: 1.7, picturesPerS: 300, engineRealTime: 36.4, camerasHere: 11 },
};
const report: BenchReport = {
  schema: 'parapet/bench/v1',
  at: '2026-03-01T07:41:00.000Z',
  machine: { cores: 2, model: 'Some CPU', node: '20.20.0', ffmpeg: '5.1', load: 0.2 },
  sizes: [size, { ...size, name: '4k', width: 3840, height: 2160, camerasHere: 2 }],
};

test('the table has a column a size, and says what the figures are of', () => {
  const lines = formatReport(report).split('\n');
  const row = (name: string): string => lines.find((line) => line.startsWith(name)) ?? '';
  expect(lines[0]).toBe('Some CPU, 2 cores, node 20.20.0, ffmpeg 5.1, load 0.2');
  expect(row('whole ÷ decoding')).toMatch(/ 1\.70 +1\.70 +medians of 3 pairs$/);
  expect(formatReport({ ...report, sizes: [{ ...size, pairs: [1.7] }] })).toMatch(/ 1\.70 +one pair$/m);
  expect(row('  lowest')).toMatch(/ 1\.68–1\.72 +1\.68–1\.72$/);
  expect(row('rules')).toContain('2, 2 in 500, 500 pictures');
  // detectAndCompare + updateModel + label, not what moves pictures back.
  expect(row('foreground')).toMatch(/ 0\.50 +0\.50 /);
  expect(row('cameras')).toMatch(/ 11 +2 +estimate: 75 % of 2 cores, 25 pictures a second/);
  for (const line of lines) expect(line).not.toMatch(/\s$|NaN|undefined/);
});
