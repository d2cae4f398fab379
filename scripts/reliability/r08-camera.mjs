import { startCameraProxy } from './camera-proxy.mjs';
import { delay, spread, until } from './rig.mjs';
import { createWholeAgent, makeChangingStream, makeStream, startCamera } from './whole-agent.mjs';

const LONGEST_RUN_MS = 3_000;
/** As long as it may take until a broken connection is given up and made anew, seconds. */
const LIMIT_S = 30;
/** How long the changing camera keeps its first size, seconds. */
const KEEPS_SIZE_S = 6;
/** A camera that fails again within a minute is waited for longer each time, up to a minute: what is measured here is one that was good. */
const HEALTHY_MS = 62_000;
const FPS = 10;
const kinds = ['hole', 'garbage', 'no-pictures', 'new-size'];
const kindOf = (id) => id.slice(0, -2);
const portOf = (camera) => Number(new URL(camera.url()).port);

export const cameraFaults = {
  id: 'R8',
  title: 'a camera falls into a black hole, sends garbage, sends no pictures, or changes their size',
  pass: 'connected anew within 30 s, other cameras untouched',
  runs: { full: 56, short: 4 },
  needs: ['camera'],
  async run({ runs, random, work, facts }) {
    // Two cameras of each kind of fault at a time, where there is more than one round: they wait most of the time.
    const faulty = runs > kinds.length ? kinds.flatMap((kind) => [`${kind}-1`, `${kind}-2`]) : kinds.map((kind) => `${kind}-1`);
    const cameras = {
      small: await startCamera(makeStream(work, '320x240')),
      large: await startCamera(makeStream(work, '480x360')),
      changing: await startCamera(makeChangingStream(work, '320x240', KEEPS_SIZE_S, '480x360')),
    };
    const proxies = Object.fromEntries(await Promise.all(faulty.map(async (id) => [id, await startCameraProxy(portOf(cameras.small))])));
    // The short version waits less for them than an agent does by default.
    const hasty = runs > kinds.length ? {} : { stall: '4 s', timeout: '3 s' };
    const sources = Object.fromEntries(faulty.map((id) => [id, { source: { url: proxies[id].url, ...hasty } }]));
    const agent = await createWholeAgent(work, { healthy: cameras.small.url(), ...sources });
    const gone = new Map(kinds.map((kind) => [kind, []]));
    try {
      agent.start();
      await agent.online();
      const startedMs = performance.now();
      const framesBefore = await agent.frames('healthy');
      for (let done = 0; done < runs; done += faulty.length) {
        if (done > 0) await delay(HEALTHY_MS);
        await Promise.all(
          faulty.map(async (id) => {
            await delay(random() * LONGEST_RUN_MS);
            gone.get(kindOf(id)).push(await breakOnce(agent, id, proxies[id], cameras));
          }),
        );
        facts.progress(Math.min(done + faulty.length, runs), runs);
      }
      const fps = (((await agent.frames('healthy')) - framesBefore) * 1000) / (performance.now() - startedMs);
      for (const [kind, times] of gone) {
        facts.note(`${kind}: connected anew after, s: half, 95 of 100, all`, spread(times.map(({ anewS }) => anewS)));
        facts.note(`${kind}: pictures again after, s`, spread(times.map(({ picturesS }) => picturesS)));
        facts.note(`${kind}: why one was connected anew`, JSON.stringify(await agent.restarts(`${kind}-1`)));
      }
      const late = [...gone].flatMap(([kind, times]) =>
        times.filter(({ anewS }) => anewS > LIMIT_S * facts.patience).map(({ anewS }) => `${kind}: ${anewS.toFixed(1)} s`),
      );
      facts.judge(`connected anew later than after ${LIMIT_S} s`, late);
      facts.note(`pictures a second of the other camera, which sends ${FPS}`, fps.toFixed(2));
      const slow = fps * facts.patience < 0.95 * FPS ? [`${fps} pictures a second`] : [];
      facts.judge('restarts and lost pictures of the other camera', [...Object.keys(await agent.restarts('healthy')), ...slow]);
    } finally {
      await agent.dispose();
      for (const proxy of Object.values(proxies)) await proxy.dispose();
      for (const camera of Object.values(cameras)) await camera.kill();
    }
  },
};

/** Breaks a camera. @returns seconds until its connection was given up, and until there were pictures again. */
async function breakOnce(agent, id, proxy, { small, large, changing }) {
  const connections = async () => Object.values(await agent.restarts(id)).reduce((sum, count) => sum + count, 0);
  const isOnline = async () => (await agent.health())?.cameras[id]?.state === 'online';
  const changes = kindOf(id) === 'new-size';
  let before = await connections();
  if (changes) {
    // It is led to the changing camera, and shows its first size; what it finds after the change is a camera of the second.
    proxy.lead(portOf(changing));
    proxy.cut();
    await until(`${id} is led to the changing camera`, async () => (await connections()) > before && (await isOnline()), 60_000, 100);
    before = await connections();
    proxy.lead(portOf(large));
  } else proxy.breakNow(kindOf(id));
  let brokenMs = performance.now();
  await until(`${id} is connected anew`, async () => (await connections()) > before, 120_000, 100);
  const anewMs = performance.now();
  // Pictures came until the size changed.
  if (changes) brokenMs = anewMs;
  const frames = await agent.frames(id);
  await until(`${id} shows pictures again`, async () => (await agent.frames(id)) > frames + 3, 120_000, 100);
  if (changes) proxy.lead(portOf(small));
  return { anewS: (anewMs - brokenMs) / 1000, picturesS: (performance.now() - brokenMs) / 1000 };
}
