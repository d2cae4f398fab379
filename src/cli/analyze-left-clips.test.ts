import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../core/detection/suppress.js';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';

/** Real clips of things left, which belong to others: read from beside the checkout, never kept in it. */
const clips = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const present = existsSync(clips);
const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
if (clips === undefined)
  process.stderr.write('SKIPPED: real clips are not beside the checkout; rules for things left did not run on them\n');

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

describe.skipIf(!present)('real clips of things left', () => {
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
});
