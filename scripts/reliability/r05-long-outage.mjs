import { closeSync, existsSync, fstatSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { ended, makeIncident } from '../../dist/testing/delivery-fixtures.js';
import { startMosquitto } from '../../dist/testing/mosquitto.js';
import { judgeDelivery } from './judge.mjs';
import { createOwnAgent } from './own-agent.mjs';
import { startReceiver } from './programs.mjs';
import { delay, spread, until } from './rig.mjs';
import { createSimulatedClock } from './simulated-clock.mjs';

/** Ten times what docs/evidence.md reckons with: 20 incidents a day. */
const INCIDENTS_A_DAY = 200;
const CLIP_BYTES = 40_000;
/** An hour of the outage in so many milliseconds. */
const HOUR_MS = 500;
const cameras = ['tower', 'gate', 'lane'];
const LIVE_EVERY_MS = 200;
/**
 * What a live event may take to reach the centre's disk while files are drained, 95 of 100, milliseconds: what is under way before it is two
 * chunks, and the syncs of the files that they complete. Behind waiting events it takes as long as these do, since order is kept.
 */
const LIVE_LIMIT_MS = 5_000;

export const longOutage = {
  id: 'R5',
  title: 'an outage of 72 h (simulated clock) at ten times the rate, then the drain; its runs are hours',
  pass: 'order and count exact, live events not starved',
  runs: { full: 72, short: 4 },
  async run({ runs: hours, work, facts }) {
    mkdirSync(work, { recursive: true });
    const folder = mkdtempSync(join(work, 'outage-'));
    const broker = await startMosquitto({ config: ['allow_anonymous true', 'max_queued_messages 0'] });
    const clock = createSimulatedClock(Date.UTC(2026, 2, 1));
    const [agentFolder, received] = [join(folder, 'agent'), join(folder, 'received')];
    mkdirSync(agentFolder);
    // The broker knows its receiver before it goes.
    let receiver = startReceiver(broker.url, received);
    await until('the receiver runs', () => receiver.has('ready'));
    const agent = await createOwnAgent({ folder: agentFolder, url: broker.url, clock });
    try {
      await until('it is connected', () => agent.uplink.state().connected);
      await broker.stop();
      await until('the outage is noticed', () => !agent.uplink.state().connected);
      const incidents = Math.round((hours * INCIDENTS_A_DAY) / 24);
      clock.setSpeed(3_600_000 / HOUR_MS);
      const startMs = clock.monotonic();
      for (let i = 0; i < incidents; i++) {
        await clock.delay(Math.max(0, startMs + (i * hours * 3_600_000) / incidents - clock.monotonic()));
        const incident = makeIncident({ cameraId: cameras[i % cameras.length], startedAtMs: clock.now() });
        agent.event(incident);
        const id = ulid();
        agent.event(ended(incident), [{ id, kind: 'clip' }]);
        await agent.clip(incident, id, CLIP_BYTES);
      }
      const waiting = agent.left();
      facts.note('outage as the agent saw it, h', ((clock.monotonic() - startMs) / 3_600_000).toFixed(1));
      facts.note('messages and files that waited', `${waiting.messages}, ${waiting.transfers}`);
      await broker.start();
      await until('it is connected again', () => agent.uplink.state().connected, 60_000);
      clock.setSpeed(1);
      if (!receiver.running()) receiver = startReceiver(broker.url, received);
      const live = await drain(agent, received);
      await agent.end();
      await receiver.kill('SIGTERM');
      const { recorded, evidence, faults } = await judgeDelivery({ agents: [agent], agentFolder, received });
      facts.note('drained in, s: events, all', `${live.eventsS.toFixed(1)}, ${live.allS.toFixed(1)}`);
      facts.note('live events to the centre, ms, behind waiting events: half, 95 of 100, all', spread(live.behindEvents, 0));
      facts.note('the same behind waiting files alone', spread(live.behindFiles, 0));
      facts.note('events and files said to be recorded', `${recorded}, ${evidence}`);
      const slow = [...live.behindFiles].sort((a, b) => a - b)[Math.floor(0.95 * live.behindFiles.length)] ?? 0;
      facts.judge('starved live events', slow > LIVE_LIMIT_MS * facts.patience ? [`95 of 100 within ${slow} ms`] : []);
      facts.judge('lost, twice, out of order or damaged', faults, recorded >= 2 * incidents && waiting.transfers === incidents);
    } finally {
      await agent.end();
      if (receiver.running()) await receiver.kill();
      await broker[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Reads the lines that were added to a file since the last time. */
function createFollower(path) {
  let position = 0;
  return () => {
    if (!existsSync(path)) return [];
    const file = openSync(path, 'r');
    try {
      const added = Buffer.alloc(fstatSync(file).size - position);
      readSync(file, added, 0, added.length, position);
      const whole = added.subarray(0, added.lastIndexOf(10) + 1);
      position += whole.length;
      return whole
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    } finally {
      closeSync(file);
    }
  };
}

/** Goes on recording while what has waited leaves, and looks at when each new one is in the centre's journal. */
async function drain(agent, received) {
  const startMs = performance.now();
  const sent = new Map();
  const behindEvents = [];
  const behindFiles = [];
  let eventsS = null;
  const readNew = createFollower(join(received, 'events.jsonl'));
  const look = () => {
    for (const { id } of readNew()) {
      const at = sent.get(id);
      if (at === undefined) continue;
      sent.delete(id);
      at.behind.push(performance.now() - at.ms);
    }
  };
  for (let nextMs = startMs; agent.left().messages + agent.left().transfers > 0 || sent.size > 0; ) {
    const { messages, transfers } = agent.left();
    if (eventsS === null && messages < 20) eventsS = (performance.now() - startMs) / 1000;
    if (transfers > 0 && performance.now() >= nextMs) {
      nextMs = performance.now() + LIVE_EVERY_MS;
      const incident = makeIncident({ cameraId: 'tower' });
      sent.set(incident.id, { ms: performance.now(), behind: eventsS === null ? behindEvents : behindFiles });
      agent.event(incident);
    }
    look();
    await delay(50);
    if (performance.now() - startMs > 600_000) throw new Error(`not drained: ${JSON.stringify(agent.left())}`);
  }
  return { eventsS: eventsS ?? 0, allS: (performance.now() - startMs) / 1000, behindEvents, behindFiles };
}
