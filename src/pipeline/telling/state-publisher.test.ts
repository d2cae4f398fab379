import { expect, test } from 'vitest';
import { activeSchema, cameraStateSchema, metricsSchema } from '../../domain/wire/status.js';
import { agentSnapshot, cameraSnapshot } from '../../testing/snapshot.js';
import { createStatePublisher } from './state-publisher.js';

function publishAll() {
  const sent: { topic: string; payload: object; retained: boolean }[] = [];
  const publisher = createStatePublisher({
    publishRetained: (topic, payload) => void sent.push({ topic, payload, retained: true }),
    publishTransient: (topic, payload) => void sent.push({ topic, payload, retained: false }),
  });
  const cameras = [
    cameraSnapshot({ id: 'gate', cameraFps: 24.96, restarts: { stalled: 2, disconnected: 1 } }),
    cameraSnapshot({ id: 'roof', state: 'offline', reason: 'the camera does not answer', cameraFps: 3 }),
    cameraSnapshot({ id: 'yard', state: 'tampered', reason: 'covered', cameraFps: 12.6 }),
  ];
  const snapshot = agentSnapshot({ cameras });
  publisher.cameras(snapshot);
  publisher.active([{ cameraId: 'gate', type: 'thrown_object', active: 1 }]);
  publisher.metrics(snapshot);
  return sent;
}

test('states are retained and follow their schemas', () => {
  const sent = publishAll();
  expect(sent.map(({ topic, retained }) => `${topic} ${retained}`)).toEqual([
    'cameras/gate/state true',
    'cameras/roof/state true',
    'cameras/yard/state true',
    'incidents/gate/thrown_object/active true',
    'metrics false',
  ]);
  expect(cameraStateSchema.parse(sent[0]?.payload)).toMatchObject({ state: 'online', fps: 25, reason: null });
  expect(cameraStateSchema.parse(sent[1]?.payload)).toMatchObject({ state: 'offline', fps: 0, reason: 'the camera does not answer' });
  expect(cameraStateSchema.parse(sent[2]?.payload)).toMatchObject({ state: 'tampered', fps: 13, reason: 'covered' });
  expect(activeSchema.parse(sent[3]?.payload)).toMatchObject({ active: 1 });
  expect(metricsSchema.parse(sent[4]?.payload).cameras['gate']).toMatchObject({ camera_fps: 25, restarts: 3 });
});

test('the rate of a camera that has just come online is told as soon as it is known, once', () => {
  const sent: string[] = [];
  const publisher = createStatePublisher({
    publishRetained: (topic, payload) => void sent.push(`${topic} ${cameraStateSchema.parse(payload).fps}`),
    publishTransient: () => undefined,
  });
  const at = (cameraFps: number, state: 'online' | 'offline' = 'online') =>
    agentSnapshot({ cameras: [cameraSnapshot({ id: 'gate', cameraFps, state })] });
  publisher.cameras(at(0));
  publisher.firstRates(at(0.2));
  publisher.firstRates(at(24.8));
  publisher.firstRates(at(22));
  expect(sent).toEqual(['cameras/gate/state 0', 'cameras/gate/state 25']);
  // Of one that has gone meanwhile there is nothing to tell.
  publisher.cameras(at(0));
  publisher.cameras(at(25, 'offline'));
  publisher.firstRates(at(25));
  expect(sent.slice(2)).toEqual(['cameras/gate/state 0', 'cameras/gate/state 0']);
});
