import { afterEach, beforeEach, expect, test } from 'vitest';
import { configSchema, type ResolvedConfig } from '../../config/schema.js';
import type { Evidence } from '../../domain/evidence.js';
import { AgentError } from '../../platform/errors.js';
import { ruleConfigSchema, ruleTypes, workOf } from '../../rules/registry.js';
import { makeTestFolder, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { agentSnapshot, cameraSnapshot } from '../../testing/snapshot.js';
import { figureEntities } from '../../uplink/index.js';
import { type Announcer, createAnnouncer, onvifFormat } from './announcer.js';

let folder: TestFolder;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const mqttOf = (differ: object): object => ({
  url: 'mqtt://localhost',
  formats: ['parapet', 'onvif'],
  home_assistant: { enabled: true },
  ...differ,
});

function config(mqtt: object, ...cameras: readonly string[]): ResolvedConfig {
  const source = { url: 'rtsp://10.0.0.8/main' };
  return configSchema.parse({ site: 'estate', agent: 'box', mqtt: mqttOf(mqtt), cameras: cameras.map((id) => ({ id, source })) });
}

/** A broker's memory, and the outbox. */
function start(running: ResolvedConfig) {
  const retained = new Map<string, object>();
  const cleared: string[] = [];
  const queued: { topic: string; payload: string }[] = [];
  const files: string[] = [];
  let broken = false;
  const announcer: Announcer = createAnnouncer({
    config: () => running,
    version: '1.2.3',
    dataDir: folder.path,
    uplink: {
      publishRetained: (topic, payload) => void retained.set(topic, payload),
      clearRetained: (topic) => {
        cleared.push(topic);
        retained.delete(topic);
      },
      publishTransient: () => undefined,
      publishFile: (topic) => files.push(topic),
    },
    store: {
      queue: (_format, messages) => {
        if (broken) throw new AgentError('DISK_FULL', 'the disk is full');
        queued.push(...messages);
      },
      activeCounts: () => [],
    },
    onvif: onvifFormat(running),
    logger: silentLogger(),
  });
  const snapshot = (states: Readonly<Record<string, 'connecting' | 'online' | 'stalled' | 'offline' | 'tampered'>>) =>
    agentSnapshot({ cameras: Object.entries(states).map(([id, state]) => cameraSnapshot({ id, state })) });
  return {
    announcer,
    retained,
    cleared,
    queued,
    files,
    snapshot,
    announce: () => announcer.announce(running.cameras, snapshot({})),
    breakDisk: (is: boolean) => {
      broken = is;
    },
    states: () => queued.filter(({ topic }) => topic.includes('SignalLoss')).map(({ payload }) => JSON.parse(payload).Data.State as string),
  };
}

test('what a camera had that is gone is cleared: states at the broker, entities of Home Assistant, properties of ONVIF', async () => {
  await start(config({}, 'gate', 'roof')).announce();
  const { announce, cleared, queued, retained } = start(config({}, 'gate'));
  await announce();
  expect(cleared.filter((topic) => !topic.startsWith('/')).sort()).toEqual([
    'cameras/roof/snapshot',
    'cameras/roof/state',
    'cameras/roof/trail',
    'figures/roof/thrown_object',
    'incidents/roof/thrown_object/active',
    'rules/roof/thrown_object/state',
  ]);
  expect(cleared.filter((topic) => topic.startsWith('/homeassistant/'))).toHaveLength(5);
  expect(cleared.join()).not.toContain('gate');
  expect(queued).toEqual([
    { topic: '/parapet:estate:box/onvif-ej/VideoSource/SignalLoss/&roof', payload: '', retain: true },
    { topic: '/parapet:estate:box/onvif-ej/VideoSource/GlobalSceneChange/&roof', payload: '', retain: true },
  ]);
  expect([...retained.keys()].filter((topic) => topic.startsWith('/homeassistant/'))).toHaveLength(8);
});

test('what is not wanted any more is taken back wholly', async () => {
  await start(config({ onvif: { topic_prefix: 'estate' } }, 'gate')).announce();
  const { announce, cleared, queued, retained } = start(config({ formats: ['parapet'], home_assistant: { enabled: false } }, 'gate'));
  await announce();
  expect(cleared.filter((topic) => topic.startsWith('/homeassistant/'))).toHaveLength(8);
  expect(cleared).toContain('cameras/gate/trail');
  expect(queued.map(({ topic, payload }) => `${topic}=${payload}`)).toEqual([
    '/estate/onvif-ej/VideoSource/SignalLoss/&gate=',
    '/estate/onvif-ej/VideoSource/GlobalSceneChange/&gate=',
  ]);
  expect([...retained.keys()].filter((topic) => topic.startsWith('/'))).toEqual([]);
});

test('a picture that is not wanted any more is cleared, and its entity', async () => {
  await start(config({}, 'gate')).announce();
  const { announce, cleared } = start(config({ home_assistant: { enabled: true, images: false } }, 'gate'));
  await announce();
  expect(cleared.sort()).toEqual([
    '/homeassistant/image/parapet_-estate_-box_-camera_-gate_-trail/config',
    'cameras/gate/snapshot',
    'cameras/gate/trail',
  ]);
});

test.each([
  ['set is not allowed', { commands: { allow: ['ping'] } }, 0],
  ['commands must be signed', { commands: { allow: ['set'], key: '/etc/centre.pem' } }, 0],
  ['a plain set is carried out', { commands: { allow: ['set'] } }, 1],
])('rules have switches where that does something: %s', async (_, mqtt, switches) => {
  const { announce, retained } = start(config({ ...mqtt }, 'gate'));
  await announce();
  expect([...retained.keys()].filter((topic) => topic.startsWith('/homeassistant/switch/'))).toHaveLength(switches);
});

test('a camera’s signal is told as it changes, not before anything is known, and not when the agent ends', () => {
  const { announcer, snapshot, states } = start(config({}, 'gate'));
  for (const state of ['connecting', 'online', 'online', 'stalled', 'connecting', 'offline', 'online'] as const)
    announcer.cameras(snapshot({ gate: state }));
  expect(states()).toEqual(['false', 'true', 'false']);
  announcer.end();
  announcer.cameras(snapshot({ gate: 'offline' }));
  expect(states()).toHaveLength(3);
});

test('that a camera is tampered with is told both ways', () => {
  const { announcer, snapshot, queued, retained } = start(config({}, 'gate'));
  for (const state of ['online', 'tampered', 'tampered', 'online'] as const) {
    announcer.cameras(snapshot({ gate: state }));
    expect(retained.get('cameras/gate/state')).toMatchObject({ state });
  }
  const told = queued.filter(({ topic }) => topic.endsWith('/VideoSource/GlobalSceneChange/&gate'));
  expect(told.map(({ payload }) => JSON.parse(payload).Data.State)).toEqual(['false', 'true', 'false']);
});

test('a camera’s state that the disk did not take is told later', () => {
  const { announcer, snapshot, states, breakDisk } = start(config({}, 'gate'));
  breakDisk(true);
  announcer.cameras(snapshot({ gate: 'online' }));
  breakDisk(false);
  announcer.cameras(snapshot({ gate: 'online' }));
  expect(states()).toEqual(['false']);
});

test('the picture of a fall goes out where Home Assistant wants it', () => {
  const evidence = { kind: 'trail', cameraId: 'gate', path: '/x/trail.jpg' } as Evidence;
  const wanted = start(config({}, 'gate'));
  wanted.announcer.evidence(evidence);
  wanted.announcer.evidence({ ...evidence, kind: 'clip' });
  expect(wanted.files).toEqual(['cameras/gate/trail']);
  for (const home_assistant of [{ enabled: false }, { enabled: true, images: false }]) {
    const { announcer, files } = start(config({ home_assistant }, 'gate'));
    announcer.evidence(evidence);
    expect(files).toEqual([]);
  }
});

test('what rules count is told to ONVIF readers as it changes, and cleared with the rule', async () => {
  const counting = (...rules: readonly object[]): ResolvedConfig =>
    configSchema.parse({
      ...{ site: 'estate', agent: 'box', mqtt: mqttOf({ home_assistant: { enabled: false } }) },
      cameras: [
        {
          id: 'gate',
          source: { url: 'rtsp://10.0.0.8/main' },
          lines: { kerb: { from: [0, 0], to: [1, 1] } },
          rules,
        },
      ],
    });
  const of = { line: 'kerb', direction: 'left', label: 'car' };
  const totals = (value: number) => ({
    sinceMs: 0,
    figures: [{ name: 'crossings', kind: 'counter' as const, of, value, today: value, hour: 0 }],
  });
  const snapshot = (value: number) =>
    agentSnapshot({ cameras: [cameraSnapshot({ id: 'gate', counted: { line_crossing: totals(value) } })] });
  const topic = '/parapet:estate:box/onvif-ej/RuleEngine/CountAggregation/Counter/&gate/parapet/line_crossing';
  const { announcer, announce, retained } = start(counting({ type: 'line_crossing', line: 'kerb' }));
  await announce();
  announcer.figures(snapshot(3));
  expect(retained.get(`${topic}.left`)).toMatchObject({ Data: { Count: '3' } });
  expect(retained.get(`${topic}.right`)).toMatchObject({ Data: { Count: '0' } });
  retained.clear();
  announcer.figures(snapshot(3));
  expect([...retained.keys()]).toEqual([]);
  announcer.figures(snapshot(4));
  expect(retained.get(`${topic}.left`)).toMatchObject({ Data: { Count: '4' } });
  const later = start(counting({ type: 'crowd' }));
  await later.announce();
  expect(later.cleared).toEqual(expect.arrayContaining([`${topic}.left`, `${topic}.right`]));
});

test('Home Assistant has an entity for everything that a rule counts or measures', () => {
  const missing: string[] = [];
  for (const [type, { example }] of Object.entries(ruleTypes)) {
    const rule = ruleConfigSchema.parse({ type, ...example });
    for (const shape of workOf(rule).figures?.(rule) ?? []) {
      // A count that only divides a sum is in that one's.
      if (figureEntities([shape]).length === 0 && !shape.name.endsWith('_seconds_count')) missing.push(`${type}: ${shape.name}`);
    }
  }
  expect(missing).toEqual([]);
});
