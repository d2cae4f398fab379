import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../../src/testing/shared-data.js';
import { createRandom } from '../scenes/random.mjs';
import { isOf, planFalls } from './real-backdrops.mjs';

const clip = { width: 640, height: 360, seconds: 40 };

describe('falls drawn into real clips', () => {
  test('follow one another within the picture, at gravity, the same for the same seed', () => {
    const falls = planFalls(createRandom('a'), clip);
    expect(falls.length).toBeGreaterThan(4);
    falls.forEach(({ atS, endS, diameterPx, at }, i) => {
      expect(atS).toBeGreaterThanOrEqual((falls[i - 1]?.endS ?? 0) + 2.5);
      expect(at(0).y).toBeGreaterThan(0);
      expect(at(endS - atS).y).toBeLessThan(clip.height);
      expect(at(endS - atS).y - at(0).y).toBeGreaterThan(0.44 * clip.height);
      expect(diameterPx).toBeGreaterThanOrEqual(4.2);
      // From rest: four times as far in twice the time, but for the air.
      const ratio = (at(0.4).y - at(0).y) / (at(0.2).y - at(0).y);
      expect(ratio).toBeGreaterThan(3.9);
      expect(ratio).toBeLessThan(4.01);
    });
    expect(planFalls(createRandom('a'), clip).map(({ atS }) => atS)).toEqual(falls.map(({ atS }) => atS));
  });

  test('are found by what is told at their time and place alone', () => {
    const [fall] = planFalls(createRandom('a'), clip);
    const middle = fall.at((fall.endS - fall.atS) / 2).x / clip.width;
    const event = (start, end, x) => ({ stream_time: { start, end }, box: [x - 0.01, 0.2, x + 0.01, 0.8] });
    expect(isOf(event(fall.atS, fall.endS, middle), fall, clip.width)).toBe(true);
    expect(isOf(event(fall.atS, fall.endS, middle + 0.3), fall, clip.width)).toBe(false);
    expect(isOf(event(fall.endS - 0.2, fall.endS + 1, middle), fall, clip.width)).toBe(false);
  });
});

const script = fileURLToPath(new URL('real-backdrops.mjs', import.meta.url));
const draw = (...args) => spawnSync(process.execPath, [script, '--data', sharedData(), ...args], { encoding: 'utf8' });

describe.skipIf(!hasSharedData(['negative', 'abandoned'], 'falls drawn into real clips'))('the engine before real clips', () => {
  test('confirms what falls past a street, and nothing else', () => {
    const { status, stdout } = draw('--clip', 'street_bag');
    expect(stdout).toContain('7 of 7 falls confirmed, 0 suspected; 0 confirmed that were not drawn');
    expect(status).toBe(0);
  });

  test('is not said to be measured where no clip was chosen', () => {
    const { status, stderr } = draw('--clip', 'no_such_clip');
    expect(stderr).toContain('no_such_clip');
    expect(status).toBe(1);
  });
});
