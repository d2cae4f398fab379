import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { createFallScene, fallIncident } from '../testing/fall-scene.js';
import { buildEvent } from './event.js';
import type { ThrowDetails } from './incident.js';
import { describeFall, describeImpact, kilometresAnHour } from './incident-words.js';

const fall = { dropM: 36.3, dropFloors: 12.5, durationS: 2.9, impactSpeedMps: 21.2 };

test.each<[string, ThrowDetails['fall'], string]>([
  [
    'with an interval',
    { ...fall, impactSpeedIntervalMps: [19.4, 23.1] },
    'something heavy, fell 36.3 m in 2.9 s, about 76 km/h (70 to 83) at impact',
  ],
  ['of an earlier version', fall, 'something heavy, fell 36.3 m in 2.9 s, 76 km/h at impact'],
  [
    'where the terminal speed is not known',
    { ...fall, impactSpeedIntervalMps: null },
    'something heavy, fell 36.3 m in 2.9 s, 76 km/h at impact',
  ],
  ['without a facade', { dropM: null, dropFloors: null, durationS: 1.5, impactSpeedMps: null }, 'something heavy, fell for 1.5 s'],
])('a fall %s', (_what, one, words) => {
  expect(describeFall({ massClass: 'heavy', fall: one })).toBe(words);
});

it('says the same of an incident and of its event, however its speed is rounded', () => {
  const scene = createFallScene({ width: 160, height: 120, fps: 20, durationS: 3, startS: 1, sizePx: 6 });
  const speed = fc.double({ min: 0, max: 90, noNaN: true });
  fc.assert(
    fc.property(speed, speed, speed, (low, impactSpeedMps, high) => {
      const incident = fallIncident(scene, {}, { fall: { ...fall, impactSpeedMps, impactSpeedIntervalMps: [low, high] } });
      const sent = buildEvent(incident, { site: 'estate', agent: 'box' }, 1, []).throw?.fall;
      expect([sent?.impact_speed_mps, ...(sent?.impact_speed_interval_mps ?? [])].map((one) => kilometresAnHour(one ?? 0))).toEqual(
        [impactSpeedMps, low, high].map(kilometresAnHour),
      );
    }),
  );
  expect(describeImpact({ ...fall, impactSpeedMps: 23.47 })?.speed).toBe('85 km/h');
});
