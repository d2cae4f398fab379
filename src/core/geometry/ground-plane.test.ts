import { expect, it } from 'vitest';
import { createGroundPlane } from './ground-plane.js';

const ground = createGroundPlane({
  picture: [
    { x: 0.4, y: 0.4 },
    { x: 0.6, y: 0.4 },
    { x: 0.9, y: 0.9 },
    { x: 0.1, y: 0.9 },
  ],
  metres: [
    { x: 0, y: 20 },
    { x: 7, y: 20 },
    { x: 7, y: 0 },
    { x: 0, y: 0 },
  ],
});

it('takes its marks to their metres and back', () => {
  expect(ground.metresAt({ x: 0.1, y: 0.9 })).toEqual({ x: expect.closeTo(0), y: expect.closeTo(0) });
  expect(ground.metresAt({ x: 0.6, y: 0.4 })).toEqual({ x: expect.closeTo(7), y: expect.closeTo(20) });
  expect(ground.pictureAt({ x: 3.5, y: 0 })).toEqual({ x: expect.closeTo(0.5), y: expect.closeTo(0.9) });
});

it('knows that farther up in the picture is farther away, and that the sky is nowhere', () => {
  const near = ground.metresAt({ x: 0.5, y: 0.8 });
  const far = ground.metresAt({ x: 0.5, y: 0.5 });
  expect(far?.y).toBeGreaterThan(near?.y ?? Number.POSITIVE_INFINITY);
  expect(ground.metresAt({ x: 0.5, y: 0.05 })).toBeNull();
});

it('counts metres from below the camera, where no picture reaches', () => {
  const fromCamera = createGroundPlane({
    picture: [
      { x: 0.4, y: 0.3 },
      { x: 0.6, y: 0.3 },
      { x: 1, y: 0.8 },
      { x: 0, y: 0.8 },
    ],
    metres: [
      { x: -10, y: 50 },
      { x: 10, y: 50 },
      { x: 10, y: 10 },
      { x: -10, y: 10 },
    ],
  });
  expect(fromCamera.metresAt({ x: 0.5, y: 0.8 })).toEqual({ x: expect.closeTo(0), y: expect.closeTo(10) });
  expect(fromCamera.pictureAt({ x: 10, y: 50 })).toEqual({ x: expect.closeTo(0.6), y: expect.closeTo(0.3) });
  expect(fromCamera.metresAt({ x: 0.5, y: 0.1 })).toBeNull();
});
