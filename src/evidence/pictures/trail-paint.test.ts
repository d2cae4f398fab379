import { describe, expect, it } from 'vitest';
import { createFallScene, squareGrey } from '../../testing/fall-scene.js';
import { patchOf } from '../drawing/picture.js';
import { createTrailCanvas } from './trail-paint.js';

const scene = createFallScene({ width: 160, height: 120, fps: 25, durationS: 3, startS: 1, sizePx: 6 });
const pictureAt = (t: number) => ({ x: 0, y: 0, width: 160, height: 120, data: scene.picture(Math.round(t * scene.fps)) });

function paintAll(order = scene.trajectory) {
  const canvas = createTrailCanvas(pictureAt(0.5));
  for (const at of order) canvas.paint(pictureAt(at.t), at);
  return canvas.picture.data;
}

describe('the trail canvas', () => {
  it('shows the whole object at every position, overlapping ones included', () => {
    const painted = paintAll();
    for (const at of scene.trajectory) {
      const left = Math.round(at.x * 160 - 3);
      const top = Math.round(at.y * 120 - 3);
      for (let y = top; y < top + 6; y++) {
        for (let x = left; x < left + 6; x++) expect(painted[3 * (y * 160 + x)]).toBe(squareGrey);
      }
    }
  });

  it('changes nothing but the surroundings of the path', () => {
    const painted = paintAll();
    const before = scene.picture(0);
    const near = (x: number, y: number) => scene.trajectory.some((at) => Math.abs(x - at.x * 160) <= 6 && Math.abs(y - at.y * 120) <= 6);
    for (let y = 0; y < 120; y++) {
      for (let x = 0; x < 160; x++) {
        if (!near(x, y)) expect(painted[3 * (y * 160 + x)]).toBe(before[3 * (y * 160 + x)]);
      }
    }
  });

  it('does not depend on the order in which positions are painted', () => {
    expect(paintAll(scene.trajectory.toReversed())).toEqual(paintAll());
  });

  it('paints from a cut-out as from the whole picture', () => {
    const at = scene.trajectory[10];
    if (at === undefined) throw new Error('the scene is too short');
    const whole = createTrailCanvas(pictureAt(0));
    whole.paint(pictureAt(at.t), at);
    const fromCut = createTrailCanvas(pictureAt(0));
    const { x1, y1, x2, y2 } = patchOf(fromCut.picture, at);
    const full = pictureAt(at.t).data;
    const data = new Uint8Array(3 * (x2 - x1) * (y2 - y1));
    for (let y = y1; y < y2; y++) data.set(full.subarray(3 * (y * 160 + x1), 3 * (y * 160 + x2)), 3 * (y - y1) * (x2 - x1));
    fromCut.paint({ x: x1, y: y1, width: x2 - x1, height: y2 - y1, data }, at);
    expect(fromCut.picture.data).toEqual(whole.picture.data);
  });

  it('tells the picture that shows the object from one that does not', () => {
    const canvas = createTrailCanvas(pictureAt(0));
    const [at] = scene.trajectory;
    if (at === undefined) throw new Error('the scene is too short');
    expect(canvas.clarity(pictureAt(at.t), at)).toBeGreaterThan(100);
    expect(canvas.clarity(pictureAt(0.2), at)).toBe(0);
  });

  it('copies the background even where it comes as a Buffer', () => {
    const background = Buffer.from(pictureAt(0).data);
    const canvas = createTrailCanvas({ width: 160, height: 120, data: background });
    background.fill(0);
    expect(canvas.picture.data).toEqual(pictureAt(0).data);
  });
});
