import { describe, expect, it } from 'vitest';
import type { ScenePicture } from '../../domain/street.js';
import { createRandom } from '../../testing/random.js';
import { context, greyPicture, type Moment, play } from '../../testing/street-script.js';
import { waterOnRoadConfigSchema } from './config.js';
import { createWaterOnRoadRule } from './rule.js';

const [WIDTH, HEIGHT] = [160, 96];
const road = [
  { x: 0, y: 0.25 },
  { x: 1, y: 0.25 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];
const rule = (given: object = {}) =>
  createWaterOnRoadRule(
    waterOnRoadConfigSchema.parse({ type: 'water_on_road', zone: 'road', after: '20 s', ...given }),
    context({ zones: new Map([['road', road]]) }),
  );

/** Asphalt with a little noise, whose luma is multiplied by what `light` says of each place. */
function asphalt(s: number, light: (x: number, y: number) => number): Moment {
  const picture: ScenePicture = greyPicture(WIDTH, HEIGHT, 110);
  const noise = createRandom(Math.round(s * 5) + 1);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) picture.luma[y * WIDTH + x] = Math.min(255, (110 + 6 * noise() - 3) * light(x, y));
  }
  return { picture };
}

const within = (x: number, y: number, radius: number): boolean => Math.hypot((x - 80) / 1.6, y - 60) < radius;
/** Grows from the 20th second to the 45th. */
const radiusAt = (s: number): number => Math.max(0, Math.min(25, s - 20));

describe('water', () => {
  it('that spreads and stays is suspected, once', () => {
    const findings = play(rule(), { to: 120 }, (s) => asphalt(s, (x, y) => (within(x, y, radiusAt(s)) ? 0.65 : 1)));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect(findings[0]).toMatchObject({ verdict: 'suspected', zone: 'road' });
    expect((findings[0]?.endPtsMs ?? 0) / 1000).toBeGreaterThan(40);
    expect((findings[0]?.endPtsMs ?? 0) / 1000).toBeLessThan(65);
  });

  it('that dries is over', () => {
    const findings = play(rule(), { to: 240 }, (s) => asphalt(s, (x, y) => (s < 120 && within(x, y, radiusAt(s)) ? 0.65 : 1)));
    expect(findings.map(({ phase }) => phase)).toEqual(['new', 'end']);
    expect((findings[1]?.endPtsMs ?? 0) / 1000).toBeLessThan(150);
  });

  it.each<[string, (s: number) => Moment]>([
    ['a dark van that stands', (s) => asphalt(s, (x, y) => (s > 30 && x > 50 && x < 110 && y > 40 && y < 80 ? 0.4 : 1))],
    ['a cloud that passes', (s) => asphalt(s, (x) => (Math.abs(x - (s - 20) * 4) < 40 ? 0.6 : 1))],
    ['rain that darkens all of it', (s) => asphalt(s, () => Math.max(0.6, 1 - Math.max(0, s - 20) / 60))],
    ['a step of the exposure', (s) => asphalt(s, () => (s < 40 ? 1 : 0.7))],
    ['a cover in the road', (s) => asphalt(s, (x, y) => (Math.hypot(x - 80, y - 60) < 6 ? 0.5 : 1))],
  ])('is not: %s', (_, show) => {
    expect(play(rule(), { to: 120 }, show)).toEqual([]);
  });

  it('is seen through vehicles that pass', () => {
    const show = (s: number): Moment =>
      asphalt(s, (x, y) => (Math.abs(x - ((s * 60) % 400)) < 20 && y > 40 ? 1.5 : within(x, y, radiusAt(s)) ? 0.65 : 1));
    expect(play(rule(), { to: 120 }, show).map(({ phase }) => phase)).toEqual(['new', 'end']);
  });
});
