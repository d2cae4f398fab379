import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';
import type { Presence } from '../../domain/wire/case.js';
import { type MadeScene, makeScene } from '../../testing/street-view.js';
import { judgeActivity, judgeThing, lookForThing, overByNature, placeOf } from './look-again.js';

const box: Box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.62 };
const car = { box, grey: 60 };
const incident = { box };
const view = (picture: ScenePicture | null, before: ScenePicture | null, scene: ScenePicture | null) => ({
  capturedAtMs: 0,
  picture,
  before,
  steady: null,
  scene,
});

/** What the present picture is like, and what is to be said of a car that was reported. */
const presents: readonly (readonly [string, MadeScene, Presence])[] = [
  ['the car, as it was', { things: [car] }, 'still_there'],
  ['the car, with more noise', { things: [car], noise: 8 }, 'still_there'],
  ['the car in another light', { things: [car], gain: 0.7, offset: 40 }, 'still_there'],
  ['the car at dusk', { things: [car], gain: 0.5, offset: -10 }, 'still_there'],
  ['the car, the camera turned a little', { things: [car], shift: [3, 2] }, 'still_there'],
  [
    'the car, and somebody beside it',
    { things: [car, { box: { x1: 0.7, y1: 0.3, x2: 0.76, y2: 0.6 }, grey: 30, seed: 3 }] },
    'still_there',
  ],
  ['the empty place', {}, 'gone'],
  ['the empty place in another light', { gain: 0.7, offset: 40 }, 'gone'],
  ['the empty place, the camera turned a little', { shift: [-3, 1] }, 'gone'],
  ['the empty place, and somebody beside it', { things: [{ box: { x1: 0.25, y1: 0.3, x2: 0.31, y2: 0.6 }, grey: 30, seed: 3 }] }, 'gone'],
  ['another car in its place', { things: [{ box, grey: 190, seed: 21 }] }, 'cannot_tell'],
  [
    'a lorry in front of all of it',
    { things: [car, { box: { x1: 0.1, y1: 0.1, x2: 0.95, y2: 0.95 }, grey: 140, seed: 5 }] },
    'cannot_tell',
  ],
  ['night without light', { things: [car], gain: 0.02, offset: 4 }, 'cannot_tell'],
  ['fog', { things: [car], gain: 0.03, offset: 180 }, 'cannot_tell'],
  ['another view: the camera was turned away', { seed: 50 }, 'cannot_tell'],
];

describe('looking again at a thing', () => {
  const before = makeScene({ things: [car] });
  it.each(presents)('by what the scene was before: %s', (_, present, presence) => {
    const answer = judgeThing(incident, view(makeScene(present), before, makeScene()), 'the vehicle');
    expect(answer).toMatchObject({ presence });
    expect(answer.reason).not.toContain('\n');
  });

  it.each(presents)('by the incident’s own picture alone: %s', (_, present, presence) => {
    const answer = judgeThing(incident, view(makeScene(present), before, null), 'the vehicle');
    // That something else stands there cannot be told from the empty place then.
    expect(answer.presence).toBeOneOf(presence === 'cannot_tell' ? ['cannot_tell', 'gone'] : [presence, 'cannot_tell']);
  });

  it('is not misled by who stood before it when it was told of', () => {
    const passer = { box: { x1: 0.42, y1: 0.35, x2: 0.55, y2: 0.66 }, grey: 200, seed: 9 };
    const told = makeScene({ things: [car, passer] });
    const seen = (present: MadeScene) =>
      judgeThing(incident, { ...view(makeScene(present), told, makeScene()), steady: makeScene({ things: [car] }) }, 'the vehicle')
        .presence;
    expect([seen({ things: [car] }), seen({})]).toEqual(['still_there', 'gone']);
  });

  it('sees a small plain bag go', () => {
    const bag = { box: { x1: 0.5, y1: 0.5, x2: 0.53, y2: 0.56 }, grey: 20, seed: 2 };
    const shown = makeScene({ things: [bag] });
    const at = { box: { x1: 0.49, y1: 0.49, x2: 0.54, y2: 0.57 } };
    expect(judgeThing(at, view(makeScene({ things: [bag], gain: 0.8 }), shown, makeScene()), 'the thing').presence).toBe('still_there');
    expect(judgeThing(at, view(makeScene({ gain: 0.8 }), shown, makeScene()), 'the thing').presence).toBe('gone');
  });

  it('sees that a thing that was taken is back', () => {
    const cover = { box: { x1: 0.5, y1: 0.5, x2: 0.57, y2: 0.58 }, grey: 40, seed: 2 };
    const taken = makeScene();
    expect(judgeThing({ box: cover.box }, view(makeScene(), taken, makeScene({ things: [cover] })), 'the gap').presence).toBe(
      'still_there',
    );
    expect(
      judgeThing({ box: cover.box }, view(makeScene({ things: [cover] }), taken, makeScene({ things: [cover] })), 'the gap').presence,
    ).toBe('gone');
  });

  it.each<[string, ScenePicture | null, ScenePicture | null, Box, string]>([
    ['without a present picture', null, before, box, 'no present picture'],
    ['without its own picture', before, null, box, 'not kept'],
    ['of a place without size', before, before, { x1: 0.5, y1: 0.5, x2: 0.5, y2: 0.6 }, 'too small'],
    ['of a place that is no number', before, before, { x1: Number.NaN, y1: 0.5, x2: 0.5, y2: 0.6 }, 'too small'],
    ['of a scene without any feature', blank(120), blank(120), box, 'nothing around'],
  ])('cannot tell %s', (_, picture, own, place, why) => {
    expect(judgeThing({ box: place }, view(picture, own, null), 'the vehicle')).toMatchObject({
      presence: 'cannot_tell',
      reason: expect.stringContaining(why),
    });
  });

  it('says so when a privacy mask hides the place', () => {
    const masked = (picture: ScenePicture): ScenePicture => {
      const luma = Uint8Array.from(picture.luma, (grey, i) => {
        const [x, y] = [(i % picture.width) / picture.width, Math.floor(i / picture.width) / picture.height];
        return x >= box.x1 && x < box.x2 && y >= box.y1 && y < box.y2 ? 0 : grey;
      });
      return { ...picture, luma };
    };
    expect(judgeThing(incident, view(masked(before), masked(before), null), 'the vehicle').reason).toContain('privacy masks');
  });

  it('compares pictures of different sizes', () => {
    const small = half(makeScene({ things: [car] }));
    expect(judgeThing(incident, view(small, before, makeScene()), 'the vehicle').presence).toBe('still_there');
    expect(judgeThing(incident, view(half(makeScene()), before, makeScene()), 'the vehicle').presence).toBe('gone');
  });
});

describe('looking again at what goes on', () => {
  const place = { box: { x1: 0.3, y1: 0.3, x2: 0.7, y2: 0.8 } };
  const people = (seed: number, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const x = 0.31 + ((i * 37 + seed * 13) % 36) / 100;
      const y = 0.32 + ((i * 23 + seed * 7) % 30) / 100;
      return { box: { x1: x, y1: y, x2: x + 0.04, y2: y + 0.15 }, grey: i % 2 === 0 ? 30 : 200, seed: i + seed };
    });
  const crowd = makeScene({ things: people(1, 14) });
  it.each<[string, MadeScene, Presence]>([
    ['as many others', { things: people(5, 14) }, 'still_there'],
    ['nobody', {}, 'gone'],
    ['nobody, in another light', { gain: 0.8, offset: 20 }, 'gone'],
    ['a few', { things: people(3, 4) }, 'cannot_tell'],
    ['the night', { gain: 0.02, offset: 4 }, 'cannot_tell'],
  ])('%s', (_, present, presence) => {
    expect(judgeActivity(place, view(makeScene(present), crowd, makeScene()), 'the crowd')).toMatchObject({ presence });
  });

  it('cannot tell without the scene before it', () => {
    expect(judgeActivity(place, view(crowd, crowd, null), 'the crowd').presence).toBe('cannot_tell');
  });
});

it('looks at the incident’s box, a little larger, inside the picture', () => {
  expect(placeOf({ box: { x1: 0, y1: 0.5, x2: 0.2, y2: 1 } })).toEqual({ x1: 0, y1: 0.49, x2: 0.21000000000000002, y2: 1 });
  expect(placeOf({ box: { x1: 1.5, y1: 0, x2: 1.6, y2: 1 } })).toBeNull();
  expect(lookForThing('the vehicle').place).toBe(placeOf);
});

it('says of what is over that it is over', () => {
  expect(overByNature('a crossing').judge({} as never, view(null, null, null))).toMatchObject({
    presence: 'gone',
    reason: expect.stringContaining('a crossing is over'),
  });
});

function blank(grey: number): ScenePicture {
  const made = makeScene();
  return { ...made, luma: made.luma.map(() => grey) };
}

function half({ width, height, luma, cb, cr }: ScenePicture): ScenePicture {
  const [w, h] = [width / 2, height / 2];
  return {
    width: w,
    height: h,
    luma: Uint8Array.from({ length: w * h }, (_, i) => luma[2 * Math.floor(i / w) * width + 2 * (i % w)] as number),
    cb,
    cr,
  };
}
