import { beforeAll, describe, expect, it } from 'vitest';
import { toFacade } from '../../config/facade.js';
import { cameraConfigSchema } from '../../config/index.js';
import { facadeRoi } from '../../core/geometry/facade-roi.js';
import type { Facade } from '../../domain/facade.js';
import type { Incident } from '../../domain/incident.js';
import { type PixelRoi, pixelRoi, type Roi } from '../../domain/roi.js';
import { createRandom } from '../../testing/random.js';
import { type CameraParts, loadCameraParts } from './camera-parts.js';
import { createCameraPipeline } from './create-camera-pipeline.js';
import { loadKernels } from './load-kernels.js';

/** How results must move when the pictures do: small pictures through the whole pipeline of a camera without a facade. */

const [WIDTH, HEIGHT, FPS] = [320, 240, 25];
const WALL_S = 1.5;

interface Fall {
  /** Where its upper left corner is let go, pixels, and when, seconds. */
  readonly x: number;
  readonly y: number;
  readonly atS: number;
}

interface Video {
  readonly falls: readonly Fall[];
  /** Every length in the picture is so many times larger. */
  readonly scale?: number;
  readonly fps?: number;
  readonly mirrored?: boolean;
  readonly backward?: boolean;
  /** Stamp of the first picture, milliseconds. */
  readonly startMs?: number;
  /** Only these columns are shown. */
  readonly roi?: PixelRoi;
  /** As a rule of the street asks for them: in colour, and whole. */
  readonly colour?: boolean;
  readonly facade?: object;
  /** A part of the picture, 0..1, in which nothing is to be found. */
  readonly mask?: readonly (readonly [number, number])[];
}

/** A wall of bricks and noise before which bright squares fall, accelerating as things do that are far away. */
function pictures({ falls, scale = 1, fps = FPS, mirrored = false, backward = false }: Video): Uint8Array[] {
  const [width, height] = [WIDTH * scale, HEIGHT * scale];
  const random = createRandom(5);
  const side = 4 * scale;
  const wall = Float32Array.from({ length: width * height }, (_, i) => {
    return 105 + 35 * Math.sin((i % width) / scale / 6) * Math.sin(Math.floor(i / width) / scale / 7);
  });
  // A prime length, so that no two pictures have the same noise at the same place.
  const noise = Float32Array.from({ length: 65_537 }, () => (random() + random() - 1) * 3);
  const made = Array.from({ length: Math.round((WALL_S + 2.6) * fps) }, (_, n) => {
    const t = n / fps;
    const picture = new Uint8Array(width * height);
    const from = Math.floor(random() * noise.length);
    for (let i = 0; i < picture.length; i++) picture[i] = Math.round((wall[i] as number) + (noise[(from + i) % noise.length] as number));
    for (const fall of falls) {
      const since = t - fall.atS;
      const top = Math.round(scale * (fall.y + 75 * since * since));
      const left = Math.round(scale * (fall.x + 6 * since));
      if (since < 0 || top + side > height) continue;
      for (let y = top; y < top + side; y++) picture.fill(230, y * width + left, y * width + left + side);
    }
    if (mirrored) for (let y = 0; y < height; y++) picture.subarray(y * width, (y + 1) * width).reverse();
    return picture;
  });
  return backward ? made.reverse() : made;
}

describe('through the whole pipeline', () => {
  let kernels: WebAssembly.Module;
  let parts: CameraParts;
  const given = { id: 'wall', source: { url: 'a.mp4' } };
  const config = cameraConfigSchema.parse(given);
  beforeAll(async () => {
    kernels = await loadKernels();
    parts = await loadCameraParts(config);
  });

  function find(video: Video): Incident[] {
    const { scale = 1, fps = FPS, startMs = 0, roi = null, mask = null, colour = false, facade = null } = video;
    const [width, height] = [roi?.width ?? WIDTH * scale, HEIGHT * scale];
    const format = colour ? 'yuv420p' : 'gray';
    let ids = 0;
    const camera = createCameraPipeline({
      camera:
        mask === null && facade === null
          ? config
          : cameraConfigSchema.parse({ ...given, facade, masks: { motion: mask === null ? [] : [mask] } }),
      parts,
      kernels,
      width,
      height,
      roi,
      format,
      openEyes: () => null,
      createId: () => `incident-${ids++}`,
      monotonic: () => 0,
    });
    const found = pictures(video).flatMap((picture, seq) => {
      const data = camera.frameBuffer();
      if (roi === null) data.set(picture);
      else for (let y = 0; y < height; y++) data.set(picture.subarray(y * WIDTH + roi.left).subarray(0, width), y * width);
      const ptsMs = startMs + (seq * 1000) / fps;
      return camera.process({ cameraId: 'wall', seq, ptsMs, capturedAtMs: ptsMs, width, height, format, data });
    });
    return [...found, ...camera.finish()].filter(({ phase }) => phase === 'end');
  }

  const one: Fall = { x: 120, y: 20, atS: WALL_S };

  function only(found: readonly Incident[]): { incident: Incident; origin: { x: number; y: number } } {
    expect(found.map(({ verdict }) => verdict)).toEqual(['confirmed']);
    const incident = found[0] as Incident;
    return { incident, origin: incident.throw?.origin.point ?? { x: Number.NaN, y: Number.NaN } };
  }

  /** Places agree to two pixels of the small picture, times to two frames. */
  function expectAt(video: Video, usual: { incident: Incident }, place: { x: number; y: number }): void {
    const found = only(find(video));
    expect(Math.abs(found.origin.x - place.x) * WIDTH).toBeLessThan(3);
    expect(Math.abs(found.origin.y - place.y) * HEIGHT).toBeLessThan(3);
    expect(Math.abs(found.incident.streamTime.start - usual.incident.streamTime.start)).toBeLessThan(0.13);
    expect(Math.abs(found.incident.streamTime.end - usual.incident.streamTime.end)).toBeLessThan(0.13);
  }

  it('what is mirrored or moved in the picture is found there', () => {
    const base = only(find({ falls: [one] }));
    const { origin } = base;
    expectAt({ falls: [one], mirrored: true }, base, { x: 1 - origin.x, y: origin.y });
    const moved = { ...one, x: one.x + 83, y: one.y + 11 };
    expectAt({ falls: [moved] }, base, { x: origin.x + 83 / WIDTH, y: origin.y + 11 / HEIGHT });
  });

  it('a larger picture and another rate show the same', () => {
    const base = only(find({ falls: [one] }));
    const { origin } = base;
    expectAt({ falls: [one], scale: 2 }, base, origin);
    expectAt({ falls: [one], fps: 15 }, base, origin);
    expectAt({ falls: [one], fps: 50 }, base, origin);
  });

  it('the columns around what falls show it where it is, and masks lie where they are drawn', () => {
    const base = only(find({ falls: [one] }));
    const roi = { left: 64, width: 160, pictureWidth: WIDTH };
    expectAt({ falls: [one], roi }, base, base.origin);
    const over = (from: number, to: number) => [[from, 0] as const, [to, 0] as const, [to, 1] as const, [from, 1] as const];
    expect(find({ falls: [one], roi, mask: over(100 / WIDTH, 160 / WIDTH) })).toEqual([]);
    expectAt({ falls: [one], roi, mask: over(160 / WIDTH, 1) }, base, base.origin);
  });

  it('whole pictures in colour show before a facade what its columns alone do', () => {
    // A metre is 15 pixels: so far away things fall as fast as these do.
    const shares = (x: number, y: number): readonly [number, number] => [x / WIDTH, y / HEIGHT];
    const corners = [shares(234, 0), shares(280, 0), shares(280, 232), shares(234, 232)];
    const facade = { corners, floors: { first: 1, last: 5, height: '3 m' }, width: '3 m' };
    const drawn = toFacade(cameraConfigSchema.parse({ ...given, facade }));
    const roi = pixelRoi(facadeRoi(drawn as Facade) as Roi, WIDTH);
    expect(roi.left).toBeGreaterThan(0);
    const falls = [{ ...one, x: 250 }];
    const found = find({ falls, facade, roi });
    expect(found.map(({ verdict }) => verdict)).toEqual(['confirmed']);
    expect(find({ falls, facade, colour: true })).toEqual(found);
  });

  it('the same pictures a day later give the same, a day later', () => {
    const dayMs = 86_400_000;
    const [now, later] = [only(find({ falls: [one] })).incident, only(find({ falls: [one], startMs: dayMs })).incident];
    expect(later.streamTime.start).toBeCloseTo(now.streamTime.start + dayMs / 1000, 6);
    expect(later.startedAtMs).toBe(now.startedAtMs + dayMs);
    expect(later.box).toEqual(now.box);
    expect(later.confidence).toBeCloseTo(now.confidence, 6);
  });

  it('two at once are two, each where it is alone', () => {
    const other: Fall = { x: 250, y: 12, atS: WALL_S + 0.7 };
    const both = find({ falls: [one, other] });
    expect(both.map(({ verdict }) => verdict)).toEqual(['confirmed', 'confirmed']);
    for (const fall of [one, other]) {
      const alone = only(find({ falls: [fall] })).origin;
      expect(both.some(({ throw: t }) => Math.hypot((t?.origin.point.x ?? 9) - alone.x, (t?.origin.point.y ?? 9) - alone.y) < 0.01)).toBe(
        true,
      );
    }
  });

  it('time that runs backward, and a wall alone, confirm nothing', () => {
    expect(find({ falls: [one], backward: true }).filter(({ verdict }) => verdict === 'confirmed')).toEqual([]);
    expect(find({ falls: [] })).toEqual([]);
  });
});
