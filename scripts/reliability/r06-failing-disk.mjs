import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createFailingWrites } from './failing-writes.mjs';
import { delay, spread, until } from './rig.mjs';
import { createWholeAgent, makeStream, startCamera } from './whole-agent.mjs';

/** As long as nobody may know of it, seconds. */
const LIMIT_S = 60;
/** How long a disk is broken at most before it is mended, once it was told of, milliseconds. */
const LONGEST_BROKEN_MS = 8_000;
/** A camera that fails again within a minute is waited for longer each time: what is measured here is one that was good. */
const HEALTHY_MS = 62_000;
const FPS = 10;

/** By a library that makes the writes of the agent and all that it starts fail: a file system that is in use cannot be made read-only. */
export const failingDisk = {
  id: 'R6f',
  title: 'the disk of the running agent becomes read-only (EROFS) or fails (EIO), and is mended',
  pass: 'the process lives, cameras are watched, an alarm within 60 s, well and recording again by itself within 60 s',
  runs: { full: 50, short: null },
  shortIn: 'src/pipeline/keeping/disk-guard.test.ts',
  needs: ['camera'],
  async run({ runs, random, work, facts }) {
    mkdirSync(work, { recursive: true });
    const camera = await startCamera(makeStream(work, '320x240'));
    const agents = {};
    const alarmS = {};
    const wellS = {};
    const wrong = [];
    try {
      for (const code of ['EROFS', 'EIO']) {
        const folder = join(work, code);
        mkdirSync(folder, { recursive: true });
        const dataDir = join(folder, 'data');
        const breaking = failing(folder, dataDir, code);
        const agent = await createWholeAgent(join(work, `of-${code}`), { tower: camera.url() }, { dataDir, env: breaking.env });
        agents[code] = { agent, ...breaking };
        Object.assign(alarmS, { [code]: [] });
        Object.assign(wellS, { [code]: [] });
        agent.start();
      }
      for (const { agent } of Object.values(agents)) await agent.online();
      const pids = Object.values(agents).map(({ agent }) => agent.pid());
      for (let done = 0; done < runs; done += Object.keys(agents).length) {
        if (done > 0) await delay(HEALTHY_MS);
        await Promise.all(
          Object.entries(agents).map(async ([code, one]) => {
            await delay(random() * 10_000);
            const [alarm, well] = await breakOnce(one, random() * LONGEST_BROKEN_MS, (line) => wrong.push(`${code}: ${line}`));
            alarmS[code].push(alarm);
            wellS[code].push(well);
          }),
        );
        facts.progress(Math.min(done + Object.keys(agents).length, runs), runs);
      }
      for (const code of Object.keys(agents)) {
        facts.note(`${code}: until the alarm, s: half, 95 of 100, all`, spread(alarmS[code]));
        facts.note(`${code}: until all is well and recorded again, s: half, 95 of 100, all`, spread(wellS[code]));
      }
      facts.judge(
        'processes that ended',
        Object.values(agents).flatMap(({ agent }, i) => (agent.running() && agent.pid() === pids[i] ? [] : ['one'])),
      );
      facts.judge(
        `alarms after more than ${LIMIT_S} s`,
        Object.values(alarmS)
          .flat()
          .filter((s) => s > LIMIT_S * facts.patience),
      );
      facts.judge(
        `not well after ${LIMIT_S} s`,
        Object.values(wellS)
          .flat()
          .filter((s) => s > LIMIT_S * facts.patience),
      );
      facts.judge('cameras that nobody watched meanwhile, or recordings that did not go on', wrong);
    } finally {
      for (const { agent } of Object.values(agents)) await agent.dispose();
      await camera.kill();
    }
  },
};

function failing(folder, dataDir, code) {
  const writes = createFailingWrites(folder, dataDir);
  return { env: writes.env, hurt: async () => writes.fail(code), heal: () => writes.heal() };
}

/** @returns {Promise<[number, number]>} seconds until the alarm, and from the mend until all was well. */
async function breakOnce({ agent, hurt, heal }, brokenMs, wrong) {
  const isWell = async () => {
    const health = await agent.health();
    return health === null ? false : health.disk.ok && health.store.ok;
  };
  await until('all is well', isWell, 120_000, 250);
  await hurt();
  const brokenAt = performance.now();
  await until('the alarm', async () => (await agent.health()) !== null && !(await isWell()), 120_000, 250);
  const alarmS = (performance.now() - brokenAt) / 1000;
  // A camera whose recording fails is connected anew first.
  await delay(3_000);
  const before = await agent.frames('tower');
  await delay(brokenMs + 4_000);
  if ((await agent.frames('tower')) - before < (FPS * (brokenMs + 4_000)) / 4_000) wrong('few pictures while the disk was broken');
  heal();
  const healedAt = performance.now();
  await until('all is well again', isWell, 120_000, 250);
  const ring = async () => [...(await agent.figures('parapet_ring_bytes')).values()][0] ?? 0;
  const bytes = await ring();
  const grows = await until('it is recorded again', async () => (await ring()) > bytes, 60_000, 250).then(
    () => true,
    () => false,
  );
  if (!grows) wrong('it is not recorded again');
  return [alarmS, (performance.now() - healedAt) / 1000];
}
