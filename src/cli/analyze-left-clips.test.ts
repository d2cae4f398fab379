import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../core/geometry/box.js';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';
import { hasSharedData, sharedData } from '../testing/shared-data.js';

const clips = sharedData();
const present = hasSharedData([''], 'rules for things left and taken, on real clips');
const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

function analyze(clip: string, camera: object, inference: object = {}): EventMessage[] {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-left-'));
  try {
    const config = join(folder, 'parapet.yaml');
    // JSON is YAML.
    writeFileSync(config, JSON.stringify({ site: 'test', ...inference, cameras: [{ id: 'c', source: { url: clips + clip }, ...camera }] }));
    const out = execFileSync(process.execPath, [program, 'analyze', clips + clip, '-c', config, '--events', '-', '--phases'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => eventSchema.parse(JSON.parse(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Seconds as a rule, minutes on a busy machine.
describe.skipIf(!present)('real clips of things left and taken', () => {
  it.each<[string, object]>([
    ['no model', {}],
    ['YOLOX-nano', { inference: { model: 'yolox-nano', folder: `${clips}models` } }],
  ])('the bag beside the cabinet is the only thing left, with %s', (_, inference) => {
    const events = analyze('abandoned/street_bag.avi', { rules: [{ type: 'abandoned_object' }] }, inference);
    const told = events.filter(({ phase }) => phase === 'new');
    expect(told).toHaveLength(1);
    // Its owner has gone at 23 s.
    expect(told[0]?.stream_time.told).toBeLessThan(38);
    const [x1, y1, x2, y2] = told[0]?.box ?? [0, 0, 0, 0];
    expect(intersectionOverUnion({ x1, y1, x2, y2 }, { x1: 0.611, y1: 0.76, x2: 0.6875, y2: 0.861 })).toBeGreaterThan(0.5);
  });

  describe('bottles on a table, taken and put back', () => {
    const around = (x1: number, x2: number) => ({
      polygon: [
        [x1, 0.3],
        [x2, 0.3],
        [x2, 0.88],
        [x1, 0.88],
      ],
    });
    const zones = { left: around(0.085, 0.2), middle: around(0.44, 0.55), right: around(0.79, 0.9) };
    const rules = [
      { type: 'removed_object', watch: Object.keys(zones), after: '1 s', cool_down: '0 s' },
      { type: 'abandoned_object', after: '1 s', max_size: 0.1 },
    ];
    let events: readonly EventMessage[] = [];
    beforeAll(() => {
      events = analyze('street/bottles_placed_removed.mp4', { zones, rules });
    });

    it('are each missing from when it is taken until it is back, a little aside', () => {
      const removed = events.filter(({ type }) => type === 'removed_object');
      const told = removed.filter(({ phase }) => phase === 'new');
      expect(told.every(({ verdict }) => verdict === 'confirmed')).toBe(true);
      // By eye: lifted, and put down again, the hand still on it, seconds.
      const seen = [
        ['left', 6.8, 12],
        ['middle', 17.4, 22.7],
        ['left', 17.4, 28],
        ['right', 31.8, 36],
      ] as const;
      const found = told.map(({ id, zone, stream_time }) => {
        const end = removed.find((event) => event.id === id && event.phase === 'end')?.stream_time;
        return { zone, takenS: stream_time.start, toldS: stream_time.told ?? 0, backS: end?.end ?? 0, endToldS: end?.told ?? 0 };
      });
      expect(found.map(({ zone }) => zone).sort()).toEqual(seen.map(([zone]) => zone).sort());
      for (const [zone, takenS, backS] of seen) {
        const one = found.find((other) => other.zone === zone && Math.abs(other.takenS - takenS) < 1);
        expect(one, `${zone} taken at ${takenS} s among ${JSON.stringify(found)}`).toBeDefined();
        expect(one?.toldS).toBeLessThan(takenS + 4);
        expect(Math.abs((one?.backS ?? 0) - backS)).toBeLessThan(1);
        expect(one?.endToldS).toBeLessThan(backS + 4.5);
      }
    });

    it('are things left where they stand to the end, once the hand has gone', () => {
      const told = events.filter(({ type, phase }) => type === 'abandoned_object' && phase === 'new');
      const places = told.map(({ box, stream_time }) => ({ x: ((box?.[0] ?? 0) + (box?.[2] ?? 0)) / 2, since: stream_time.start }));
      for (const [x1, x2, since] of [
        [0.44, 0.55, 22.7],
        [0.79, 0.9, 36],
      ] as const)
        expect(
          places.some((one) => one.x > x1 && one.x < x2 && Math.abs(one.since - since) < 1),
          JSON.stringify(places),
        ).toBe(true);
      // Nobody is seen but hands.
      expect(told.every(({ verdict }) => verdict === 'suspected')).toBe(true);
    });
  });
});
