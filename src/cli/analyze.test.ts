import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';
import { runCli } from '../testing/cli-process.js';
import { ffmpeg, pictureTimes } from '../testing/clips.js';
import { renderDemoScene } from './demo/scene-cache.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-analyze-'));
const clip = join(folder, 'clip.mp4');
let config: string;

beforeAll(async () => {
  const scene = await renderDemoScene(process.env, () => undefined, new AbortController().signal);
  config = scene.config;
  // The ten seconds around the throw.
  await ffmpeg('-ss', '4', '-i', scene.video, '-t', '10', '-c', 'copy', clip);
});

afterAll(() => rmSync(folder, { recursive: true }));

async function analyze(
  ...args: readonly string[]
): Promise<{ readonly text: string; readonly said: string; readonly events: readonly EventMessage[] }> {
  const { code, stdout, stderr } = await runCli(['analyze', ...args, '--events', '-']);
  expect(stderr).toMatch(/^\d+ confirmed, \d+ suspected; 250 pictures, (9\.9|10\.0) s of video in \d+\.\d s$/m);
  expect(code).toBe(0);
  const events = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => eventSchema.parse(JSON.parse(line)));
  return { text: stdout, said: stderr, events };
}

test('a throw is one event, its end, with floor and unit', async () => {
  const { events } = await analyze(clip, '-c', config);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ phase: 'end', type: 'thrown_object', verdict: 'confirmed', camera: 'demo', seq: 1, evidence: [] });
  expect(events[0]?.throw?.origin).toMatchObject({ floor: 13, unit: '02' });
  expect(events[0]?.started_at).toMatch(/^1970-01-01T00:00:0/);
});

test('the same bytes give the same events: run again, and under another name', async () => {
  const renamed = join(folder, 'another name.mp4');
  copyFileSync(clip, renamed);
  const first = await analyze(clip, '-c', config);
  expect((await analyze(clip, '-c', config)).text).toBe(first.text);
  expect((await analyze(renamed, '-c', config)).text).toBe(first.text);
});

// That a paced file gives the same pictures, decoder.test.ts tells.
test('--paced reads no faster than the video plays', async () => {
  const short = join(folder, 'short.mp4');
  await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=3', '-c:v', 'libx264', short);
  const { code, stderr } = await runCli(['analyze', short, '-c', config, '--paced', '--events', '-']);
  expect(code).toBe(0);
  // ffmpeg begins half a second ahead.
  expect(Number(/30 pictures, \S+ s of video in (\d+\.\d) s/.exec(stderr)?.[1])).toBeGreaterThanOrEqual(2);
});

test('--phases tells every phase, --start the time', async () => {
  const { events, said } = await analyze(clip, '-c', config, '--phases', '--start', '2026-03-01T07:41:00+01:00');
  expect(said).not.toContain('1970');
  expect(events.map(({ phase }) => phase).filter((phase) => phase !== 'update')).toEqual(['new', 'end']);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  expect(events[0]?.started_at).toMatch(/^2026-03-01T06:41:0/);
});

test('without a facade it says no floor', async () => {
  const { events, said } = await analyze(clip);
  expect(said).toMatch(/^the file names no recording time: dates count from 1970; give --start$/m);
  expect(said).toMatch(/^no facade drawn: no floor, height or speed$/m);
  expect(said).toMatch(/something of unknown weight, fell for \d\.\d s$/m);
  expect(events.map(({ camera, throw: details }) => `${camera} ${details?.origin.floor}`)).toEqual(['camera-1 null']);
});

test('--out holds the evidence that the event names, the same every time', async () => {
  const outs = ['a', 'b'].map((name) => join(folder, name));
  const runs: (readonly EventMessage[])[] = [];
  for (const out of outs) {
    const { events, said } = await analyze(clip, '-c', config, '--out', out);
    for (const name of ['clip.mp4', 'trail.jpg']) expect(said).toContain(`  ${join(out, '1970-01-01', events[0]?.id ?? '', name)}\n`);
    expect(said).toContain(`events: ${join(out, 'events.jsonl')}\n`);
    runs.push(events);
  }
  expect(runs[1]).toEqual(runs[0]);
  const event = runs[0]?.[0];
  expect(event?.evidence.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
    'clip sent',
    'trail sent',
    'snapshot sent',
    'track sent',
  ]);
  const names = { clip: 'clip.mp4', trail: 'trail.jpg', snapshot: 'snapshot.jpg', track: 'track.json', crop: 'crop.jpg' };
  for (const out of outs) {
    expect(readFileSync(join(out, 'events.jsonl'), 'utf8')).toBe(`${JSON.stringify(event)}\n`);
    for (const { kind, bytes, sha256 } of event?.evidence ?? []) {
      const file = readFileSync(join(out, '1970-01-01', event?.id ?? '', names[kind]));
      expect([file.length, createHash('sha256').update(file).digest('hex')], kind).toEqual([bytes, sha256]);
    }
  }
});

test('--overlay writes every picture at its own time beside the evidence, and refuses what has no place', async () => {
  const out = join(folder, 'drawn');
  const { said } = await analyze(clip, '-c', config, '--out', out, '--overlay');
  const overlay = join(out, 'overlay.mp4');
  expect(said).toContain(`overlay: ${overlay}\n`);
  expect(await pictureTimes(overlay)).toEqual(await pictureTimes(clip));
  const own = join(folder, 'overlay.mp4');
  copyFileSync(clip, own);
  const onItself = await runCli(['analyze', own, '--out', folder, '--overlay']);
  expect([onItself.code, onItself.stderr]).toEqual([1, `parapet: ${own} is the video itself; choose another folder with --out\n`]);
  const inTheWay = join(folder, 'in the way');
  mkdirSync(join(inTheWay, 'overlay.mp4'), { recursive: true });
  const unwritable = await runCli(['analyze', clip, '--out', inTheWay, '--overlay']);
  expect(unwritable.code).toBe(1);
  expect(unwritable.stderr).toMatch(/overlay\.mp4 cannot be written \(EISDIR.*\); choose another file$/m);
});
