import { describe, expect, it } from 'vitest';
import { type CameraConfig, cameraConfigSchema } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import { recordingLogger } from '../../testing/delivery-fixtures.js';
import { createTestClock } from '../../testing/test-clock.js';
import type { StreamMoment } from '../camera/camera-channel.js';
import { createIdFactory } from '../incidents/incident-ids.js';
import type { FoundIncident } from '../incidents/incident-intake.js';
import type { RuleMemories } from '../learning/rule-memories.js';
import { createSensorDesk, MAX_READING_BYTES } from './sensor-desk.js';

const atMs = Date.UTC(2026, 2, 2, 7);

const camera = (id: string, rules: readonly object[]): CameraConfig =>
  cameraConfigSchema.parse({
    ...{
      id,
      source: { url: 'rtsp://10.0.0.1/main' },
      zones: {
        yard: {
          polygon: [
            [0.1, 0.1],
            [0.5, 0.1],
            [0.5, 0.6],
          ],
        },
      },
    },
    rules: rules.map((rule) => ({
      type: 'sensor_trigger',
      sensor: 'gate',
      kind: 'gate',
      when: { equals: 'open' },
      cool_down: '0 s',
      ...rule,
    })),
  });

/** What outlives an agent: its database. */
function createDisk() {
  const memories = new Map<string, RuleMemories>();
  const incidents = new Map<string, Incident>();
  return {
    memories: {
      of: (cameraId: string) => memories.get(cameraId) ?? {},
      keep: (changed: Readonly<Record<string, RuleMemories>>) => {
        for (const [cameraId, kept] of Object.entries(changed)) memories.set(cameraId, { ...memories.get(cameraId), ...kept });
      },
    },
    record: (incident: Incident) => void incidents.set(incident.id, incident),
    openOf: (cameraId: string) => [...incidents.values()].filter((one) => one.cameraId === cameraId && one.phase !== 'end'),
  };
}

function createBench(cameras: readonly CameraConfig[], disk = createDisk(), startMs = atMs) {
  const clock = createTestClock(startMs);
  const found: FoundIncident[] = [];
  const log = recordingLogger();
  const createId = createIdFactory('sensors');
  let moment: StreamMoment | null = { connectionId: 'first', ptsMs: 60_000 };
  const desk = createSensorDesk({
    cameras,
    momentOf: () => moment,
    openOf: disk.openOf,
    memories: disk.memories,
    onIncident: (one) => {
      found.push(one);
      disk.record(one.incident);
    },
    createId,
    clock,
    logger: log.logger,
  });
  return {
    ...{ clock, found, desk, log },
    say: (name: string, text: string) => desk.hear(name, Buffer.from(text)),
    told: () => found.map(({ incident: { cameraId, rule, phase } }) => `${cameraId}/${rule} ${phase}`),
    momentIs: (next: StreamMoment | null) => {
      moment = next;
    },
  };
}

it('tells every rule that listens, in the time of its camera’s stream', async () => {
  const { desk, say, found, told, clock, momentIs } = createBench([camera('a', [{ zone: 'yard' }]), camera('b', [{ name: 'other' }])]);
  expect(say('gate', 'OPEN')).toBe('taken');
  expect(told()).toEqual(['a/sensor_trigger new', 'b/other new']);
  // A new connection has another clock: the incident keeps that of its beginning.
  momentIs({ connectionId: 'second', ptsMs: 0 });
  await clock.advance(4_000);
  expect(say('gate', 'shut')).toBe('taken');
  const [begun, , ended] = found as [FoundIncident, FoundIncident, FoundIncident];
  expect(begun).toMatchObject({
    connectionId: 'first',
    incident: {
      startedAtMs: atMs,
      endedAtMs: null,
      streamTime: { start: 60, end: 60, told: 60 },
      box: { x1: 0.1, y1: 0.1, x2: 0.5, y2: 0.6 },
    },
  });
  expect(ended).toMatchObject({
    connectionId: 'first',
    incident: { id: begun.incident.id, phase: 'end', endedAtMs: atMs + 4_000, streamTime: { start: 60, end: 64 } },
  });
  desk.finish();
  expect(told()).toHaveLength(4);
});

it('tells without any picture too', () => {
  const { say, found, momentIs } = createBench([camera('a', [{}])]);
  momentIs(null);
  say('gate', '"open"');
  expect(found).toMatchObject([{ connectionId: null, incident: { startedAtMs: atMs, streamTime: { start: 0, end: 0 } } }]);
});

it('goes on with what is as it was, and ends what is gone', async () => {
  const cameras = [camera('a', [{}, { name: 'second', sensor: 'door', topic: 'house/door' }])];
  const { desk, say, told, clock } = createBench(cameras);
  say('gate', 'open');
  desk.hearTopic('house/door', Buffer.from('open'));
  expect(desk.topics()).toEqual(['house/door']);
  desk.configure([camera('a', [{}]), camera('c', [{ sensor: 'door', after: '5 s' }])]);
  expect(told()).toEqual(['a/sensor_trigger new', 'a/second new', 'a/second end']);
  expect(desk.topics()).toEqual([]);
  say('door', 'open');
  desk.tick();
  await clock.advance(5_000);
  desk.tick();
  expect(told().slice(3)).toEqual(['c/sensor_trigger new']);
  desk.configure([]);
  expect(told().slice(4)).toEqual(['a/sensor_trigger end', 'c/sensor_trigger end']);
  desk.tick();
  expect(say('gate', 'open')).toBe('unknown');
});

it('hears nothing new in what a broker has kept and says again', async () => {
  const { desk, say, told, clock } = createBench([camera('a', [{ topic: 'house/gate', end_after: '10 s' }])]);
  const kept = (text: string) => desk.hearTopic('house/gate', Buffer.from(text), true);
  expect(kept('open')).toBe('taken');
  await clock.advance(10_000);
  desk.tick();
  expect(told()).toEqual(['a/sensor_trigger new', 'a/sensor_trigger end']);
  for (let i = 0; i < 100; i++) expect(kept('open')).toBe('taken');
  expect(told()).toHaveLength(2);
  // Said, and not repeated.
  say('gate', 'open');
  expect(told()).toHaveLength(3);
  // It changed while the link was away.
  kept('shut');
  expect(told()).toHaveLength(4);
  // Changed settings go on with what is open, and have heard nothing themselves.
  kept('open');
  desk.configure([camera('a', [{ topic: 'house/gate', end_after: '20 s' }])]);
  kept('open');
  expect(told().slice(4)).toEqual(['a/sensor_trigger new']);
  desk.configure([camera('a', [{ topic: 'house/gate', when: { equals: 'shut' } }])]);
  kept('open');
  expect(told().slice(5)).toEqual(['a/sensor_trigger end']);
  // Another device has another alarm.
  kept('shut');
  desk.configure([camera('a', [{ sensor: 'door', when: { equals: 'shut' } }])]);
  expect(told().slice(6)).toEqual(['a/sensor_trigger new', 'a/sensor_trigger end']);
});

describe('a restart of the agent', () => {
  const cameras = [camera('a', [{ topic: 'house/gate', end_after: '10 s' }])];
  const kept = ({ desk }: ReturnType<typeof createBench>, text: string) => desk.hearTopic('house/gate', Buffer.from(text), true);

  async function untilOpen() {
    const disk = createDisk();
    const before = createBench(cameras, disk);
    kept(before, 'open');
    before.desk.finish();
    expect(before.told()).toEqual(['a/sensor_trigger new']);
    const after = createBench(cameras, disk, atMs + 3_600_000);
    after.desk.tick();
    return { disk, begun: before.found[0] as FoundIncident, after };
  }

  it('goes on with an alarm that still stands, as one incident', async () => {
    const { begun, after } = await untilOpen();
    kept(after, 'open');
    expect(after.told()).toEqual([]);
    await after.clock.advance(4_000);
    kept(after, 'shut');
    expect(after.found).toMatchObject([
      { incident: { id: begun.incident.id, phase: 'end', startedAtMs: atMs, endedAtMs: atMs + 3_604_000, labels: ['gate', 'open'] } },
    ]);
  });

  it('ends one whose sensor says nothing more, as it was last heard, once it could have spoken', async () => {
    const { begun, after } = await untilOpen();
    await after.clock.advance(9_999);
    after.desk.tick();
    expect(after.told()).toEqual([]);
    await after.clock.advance(1);
    after.desk.tick();
    expect(after.found).toMatchObject([
      { incident: { id: begun.incident.id, phase: 'end', endedAtMs: atMs, reasons: begun.incident.reasons } },
    ]);
  });

  it('ends one whose rule is switched off when it is read again', async () => {
    const { after } = await untilOpen();
    after.desk.configure([camera('a', [{ topic: 'house/gate', enabled: false }])]);
    expect(after.told()).toEqual(['a/sensor_trigger end']);
  });

  it('begins nothing anew by an alarm that had fallen silent, until the sensor has said something else', async () => {
    const disk = createDisk();
    const before = createBench(cameras, disk);
    kept(before, 'open');
    await before.clock.advance(10_000);
    before.desk.tick();
    expect(before.told()).toEqual(['a/sensor_trigger new', 'a/sensor_trigger end']);
    const after = createBench(cameras, disk);
    kept(after, 'open');
    expect(after.told()).toEqual([]);
    after.say('gate', 'shut');
    const later = createBench(cameras, disk);
    kept(later, 'open');
    expect(later.told()).toEqual(['a/sensor_trigger new']);
  });
});

it('lets a sensor that chatters silence itself alone', () => {
  const { say, told } = createBench([camera('a', [{}, { name: 'panel', sensor: 'panel' }])]);
  for (let i = 0; i < 5_000; i++) say('gate', i % 2 === 0 ? 'shut' : '{"value":');
  expect(say('gate', 'open')).toBe('too_often');
  expect(say('panel', 'open')).toBe('taken');
  expect(told()).toEqual(['a/panel new']);
});

it('goes by the time zone that its camera has now, and on with what is open where its lines change', () => {
  const hours = { schedule: [{ from: '08:00', to: '20:00' }] };
  const [there] = [camera('a', [hours])];
  const { desk, say, told } = createBench([{ ...there, time_zone: 'UTC' }]);
  // 07:00 in London, 08:00 in Berlin.
  say('gate', 'open');
  expect(told()).toEqual([]);
  desk.configure([{ ...there, time_zone: 'Europe/Berlin' }]);
  say('gate', 'open');
  expect(told()).toEqual(['a/sensor_trigger new']);
  desk.configure([{ ...there, time_zone: 'Europe/Berlin', lines: { kerb: { from: [0, 0], to: [1, 1] } } } as CameraConfig]);
  expect(told()).toEqual(['a/sensor_trigger new']);
  say('gate', 'shut');
  expect(told()).toEqual(['a/sensor_trigger new', 'a/sensor_trigger end']);
});

it('drops what is of no use, and says so once', async () => {
  const { desk, say, told, log, clock } = createBench([camera('a', [{}]), camera('b', [{ enabled: false, sensor: 'off' }])]);
  expect([
    say('nobody', 'open'),
    say('off', 'open'),
    desk.hearTopic('any', Buffer.from('open')),
    say('gate', 'x'.repeat(MAX_READING_BYTES + 1)),
    say('gate', '{"value":'),
    say('gate', '[1]'),
    say('gate', ''),
    desk.hear('gate', Buffer.from([0xff, 0xfe])),
    say('gate', '['.repeat(200)),
  ]).toEqual(['unknown', 'unknown', 'unknown', 'too_large', 'unreadable', 'unreadable', 'unreadable', 'unreadable', 'unreadable']);
  const outcomes = Array.from({ length: 30 }, () => say('gate', 'shut'));
  // What was not understood has counted too.
  expect(outcomes.filter((outcome) => outcome === 'too_often')).toHaveLength(15);
  await clock.advance(500);
  expect(say('gate', 'open')).toBe('taken');
  expect(told()).toEqual(['a/sensor_trigger new']);
  expect(log.lines().filter(({ event }) => event === 'sensor-unused').length).toBeLessThan(3);
});
