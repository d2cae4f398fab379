import { connectAsync } from 'mqtt';
import { childrenOf, crash } from './crash.mjs';
import { delay, spread, until } from './rig.mjs';
import { createWholeAgent, makeStream, startCamera } from './whole-agent.mjs';

/** As long as it may take until what crashed works again, seconds. */
const LIMIT_S = 10;
const LONGEST_RUN_MS = 250;
/** The agent takes a burst of six, then one in so many milliseconds. */
const SNAPSHOT_MS = 5_200;
const HEALTHY_MS = 62_000;
const CAMERAS = 5;

export const pictureCrash = {
  id: 'R9',
  title: 'SIGSEGV of the process that makes pictures, in the middle of one',
  pass: 'the agent and its cameras go on, the next picture is there within 10 s',
  runs: { full: 50, short: null },
  shortIn: 'src/evidence/process/picture-process.test.ts',
  needs: ['camera'],
  async run({ runs, random, work, facts }) {
    const camera = await startCamera(makeStream(work, '320x240'));
    const agent = await createWholeAgent(work, { gate: camera.url() });
    const client = await connectAsync(agent.broker.url, { protocolVersion: 5 });
    const replies = new Map();
    client.on('message', (_topic, payload, { properties }) => {
      replies.set(properties.correlationData.toString(), JSON.parse(payload.toString()));
    });
    await client.subscribeAsync('replies', { qos: 1 });
    let asked = 0;
    let askedAtMs = 0;
    const snapshot = async () => {
      await delay(Math.max(0, askedAtMs + SNAPSHOT_MS - performance.now()));
      askedAtMs = performance.now();
      const id = `snapshot-${++asked}`;
      const properties = { responseTopic: 'replies', correlationData: Buffer.from(id) };
      await client.publishAsync('parapet/estate/box/cmd/snapshot', '{"camera":"gate"}', { qos: 1, properties });
      return async () => {
        await until('the agent answers', () => replies.has(id), 60_000, 20);
        return replies.get(id);
      };
    };
    const backS = [];
    const wrong = [];
    let hit = 0;
    try {
      agent.start();
      await agent.online();
      const pid = agent.pid();
      const startedMs = performance.now();
      const framesBefore = await agent.frames('gate');
      while (hit < runs) {
        const answer = await snapshot();
        const child = await pictureProcess(pid);
        await delay(random() * LONGEST_RUN_MS);
        if (child === null || !crash(child)) {
          await answer();
          continue;
        }
        const crashedMs = performance.now();
        hit++;
        const failed = await answer();
        if (failed.ok && failed.result.evidence.length === 0) wrong.push('a snapshot without a picture was said to be good');
        const next = await (await snapshot())();
        if (!next.ok) wrong.push(`the next picture failed: ${next.error}`);
        // The wait between two commands is this script's, not the agent's.
        backS.push((performance.now() - Math.max(crashedMs, askedAtMs)) / 1000);
        facts.progress(hit, runs);
      }
      const fps = (((await agent.frames('gate')) - framesBefore) * 1000) / (performance.now() - startedMs);
      if (!agent.running() || agent.pid() !== pid) wrong.push('the agent ended');
      wrong.push(...Object.keys(await agent.restarts('gate')).map((reason) => `the camera was connected anew: ${reason}`));
      facts.note('the next picture took, s: half, 95 of 100, all', spread(backS));
      facts.note('pictures a second of the camera, which sends 10', fps.toFixed(2));
      facts.judge('ended, failed, or back later than 10 s', [
        ...wrong,
        ...backS.filter((s) => s > LIMIT_S * facts.patience).map((s) => `back after ${s} s`),
      ]);
    } finally {
      await client.endAsync(true);
      await agent.dispose();
      await camera.kill();
    }
  },
};

export const decoderCrash = {
  id: 'R9d',
  title: 'SIGSEGV of the process that decodes a camera',
  pass: 'the agent and its other cameras go on, pictures again within 10 s',
  runs: { full: 50, short: null },
  shortIn: 'src/sources/rtsp.test.ts',
  needs: ['camera'],
  async run({ runs, random, work, facts }) {
    const camera = await startCamera(makeStream(work, '320x240'));
    const ids = Array.from({ length: Math.min(CAMERAS, runs) }, (_, i) => `camera-${i}`);
    const agent = await createWholeAgent(work, Object.fromEntries(['healthy', ...ids].map((id) => [id, camera.url()])));
    const backS = [];
    const wrong = [];
    try {
      agent.start();
      await agent.online();
      const pid = agent.pid();
      for (let done = 0; done < runs; done += ids.length) {
        if (done > 0) await delay(HEALTHY_MS);
        await Promise.all(
          ids.map(async (id) => {
            await delay(random() * 3_000);
            const frames = await agent.frames(id);
            const decoder = childrenOf(pid).find((one) => one.command.includes(`/ring/${id}/`));
            if (decoder === undefined || !crash(decoder.pid)) throw new Error(`${id} has no decoder`);
            const crashedMs = performance.now();
            const connections = async () => (await agent.restarts(id)).killed ?? 0;
            await until(`${id} is connected anew`, async () => (await connections()) > done / ids.length, 60_000, 50);
            await until(`${id} shows pictures again`, async () => (await agent.frames(id)) > frames + 3, 60_000, 50);
            backS.push((performance.now() - crashedMs) / 1000);
          }),
        );
        facts.progress(Math.min(done + ids.length, runs), runs);
      }
      if (!agent.running() || agent.pid() !== pid) wrong.push('the agent ended');
      wrong.push(...Object.keys(await agent.restarts('healthy')).map((reason) => `the other camera was connected anew: ${reason}`));
      facts.note('pictures again after, s: half, 95 of 100, all', spread(backS));
      facts.judge('ended, or back later than 10 s', [
        ...wrong,
        ...backS.filter((s) => s > LIMIT_S * facts.patience).map((s) => `back after ${s} s`),
      ]);
    } finally {
      await agent.dispose();
      await camera.kill();
    }
  },
};

/** Waits for the process that makes a picture; `null` when it was too quick. */
async function pictureProcess(parent) {
  for (let tries = 0; tries < 500; tries++) {
    const found = childrenOf(parent).find(({ command }) => command.includes('picture-child'));
    if (found !== undefined) return found.pid;
    await delay(5);
  }
  return null;
}
