import { describe, expect, it } from 'vitest';
import type { ScenePicture } from '../../domain/street.js';
import { type Patch, ScenePainter } from '../../testing/scene-pictures.js';
import { createSceneAnalyser } from './scene-analyser.js';

/** Small, since drawing costs more than looking. */
const [WIDTH, HEIGHT] = [160, 90];
const painterOf = (noiseGrey: number): ScenePainter => new ScenePainter(WIDTH, HEIGHT, noiseGrey);

/** Somebody who walks through every now and then. */
const walker = (t: number): Patch[] => (t % 9 < 4 ? [{ x: Math.round(10 + (t % 9) * 30), y: 40, w: 8, h: 25, luma: 40 }] : []);

/** The same picture, coded anew: a keyframe every four seconds, from which codecs come nearer to the picture again; by a grey level where bits were short. */
function codedAnew({ width, height, luma, cb, cr }: ScenePicture, k: number): ScenePicture {
  const refined = Math.min(1, (k % 20) / 6);
  return {
    ...{ width, height, cb, cr },
    luma: luma.map((grey, i) => (((i * 7919) % 11) / 11 < refined ? grey : grey + (((i >> 3) * 31) % 3) - 1)),
  };
}

/** For how long pictures, five a second, were said to be the same: of the pictures from some second on, milliseconds. */
function sameSince(fromS: number, toS: number, pictureAt: (timeS: number, k: number) => ScenePicture): number[] {
  const analyser = createSceneAnalyser({ width: WIDTH, height: HEIGHT, mask: [] });
  const told: number[] = [];
  for (let k = 0; k < 5 * toS; k++) {
    const { frozenMs } = analyser.step(pictureAt(k / 5, k), k * 200, { keep: [] }).scene;
    if (k >= 5 * fromS) told.push(frozenMs);
  }
  return told;
}

describe('a picture that is sent again and again', () => {
  const painter = painterOf(2);
  const still = painter.paint({ patches: walker(2) });

  it.each<[string, (k: number) => ScenePicture]>([
    ['as it is', () => still],
    ['coded anew', (k) => codedAnew(still, k)],
  ])('is told, and since when: %s', (_, again) => {
    const told = sameSince(40, 60, (t, k) => (t < 40 ? painter.paint({ patches: walker(t) }) : again(k)));
    const first = told.findIndex((ms) => ms > 0);
    expect(first).toBeLessThanOrEqual(5 * 4);
    expect(first * 200 - (told[first] as number)).toBeLessThanOrEqual(1_000);
    // Once in three seconds at least, from then on.
    const later = told.slice(first);
    for (let k = 0; k + 15 <= later.length; k++) expect(later.slice(k, k + 15).some((ms) => ms > 0)).toBe(true);
  });

  it.each<[string, number, (t: number) => Patch[]]>([
    ['a street in which nobody is any more', 2, (t) => (t < 40 ? walker(t) : [])],
    ['a camera without noise, while nobody moves', 0, (t) => (t < 40 ? walker(t) : [])],
    ['one without noise in which somebody always moves', 0, walker],
  ])('is not: %s', (_, noiseGrey, patchesAt) => {
    const live = painterOf(noiseGrey);
    expect(Math.max(...sameSince(0, 70, (t) => live.paint({ patches: patchesAt(t) })))).toBe(0);
  });

  it('is not: one whose light changes, and with it the noise', () => {
    const [dark, bright] = [painterOf(3), painterOf(0.8)];
    expect(Math.max(...sameSince(0, 80, (t) => (t < 40 ? dark.paint({ patches: walker(t), gain: 0.5 }) : bright.paint({ gain: 1 }))))).toBe(
      0,
    );
  });
});
