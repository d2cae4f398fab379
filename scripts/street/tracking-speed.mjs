#!/usr/bin/env node
import { loadavg } from 'node:os';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createObjectTracker } from '../../dist/core/objects/object-tracker.js';
import { createRandom } from '../../dist/testing/random.js';

const USAGE = `What following objects costs on this machine: some that walk, some that stand, boxes that jitter and drop out, 5 pictures a second.

  node scripts/street/tracking-speed.mjs [--objects 100] [--pictures 3000]`;

/** Pictures before anything is measured: the engine compiles what it finds busy. */
const WARM_UP = 1000;
/** Share of objects that stand. */
const STANDING = 0.3;

/** @returns {{medianMs: number, p95Ms: number, bytes: number, shown: number}} of one picture */
function measureSpeed(objects, pictures) {
  const random = createRandom(1);
  const jitter = (side) => (random() - 0.5) * 0.06 * side;
  const movers = Array.from({ length: objects }, (_, i) => {
    const speed = i < STANDING * objects ? 0 : 0.02 + 0.08 * random();
    const angle = 2 * Math.PI * random();
    return { x: random(), y: 0.2 + 0.8 * random(), vx: speed * Math.cos(angle), vy: speed * Math.sin(angle), w: 0.02 + 0.03 * random() };
  });
  const frames = Array.from({ length: WARM_UP + pictures }, (_, k) => {
    const found = movers.flatMap((m) => {
      const [x, y] = [fold(m.x + (m.vx * k) / 5), fold(m.y + (m.vy * k) / 5)];
      const h = 3 * m.w;
      const box = { x1: x + jitter(m.w), y1: y - h + jitter(h), x2: x + m.w + jitter(m.w), y2: y + jitter(h) };
      return random() < 0.1 ? [] : [{ label: 'person', score: 0.2 + 0.7 * random(), box }];
    });
    return { ptsMs: 200 * k, found };
  });
  const tracker = createObjectTracker({ named: true });
  const times = [];
  let bytes = 0;
  let shown = 0;
  for (const [k, { ptsMs, found }] of frames.entries()) {
    const before = process.memoryUsage().heapUsed;
    const begun = performance.now();
    shown = tracker.step(ptsMs, found).length;
    if (k < WARM_UP) continue;
    times.push(performance.now() - begun);
    // A collection within a step makes it look as if memory had been given back: left out.
    bytes += Math.max(0, process.memoryUsage().heapUsed - before);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * times.length)];
  return { medianMs: at(0.5), p95Ms: at(0.95), bytes: bytes / pictures, shown };
}

/** Back and forth between the picture's edges. */
const fold = (value) => {
  const at = ((value % 2) + 2) % 2;
  return at < 1 ? at : 2 - at;
};

function main() {
  const { values } = parseArgs({
    options: {
      objects: { type: 'string', default: '100' },
      pictures: { type: 'string', default: '3000' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.error(USAGE);
    return;
  }
  const { medianMs, p95Ms, bytes, shown } = measureSpeed(Number(values.objects), Number(values.pictures));
  console.log(
    `${values.objects} objects a picture (${shown} followed): median ${medianMs.toFixed(2)} ms, 95 % ${p95Ms.toFixed(2)} ms, ${Math.round(bytes / 1024)} kB of memory a picture; load ${loadavg()[0].toFixed(1)}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
