import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Incident } from '../../domain/incident.js';
import { AgentError } from '../../platform/errors.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createIncidentIntake, type FoundIncident } from './incident-intake.js';

const found = (id: string, phase: Incident['phase'] = 'end'): FoundIncident => ({
  incident: { id, phase } as unknown as Incident,
  connectionId: 'c',
});

function createBench(fails: (id: string) => Error | null) {
  const clock = createTestClock();
  const stop = new AbortController();
  const recorded: string[] = [];
  const tries: string[] = [];
  const intake = createIncidentIntake({
    plan: ({ id, phase }) => (phase === 'end' ? [{ id: `plan of ${id}`, kind: 'clip' }] : []),
    recordDropped: (incidents) => {
      const error = fails('dropped');
      if (error !== null) throw error;
      recorded.push(`dropped ${incidents.map(({ id }) => id).join(' ')}`);
    },
    record: ({ id, phase }, plans) => {
      tries.push(id);
      const error = fails(id);
      if (error !== null) throw error;
      recorded.push(`${id} ${phase} ${plans.length}`);
    },
    onRecorded: ({ incident }) => recorded.push(`told of ${incident.id}`),
    clock,
    logger: pino({ level: 'silent' }),
    signal: stop.signal,
  });
  return { clock, stop, recorded, tries, intake };
}

test('puts incidents on disk at once, with the evidence that is planned for each of their phases', () => {
  const { intake, recorded } = createBench(() => null);
  intake.take(found('a', 'new'));
  intake.take(found('a', 'end'));
  expect(recorded).toEqual(['a new 0', 'told of a', 'a end 1', 'told of a']);
  expect(intake.problem()).toBeNull();
});

test('while the disk fails incidents wait in order, and none is lost', async () => {
  let full = true;
  const { intake, recorded, clock, tries } = createBench(() => (full ? new AgentError('DISK_FULL', 'no room; make some') : null));
  for (const id of ['a', 'b', 'c']) intake.take(found(id));
  expect(tries).toEqual(['a']);
  expect(intake.waiting()).toBe(3);
  expect(intake.problem()).toBe('no room; make some');
  await clock.advance(5_000);
  expect(tries).toEqual(['a', 'a']);
  full = false;
  await clock.advance(5_000);
  expect(recorded.filter((line) => !line.startsWith('told'))).toEqual(['a end 1', 'b end 1', 'c end 1']);
  expect([intake.waiting(), intake.lost(), intake.problem()]).toEqual([0, 0, null]);
});

test('beyond a thousand the oldest is lost, and counted', () => {
  const { intake } = createBench(() => new AgentError('STORE_FAILED', 'broken'));
  for (let i = 0; i < 1_003; i++) intake.take(found(String(i)));
  expect([intake.waiting(), intake.lost()]).toEqual([1_000, 3]);
});

test('that incidents were lost is put on record as soon as something can be, once', () => {
  let full = true;
  const { intake, recorded } = createBench(() => (full ? new AgentError('DISK_FULL', 'no room') : null));
  for (let i = 0; i < 1_002; i++) intake.take(found(String(i)));
  full = false;
  intake.drain();
  intake.take(found('next'));
  expect(recorded.filter((line) => line.startsWith('dropped'))).toEqual(['dropped 0 1']);
});

test('an incident that cannot be recorded at all holds up no other', () => {
  const { intake, recorded } = createBench((id) => (id === 'bad' ? new RangeError('has ended already') : null));
  for (const id of ['a', 'bad', 'b']) intake.take(found(id));
  expect(recorded.filter((line) => !line.startsWith('told'))).toEqual(['a end 1', 'b end 1']);
  expect([intake.waiting(), intake.lost(), intake.problem()]).toEqual([0, 1, null]);
});

test('drain tries once more at the end', () => {
  let full = true;
  const { intake, recorded } = createBench(() => (full ? new AgentError('DISK_FULL', 'no room') : null));
  intake.take(found('a'));
  full = false;
  intake.drain();
  expect(recorded[0]).toBe('a end 1');
});
