import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from './program.js';
import { createScoreCommand } from './score.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-score-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function score(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const context = {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    env: {},
    cwd: folder,
    version: '0.0.0',
    signal: new AbortController().signal,
  };
  const code = await runProgram([createScoreCommand], context, ['score', ...args]);
  return { code, out: out.join(''), err: err.join('') };
}

const write = (path: string, content: unknown): void => {
  const whole = join(folder, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, typeof content === 'string' ? content : JSON.stringify(content));
};

/** One throw, straight down the middle of a 1000×500 picture from 5 s to 7 s. */
const truth = {
  schema: 'parapet/truth/v1',
  scene: 'a',
  tags: ['day'],
  video: { width: 1000, height: 500, duration_s: 36 },
  facade: { floors: { height_m: 3 } },
  throws: [
    {
      id: 't1',
      object: 'brick',
      mass_class: 'heavy',
      origin: { floor: 17, unit: '02' },
      landing: null,
      median_size_px: 5,
      median_contrast: 40,
      frames: Array.from({ length: 21 }, (_, i) => ({
        t: 5 + i / 10,
        x: 0.5,
        y: 0.1 + i / 50,
        w_px: 5,
        h_px: 6,
        visible: true,
        fallen_m: i,
      })),
    },
  ],
};
const event = {
  schema: 'parapet/event/v1',
  id: '01J00000000000000000000001',
  seq: 1,
  phase: 'end',
  type: 'thrown_object',
  rule: 'thrown_object',
  severity: 'critical',
  verdict: 'confirmed',
  confidence: 0.9,
  site: 's',
  agent: 'a',
  camera: 'c',
  started_at: '2026-03-01T07:41:12.480Z',
  ended_at: null,
  stream_time: { start: 5, end: 7, told: 5.9 },
  box: [0, 0, 1, 1],
  zone: null,
  labels: [],
  throw: {
    trajectory: truth.throws[0]?.frames.map((f) => [f.t, f.x, f.y, 0.005, 0.012]),
    origin: { point: [0.5, 0.1], floor: 17, floor_interval: [16, 18], unit: '02', height_m: 47 },
    landing: { point: [0.5, 0.9], extrapolated: true },
    fall: { drop_m: 40, drop_floors: 14, duration_s: 2, impact_speed_mps: 25 },
    mass_class: 'heavy',
    terminal_speed_mps: [22, null],
    path_shape: 'straight',
    fit: { model: 'ballistic', rms_px: 0.5 },
  },
  reasons: [],
  evidence: [],
};

test('two files: a table for people', async () => {
  write('events.jsonl', `${JSON.stringify(event)}\n`);
  write('truth.json', truth);
  const { code, out } = await score('events.jsonl', 'truth.json');
  expect(code).toBe(0);
  expect(out).toContain('1 clip, 0.01 camera-hours, 1 throw\n');
  expect(out).toMatch(/recall +100\.0 % \(1\/1\)/);
  expect(out).toMatch(/floor exact +100\.0 % \(1\/1\)/);
  expect(out).toMatch(/first message after it could be confirmed, median s +0\.30/); // six metres and six pictures down at 5.6 s
  expect(out).toMatch(/day +1 /);
});

test('two folders and a list of pairs give the same figures', async () => {
  write('runs/a.jsonl', `${JSON.stringify(event)}\n`);
  write('runs/b/events.jsonl', '');
  write('scenes/a/truth.json', truth);
  write('scenes/b/truth.json', { ...truth, scene: 'b' });
  write('scenes/set.json', {});
  write('list.txt', '# two clips\nruns/a.jsonl scenes/a/truth.json\nruns/b/events.jsonl\tscenes/b/truth.json # an empty run\n');
  const folders = await score('runs', 'scenes', '--json');
  expect(JSON.parse(folders.out).total.recall).toEqual({ count: 1, of: 2, share: 0.5 });
  expect(await score('--pairs', 'list.txt', '--json')).toEqual(folders);
});

test.each([
  ['no truth', ['events.jsonl'], 2, 'expected EVENTS and TRUTH'],
  ['a list and more', ['events.jsonl', 'truth.json', '--pairs', 'list.txt'], 2, '--pairs FILE alone'],
  ['no such file', ['none.jsonl', 'truth.json'], 1, 'none.jsonl: no such file or folder; check the path'],
  ['a file and a folder', ['events.jsonl', '.'], 2, 'two files or two folders'],
  ['events that are no events', ['truth.json', 'truth.json'], 1, 'truth.json:1: not an event'],
  ['events that are no JSON', ['text.jsonl', 'truth.json'], 1, 'text.jsonl:1: not JSON'],
  ['a truth that is none', ['events.jsonl', 'events.jsonl'], 1, 'not a truth of a scene'],
  ['a clip without events', ['runs', 'scenes'], 1, 'no events of this clip'],
  ['a folder without truth', ['runs', 'runs'], 1, 'no truth in this folder'],
])('%s: one line that says how to mend it', async (_, args, exit, message) => {
  write('events.jsonl', `${JSON.stringify(event)}\n`);
  write('truth.json', truth);
  write('text.jsonl', 'hello\n');
  write('scenes/c/truth.json', truth);
  mkdirSync(join(folder, 'runs'));
  const { code, out, err } = await score(...args);
  expect([code, out]).toEqual([exit, '']);
  expect(err).toContain(message);
  expect(err.trim().split('\n')).toHaveLength(1);
});
