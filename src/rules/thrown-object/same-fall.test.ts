import { describe, expect, it } from 'vitest';
import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import { project, type Thing, type TowerView, thrown, towerFacade } from '../../testing/candidate-scene.js';
import { isReflection, sameFall } from './same-fall.js';

const view: TowerView = { width: 1920, height: 1080, fps: 25 };
const plane = createFacadePlane(towerFacade(view), view.width, view.height);

/** Where a thing is seen, in every picture from one second to another. */
function pathOf(thing: Thing, fromS = 0, toS = 1.6, pictures = view): PathPoint[] {
  const points: PathPoint[] = [];
  for (let seq = Math.round(fromS * view.fps); seq <= toS * view.fps; seq++) {
    const place = thing(seq / view.fps);
    if (place === null) continue;
    const timeS = seq / view.fps;
    const candidate = { ...project(pictures, ...place), w: 6, h: 6, areaPx: 30, contrast: 30, peak: 50, moving: true };
    points.push({ seq, ptsMs: 1000 * timeS, timeS, candidate });
  }
  return points;
}

/** What a pane in the facade's plane shows of a thing; or one so many metres behind it. */
const imageOf =
  (thing: Thing, behindM = 0): Thing =>
  (t) => {
    const place = thing(t);
    return place === null ? null : [place[0], place[1], -2 * behindM - place[2]];
  };
const letGo = (x: number, y: number, outMps = 0.7, atS = 0, z = 0.4): Thing => thrown(atS, [x, y, z], [0, 0, outMps], 35);

describe('a reflection in the facade’s glass', () => {
  it.each([
    ['what is let go from a window', letGo(15, 50)],
    ['what is thrown out and sideways', thrown(0, [4, 42, 0.5], [2, 1, 4], 30)],
    ['something light', thrown(0, [20, 55, 0.9], [0, 0, 1], 6)],
    ['what falls right above the camera', letGo(8, 40, 1.5)],
  ])('is known beside %s', (_, thing) => {
    expect(isReflection(pathOf(imageOf(thing)), pathOf(thing), plane)).toBe(true);
  });

  it.each([-6, 0, 6])('is known when the pane stands %d cm behind the wall’s face', (cm) => {
    const thing = letGo(15, 50, 1.5);
    expect(isReflection(pathOf(imageOf(thing, cm / 100)), pathOf(thing), plane)).toBe(true);
  });

  it('is known where one of the two is seen in every other picture', () => {
    const thing = letGo(15, 50);
    const now = pathOf(thing).filter((_, i) => i % 2 === 0);
    expect(isReflection(pathOf(imageOf(thing)), now, plane)).toBe(true);
    expect(isReflection(now, pathOf(imageOf(thing)), plane)).toBe(false);
  });

  const brick = letGo(15, 50);
  const image = imageOf(brick);
  it.each([
    ['the thing, taken for the image of its image', pathOf(brick), pathOf(image)],
    ['the thing itself', pathOf(brick), pathOf(brick)],
    ['what is dropped after another from the same window', pathOf(letGo(15, 50, 0.7, 0.4), 0, 2), pathOf(brick, 0, 2)],
    ['what was dropped before it from there', pathOf(brick, 0, 2), pathOf(letGo(15, 50, 0.7, 0.4), 0, 2)],
    ['what was dropped before it right above the camera', pathOf(letGo(8, 50), 0, 2), pathOf(letGo(8, 50, 0.7, 0.4), 0, 2)],
    ['what falls at the same time three metres beside it', pathOf(letGo(12, 50)), pathOf(brick)],
    ['what falls at the same time, but from a storey above', pathOf(letGo(15, 53)), pathOf(brick)],
    ['what was seen for longer than the thing', pathOf(image), pathOf(brick, 0.28)],
    ['what is seen together with it in five pictures', pathOf(image, 0, 0.16), pathOf(brick)],
    ['one that shows a thing ten metres before the facade', pathOf(imageOf(letGo(15, 50, 0, 0, 10))), pathOf(letGo(15, 50, 0, 0, 10))],
    ['one of a thing that flies off faster than any throw', pathOf(imageOf(letGo(15, 50, 12))), pathOf(letGo(15, 50, 12))],
  ])('is not %s', (_, first, second) => {
    expect(isReflection(first, second, plane)).toBe(false);
  });

  it('may be seen a little before the thing', () => {
    expect(isReflection(pathOf(image), pathOf(brick, 0.16), plane)).toBe(true);
  });

  it('is known in a mirrored picture, too', () => {
    const mirrored: TowerView = { ...view, mirrored: true };
    const other = createFacadePlane(towerFacade(mirrored), view.width, view.height);
    expect(isReflection(pathOf(image, 0, 1.6, mirrored), pathOf(brick, 0, 1.6, mirrored), other)).toBe(true);
  });
});

describe('one fall', () => {
  const brick = pathOf(letGo(15, 50));
  it.each([
    ['is the same path', brick, true],
    ['is its view elsewhere at the same height', brick.map((p) => ({ ...p, candidate: { ...p.candidate, x: p.candidate.x + 200 } })), true],
    ['is its bounce', pathOf(letGo(15.5, 36.5, 0.7, 1.8), 1.8, 2.4), true],
    ['is not what falls at the same time from a storey above', pathOf(letGo(15, 53)), false],
    ['is not what falls from the same window two seconds later', pathOf(letGo(15, 50, 0.7, 4), 4, 5.6), false],
    ['is not what begins elsewhere right after it', pathOf(letGo(4, 36, 0.7, 1.8), 1.8, 2.4), false],
  ])('%s', (_, other, same) => {
    expect(sameFall(brick, other, view.height, false)).toBe(same);
  });
});
