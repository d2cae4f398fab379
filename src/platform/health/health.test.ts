import { expect, test } from 'vitest';
import { agentSnapshot, cameraSnapshot } from '../../testing/snapshot.js';
import type { BrokerSnapshot } from './agent-snapshot.js';
import { judgeHealth } from './health.js';

const broker: BrokerSnapshot = {
  connected: false,
  sinceMs: 0,
  connects: 0,
  lastError: 'the broker does not answer',
  certificates: [],
  warning: 'this client’s certificate runs out in 3 days (2026-03-04); renew mqtt.tls.cert',
  messagesDelivered: 0,
  messagesResent: 0,
  evidenceDelivered: 0,
  evidenceFailed: 0,
  evidenceBytes: 0,
  uploadsDone: 0,
  uploadsFailed: 0,
  uploadedBytes: 0,
  refusals: 0,
  unheard: 0,
  cases: 0,
  commands: 0,
  commandsRefused: 0,
  refusedByCentre: 0,
  eventsAskedFor: 0,
  badInbound: 0,
  inboundDropped: 0,
};
const { store } = agentSnapshot();

test.each([
  ['everything works', agentSnapshot(), true],
  ['a broker that is away harms nothing', agentSnapshot({ broker }), true],
  ['a camera is stalled', agentSnapshot({ cameras: [cameraSnapshot(), cameraSnapshot({ id: 'b', state: 'stalled' })] }), false],
  ['a camera is not there yet', agentSnapshot({ cameras: [cameraSnapshot({ state: 'connecting' })] }), false],
  ['a camera is covered: a warning', agentSnapshot({ cameras: [cameraSnapshot({ state: 'tampered', reason: 'covered' })] }), true],
  ['the database fails', agentSnapshot({ store: { ...store, problem: 'no room' } }), false],
])('%s', (_name, snapshot, ok) => {
  expect(judgeHealth(snapshot).ok).toBe(ok);
});

test('warns of a camera that is tampered with', () => {
  const { cameras } = judgeHealth(
    agentSnapshot({ cameras: [cameraSnapshot({ id: 'a', state: 'tampered', reason: 'covered' }), cameraSnapshot()] }),
  );
  expect(cameras).toMatchObject({ a: { ok: true, state: 'tampered', warning: 'covered' }, gate: { ok: true, warning: null } });
});

test('says of the broker what is wrong', () => {
  expect(judgeHealth(agentSnapshot({ broker })).broker).toEqual({
    ok: false,
    state: 'disconnected',
    reason: 'the broker does not answer',
    warning: expect.stringContaining('renew mqtt.tls.cert'),
  });
  expect(judgeHealth(agentSnapshot()).broker.state).toBe('not configured');
});
