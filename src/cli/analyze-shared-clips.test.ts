import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';
import { hasSharedData, sharedData } from '../testing/shared-data.js';

const clips = sharedData();
const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const present = hasSharedData([''], 'the engine on real clips');

function analyze(clip: string): EventMessage[] {
  const out = execFileSync(process.execPath, [program, 'analyze', clips + clip, '--events', '-'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => eventSchema.parse(JSON.parse(line)));
}

/** Where the ball of tower.mp4 is, read from its pictures by eye: seconds, pixels of 1280 × 720. */
const ball = [
  [0.733, 618, 43],
  [1.033, 625, 61],
  [1.333, 635, 96],
  [1.533, 646, 135],
  [1.767, 666, 220],
  [1.967, 696, 360],
  [2.067, 728, 504],
] as const;

/** What happens in indoor_drops.mp4, by eye, seconds: four drops; five feints of a hand, and the knock at the end. */
const drops = [
  [5.75, 6.3],
  [16.6, 17.05],
  [25.75, 26.15],
  [29.75, 30.8],
] as const;
const handsAndKnock = [
  [0.5, 1.2],
  [2.4, 2.85],
  [3.7, 4.2],
  [10.4, 10.6],
  [13.6, 14.1],
  [31.5, 33],
] as const;

describe.skipIf(!present)('real clips', () => {
  it('the ball that falls past a tower is one confirmed throw, along its true path', () => {
    const [found, ...others] = analyze('falling/tower.mp4');
    expect(others).toEqual([]);
    expect(found?.type).toBe('thrown_object');
    expect(found?.verdict).toBe('confirmed');
    expect(found?.stream_time.start).toBeLessThan(1);
    expect(found?.stream_time.end).toBeGreaterThan(2);
    const path = found?.throw?.trajectory ?? [];
    for (const [t, x, y] of ball) {
      const [, px, py] = path.reduce((a, b) => (Math.abs(b[0] - t) < Math.abs(a[0] - t) ? b : a));
      expect(Math.hypot(px * 1280 - x, py * 720 - y), `at ${t} s`).toBeLessThan(12);
    }
    const [ox, oy] = found?.throw?.origin.point ?? [0, 0];
    expect(Math.hypot(ox * 1280 - 613, oy * 720 - 38)).toBeLessThan(40);
  });

  it.each([
    ['falling/light_drop_uno.mp4', 0.2, 1.25],
    ['falling/light_drop_dos.mp4', 0.75, 1.45],
  ])('%s: the light thing that falls steadily is suspected, and nothing is confirmed', (clip, from, to) => {
    const events = analyze(clip);
    expect(events.filter((e) => e.verdict === 'confirmed')).toEqual([]);
    const shared = events.map(({ stream_time: { start, end } }) => Math.min(end, to) - Math.max(start, from));
    expect(Math.max(0, ...shared)).toBeGreaterThan(0.6 * (to - from));
  });

  it('a ball that bounces is no confirmed fall', () => {
    expect(analyze('falling/bouncing_ball.mp4').filter((e) => e.verdict === 'confirmed')).toEqual([]);
  });

  it('indoor_drops.mp4: three of four things dropped near the lens are suspected, and no hand, no knock of the camera', () => {
    const events = analyze('falling/indoor_drops.mp4');
    expect(events.filter((e) => e.verdict === 'confirmed')).toEqual([]);
    const overlaps = ([from, to]: readonly [number, number]): boolean =>
      events.some(({ stream_time: { start, end } }) => start < to && end > from);
    expect(drops.filter(overlaps).length).toBeGreaterThanOrEqual(3);
    expect(handsAndKnock.filter(overlaps)).toEqual([]);
    expect(events.length).toBeLessThanOrEqual(drops.length);
  });

  const quiet = present
    ? ['negative', 'street'].flatMap((folder) => readdirSync(`${clips}${folder}`).map((name) => `${folder}/${name}`))
    : [];
  it.each(quiet)('%s holds no throw, not even a suspected one', (clip) => {
    expect(analyze(clip)).toEqual([]);
  });

  it('gives the same bytes twice', () => {
    const run = (): string =>
      spawnSync(process.execPath, [program, 'analyze', `${clips}falling/tower.mp4`, '--events', '-'], { encoding: 'utf8' }).stdout;
    const once = run();
    expect(once.length).toBeGreaterThan(100);
    expect(run()).toBe(once);
  });
});
