import { startCameraProxy } from './camera-proxy.mjs';
import { delay, spread, until } from './rig.mjs';
import { createWholeAgent, makeChangingStream, makeStream, startCamera } from './whole-agent.mjs';

const LONGEST_RUN_MS = 3_000;
/** As long as a camera may be gone for good. */
const LIMIT_MS = 30_000;
/** How long the changing camera keeps its first size, seconds. */
const KEEPS_SIZE_S = 6;
const faulty = ['hole', 'garbage', 'no-pictures', 'new-size'];

export const cameraFaults = {
  id: 'R8',
  title: 'a camera falls into a black hole, sends garbage, changes its size, or sends no pictures',
  pass: 'pictures again within 30 s, other cameras untouched',
  runs: { full: 52, short: 4 },
  needs: ['camera'],
  async run({ runs, random, work, facts }) {
    const small = await startCamera(makeStream(work, '320x240'));
    const large = await startCamera(makeStream(work, '480x360'));
    const changing = await startCamera(makeChangingStream(work, '320x240', KEEPS_SIZE_S, '480x360'));
    const proxies = Object.fromEntries(await Promise.all(faulty.map(async (id) => [id, await startCameraProxy(portOf(small))])));
    const urls = { healthy: small.url(), ...Object.fromEntries(faulty.map((id) => [id, proxies[id].url])) };
    const agent = await createWholeAgent(work, urls);
    const goneMs = new Map(faulty.map((id) => [id, []]));
    const reasons = new Map();
    try {
      agent.start();
      await agent.online();
      const startedMs = performance.now();
      const healthyBefore = await agent.frames('healthy');
      // All four at once: each is another camera, and what is measured are waits.
      for (let round = 0; round < Math.ceil(runs / faulty.length); round++) {
        await Promise.all(
          faulty.map((id) =>
            delay(random() * LONGEST_RUN_MS).then(() => breakOnce(agent, id, proxies[id], { small, large, changing }, goneMs.get(id))),
          ),
        );
        facts.progress(Math.min((round + 1) * faulty.length, runs), runs);
      }
      const seconds = (performance.now() - startedMs) / 1000;
      const fps = ((await agent.frames('healthy')) - healthyBefore) / seconds;
      for (const id of faulty) reasons.set(id, await agent.restarts(id));
      for (const [id, times] of goneMs) {
        facts.note(
          `${id}: gone for, s: half, 95 of 100, all; why it was connected anew`,
          `${spread(times.map((ms) => ms / 1000))}; ${JSON.stringify(reasons.get(id))}`,
        );
      }
      facts.judge(
        `gone for more than ${LIMIT_MS / 1000} s`,
        [...goneMs].flatMap(([id, times]) => times.filter((ms) => ms > LIMIT_MS).map((ms) => `${id}: ${ms} ms`)),
      );
      const touched = Object.keys(await agent.restarts('healthy'));
      facts.note("the other camera's pictures a second, of 10", fps.toFixed(2));
      facts.judge('restarts and lost pictures of the other camera', [...touched, ...(fps < 9.5 ? [`${fps} pictures a second`] : [])]);
    } finally {
      await agent.dispose();
      for (const proxy of Object.values(proxies)) await proxy.dispose();
      for (const camera of [small, large, changing]) await camera.kill();
    }
  },
};

/** Breaks a camera and notes how long no picture of it came. */
async function breakOnce(agent, id, proxy, cameras, times) {
  const restartsOf = async () => Object.values(await agent.restarts(id)).reduce((sum, count) => sum + count, 0);
  let before = await restartsOf();
  if (id === 'new-size') {
    // It is led to the changing one, shows its first size for a while, and keeps the second after that.
    proxy.lead(portOf(cameras.changing));
    proxy.cut();
    await until(
      `${id} is led to the changing camera`,
      async () => (await restartsOf()) > before && (await agent.health())?.cameras[id]?.state === 'online',
      60_000,
      100,
    );
    before = await restartsOf();
    proxy.lead(portOf(cameras.large));
  } else proxy.breakNow(id);
  let brokenMs = performance.now();
  await until(`${id} is connected anew`, async () => (await restartsOf()) > before, 120_000, 100);
  // Until then the changing camera has shown its first size.
  if (id === 'new-size') brokenMs = performance.now();
  const frames = await agent.frames(id);
  await until(`${id} shows pictures again`, async () => (await agent.frames(id)) > frames + 3, 120_000, 100);
  times.push(performance.now() - brokenMs);
  if (id === 'new-size') proxy.lead(portOf(cameras.small));
}

const portOf = (camera) => Number(new URL(camera.url()).port);
