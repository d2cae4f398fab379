import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import type { StillThing } from '../../domain/street.js';
import { hasSharedData, sharedData } from '../../testing/shared-data.js';
import { createSceneAnalyser } from './scene-analyser.js';

/** A still thing as it was told: when first and last, and how it looked before it went. */
interface Told {
  readonly thing: StillThing;
  readonly toldS: number;
  readonly lastS: number;
  readonly goneS: number | null;
}

/** What the analyser tells of a clip. @param fps pictures a second that it gets. */
function watch(
  clip: string,
  width: number,
  height: number,
  fps = 5,
): { readonly told: Told[]; readonly moving: number; readonly unsettledS: number } {
  const args = [
    '-nostdin',
    '-v',
    'error',
    '-threads',
    '1',
    '-i',
    sharedData(clip),
    '-an',
    '-vf',
    `fps=${fps},scale=${width}:${height}:flags=area,format=yuv420p`,
  ];
  const { stdout, status } = spawnSync('ffmpeg', [...args, '-f', 'rawvideo', '-'], { maxBuffer: 1 << 29 });
  expect(status, 'ffmpeg decodes the clip').toBe(0);
  const analyser = createSceneAnalyser({ width, height, mask: [] });
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  const size = width * height + 2 * chroma;
  const told = new Map<number, Told>();
  let [moving, unsettled] = [0, 0];
  const pictures = Math.floor(stdout.length / size);
  for (let k = 0; k < pictures; k++) {
    const bytes = new Uint8Array(stdout.buffer, stdout.byteOffset + k * size, size);
    const picture = {
      width,
      height,
      luma: bytes.subarray(0, width * height),
      cb: bytes.subarray(width * height, width * height + chroma),
      cr: bytes.subarray(width * height + chroma),
    };
    const view = analyser.step(picture, (k * 1000) / fps, { keep: [] });
    moving += view.moving.length;
    if (view.scene.unsettled) unsettled++;
    for (const thing of view.still) {
      const known = told.get(thing.id);
      const ended = thing.state === 'gone';
      told.set(thing.id, {
        thing: ended && known ? known.thing : thing,
        toldS: known?.toldS ?? k / fps,
        lastS: k / fps,
        goneS: ended ? k / fps : null,
      });
    }
  }
  return { told: [...told.values()], moving: moving / Math.max(1, pictures), unsettledS: unsettled / fps };
}

function overlap(a: Box, b: Box): number {
  const area = (box: Box): number => Math.max(0, box.x2 - box.x1) * Math.max(0, box.y2 - box.y1);
  const both = area({ x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1), x2: Math.min(a.x2, b.x2), y2: Math.min(a.y2, b.y2) });
  return both / (area(a) + area(b) - both);
}

const lasting = (told: readonly Told[]): Told[] => told.filter(({ toldS, lastS }) => lastS - toldS > 4);

// A minute of pictures each: seconds as a rule, many on a busy machine.
describe.skipIf(!hasSharedData([''], 'the scene analyser on real clips'))('the scene analyser on real clips', () => {
  it('a bag that was left is one thing, from the moment it was put down, while its owner and a passer come and go', () => {
    const { told } = watch('abandoned/street_bag.avi', 640, 426);
    expect(told).toHaveLength(1);
    const [bag] = told;
    expect(bag?.thing.kind).not.toBe('removed');
    expect(bag?.thing.sincePtsMs).toBeGreaterThan(11_900);
    expect(bag?.thing.sincePtsMs).toBeLessThan(14_500);
    expect(bag?.toldS).toBeLessThan(23);
    expect(bag?.goneS).toBeNull();
    // As the bag lies in the pictures, read by eye: x 450 to 503, y 366 to 416 of 720 × 480.
    expect(overlap(bag?.thing.box ?? { x1: 0, y1: 0, x2: 0, y2: 0 }, { x1: 0.625, y1: 0.763, x2: 0.699, y2: 0.867 })).toBeGreaterThan(0.6);
  });

  it('bottles that are taken and put back are removed and added', () => {
    const { told } = watch('street/bottles_placed_removed.mp4', 640, 360);
    const moves = told.filter(({ thing }) => thing.area > 0.01).map(({ thing }) => [Math.round(thing.sincePtsMs / 1000), thing.kind]);
    const near = (atS: number, kind: string): boolean => moves.some(([s, k]) => Math.abs((s as number) - atS) <= 2 && k === kind);
    for (const [atS, kind] of [
      [7, 'removed'],
      [18, 'removed'],
      [24, 'added'],
      [29, 'added'],
      [32, 'removed'],
      [36, 'added'],
    ] as const) {
      expect(near(atS, kind), `${kind} at ${atS} s among ${JSON.stringify(moves)}`).toBe(true);
    }
    expect(moves).toHaveLength(6);
  });

  it.each([
    ['street/road_b.mp4', 640, 352, 2],
    ['street/pedestrians_a.mp4', 626, 360, 0],
    ['street/pedestrians_b.mp4', 626, 360, 0],
    ['street/cars_overhead.mp4', 640, 360, 0],
    ['negative/birds.mp4', 640, 360, 0],
    ['negative/infrared_corridor_3.mp4', 178, 100, 0],
    // "PEDESTRIAN ALARM", which the camera burns in.
    ['street/motorway_person_on_shoulder.avi', 320, 240, 2],
  ])('%s: hardly anything stands there', (clip, width, height, most) => {
    const things = lasting(watch(clip, width, height).told);
    expect(things.length, JSON.stringify(things.map(({ thing }) => [thing.kind, thing.sincePtsMs, thing.box]))).toBeLessThanOrEqual(most);
  });

  it('infrared_corridor_1.mp4: lamps go on, and light that lies otherwise is no thing', () => {
    const { told, unsettledS } = watch('negative/infrared_corridor_1.mp4', 178, 100, 3);
    expect(lasting(told)).toEqual([]);
    expect(unsettledS).toBeLessThan(8);
  });
});
