import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../testing/random.js';
import { createKernels } from '../kernels/kernels.js';
import { BusyMap } from './busy-map.js';
import type { MotionFrame } from './candidate.js';
import { MOTION_SLOTS, MotionDetector } from './motion-detector.js';

const module = new WebAssembly.Module(readFileSync(new URL('../kernels/kernels.wasm', import.meta.url)));
const [width, height] = [480, 320];

interface Scene {
  /** Where the camera looks, pixels off its usual pose. */
  readonly shake?: (n: number) => readonly [number, number];
  /** Added to every pixel. */
  readonly light?: (n: number) => number;
  /** Half the width of the noise's triangle, grey; 3 when not given. */
  readonly noise?: (n: number) => number;
  /** A bright thing of 4 × 4 px: its upper left corner, `null` while it is not there. */
  readonly thing?: (n: number) => readonly [number, number] | null;
  /** Frames that repeat the one before. */
  readonly repeats?: (n: number) => boolean;
}

/** A facade of windows with soft edges, some noise, and what the scene adds. */
function run(scene: Scene, frames: number): { seen: MotionFrame[]; detector: MotionDetector } {
  const random = createRandom(11);
  const kernels = createKernels(module, width, height, MOTION_SLOTS);
  const detector = new MotionDetector(kernels, { floorGrey: 8, sigmas: 3 });
  const seen: MotionFrame[] = [];
  let before: Uint8Array | null = null;
  for (let n = 0; n < frames; n++) {
    const [dx, dy] = scene.shake?.(n) ?? [0, 0];
    const light = scene.light?.(n) ?? 0;
    const thing = scene.thing?.(n) ?? null;
    const noise = scene.noise?.(n) ?? 3;
    const picture = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const wall = 110 + 60 * Math.sin((x + dx) / 5) * Math.sin((y + dy) / 6) + light + (random() + random() - 1) * noise;
        picture[y * width + x] = Math.max(0, Math.min(255, Math.round(wall)));
      }
    }
    if (thing !== null) {
      for (let j = 0; j < 4; j++) for (let i = 0; i < 4; i++) picture[(thing[1] + j) * width + thing[0] + i] = 235;
    }
    detector.incomingSlot().set(scene.repeats?.(n) && before !== null ? before : picture);
    if (!(scene.repeats?.(n) ?? false)) before = picture;
    const frame = detector.push(n, n * 40);
    if (frame !== null) seen.push(frame);
  }
  return { seen, detector };
}

const falling = (n: number): readonly [number, number] | null => (n < 30 || n > 70 ? null : [200, 10 + Math.round(0.18 * (n - 30) ** 2)]);

describe('motion', () => {
  it('sees a small thing that falls, where it is, and hardly anything else', () => {
    const { seen } = run({ thing: falling }, 80);
    let others = 0;
    for (const frame of seen.filter((f) => f.seq > 36 && f.seq < 70)) {
      const [x, y] = falling(frame.seq) as [number, number];
      const near = frame.candidates.filter((c) => c.moving && Math.hypot(c.x - x - 2, c.y - y - 2) < 1);
      expect(near, `frame ${frame.seq}`).toHaveLength(1);
      expect(near[0]?.contrast).toBeGreaterThan(50);
      others += frame.candidates.filter((c) => c.moving).length - 1;
    }
    expect(others).toBeLessThan(10);
  });

  it('says what a picture showed one picture later, with its own time', () => {
    const { seen } = run({}, 10);
    expect(seen.map((f) => f.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen.map((f) => f.ptsMs)).toEqual([40, 80, 120, 160, 200, 240, 280, 320]);
  });

  it('leaves out repeated pictures and counts them', () => {
    const { seen, detector } = run({ thing: falling, repeats: (n) => n % 3 === 2 }, 80);
    expect(detector.repeatedFrames).toBe(26);
    expect(seen.every((f) => f.seq % 3 !== 2)).toBe(true);
  });

  it('follows the camera’s shake to a tenth of a pixel and still sees the thing', () => {
    const shake = (n: number): readonly [number, number] => (n < 25 ? [0, 0] : [1.2 * Math.sin(n / 2.3), 0.8 * Math.cos(n / 3.1)]);
    const { seen } = run({ shake, thing: falling }, 80);
    const late = seen.filter((f) => f.seq > 45 && f.seq < 70);
    for (const frame of late) {
      const [dx, dy] = shake(frame.seq);
      expect(Math.hypot(frame.shift.x + dx, frame.shift.y + dy), `frame ${frame.seq}`).toBeLessThan(0.2);
      const [x, y] = falling(frame.seq) as [number, number];
      expect(frame.candidates.some((c) => c.moving && Math.hypot(c.x - x - 2, c.y - y - 2) < 2.5)).toBe(true);
    }
    const stray = late.reduce((sum, f) => sum + f.candidates.filter((c) => c.moving).length - 1, 0);
    expect(stray / late.length).toBeLessThan(8);
  });

  it('does not look while the light changes, and looks again a fifth of a second after', () => {
    const { seen, detector } = run({ light: (n) => (n < 40 ? 0 : 35) }, 60);
    expect(detector.vetoedFrames).toBeGreaterThan(0);
    expect(detector.vetoedFrames).toBeLessThan(8);
    const after = seen.filter((f) => f.seq > 48);
    expect(after.every((f) => !f.flooded)).toBe(true);
    expect(after.reduce((sum, f) => sum + f.candidates.length, 0)).toBeLessThan(20);
  });

  it('keeps what it knows of the background when the whole picture changes for a moment only, as at a keyframe', () => {
    const { seen, detector } = run({ light: (n) => (n === 40 ? 35 : 0) }, 60);
    expect(detector.vetoedFrames).toBeGreaterThan(0);
    expect(detector.vetoedFrames).toBeLessThan(4);
    const after = seen.filter((f) => f.seq > 43);
    expect(after.every((f) => !f.flooded)).toBe(true);
    expect(after.reduce((sum, f) => sum + f.candidates.length, 0)).toBeLessThan(20);
  });

  it('sees again soon after the light changed and brought three times the noise, as an infrared switch does', () => {
    const dark = 40;
    const { seen } = run({ light: (n) => (n < dark ? 0 : -40), noise: (n) => (n < dark ? 3 : 30), thing: (n) => falling(n - 60) }, 132);
    // Within a second and a half.
    expect(seen.filter((f) => f.seq >= dark + 36 && f.flooded).length).toBeLessThan(5);
    const later = seen.filter((f) => f.seq >= 98 && f.seq < 130);
    const found = later.filter(({ seq, candidates }) => {
      const [x, y] = falling(seq - 60) as [number, number];
      return candidates.some((c) => c.moving && Math.hypot(c.x - x - 2, c.y - y - 2) < 1.5);
    });
    expect(found.length).toBeGreaterThan(0.8 * later.length);
  });

  it.each([
    ['ramps up by a grey a picture', (n: number) => Math.max(0, Math.min(25, n - 35)), 0],
    ['ramps down by three', (n: number) => -3 * Math.max(0, Math.min(20, n - 35)), 0],
    ['changes at once', (n: number) => (n < 45 ? 0 : 35), 1],
    ['changes at once, and back', (n: number) => (n < 45 || n > 55 ? 0 : -35), 2],
  ])('follows a thing that falls while the light %s', (_, light, blind) => {
    const { seen } = run({ light, thing: falling }, 80);
    const hidden = seen.filter(({ seq, candidates }) => {
      if (seq <= 36 || seq >= 70) return false;
      const [x, y] = falling(seq) as [number, number];
      return !candidates.some((c) => c.moving && Math.hypot(c.x - x - 2, c.y - y - 2) < 1.5);
    });
    expect(hidden.length).toBeLessThanOrEqual(blind);
  });

  it('finds nothing in the change itself, and nothing when the camera is turned', () => {
    const { seen } = run(
      { light: (n) => -3 * Math.max(0, Math.min(20, n - 35)), shake: (n) => (n < 70 ? [0, 0] : [3 * (n - 70), 0]) },
      100,
    );
    expect(seen.filter((f) => f.flooded).length).toBeGreaterThan(20);
    expect(seen.filter((f) => f.flooded).flatMap((f) => f.candidates).length).toBeLessThan(10);
  });

  it('takes no light that goes on changing for noise: a faint thing is seen as soon as it stays', () => {
    const ramp = (n: number): number => -0.9 * Math.max(0, Math.min(50, n - 30));
    const { seen } = run({ light: ramp, thing: (n) => falling(n - 58) }, 130);
    const later = seen.filter((f) => f.seq >= 92 && f.seq < 126);
    expect(later.filter((f) => f.flooded)).toEqual([]);
    const found = later.filter(({ seq, candidates }) => {
      const [x, y] = falling(seq - 58) as [number, number];
      return candidates.some((c) => c.moving && Math.hypot(c.x - x - 2, c.y - y - 2) < 1.5);
    });
    expect(found.length).toBeGreaterThan(0.9 * later.length);
  });

  it('gives the same for the same pictures', () => {
    expect(run({ thing: falling }, 60).seen).toEqual(run({ thing: falling }, 60).seen);
  });
});

describe('the busy map', () => {
  it('learns where things always move, and forgets slowly', () => {
    const map = new BusyMap(1920, 1080);
    const quiet = map.densityAt(1000, 500);
    for (let n = 0; n < 500; n++) map.learn([{ x: 100, y: 100, moving: true }], null, 0.04);
    const busy = map.densityAt(100, 100);
    expect(busy).toBeGreaterThan(100 * quiet);
    expect(map.densityAt(1000, 500)).toBeCloseTo(quiet, 9);
    for (let n = 0; n < 500; n++) map.learn([], null, 0.04);
    expect(map.densityAt(100, 100)).toBeGreaterThan(0.3 * busy);
    for (let n = 0; n < 10_000; n++) map.learn([], null, 0.04);
    expect(map.densityAt(100, 100)).toBeLessThan(0.01 * busy);
  });
});
