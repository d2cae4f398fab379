import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readDetections } from './detections-file.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-detections-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (text: string): string => {
  const path = join(folder, 'boxes.jsonl');
  writeFileSync(path, text);
  return path;
};
const line = (t: number, box = [0.1, 0.2, 0.3, 0.4]): string => JSON.stringify({ t, detections: [{ label: 'car', score: 0.9, box }] });

it('reads what was found elsewhere', () => {
  expect(readDetections(fileOf(`${line(0)}\n{"t":0.2,"detections":[]}\n`))).toEqual([
    { ptsMs: 0, detections: [{ label: 'car', score: 0.9, box: { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 } }] },
    { ptsMs: 200, detections: [] },
  ]);
});

it.each([
  ['what is no JSON', `${line(0)}\nnonsense`, /boxes\.jsonl:2: not JSON; expected/],
  ['a box of three numbers', line(0, [1, 2, 3]), /boxes\.jsonl:1: detections\.0\.box/],
  ['times that go back', `${line(1)}\n${line(0.5)}`, /boxes\.jsonl:2: t 0\.5 does not lie after the line before/],
])('refuses %s', (_, text, message) => {
  expect(() => readDetections(fileOf(text))).toThrow(message);
});

it('says which file is not there', () => {
  expect(() => readDetections(join(folder, 'none.jsonl'))).toThrow(/--detections .*none\.jsonl/);
});
