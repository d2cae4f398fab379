import { expect, test } from 'vitest';
import { AgentError } from '../../platform/errors.js';
import { openStore, type Store } from '../../store/index.js';
import { makeTestFolder, recordingLogger } from '../../testing/delivery-fixtures.js';
import { createTestClock } from '../../testing/test-clock.js';
import { changedMemories, createRuleKeepers, memoriesOf, recallBy } from './rule-memories.js';

const rule = (name: string, memory: unknown) => {
  const recalled: unknown[] = [];
  return { recalled, config: { name }, rule: { memory: () => memory, recall: (known: unknown) => recalled.push(known) } };
};

test('what rules remember survives a restart of the agent for a month, what they have counted for a year', async () => {
  await using folder = await makeTestFolder();
  const clock = createTestClock(Date.UTC(2026, 2, 2));
  const { logger } = recordingLogger();
  const open = (): Store => openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box-01', clock, logger });
  let store = open();
  const { memories, counts } = createRuleKeepers(store.learnt, clock, logger);
  expect(memories.of('gate')).toEqual({});
  memories.keep({ gate: { parking: '{"places":[]}', lanes: '1' } });
  memories.keep({ gate: { lanes: '2' }, yard: { parking: '7' } });
  counts.keep({ gate: { lanes: '{"crossings":3}' } });
  expect(memories.of('gate')).toEqual({ parking: '{"places":[]}', lanes: '2' });
  store.close();
  store = open();
  expect(createRuleKeepers(store.learnt, clock, logger).memories.of('gate')).toEqual({ parking: '{"places":[]}', lanes: '2' });
  await clock.advance(31 * 86_400_000);
  const later = createRuleKeepers(store.learnt, clock, logger);
  expect(later.memories.of('gate')).toEqual({});
  expect(later.counts.of('gate')).toEqual({ lanes: '{"crossings":3}' });
  later.memories.keep({ yard: { parking: '8' } });
  expect(store.learnt.memories.all()).toMatchObject([{ cameraId: 'yard', rule: 'parking', json: '8' }]);
  await clock.advance(370 * 86_400_000);
  expect(createRuleKeepers(store.learnt, clock, logger).counts.of('gate')).toEqual({});
  store.close();
});

test('works from memory where the disk takes nothing, and says so', () => {
  const log = recordingLogger();
  const full = (): never => {
    throw new AgentError('DISK_FULL', 'no room');
  };
  const shelf = { all: () => [], keep: full, forget: full };
  const { memories, counts } = createRuleKeepers({ memories: shelf, counts: shelf }, createTestClock(0), log.logger);
  memories.keep({ gate: { parking: '1' } });
  counts.keep({ gate: { lanes: '1' } });
  expect([memories.of('gate'), counts.of('gate')]).toEqual([{ parking: '1' }, { lanes: '1' }]);
  expect(log.lines().map(({ event }) => event)).toEqual(['rule-memory-unsaved', 'rule-counts-unsaved']);
});

test('rules get back what those of their names remembered, and nothing that is damaged', () => {
  const [parking, lanes, forgetful] = [rule('parking', { a: 1 }), rule('lanes', [2]), { config: { name: 'idle' }, rule: {} }];
  expect(memoriesOf([parking, lanes, forgetful])).toEqual({ parking: '{"a":1}', lanes: '[2]' });
  recallBy([parking, lanes, forgetful], { parking: '{"a":1}', lanes: '{"a":', idle: '1', gone: '2' });
  expect(parking.recalled).toEqual([{ a: 1 }]);
  expect(lanes.recalled).toEqual([]);
});

test('what is too long, in bytes, is not kept, and that is said once', () => {
  const log = recordingLogger();
  const rows: unknown[] = [];
  const shelf = { all: () => [], keep: (some: readonly unknown[]) => void rows.push(...some), forget: () => undefined };
  const { memories } = createRuleKeepers({ memories: shelf, counts: shelf }, createTestClock(0), log.logger);
  const umlauts = (count: number) => ({ gate: { parking: JSON.stringify('ü'.repeat(count)), lanes: '1' } });
  memories.keep({ gate: { parking: '1' } });
  memories.keep(umlauts(300_000));
  memories.keep(umlauts(300_001));
  expect(memories.of('gate')).toEqual({ parking: '1', lanes: '1' });
  expect(rows).toHaveLength(3);
  expect(log.lines()).toMatchObject([{ event: 'rule-memory-unsaved', camera: 'gate', rule: 'parking', bytes: 600_002 }]);
  memories.keep(umlauts(200_000));
  memories.keep(umlauts(300_000));
  expect(log.lines()).toHaveLength(2);
});

test('what is the same is not told again', () => {
  expect(changedMemories({ a: '1', b: '2' }, { a: '1', b: '3', c: '4' })).toEqual({ b: '3', c: '4' });
});
