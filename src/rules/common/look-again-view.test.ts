import { describe, expect, it } from 'vitest';
import type { ScenePicture } from '../../domain/street.js';
import type { Presence } from '../../domain/wire/case.js';
import { type MadeScene, makeScene } from '../../testing/street-view.js';
import { judgeCamera, judgeLamp, lookAtCamera } from './look-again-view.js';

const view = (picture: ScenePicture | null, before: ScenePicture | null, scene: ScenePicture | null) => ({
  capturedAtMs: 0,
  picture,
  before,
  steady: null,
  scene,
});
const flat = (grey: number): ScenePicture => makeScene({ gain: 0, offset: grey, noise: 1 });
const blurred = (made: MadeScene): ScenePicture => {
  const picture = makeScene(made);
  const { width, luma } = picture;
  const at = (i: number): number => luma[Math.max(0, Math.min(luma.length - 1, i))] as number;
  const reach = [-3, -2, -1, 0, 1, 2, 3];
  return { ...picture, luma: luma.map((_, i) => reach.reduce((sum, d) => sum + at(i + d) + at(i + d * width), 0) / (2 * reach.length)) };
};

describe('looking again at the camera itself', () => {
  const usual = makeScene();
  it.each<[string, ScenePicture, ScenePicture, Presence]>([
    ['covered, and free again', flat(5), makeScene({ noise: 3 }), 'gone'],
    ['covered, and free again in another light', flat(5), makeScene({ gain: 0.6, offset: 10 }), 'gone'],
    ['covered still', flat(5), flat(6), 'still_there'],
    ['covered by something else', flat(5), makeScene({ seed: 44 }), 'cannot_tell'],
    ['turned, and back', makeScene({ seed: 30 }), makeScene({ noise: 3 }), 'gone'],
    ['turned still', makeScene({ seed: 30 }), makeScene({ seed: 30, noise: 3 }), 'still_there'],
    ['turned elsewhere', makeScene({ seed: 30 }), makeScene({ seed: 31 }), 'cannot_tell'],
    ['out of focus still', blurred({ noise: 1 }), blurred({ noise: 1, gain: 0.95 }), 'still_there'],
    ['in focus again', blurred({ noise: 1 }), makeScene({ noise: 3 }), 'gone'],
    ['frozen still', usual, usual, 'still_there'],
    ['live again', usual, makeScene({ noise: 3 }), 'gone'],
  ])('%s', (_, before, present, presence) => {
    expect(judgeCamera(view(present, before, usual))).toMatchObject({ presence });
  });

  it.each([
    [null, usual, usual],
    [usual, null, usual],
    [usual, usual, null],
  ])('cannot tell without one of the pictures', (picture, before, scene) => {
    expect(judgeCamera(view(picture, before, scene)).presence).toBe('cannot_tell');
    expect(lookAtCamera.place({} as never)).toBeNull();
  });
});

describe('looking again at a lamp', () => {
  const box = { x1: 0.45, y1: 0.1, x2: 0.5, y2: 0.18 };
  const night = { gain: 0.15, offset: 5 };
  const lamp = (grey: number): MadeScene => ({
    ...night,
    things: [{ box: { x1: 0.46, y1: 0.12, x2: 0.49, y2: 0.16 }, grey: grey / 0.15 }],
  });
  it.each<[string, MadeScene, Presence]>([
    ['shines', lamp(230), 'gone'],
    ['is dark', lamp(20), 'still_there'],
    ['glimmers', lamp(60), 'cannot_tell'],
    ['cannot be judged by day', {}, 'cannot_tell'],
  ])('that %s', (_, present, presence) => {
    expect(judgeLamp({ box }, view(makeScene(present), makeScene(lamp(20)), null))).toMatchObject({ presence });
  });

  it('cannot tell of what it does not see', () => {
    expect(judgeLamp({ box }, view(null, makeScene(), null)).presence).toBe('cannot_tell');
    expect(judgeLamp({ box }, view(makeScene(), null, null)).presence).toBe('cannot_tell');
    expect(judgeLamp({ box: { x1: 2, y1: 0, x2: 3, y2: 1 } }, view(makeScene(), makeScene(), null)).presence).toBe('cannot_tell');
  });
});
