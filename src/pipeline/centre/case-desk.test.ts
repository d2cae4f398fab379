import { expect, test } from 'vitest';
import type { Evidence } from '../../domain/evidence.js';
import type { Box } from '../../domain/geometry.js';
import { CASE_STATE_SCHEMA, type CaseState, type CaseStateMessage, inspectionSchema, type Presence } from '../../domain/wire/case.js';
import { CommandRefusal } from '../../domain/wire/command.js';
import type { Reinspection } from '../../rules/contract.js';
import { reinspection } from '../../rules/thrown-object/reinspection.js';
import { openStore, type Store } from '../../store/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, recordingLogger } from '../../testing/delivery-fixtures.js';
import { createFallScene, fallIncident } from '../../testing/fall-scene.js';
import { makeScene } from '../../testing/street-view.js';
import { createTestClock } from '../../testing/test-clock.js';
import { type CaseDesk, createCaseDesk } from './case-desk.js';

const atMs = Date.UTC(2026, 2, 2);

/** A rule that looks at one place and says what it is told to say. */
const ruleThatSays = (presence: Presence): Reinspection => ({
  place: () => ({ x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 }),
  judge: (_incident, { capturedAtMs }) => ({ presence, reason: `as seen at ${capturedAtMs}` }),
});

async function createBench(rule: Reinspection | undefined) {
  const folder = await makeTestFolder();
  const clock = createTestClock(atMs);
  const log = recordingLogger();
  const open = (): Store => openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock, logger: log.logger });
  let store = open();
  const incident = ended(makeIncident());
  store.recordIncident(incident);
  const picture = await makeEvidence(incident, 'snapshot', folder.of('a.jpg'), 40);
  const retained = new Map<string, object | null>();
  const places: (Box | null)[] = [];
  const kept = { scene: makeScene(), incident: makeScene({ seed: 2 }), steady: makeScene({ seed: 4 }), present: makeScene({ seed: 3 }) };
  let camera: 'there' | 'away' = 'there';
  const make = (): CaseDesk =>
    createCaseDesk({
      store,
      requests: {
        async look(_of, place): Promise<Evidence> {
          if (camera === 'away') throw new CommandRefusal('not_held', 'nothing has been recorded');
          places.push(place);
          return picture;
        },
      },
      references: { read: async () => kept },
      reinspectionOf: (type) => (type === 'thrown_object' ? rule : undefined),
      uplink: {
        publishRetained: (topic, payload) => void retained.set(topic, payload),
        clearRetained: (topic) => void retained.set(topic, null),
      },
      clock,
      logger: log.logger,
      signal: new AbortController().signal,
    });
  let desk = make();
  const says = (state: CaseState, ms = atMs, event = incident.id): CaseStateMessage => ({
    schema: CASE_STATE_SCHEMA,
    event,
    state,
    at: new Date(ms).toISOString(),
  });
  return {
    incident,
    kept,
    picture,
    retained,
    places,
    says,
    topic: `cases/${incident.id}/inspection`,
    desk: () => desk,
    cameraIs: (is: typeof camera) => {
      camera = is;
    },
    restart() {
      store.close();
      store = open();
      desk = make();
      desk.start();
    },
    async [Symbol.asyncDispose]() {
      await desk.idle();
      store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test.each<[Presence, string]>([
  ['still_there', 'reopened'],
  ['gone', 'verified'],
  ['cannot_tell', 'cannot_tell'],
])('a solved case of which a rule says %s is answered %s, with the picture', async (presence, verdict) => {
  await using bench = await createBench(ruleThatSays(presence));
  const { desk, says, retained, picture, topic } = bench;
  desk().onCase(says('accepted', atMs - 2));
  desk().onCase(says('dispatched', atMs - 1));
  await desk().idle();
  expect(retained.size).toBe(0);
  desk().onCase(says('solved'));
  desk().onCase(says('solved'));
  await desk().idle();
  expect(bench.places).toEqual([{ x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 }]);
  const message = inspectionSchema.parse(retained.get(topic));
  expect(message).toMatchObject({ event: bench.incident.id, verdict, reason: `as seen at ${picture.toMs}`, camera: 'tower' });
  expect(message.evidence).toMatchObject({ id: picture.id, sha256: picture.sha256 });
});

test('a rule is shown the present picture, the incident’s own and the scene before it', async () => {
  const seen: unknown[] = [];
  await using bench = await createBench({
    place: () => null,
    judge: (_, view) => {
      seen.push(view);
      return { presence: 'gone', reason: 'looked' };
    },
  });
  await bench.desk().look(bench.incident.id);
  const { scene, incident, steady, present } = bench.kept;
  expect(seen).toEqual([{ capturedAtMs: bench.picture.toMs, picture: present, before: incident, steady, scene }]);
});

test('the answer is said again after a restart, and taken back by the next word', async () => {
  await using bench = await createBench(ruleThatSays('gone'));
  const { says, retained, topic } = bench;
  bench.desk().onCase(says('solved'));
  await bench.desk().idle();
  const before = retained.get(topic);
  retained.clear();
  bench.restart();
  expect(retained.get(topic)).toEqual(before);
  bench.desk().onCase(says('closed', atMs + 1));
  expect(retained.get(topic)).toBeNull();
  retained.clear();
  bench.restart();
  expect(retained.size).toBe(0);
});

test('a case that was solved while the agent ended is looked at by the next one', async () => {
  await using bench = await createBench(ruleThatSays('gone'));
  bench.desk().onCase(bench.says('solved'));
  bench.restart();
  await bench.desk().idle();
  expect(bench.retained.get(bench.topic)).toMatchObject({ verdict: 'verified' });
});

test('what nobody can look at is not told', async () => {
  await using bench = await createBench(ruleThatSays('gone'));
  bench.cameraIs('away');
  bench.desk().onCase(bench.says('solved'));
  await bench.desk().idle();
  expect(bench.retained.get(bench.topic)).toMatchObject({
    verdict: 'cannot_tell',
    evidence: null,
    reason: expect.stringContaining('nothing has been recorded'),
  });
});

test('a type that no rule looks at again is answered with a picture of the whole scene', async () => {
  await using bench = await createBench(undefined);
  expect(await bench.desk().look(bench.incident.id)).toMatchObject({ presence: 'cannot_tell', picture: bench.picture });
  expect(bench.places).toEqual([null]);
  await expect(bench.desk().look('01KJM3QZ80T7V9C2M4N6P8R0S2')).rejects.toMatchObject({ code: 'unknown_event' });
});

test('cases of events that are not known are passed over', async () => {
  await using bench = await createBench(ruleThatSays('gone'));
  bench.desk().onCase(bench.says('solved', atMs, '01KJM3QZ80T7V9C2M4N6P8R0S2'));
  await bench.desk().idle();
  expect(bench.retained.size).toBe(0);
});

test('a throw is looked at where it landed, and nothing more is claimed', () => {
  const thrown = fallIncident(createFallScene({ width: 320, height: 240, fps: 25, durationS: 20, startS: 9, sizePx: 8 }));
  const details = thrown.throw;
  if (details === null) throw new TypeError('the scene holds a throw');
  const at = (x: number, y: number) => ({ ...thrown, throw: { ...details, landing: { point: { x, y }, extrapolated: false } } });
  const place = reinspection.place(at(0.5, 0.98));
  expect(place?.x1).toBeCloseTo(0.47);
  expect(place?.y2).toBe(1);
  expect(reinspection.place(at(0.5, 1.2))).toBeNull();
  const view = { capturedAtMs: 0, picture: null, before: null, steady: null, scene: null };
  for (const y of [0.9, 1.2]) expect(reinspection.judge(at(0.5, y), view).presence).toBe('cannot_tell');
  expect(reinspection.judge(at(0.5, 1.2), view).reason).toContain('outside the picture');
});
