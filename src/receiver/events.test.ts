import { appendFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent } from '../domain/event.js';
import type { Incident } from '../domain/incident.js';
import type { EventMessage } from '../domain/wire/event.js';
import { systemClock } from '../platform/clock.js';
import { ended, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { createPlainCaseRules } from './cases/case-rules.js';
import { createReceiverCounters, type ReceiverContext, Rejected } from './context.js';
import { type CentreDatabase, createSqliteDatabase } from './database/index.js';
import { createEventSink, type EventSink, type ReceivedEvent } from './events.js';
import { createKeyring } from './keyring.js';
import { migrations } from './schema.js';

describe('the event sink', () => {
  let folder: TestFolder;
  let database: CentreDatabase;
  let context: ReceiverContext;
  let sink: EventSink;
  let acks: string[];
  let seen: ReceivedEvent[];

  async function open(): Promise<void> {
    database = createSqliteDatabase({ path: folder.of('index.sqlite'), migrations, clock: systemClock, logger: silentLogger() });
    await database.open();
    context = {
      dataDir: folder.of('data'),
      name: 'centre',
      database,
      clock: systemClock,
      logger: silentLogger(),
      counters: createReceiverCounters(),
      keyring: createKeyring({ dataDir: folder.path, database, pinned: new Map(), now: () => systemClock.now(), logger: silentLogger() }),
      caseRules: createPlainCaseRules(),
      unordered: false,
      tell: (_site, _agent, _topic, message) => acks.push((message as { key: string }).key),
    };
    sink = createEventSink(context, (one) => seen.push(one));
  }
  beforeEach(async () => {
    folder = await makeTestFolder();
    acks = [];
    seen = [];
    await open();
    await sink.reconcile();
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const make = (seq: number, incident: Incident = makeIncident()): EventMessage =>
    buildEvent(incident, { site: 'estate', agent: 'box' }, seq, []);
  function take(event: EventMessage, differ: Partial<Record<'site' | 'agent' | 'camera' | 'type', string>> = {}): Promise<void> {
    const { site, agent, camera, type } = { ...event, ...differ };
    return sink.take({ kind: 'event', site, agent, camera, type }, Buffer.from(JSON.stringify(event)));
  }
  const journal = (): number[] =>
    readFileSync(folder.of('data', 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as EventMessage).seq);

  it('takes each number once, and acknowledges repeats again', async () => {
    const incident = makeIncident();
    const [first, second] = [make(1, incident), make(2, ended(incident))];
    for (const event of [first, first, second, first, second]) await take(event);
    expect(journal()).toEqual([1, 2]);
    expect(seen.map((one) => one.event.phase)).toEqual(['new', 'end']);
    expect(acks).toHaveLength(5);
    expect(context.counters).toMatchObject({ events: 2, duplicates: 3, gaps: 0 });
    expect(JSON.parse(readFileSync(`${seen[0]?.folder}/event.json`, 'utf8'))).toEqual(second);
  });

  it('keeps the latest phase in event.json although an earlier one comes later, and counts the gap', async () => {
    const incident = makeIncident();
    await take(make(4, makeIncident()));
    await take(make(7, ended(incident)));
    await take(make(6, incident));
    expect(JSON.parse(readFileSync(`${seen[1]?.folder}/event.json`, 'utf8'))).toMatchObject({ seq: 7, phase: 'end' });
    expect(context.counters.gaps).toBe(2);
  });

  it('keeps fields that it does not know', async () => {
    await take({ ...make(1), weather: 'fog' } as EventMessage);
    expect(JSON.parse(readFileSync(folder.of('data', 'events.jsonl'), 'utf8'))).toMatchObject({ weather: 'fog' });
  });

  it.each([
    [
      'the line was not written',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').split('\n').slice(0, 2).join('\n').concat('\n')),
    ],
    ['half the line was written', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -100))],
    ['the line was written and event.json was not', () => rmSync(`${seen[2]?.folder}`, { recursive: true })],
    ['nothing was lost', () => undefined],
  ])('has every line once after a crash in which %s', async (_name, damage) => {
    for (const seq of [1, 2, 3]) await take(make(seq));
    damage(folder.of('data', 'events.jsonl'));
    await database[Symbol.asyncDispose]();
    await open();
    await sink.reconcile();
    expect(journal()).toEqual([1, 2, 3]);
    await take(make(4));
    expect(journal()).toEqual([1, 2, 3, 4]);
    for (const { folder: place } of seen) expect(readFileSync(`${place}/event.json`, 'utf8')).toContain('parapet/event/v1');
  });

  it('goes on in a new journal when the old one was rotated away', async () => {
    await take(make(1));
    renameSync(folder.of('data', 'events.jsonl'), folder.of('data', 'events-old.jsonl'));
    await take(make(2));
    expect(journal()).toEqual([2]);
    appendFileSync(folder.of('data', 'events.jsonl'), '');
    await take(make(3));
    expect(journal()).toEqual([2, 3]);
  });

  it('writes the line later when there was no way to write it at once', async () => {
    await take(make(1));
    // A folder in the journal's place: as unwritable as a full disk.
    renameSync(folder.of('data', 'events.jsonl'), folder.of('kept'));
    mkdirSync(folder.of('data', 'events.jsonl'));
    const second = make(2);
    await expect(take(second)).rejects.toThrow(/EISDIR/);
    expect(acks).toHaveLength(1);
    rmdirSync(folder.of('data', 'events.jsonl'));
    renameSync(folder.of('kept'), folder.of('data', 'events.jsonl'));
    await take(second);
    await take(make(3));
    expect(journal()).toEqual([1, 2, 3]);
  });

  it.each<[string, EventMessage, Partial<Record<'site' | 'agent' | 'camera' | 'type', string>>]>([
    ['a site that is not the topic’s', make(1), { site: 'other' }],
    ['an agent that is not the topic’s', make(1), { agent: 'other' }],
    ['a camera that is not the topic’s', make(1), { camera: 'other' }],
    ['an id that is a path', { ...make(1), id: '../../../etc/passwd/aaaaaa' }, {}],
    ['no number', { ...make(1), seq: 0 }, {}],
    ['another schema', { ...make(1), schema: 'parapet/event/v2' as 'parapet/event/v1' }, {}],
  ])('rejects an event with %s', async (_name, event, differ) => {
    await expect(take(event, differ)).rejects.toThrow(Rejected);
    expect(acks).toEqual([]);
  });

  it('puts hostile names of site, agent and camera into folders of their own', async () => {
    const event = { ...make(1, makeIncident({ cameraId: '..' })), site: '../..', agent: 'C:\\CON', id: ulid() };
    await take(event);
    expect(seen[0]?.folder).toBe(folder.of('data', '%2E.%2F.%2E', 'C%3A%5CCON', '%2E%2E', event.id));
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0xff, 0xfe])],
    ['a megabyte and more', Buffer.alloc(1_048_577, 0x20)],
  ])('rejects %s', async (_name, payload) => {
    await expect(sink.take({ kind: 'event', site: 's', agent: 'a', camera: 'c', type: 't' }, payload)).rejects.toThrow(Rejected);
  });
});
