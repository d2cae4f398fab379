import { expect, test } from 'vitest';
import { cameraConfigSchema } from '../../config/index.js';
import { FEEDBACK_CRITERION, type Lesson } from '../../domain/lesson.js';
import { CASE_STATE_SCHEMA, type CaseState, type CaseStateMessage } from '../../domain/wire/case.js';
import { AgentError } from '../../platform/errors.js';
import { openStore, type Store } from '../../store/index.js';
import { ended, makeIncident, makeTestFolder, recordingLogger } from '../../testing/delivery-fixtures.js';
import { createTestClock, type TestClock } from '../../testing/test-clock.js';
import { createLearning, type Learning } from './learning.js';

const DAY_MS = 86_400_000;
const cameras = [cameraConfigSchema.parse({ id: 'tower', source: { url: 'a.mp4' } })];

interface Bench extends AsyncDisposable {
  readonly clock: TestClock;
  readonly store: Store;
  readonly learning: Learning;
  readonly taught: string[];
  readonly log: ReturnType<typeof recordingLogger>;
  /** Ends the agent and starts it again. */
  restart(): void;
}

async function createBench(): Promise<Bench> {
  const folder = await makeTestFolder();
  const clock = createTestClock(Date.UTC(2026, 2, 2));
  const taught: string[] = [];
  const log = recordingLogger();
  const open = (): Store => openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box-01', clock, logger: log.logger });
  const learn = (): Learning => createLearning({ cameras, store, clock, logger: log.logger, onTaught: (id) => taught.push(id) });
  let store = open();
  let learning = learn();
  return {
    clock,
    taught,
    log,
    get store() {
      return store;
    },
    get learning() {
      return learning;
    },
    restart() {
      store.close();
      store = open();
      learning = learn();
    },
    async [Symbol.asyncDispose]() {
      store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const says = (event: string, state: CaseState, atMs: number): CaseStateMessage => ({
  schema: CASE_STATE_SCHEMA,
  event,
  state,
  at: new Date(atMs).toISOString(),
});
const outcomes = (lessons: readonly Lesson[]): string[] => lessons.map(({ outcome, strength }) => `${outcome} ${strength}`);

test('a false alarm is learnt once, handed to its camera, and survives a restart', async () => {
  await using bench = await createBench();
  const { clock, store, learning, taught } = bench;
  const incident = ended(makeIncident());
  store.recordIncident(incident);
  const message = says(incident.id, 'false_alarm', clock.now());
  learning.onCase(message);
  learning.onCase(message);
  expect(taught).toEqual(['tower']);
  expect(learning.teachingOf('tower')).toEqual({
    lessons: [{ incident, outcome: 'false_alarm', strength: 1, learntAtMs: clock.now() }],
    nowMs: clock.now(),
  });
  expect(learning.teachingOf('gate').lessons).toEqual([]);
  const before = learning.teachingOf('tower');
  bench.restart();
  expect(bench.learning.teachingOf('tower')).toEqual(before);
  expect(bench.learning.of('tower')).toMatchObject({ falseAlarms: 1, realOnes: 0 });
});

test('the latest word counts, however the messages come, and other states change nothing', async () => {
  await using bench = await createBench();
  const { clock, store, learning } = bench;
  const incident = ended(makeIncident());
  store.recordIncident(incident);
  const t = clock.now() - DAY_MS;
  const steps: readonly [CaseState, number, string[]][] = [
    ['accepted', t, ['real 0.5']],
    ['closed', t + 1, ['real 0.5']],
    ['false_alarm', t + 10, ['false_alarm 1']],
    ['verified', t + 5, ['false_alarm 1']],
    ['closed', t + 11, ['false_alarm 1']],
    ['verified', t + 20, ['real 1']],
  ];
  for (const [state, atMs, expected] of steps) {
    learning.onCase(says(incident.id, state, atMs));
    expect(outcomes(learning.teachingOf('tower').lessons)).toEqual(expected);
  }
  bench.restart();
  expect(outcomes(bench.learning.teachingOf('tower').lessons)).toEqual(['real 1']);
});

test('a lesson outlives its incident, and goes after five half-lives', async () => {
  await using bench = await createBench();
  const { clock, store } = bench;
  const incident = ended(makeIncident());
  store.recordIncident(incident);
  for (const message of store.outbox.messages(0, 10)) store.outbox.acknowledge([message.id]);
  // A clock that is a year ahead must not make it stay.
  bench.learning.onCase(says(incident.id, 'false_alarm', clock.now() + 365 * DAY_MS));
  expect(store.forget(clock.now() + 1)).toBe(1);
  expect(store.incident(incident.id)).toBeNull();
  await clock.advance(69 * DAY_MS);
  bench.learning.forget();
  bench.restart();
  expect(bench.learning.teachingOf('tower').lessons).toHaveLength(1);
  await clock.advance(2 * DAY_MS);
  bench.learning.forget();
  expect(bench.learning.teachingOf('tower').lessons).toEqual([]);
  bench.restart();
  expect(bench.learning.teachingOf('tower').lessons).toEqual([]);
});

test('of one camera two hundred lessons are kept, the newest', async () => {
  await using bench = await createBench();
  const { clock, store } = bench;
  const ids: string[] = [];
  for (let i = 0; i < 203; i++) {
    const incident = ended(makeIncident());
    ids.push(incident.id);
    store.recordIncident(incident);
    bench.learning.onCase(says(incident.id, 'false_alarm', clock.now() - 1000 + i));
  }
  const kept = () =>
    bench.learning
      .teachingOf('tower')
      .lessons.map(({ incident }) => incident.id)
      .sort();
  expect(kept()).toEqual(ids.slice(3).sort());
  bench.restart();
  expect(kept()).toEqual(ids.slice(3).sort());
});

test('an incident that is not known here is logged, and nothing more', async () => {
  await using bench = await createBench();
  bench.learning.onCase(says(makeIncident().id, 'false_alarm', bench.clock.now()));
  expect(bench.log.lines().map(({ event }) => event)).toContain('case-unknown');
  expect(bench.learning.of('tower')).toMatchObject({ falseAlarms: 0, realOnes: 0, downgraded: 0 });
});

test('a disk that fails costs the memory of the next start, not the lesson', async () => {
  await using bench = await createBench();
  const { clock, store, log, taught } = bench;
  const incident = ended(makeIncident());
  store.recordIncident(incident);
  const full = (): never => {
    throw new AgentError('DISK_FULL', 'no room is left');
  };
  const failing = { incident: (id: string) => store.incident(id), learnt: { ...store.learnt, keepLesson: full } };
  const learning = createLearning({ cameras, store: failing, clock, logger: log.logger, onTaught: (id) => taught.push(id) });
  learning.onCase(says(incident.id, 'false_alarm', clock.now()));
  expect(taught).toEqual(['tower']);
  expect(learning.of('tower').falseAlarms).toBe(1);
  expect(log.lines().map(({ event }) => event)).toContain('lesson-unsaved');
});

test('what is only suspected because of a false alarm is counted', async () => {
  await using bench = await createBench();
  const reason = { criterion: FEEDBACK_CRITERION, value: 1, threshold: 1.8, unit: 'times its evidence', event: makeIncident().id };
  bench.learning.onIncident(makeIncident({ verdict: 'suspected', reasons: [reason] }));
  bench.learning.onIncident(ended(makeIncident({ verdict: 'suspected', reasons: [reason] })));
  bench.learning.onIncident(ended(makeIncident({ verdict: 'confirmed', reasons: [{ ...reason, value: 2 }] })));
  expect(bench.learning.of('tower').downgraded).toBe(1);
});
