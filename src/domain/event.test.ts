import { expect, it } from 'vitest';
import { makeIncident } from '../testing/delivery-fixtures.js';
import { createFallScene, fallIncident } from '../testing/fall-scene.js';
import { buildEvent, incidentOf } from './event.js';
import type { Incident } from './incident.js';

const scene = createFallScene({ width: 320, height: 240, fps: 25, durationS: 3, startS: 1, sizePx: 6 });
const fall = fallIncident(scene);
const told: Incident = makeIncident({
  zone: 'lane',
  labels: ['car', 'kerb'],
  streamTime: { start: 3.25, end: 4.5, told: 4.75 },
  reasons: [{ criterion: 'beyond_false_alarm', value: 1.25, threshold: 1, unit: 'times', event: '01KJKEY5A00000000000000000' }],
});

it.each([
  ['with no throw', makeIncident()],
  ['with everything else', told],
  ['of a fall', fall],
  [
    'of a fall that cannot be measured',
    fallIncident(
      scene,
      {},
      {
        origin: { point: { x: 0.5, y: 0.1 }, floor: null, floorInterval: null, unit: null, heightM: null },
        fall: { dropM: null, dropFloors: null, durationS: 1.25, impactSpeedMps: null, impactSpeedIntervalMps: null },
        terminalSpeedMps: null,
      },
    ),
  ],
])('an event says all that makes its incident again: %s', (_what, incident) => {
  const from = { site: 'estate', agent: 'box' };
  const event = buildEvent(incident, from, 7, []);
  const again = incidentOf(event);
  expect(buildEvent(again, from, 7, [])).toEqual(event);
  // As far as an event has digits.
  const trajectory = incident.throw?.trajectory.map(({ t, x, y, w, h }) =>
    Object.fromEntries(Object.entries({ t, x, y, w, h }).map(([name, value]) => [name, expect.closeTo(value, 3)])),
  );
  expect(again).toEqual({
    ...incident,
    box: Object.fromEntries(Object.entries(incident.box).map(([name, value]) => [name, expect.closeTo(value, 4)])),
    streamTime: Object.fromEntries(Object.entries(incident.streamTime).map(([name, value]) => [name, expect.closeTo(value, 2)])),
    throw:
      incident.throw === null
        ? null
        : {
            ...incident.throw,
            trajectory,
            origin: {
              ...incident.throw.origin,
              point: { x: expect.closeTo(incident.throw.origin.point.x, 4), y: expect.closeTo(incident.throw.origin.point.y, 4) },
            },
            landing: {
              ...incident.throw.landing,
              point: { x: expect.closeTo(incident.throw.landing.point.x, 4), y: expect.closeTo(incident.throw.landing.point.y, 4) },
            },
          },
  });
});
