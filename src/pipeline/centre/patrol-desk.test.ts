import { expect, it, test } from 'vitest';
import { type CameraConfig, cameraConfigSchema } from '../../config/camera-schema.js';
import type { Incident } from '../../domain/incident.js';
import { CommandRefusal } from '../../domain/wire/command.js';
import { type PatrolMessage, patrolSchema } from '../../domain/wire/patrol.js';
import { makeEvidence, makeIncident, makeTestFolder, recordingLogger } from '../../testing/delivery-fixtures.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createPatrolDesk } from './patrol-desk.js';

const noon = Date.UTC(2026, 2, 2, 12);
const MINUTE_MS = 60_000;
const lane = {
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
  ],
};

async function createBench(patrol: readonly object[], open: readonly Incident[] = []) {
  const folder = await makeTestFolder();
  const clock = createTestClock(noon);
  const log = recordingLogger();
  const picture = await makeEvidence(makeIncident(), 'snapshot', folder.of('a.jpg'), 40);
  const told: [string, PatrolMessage][] = [];
  const config = { id: 'gate', source: { url: 'rtsp://10.0.0.1/main' }, time_zone: 'UTC', zones: { lane }, patrol };
  const stop = new AbortController();
  const looked: string[] = [];
  const bench = {
    clock,
    log,
    stop,
    told,
    looked,
    camera: cameraConfigSchema.parse(config) as CameraConfig | null,
    /** The same camera with other patrols. */
    configured: (others: readonly object[]) => cameraConfigSchema.parse({ ...config, patrol: others }),
    away: false,
    /** What a picture waits for. */
    wait: Promise.resolve(),
    storeFails: false,
    /** Lets so many minutes pass, as the agent's rounds do. Rounds begun, by their minute. */
    async pass(minutes: number): Promise<readonly number[]> {
      const before = told.length;
      for (let i = 0; i < minutes; i++) {
        desk.tick();
        await desk.idle();
        await clock.advance(MINUTE_MS);
      }
      return told.slice(before).map(([, { at }]) => (Date.parse(at) - noon) / MINUTE_MS);
    },
    /** Lets so many minutes pass without waiting for rounds. */
    async rush(minutes: number): Promise<void> {
      for (let i = 0; i < minutes; i++) {
        desk.tick();
        await clock.advance(MINUTE_MS);
      }
    },
    idle: () => desk.idle(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
  const desk = createPatrolDesk({
    cameras: () => (bench.camera === null ? [] : [bench.camera]),
    store: {
      openIncidents: (camera) => {
        if (bench.storeFails) throw new TypeError('a mistake');
        return camera === 'gate' ? open : [];
      },
    },
    requests: {
      async still() {
        await bench.wait;
        if (bench.away) throw new CommandRefusal('not_held', 'nothing has been recorded');
        return picture;
      },
    },
    cases: {
      async look(event) {
        looked.push(event);
        const incident = open.find(({ id }) => id === event);
        if (incident === undefined || incident.type === 'litter') throw new CommandRefusal('unknown_event', 'it has been forgotten');
        return { incident, presence: 'gone', reason: 'its place looks as it did', picture };
      },
    },
    uplink: { publishRetained: (topic, payload) => void told.push([topic, payload as PatrolMessage]) },
    clock,
    logger: log.logger,
    signal: stop.signal,
  });
  return bench;
}

test('a round begins with the agent, and then every so often', async () => {
  await using bench = await createBench([{ every: '10 min' }]);
  expect(await bench.pass(25)).toEqual([0, 10, 20]);
  const [topic, message] = bench.told[0] as [string, PatrolMessage];
  expect(topic).toBe('patrols/gate/patrol');
  expect(patrolSchema.parse(message)).toMatchObject({ camera: 'gate', picture: { bytes: 40 }, reason: null, incidents: [], left_out: 0 });
});

test('within its hours it begins with them', async () => {
  const schedule = [{ from: '12:05', to: '12:20' }];
  await using bench = await createBench([
    { name: 'noon', every: '10 min', schedule },
    { name: 'once', every: '1 d', schedule },
  ]);
  expect(await bench.pass(40)).toEqual([5, 5, 15]);
  // The next day again, though not a day has passed since the round of 12:15.
  await bench.clock.advance((24 * 60 - 40) * MINUTE_MS);
  expect(await bench.pass(6)).toEqual([1445, 1445]);
});

test('open incidents are looked at again, those of its zones alone', async () => {
  const open = [
    makeIncident({ type: 'illegal_parking', zone: 'lane' }),
    makeIncident({ type: 'litter', zone: 'lane' }),
    makeIncident({ type: 'crowd', zone: 'yard' }),
    makeIncident({ type: 'crowd', zone: null }),
    makeIncident({ type: 'request', zone: 'lane' }),
  ];
  await using bench = await createBench([{ name: 'all' }, { name: 'some', zones: ['lane'] }], open);
  await bench.pass(1);
  const verdicts = bench.told.map(([, { incidents }]) => incidents.map(({ type, verdict }) => `${type} ${verdict}`));
  expect(verdicts).toEqual([
    ['illegal_parking gone', 'litter cannot_tell', 'crowd gone', 'crowd gone'],
    ['illegal_parking gone', 'litter cannot_tell'],
  ]);
});

test('of very many, the oldest', async () => {
  const id = (i: number) => `01JMCV0B0W00000000000000${String(i).padStart(2, '0')}`;
  const open = Array.from({ length: 25 }, (_, i) => makeIncident({ type: 'crowd', id: id(i) }));
  await using bench = await createBench([{}], open);
  await bench.pass(1);
  expect(bench.told[0]?.[1].left_out).toBe(5);
  expect(bench.told[0]?.[1].incidents.map(({ event }) => event)).toEqual(Array.from({ length: 20 }, (_, i) => id(i)));
});

test('without a picture nothing is looked at: each would wait for one as well', async () => {
  await using bench = await createBench([{}], [makeIncident({ type: 'crowd' }), makeIncident({ type: 'crowd' })]);
  bench.away = true;
  await bench.pass(1);
  expect(bench.told[0]?.[1]).toMatchObject({ picture: null, incidents: [], left_out: 2 });
  expect(bench.looked).toEqual([]);
  expect(bench.log.lines().find(({ event }) => event === 'patrol')?.['msg']).toContain('2 open incidents were not looked at');
});

test('a round that takes longer than the time between two is not begun again meanwhile', async () => {
  await using bench = await createBench([{ name: 'a', every: '1 min' }, { name: 'b' }]);
  const picture = withResolvers();
  bench.wait = picture.promise;
  await bench.rush(90);
  picture.resolve();
  await bench.idle();
  expect(bench.told.map(([topic]) => topic)).toEqual(['patrols/gate/a', 'patrols/gate/b']);
  expect(await bench.pass(1)).toEqual([90, 90]);
});

test('a round is made of the camera as it is when its turn comes, or not at all', async () => {
  const open = [makeIncident({ type: 'crowd', zone: 'lane' }), makeIncident({ type: 'crowd', zone: null })];
  await using bench = await createBench([{ name: 'a' }, { name: 'b' }, { name: 'c' }], open);
  const picture = withResolvers();
  bench.wait = picture.promise;
  await bench.rush(1);
  bench.camera = bench.configured([{ name: 'b', zones: ['lane'] }]);
  picture.resolve();
  await bench.idle();
  expect(bench.told.map(([topic, { incidents }]) => `${topic} ${incidents.length}`)).toEqual(['patrols/gate/a 2', 'patrols/gate/b 1']);
  bench.camera = null;
  await bench.rush(100);
  expect(bench.told).toHaveLength(2);
});

test('without a picture it says why; what fails does not keep the next round', async () => {
  await using bench = await createBench([{ every: '1 min' }]);
  bench.away = true;
  expect(await bench.pass(1)).toEqual([0]);
  expect(bench.told[0]?.[1]).toMatchObject({ picture: null, reason: 'nothing has been recorded' });
  bench.storeFails = true;
  expect(await bench.pass(1)).toEqual([]);
  expect(bench.log.lines().some(({ event }) => event === 'patrol-failed')).toBe(true);
  bench.storeFails = false;
  expect(await bench.pass(1)).toEqual([2]);
  bench.stop.abort();
  expect(await bench.pass(3)).toEqual([]);
});

test('a round without a picture is made again soon', async () => {
  await using bench = await createBench([{ every: '1 h' }]);
  bench.away = true;
  expect(await bench.pass(3)).toEqual([0]);
  bench.away = false;
  expect(await bench.pass(70)).toEqual([5, 65]);
});

test('a clock that is set back keeps nobody at home', async () => {
  await using bench = await createBench([{ every: '1 h' }]);
  await bench.pass(1);
  bench.clock.setWall(noon - 3_600_000 * 5);
  expect(await bench.pass(2)).toHaveLength(1);
});

it('has a name of its own', () => {
  const config = { id: 'gate', source: { url: 'rtsp://10.0.0.1/main' }, patrol: [{}, {}] };
  expect(cameraConfigSchema.safeParse(config).error?.issues[0]?.message).toContain('two patrols are called patrol');
});

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
