import { describe, expect, it } from 'vitest';
import type { Facade } from '../../domain/facade.js';
import { trackSchema } from '../../domain/wire/track.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { buildTrack } from './track.js';

const scene = createFallScene({ width: 1280, height: 720, fps: 25, durationS: 3, startS: 1, sizePx: 8 });
const facade: Facade = {
  corners: [
    { x: 0.3, y: 0 },
    { x: 0.7, y: 0 },
    { x: 0.8, y: 1 },
    { x: 0.2, y: 1 },
  ],
  floors: { first: 1, last: 20, heightM: 2.9 },
  units: ['01', '02'],
  widthM: null,
};

describe('buildTrack', () => {
  it('keeps its schema, with each position in pixels, normalised and in UTC', () => {
    const track = trackSchema.parse(JSON.parse(buildTrack(fallIncident(scene), facade, { width: 1280, height: 720 })));
    expect(track.positions).toHaveLength(scene.trajectory.length);
    expect(track.positions[5]?.t).toBe(1.2);
    expect(track.positions[5]?.at).toBe('2026-03-01T07:41:12.680Z');
    expect(track.positions[0]?.px).toEqual([516, 76, 8, 8]);
    expect(track.facade?.floors).toEqual({ first: 1, last: 20, height_m: 2.9 });
    expect(track.conclusions.origin.floor).toBe(17);
    expect(track.reasons[0]?.criterion).toBe('drop_floors');
  });

  it('is the same text every time', () => {
    const build = () => buildTrack(fallIncident(scene), null, { width: 1280, height: 720 });
    expect(build()).toBe(build());
    expect(Object.keys(JSON.parse(build())).slice(0, 3)).toEqual(['schema', 'event', 'camera']);
  });

  it('refuses an incident that is no throw', () => {
    expect(() => buildTrack(fallIncident(scene, { throw: null }), null, { width: 1, height: 1 })).toThrow(RangeError);
  });
});
