import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClockWatch } from '../../dist/platform/time/clock-watch.js';
import { ended, makeIncident, recordingLogger } from '../../dist/testing/delivery-fixtures.js';
import { startMosquitto } from '../../dist/testing/mosquitto.js';
import { judgeDelivery } from './judge.mjs';
import { createOwnAgent } from './own-agent.mjs';
import { startReceiver } from './programs.mjs';
import { delay, until } from './rig.mjs';
import { createSimulatedClock } from './simulated-clock.mjs';

const HOUR_MS = 3_600_000;
const EVENTS_A_RUN = 6;
const LONGEST_RUN_MS = 200;

export const clockJumps = {
  id: 'R11',
  title: 'the wall clock is set by an hour, forward and back, after a boot in 1970',
  pass: '0 lost, order kept, every step told with its size',
  runs: { full: 50, short: 3 },
  async run({ runs, random, work, facts }) {
    mkdirSync(work, { recursive: true });
    const folder = mkdtempSync(join(work, 'clock-'));
    const broker = await startMosquitto();
    const clock = createSimulatedClock(0);
    const log = recordingLogger();
    const watch = createClockWatch(clock, log.logger);
    const [agentFolder, received] = [join(folder, 'agent'), join(folder, 'received')];
    mkdirSync(agentFolder);
    const receiver = startReceiver(broker.url, received);
    await until('the receiver runs', () => receiver.has('ready'));
    const agent = await createOwnAgent({ folder: agentFolder, url: broker.url, clock });
    const steps = [];
    try {
      for (let run = 0; run < runs; run++) {
        for (let i = 0; i < EVENTS_A_RUN / 2; i++) {
          const incident = makeIncident({ cameraId: i % 2 === 0 ? 'tower' : 'gate', startedAtMs: clock.now() });
          agent.event(incident);
          agent.event(ended(incident));
        }
        await delay(random() * LONGEST_RUN_MS);
        // The first is the time server that is found after a boot without a battery.
        const step = run === 0 ? Date.UTC(2026, 2, 1) : Math.round((random() < 0.5 ? -1 : 1) * (0.5 + random()) * HOUR_MS);
        steps.push(step);
        clock.setWall(clock.now() + step);
        watch.look();
        facts.progress(run + 1, runs);
      }
      await until('all has arrived', () => agent.left().messages + agent.left().transfers === 0, 60_000);
      await agent.end();
      await receiver.kill('SIGTERM');
      const { recorded, faults } = await judgeDelivery({ agents: [agent], agentFolder, received });
      const told = log.lines().filter(({ event }) => event === 'clock-set');
      const wrong = steps
        .filter((step, i) => Math.abs((told[i]?.stepMs ?? 0) - step) > 50)
        .map((step) => `a step of ${step} ms was not told`);
      facts.note('events said to be recorded', recorded);
      facts.judge('steps that were not told', wrong);
      facts.judge('lost, twice, out of order or damaged', faults, recorded >= runs * EVENTS_A_RUN);
    } finally {
      await agent.end();
      if (receiver.running()) await receiver.kill();
      await broker[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
