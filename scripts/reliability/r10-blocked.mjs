import { fileURLToPath } from 'node:url';
import { openNotifySocket } from '../../dist/testing/service-manager.js';
import { delay, spread, until } from './rig.mjs';
import { createWholeAgent, makeStream, startCamera } from './whole-agent.mjs';

const blocker = fileURLToPath(new URL('./block-on-signal.mjs', import.meta.url));
/** The unit of config/systemd has 30 s; the first run is with that, all others with less, so that fifty take minutes. */
const WATCHDOG_MS = 30_000;
const SHORT_WATCHDOG_MS = 6_000;
const LONGEST_RUN_MS = 8_000;

export const blockedLoop = {
  id: 'R10',
  title: 'the event loop blocked for 60 s, under a watchdog like that of systemd',
  pass: 'killed and started anew by the watchdog, cameras online again; never while only a camera is away',
  runs: { full: 50, short: 1 },
  needs: ['camera', 'notify'],
  async run({ runs, random, work, facts }) {
    const camera = await startCamera(makeStream(work, '320x240'));
    const killedS = [];
    const onlineS = [];
    const wrong = [];
    try {
      for (let run = 0; run < runs; run++) {
        const watchdogMs = run === 0 && runs > 1 ? WATCHDOG_MS : SHORT_WATCHDOG_MS;
        const { killedMs, onlineMs, early } = await blockOnce(work, camera.url(), watchdogMs, random() * LONGEST_RUN_MS);
        killedS.push((killedMs - (watchdogMs - SHORT_WATCHDOG_MS)) / 1000);
        onlineS.push(onlineMs / 1000);
        if (early) wrong.push('killed while the event loop was free');
        // It was told a moment before at the earliest, so the watchdog bites after half of its time at the soonest.
        if (killedMs < watchdogMs / 2 - 500 || killedMs > watchdogMs + 1_000) wrong.push(`killed after ${killedMs} ms of ${watchdogMs}`);
        facts.progress(run + 1, runs);
      }
      facts.note(`killed after, s: half, 95 of 100, all; of a watchdog of ${SHORT_WATCHDOG_MS / 1000} s`, spread(killedS));
      facts.note('its camera online again after that, s: half, 95 of 100, all', spread(onlineS));
      facts.judge('not killed, killed too late, or without need', wrong);
    } finally {
      await camera.kill();
    }
  },
};

async function blockOnce(work, url, watchdogMs, afterMs) {
  const socket = await openNotifySocket();
  const env = {
    ...{ NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: String(watchdogMs * 1000) },
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${blocker}`,
  };
  // One camera that is away for good: no reason to start anew.
  const agent = await createWholeAgent(work, { gate: url, away: 'rtsp://127.0.0.1:1/nobody' }, { env });
  try {
    const heard = () => socket.messages().filter(({ text }) => /^(READY|WATCHDOG)=1$/.test(text));
    /** Does what systemd does, until it is done: SIGABRT, and a new start. @returns when it struck. */
    const watch = async (untilMs) => {
      while (Date.now() < untilMs) {
        const last = heard().at(-1)?.atMs ?? Date.now();
        if (Date.now() - last > watchdogMs) {
          await agent.end('SIGABRT');
          return Date.now();
        }
        await delay(20);
      }
      return null;
    };
    agent.start();
    await until('it is ready', () => heard().length > 0);
    await agent.online(['gate']);
    const early = await watch(Date.now() + afterMs);
    if (early !== null) return { killedMs: 0, onlineMs: 0, early: true };
    const blockedMs = Date.now();
    agent.signal('SIGUSR2');
    const killedAtMs = await watch(blockedMs + 2 * watchdogMs);
    if (killedAtMs === null) return { killedMs: Number.POSITIVE_INFINITY, onlineMs: Number.POSITIVE_INFINITY, early: false };
    agent.start();
    await agent.online(['gate']);
    return { killedMs: killedAtMs - blockedMs, onlineMs: Date.now() - killedAtMs, early: false };
  } finally {
    await agent.dispose();
    await socket[Symbol.asyncDispose]();
  }
}
