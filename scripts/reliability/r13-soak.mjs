import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { slope } from '../measure/facts.mjs';
import { startCameraProxy } from './camera-proxy.mjs';
import { delay } from './rig.mjs';
import { createWholeAgent, makeStream, startCamera } from './whole-agent.mjs';

const CAMERAS = 4;
/** Between two faults of one camera, milliseconds: some come before it counts as healthy again, some after. */
const [SHORTEST_PEACE_MS, LONGEST_PEACE_MS] = [5_000, 90_000];
const BROKER_EVERY_MS = 150_000;
const SNAPSHOT_EVERY_MS = 6_000;
const SAMPLE_MS = 5_000;
/** Least length from which a slope says something, minutes. */
const TELLING_MIN = 20;
/** What the process may grow by in the second half, MB a minute. In a year of no churn at all it would still be too much: longer runs say more. */
const SLOPE_LIMIT = 0.5;
/** SQLite writes its log back at 4 MB and cuts it to 16 MiB (src/platform/database/sqlite.ts). */
const WAL_LIMIT_MB = 17;
/** Open files of connections that come and go. */
const DESCRIPTORS_SLACK = 8;

export const soak = {
  id: 'R13',
  title: 'cameras and broker that come and go, a picture every six seconds; its runs are minutes',
  pass: 'memory and descriptors do not grow, the write-ahead log is bounded',
  runs: { full: 30, short: 0.25 },
  needs: ['camera'],
  async run({ runs: minutes, random, work, facts }) {
    const cameras = await Promise.all(
      Array.from({ length: CAMERAS }, async () => {
        const camera = await startCamera(makeStream(work, '320x240'));
        return { camera, proxy: await startCameraProxy(Number(new URL(camera.url()).port)) };
      }),
    );
    const agent = await createWholeAgent(work, Object.fromEntries(cameras.map(({ proxy }, i) => [`camera-${i}`, proxy.url])));
    const stop = new AbortController();
    const samples = [];
    const chores = [];
    let faults = 0;
    try {
      agent.start();
      await agent.online();
      const startedMs = performance.now();
      chores.push(
        ...cameras.map((one) =>
          repeatedly(
            stop.signal,
            () => SHORTEST_PEACE_MS + random() * (LONGEST_PEACE_MS - SHORTEST_PEACE_MS),
            () => {
              faults++;
              return breakCamera(one, random());
            },
          ),
        ),
        repeatedly(
          stop.signal,
          () => BROKER_EVERY_MS,
          async () => {
            faults++;
            await agent.broker.kill();
            await agent.broker.start();
          },
        ),
        keepAsking(agent.broker.url, stop.signal),
      );
      while (performance.now() - startedMs < minutes * 60_000) {
        await delay(SAMPLE_MS);
        if (!agent.running()) break;
        samples.push({ atMin: (performance.now() - startedMs) / 60_000, ...weigh(agent.pid(), agent.folder) });
      }
      const wrong = agent.running() ? [] : ['the agent ended'];
      judge(samples, minutes, wrong, facts);
      facts.note('cameras and brokers broken', faults);
      const made = (await agent.figures('parapet_evidence_sent_bytes_total')).get('') ?? 0;
      facts.note('evidence delivered meanwhile, MB', (made / 1e6).toFixed(1));
    } finally {
      stop.abort();
      await Promise.all(chores);
      await agent.dispose();
      for (const { camera, proxy } of cameras) {
        await proxy.dispose();
        await camera.kill();
      }
    }
  },
};

function judge(samples, minutes, wrong, facts) {
  const late = samples.filter(({ atMin }) => atMin > minutes / 2);
  const middle = samples.filter(({ atMin }) => atMin > minutes / 4 && atMin <= minutes / 2);
  const most = (list, what) => Math.max(...list.map((sample) => sample[what]));
  const growth = slope(late.map(({ atMin, rssMb }) => [atMin, rssMb]));
  facts.note('memory of the agent at most, MB', most(samples, 'rssMb').toFixed(0));
  facts.note('its slope over the second half, MB a minute', growth.toFixed(2));
  if (minutes >= TELLING_MIN && growth > SLOPE_LIMIT) wrong.push(`memory grows by ${growth.toFixed(2)} MB a minute`);
  const [before, after] = [most(middle, 'descriptors'), most(late, 'descriptors')];
  facts.note('descriptors at most in the second quarter, and in the second half', `${before}, ${after}`);
  if (minutes >= TELLING_MIN && after > before + DESCRIPTORS_SLACK) wrong.push(`${after} descriptors after ${before}`);
  facts.note('threads at most in the second quarter, and in the second half', `${most(middle, 'threads')}, ${most(late, 'threads')}`);
  const walMb = most(samples, 'walMb');
  facts.note('write-ahead log at most, MB', walMb.toFixed(1));
  if (walMb > WAL_LIMIT_MB) wrong.push(`the write-ahead log has ${walMb} MB`);
  facts.judge('growth that does not end', wrong, samples.length > 2);
}

async function breakCamera({ camera, proxy }, which) {
  if (which < 0.3) proxy.cut();
  else if (which < 0.5) proxy.breakNow('hole');
  else if (which < 0.7) proxy.breakNow('garbage');
  else if (which < 0.8) proxy.breakNow('no-pictures');
  else {
    // Away for a while, then started again on its port.
    await camera.kill();
    await delay(3_000);
    await camera.start();
  }
}

async function repeatedly(signal, waitMs, work) {
  while (await peace(waitMs(), signal)) await work();
}

/** Pictures on request: evidence, rows, records and transfers come and go. */
async function keepAsking(url, signal) {
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 500 });
  client.on('error', () => undefined);
  for (let i = 0; await peace(SNAPSHOT_EVERY_MS, signal); i++) {
    const message = JSON.stringify({ camera: `camera-${i % CAMERAS}` });
    // QoS 0: nobody waits for a broker that is away.
    client.publish('parapet/estate/box/cmd/snapshot', message, { qos: 0 });
  }
  await client.endAsync(true);
}

/** False when the end comes first. */
async function peace(ms, signal) {
  return await delay(ms, true, { signal }).catch(() => false);
}

/** Linux only. */
function weigh(pid, folder) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    rssMb: field('VmRSS') / 1024,
    threads: field('Threads'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    walMb: statSync(join(folder, 'data/parapet.sqlite-wal'), { throwIfNoEntry: false })?.size / 1e6 || 0,
  };
}
