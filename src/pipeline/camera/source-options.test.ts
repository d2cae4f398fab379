import { expect, test } from 'vitest';
import { type CameraConfig, cameraConfigSchema } from '../../config/index.js';
import { silentLogger } from '../../testing/delivery-fixtures.js';
import { sameStream, sourceOptions } from './source-options.js';

const corners = [
  [0.39, 0],
  [0.61, 0],
  [0.61, 1],
  [0.39, 1],
] as const;

function camera(more: object = {}): CameraConfig {
  const facade = { corners, floors: { first: 1, last: 20, height: '3 m' }, width: '24 m' };
  return cameraConfigSchema.parse({ id: 'tower', source: { url: 'rtsp://10.0.0.8/main' }, facade, ...more });
}

const viewOf = (config: CameraConfig) => {
  const { pixelFormat, roi } = sourceOptions(config, silentLogger());
  return { pixelFormat, roi };
};

test('of a camera that looks for throws alone, what lies around the facade is asked for, in grey', () => {
  expect(viewOf(camera())).toEqual({ pixelFormat: 'gray', roi: { from: 0.328125, to: 0.671875 } });
  expect(viewOf(camera({ facade: null }))).toEqual({ pixelFormat: 'gray', roi: null });
});

test('a rule of the street needs all of the picture', () => {
  const rules = [{ type: 'thrown_object' }, { type: 'camera_tamper' }];
  expect(viewOf(camera({ rules }))).toEqual({ pixelFormat: 'yuv420p', roi: null });
});

test('a facade that is drawn a little better goes on with the same stream, another one does not', () => {
  const drawn = (left: number): CameraConfig => {
    const [, ...others] = corners;
    return camera({ facade: { corners: [[left, 0], ...others], floors: { first: 1, last: 20, height: '3 m' }, width: '24 m' } });
  };
  expect(sameStream(camera(), drawn(0.391))).toBe(true);
  expect(sameStream(camera(), drawn(0.2))).toBe(false);
});
