import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createKernels } from '../../core/kernels/kernels.js';
import type { MotionFrame } from '../../core/motion/candidate.js';
import { MOTION_SLOTS, MotionDetector } from '../../core/motion/motion-detector.js';
import { Linker } from '../../core/tracking/linker.js';
import { watchHeap } from '../../testing/heap-growth.js';
import { createRandom } from '../../testing/random.js';
import { ThrownObjectRule } from './rule.js';

const [width, height] = [160, 96];

/** Small noisy pictures with three bright things at changing places: candidates in each, and no two alike. */
function pictures(random: () => number): Uint8Array[] {
  return Array.from({ length: 16 }, (_, n) => {
    const wall = (i: number): number => 100 + 40 * Math.sin((i % width) / 3) * Math.sin(i / width / 4);
    const picture = Uint8Array.from({ length: width * height }, (__, i) => wall(i) + random() * 4);
    for (let thing = 0; thing < 3; thing++) {
      const corner = ((n * 5) % 90) * width + 20 + thing * 40;
      picture.fill(220, corner, corner + 4);
      picture.fill(220, corner + width, corner + width + 4);
    }
    return picture;
  });
}

describe('the engine once warm', () => {
  it('links 20,000 frames of clutter without asking for memory', () => {
    const random = createRandom(5);
    const clutter = Array.from({ length: 64 }, () =>
      Array.from({ length: 12 }, () => ({
        ...{ x: random() * 1900, y: random() * 1000, w: 4, h: 5, areaPx: 14, contrast: 20, peak: 50, moving: true },
      })),
    );
    const frames: MotionFrame[] = Array.from({ length: 23_000 }, (_, seq) => ({
      ...{ seq, ptsMs: seq * 40, timeS: seq / 25, candidates: clutter[(seq * 7) % 64] ?? [], flooded: false, shift: { x: 0, y: 0 } },
    }));
    const linker = new Linker({ maxAccelerationPx: 800, maxSpeedPx: 4000, coastS: 0.45 });
    const density = (): number => 5e-7;
    const { asked, kept } = watchHeap((n) => linker.step(frames[n] as MotionFrame, density), 3000, 20_000);
    expect(kept).toBeLessThan(1);
    expect(asked).toBeLessThan(256);
  });

  it('sees and judges 20,000 pictures without growing', () => {
    const shown = pictures(createRandom(7));
    const module = new WebAssembly.Module(readFileSync(new URL('../../core/kernels/kernels.wasm', import.meta.url)));
    const motion = new MotionDetector(createKernels(module, width, height, MOTION_SLOTS), { floorGrey: 8, sigmas: 3 });
    const rule = new ThrownObjectRule({
      ...{ width, height, plane: null, floorHeightM: null, minDropFloors: 2, minDropShare: 0.15 },
      ...{ reportSuspected: true, falseAlarmHalfLifeMs: 0 },
    });
    let candidates = 0;
    const step = (n: number): void => {
      motion.incomingSlot().set(shown[n % shown.length] as Uint8Array);
      const frame = motion.push(n, n * 40);
      if (frame === null) return;
      candidates += frame.candidates.length;
      rule.step(frame);
    };
    const { kept } = watchHeap(step, 3000, 20_000);
    expect(candidates).toBeGreaterThan(10_000);
    // What is remembered of paths is bounded: it fills at first, 8 bytes a picture here; over 100,000 nothing is kept.
    expect(kept).toBeLessThan(16);
  });
});
