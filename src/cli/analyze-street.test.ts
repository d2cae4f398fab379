import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';
import { runCli } from '../testing/cli-process.js';
import { ffmpeg } from '../testing/clips.js';

const folder = mkdtempSync(join(tmpdir(), 'parapet-street-'));
const clip = join(folder, 'gate.mp4');
const config = join(folder, 'gate.yaml');
const boxes = join(folder, 'boxes.jsonl');
const SECONDS = 12;

beforeAll(async () => {
  // A noisy wall, and a dark figure that walks through the picture from the fourth second to the ninth.
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `color=c=0x8a8478:s=640x360:r=10:d=${SECONDS},noise=alls=6:allf=t+u:all_seed=7`],
    ...['-f', 'lavfi', '-i', `color=c=0x203040:s=40x110:r=10:d=${SECONDS}`],
    ...['-filter_complex', `[0][1]overlay=x='-40+(t-4)*140':y=200:enable='between(t,4,9)'`],
    ...['-c:v', 'libx264', '-crf', '20', '-pix_fmt', 'yuv420p', clip],
  );
  writeFileSync(
    config,
    `cameras:
  - id: gate
    source: { url: ${clip} }
    zones: { garden: { polygon: [[0.3, 0.4], [0.9, 0.4], [0.9, 1], [0.3, 1]] } }
    rules: [{ type: intrusion, zone: garden, after: 0.5 s }]
`,
  );
  const line = (i: number): string => {
    const t = i / 5;
    const x = (-20 + (t - 4) * 140) / 640;
    const detections = t < 4 || t > 9 ? [] : [{ label: 'person', score: 0.8, box: [x - 0.031, 0.556, x + 0.031, 0.861] }];
    return JSON.stringify({ t, detections });
  };
  writeFileSync(boxes, Array.from({ length: SECONDS * 5 }, (_, i) => line(i)).join('\n'));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function analyze(...args: readonly string[]): Promise<readonly EventMessage[]> {
  const { code, stdout, stderr } = await runCli(['analyze', clip, '-c', config, '--events', '-', ...args]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => eventSchema.parse(JSON.parse(line)));
}

/** Where in a picture's middle rows the dark figure stands, as a fraction of its width. */
async function darkestColumn(jpeg: string): Promise<number> {
  const raw = join(folder, 'row.gray');
  await ffmpeg('-i', jpeg, '-vf', 'crop=iw:60:0:230,scale=64:1:flags=area', '-pix_fmt', 'gray', '-f', 'rawvideo', raw);
  const row = [...readFileSync(raw)];
  return (row.indexOf(Math.min(...row)) + 0.5) / row.length;
}

test.each([
  ['by boxes from elsewhere', ['--detections', boxes], 'person'],
  ['by whatever moves', [], 'object'],
])('who walks through the garden is told once, %s', async (_, args, label) => {
  const events = await analyze(...args);
  expect(events).toMatchObject([{ type: 'intrusion', phase: 'end', zone: 'garden', labels: [label], verdict: 'confirmed', throw: null }]);
  // In the zone from x = 0.3 at 5.5 s to x = 0.9 at 8.3 s.
  expect(events[0]?.stream_time.start).toBeGreaterThan(5);
  expect(events[0]?.stream_time.start).toBeLessThan(6.1);
  expect(events[0]?.stream_time.end).toBeGreaterThan(7.6);
  expect(events[0]?.stream_time.end).toBeLessThan(8.8);
});

test('the same boxes give the same events', async () => {
  expect(await analyze('--detections', boxes)).toEqual(await analyze('--detections', boxes));
});

test('a folder names picture and clip of what was found, and says what an earlier analysis has left in it', async () => {
  const out = join(folder, 'found');
  const said = async (...args: readonly string[]): Promise<string> =>
    (await runCli(['analyze', clip, '-c', config, '--out', out, '--detections', boxes, ...args])).stderr;
  const first = await said();
  expect(first).toMatch(/intrusion \(confirmed\): person in garden\n {2}\S+\/clip\.mp4\n {2}\S+\/snapshot\.jpg\n1 confirmed/);
  expect(first).not.toContain('earlier');
  // The picture shows the moment in which it was told of, half a second after he came in; at its end he is at the zone's other side.
  const picture = /^ {2}(\S+\/snapshot\.jpg)$/m.exec(first)?.[1] ?? '';
  const x = await darkestColumn(picture);
  expect(x).toBeGreaterThan(0.3);
  expect(x).toBeLessThan(0.5);
  expect(await said()).not.toContain('earlier');
  const moved = await said('--set', 'cameras.gate.rules.0.after=30 s');
  expect(moved).toContain('0 confirmed, 0 suspected');
  expect(moved).toContain(`warning: ${out} also holds 1 event of an earlier analysis, not found this time; remove the folder first`);
});

test('a schedule, and a file that does not say when it was recorded, are told of: nothing is found by the wrong clock', async () => {
  const night = [
    '--detections',
    boxes,
    '--set',
    'cameras.gate.rules.0.schedule=[{ from: "22:00", to: "06:00" }]',
    '--set',
    'time_zone=Asia/Shanghai',
  ];
  const unknown = await runCli(['analyze', clip, '-c', config, ...night]);
  expect(unknown.stderr).toContain(
    'warning: the file names no recording time: the schedule of intrusion saw a Thursday from midnight UTC on, 1970-01-01; give --start\n0 confirmed',
  );
  const known = await runCli(['analyze', clip, '-c', config, ...night, '--start', '2026-03-02T23:00:00+08:00']);
  expect(known.stderr).toMatch(/^00:0\d\.\d intrusion \(confirmed\)/);
});

test('boxes that nobody can read are named with their line', async () => {
  const bad = join(folder, 'bad.jsonl');
  writeFileSync(bad, '{"t":0,"detections":[]}\n{"t":"soon"}');
  const { code, stderr } = await runCli(['analyze', clip, '-c', config, '--events', '-', '--detections', bad]);
  expect(code).toBe(2);
  expect(stderr).toContain('bad.jsonl:2: t:');
});
