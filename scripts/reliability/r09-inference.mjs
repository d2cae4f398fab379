import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { fixedOnnxModel } from '../../dist/testing/onnx-model.js';
import { childrenOf, crash } from './crash.mjs';
import { orderFaults } from './judge.mjs';
import { delay, spread, until } from './rig.mjs';
import { createWholeAgent, makeStream, startCamera } from './whole-agent.mjs';

/** As long as it may take until objects are named again, seconds. */
const LIMIT_S = 10;
/** A process that is lost again within a minute is waited for longer each time: what is measured here is one that was good. */
const HEALTHY_MS = 62_000;
const LONGEST_RUN_MS = 3_000;
/** Side by side: each has one such process, and waits most of the time. */
const AGENTS = 3;
/** Pictures that such cameras are looked at in a second. */
const FPS = 5;
/** Pictures are counted every 2 s: over a shorter time that says nothing of how many come a second. */
const JUDGED_S = 60;
/** Most that a start may take, milliseconds: three agents share the machine. */
const START_MS = 180_000;
/** A manhole's cover is open for a second, so often. */
const ALARM_EVERY_MS = 20_000;
/** Most that its evidence may take to arrive, milliseconds. */
const ARRIVES_MS = 120_000;
/** Where the customer's models lie, beside the checkout; without them a made one is run by the same library. */
const shared = fileURLToPath(new URL('../../../shared/data/models/yolox_nano.onnx', import.meta.url));

export const inferenceCrash = {
  id: 'R9i',
  title: 'SIGSEGV or SIGKILL of the process that runs models',
  pass: 'the agent and both its cameras go on, objects are named again within 10 s, each crash is counted and told, no event or file is lost',
  runs: { full: 50, short: 1 },
  needs: ['camera'],
  async run({ runs, random, work, facts }) {
    const camera = await startCamera(makeStream(work, '320x240'));
    const model = prepareModel(work);
    facts.note('model', model.about);
    const boxes = [];
    const wrong = [];
    try {
      for (let i = 0; i < Math.min(AGENTS, runs); i++) boxes.push(await openBox(work, camera, model));
      for (let done = 0; done < runs; done += boxes.length) {
        if (done > 0) await delay(HEALTHY_MS);
        await Promise.all(
          boxes.slice(0, runs - done).map(async (box) => {
            await delay(random() * LONGEST_RUN_MS);
            await box.crash(random() < 0.5 ? 'SIGSEGV' : 'SIGKILL');
          }),
        );
        facts.progress(Math.min(done + boxes.length, runs), runs);
      }
      for (const box of boxes) wrong.push(...(await box.judge()));
      const backS = boxes.flatMap((box) => box.backS);
      facts.note('objects named again after, s: half, 95 of 100, all', spread(backS));
      facts.note('pictures a second of a camera with the model and of one without, of 5; the least', leastFps(boxes));
      facts.note(
        'incidents meanwhile, of them with all their evidence',
        boxes.reduce((sum, box) => sum + box.incidents(), 0),
      );
      facts.judge('ended, not told, lost, or named again later than 10 s', [
        ...wrong,
        ...backS.filter((s) => s > LIMIT_S * facts.patience).map((s) => `back after ${s} s`),
      ]);
    } finally {
      for (const box of boxes) await box.dispose();
      await camera.kill();
    }
  },
};

/** One that is known, or one of a few numbers that always names a person. */
function prepareModel(work) {
  const folder = join(work, 'models');
  mkdirSync(folder, { recursive: true });
  if (existsSync(shared)) {
    copyFileSync(shared, join(folder, 'yolox_nano.onnx'));
    return { about: 'YOLOX-nano', inference: { model: 'yolox-nano', folder } };
  }
  const data = new Float32Array(42 * 7);
  data.set([0, 1, 0, 0, 0.9, 0.1, 0.8], 33 * 7);
  const fixed = fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, [{ name: 'output', dims: [1, 42, 7], data }]);
  writeFileSync(join(folder, 'made.onnx'), fixed);
  const entry = { name: 'made', file: 'made.onnx', url: 'https://example.org/made.onnx', sha256: null, licence: 'none', family: 'yolox' };
  const registry = join(folder, 'registry.yaml');
  writeFileSync(registry, JSON.stringify({ models: [{ ...entry, labels: ['bag', 'person'] }] }));
  return { about: 'a made one', inference: { model: 'made', folder, registry } };
}

/** An agent with two cameras, one of which asks for the model, and manholes that open before both. */
async function openBox(work, camera, { inference }) {
  const evidence = { ring: '50 MB', pre_capture: '1 s', post_capture: '1 s' };
  const manhole = (sensor) => ({ type: 'sensor_trigger', sensor, kind: 'manhole', when: { equals: 'open' }, cool_down: '0 s' });
  const agent = await createWholeAgent(
    work,
    {
      named: {
        source: { url: camera.url() },
        evidence,
        rules: [{ type: 'occupancy' }, manhole('named')],
      },
      plain: { source: { url: camera.url() }, evidence, rules: [manhole('plain')] },
    },
    { inference },
  );
  const base = 'parapet/estate/box';
  const client = await connectAsync(agent.broker.url, { protocolVersion: 5 });
  const events = [];
  const complete = [];
  client.on('message', (topic, payload) => (topic.includes('/events/') ? events : complete).push(JSON.parse(payload.toString())));
  await client.subscribeAsync([`${base}/events/#`, `${base}/evidence/+/complete`], { qos: 1 });
  agent.start();
  await agent.online(undefined, START_MS);
  const answered = async () => (await agent.figures('parapet_detector_pictures_total')).get('camera="named",outcome="answered"') ?? 0;
  const restarts = async () => (await agent.figures('parapet_inference_restarts_total')).get('') ?? 0;
  await until('the model looks', async () => (await answered()) > 3, 60_000, 100);
  const pid = agent.pid();
  const startedMs = performance.now();
  const before = { named: await agent.frames('named'), plain: await agent.frames('plain') };
  const backS = [];
  const fps = {};
  const over = new AbortController();
  let alarms = 0;
  const say = (sensor, word) => client.publishAsync(`${base}/sensors/${sensor}`, word, { qos: 1 });
  const alarming = (async () => {
    while (!over.signal.aborted) {
      for (const sensor of ['named', 'plain']) await say(sensor, 'open');
      alarms += 2;
      await delay(1_000);
      for (const sensor of ['named', 'plain']) await say(sensor, 'closed');
      await delay(ALARM_EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  return {
    backS,
    fps,
    incidents: () => alarms,
    async crash(signal) {
      const child = childrenOf(pid).find(({ command }) => command.includes('detector-child'));
      if (child === undefined || !crash(child.pid, signal)) throw new Error('there is no process that runs models');
      const crashedMs = performance.now();
      const crashes = backS.length;
      await until('the loss is counted', async () => (await restarts()) > crashes, 60_000, 20);
      const seen = await answered();
      await until('the model looks again', async () => (await answered()) > seen + 2, 60_000, 50);
      backS.push((performance.now() - crashedMs) / 1000);
    },
    /** What is wrong, a line each. */
    async judge() {
      over.abort();
      await alarming;
      const seconds = (performance.now() - startedMs) / 1000;
      const wrong = [];
      for (const id of ['named', 'plain']) {
        fps[id] = ((await agent.frames(id)) - before[id]) / seconds;
        if (seconds >= JUDGED_S && fps[id] < 0.95 * FPS) wrong.push(`${id}: ${fps[id]} pictures a second`);
        wrong.push(...Object.keys(await agent.restarts(id)).map((reason) => `${id} was connected anew: ${reason}`));
      }
      if (!agent.running() || agent.pid() !== pid) wrong.push('the agent ended');
      const told = agent.log().match(/"event":"inference-lost"/g)?.length ?? 0;
      const { inference: health } = await agent.health();
      if (told !== backS.length) wrong.push(`${told} of ${backS.length} crashes stand in the log`);
      if (health.restarts !== backS.length || health.state !== 'running')
        wrong.push(`of ${backS.length} crashes the status says ${JSON.stringify(health)}`);
      if ((await restarts()) !== backS.length) wrong.push(`of ${backS.length} crashes ${await restarts()} are counted`);
      const has = (phase) => events.filter((event) => event.type === 'sensor_trigger' && event.phase === phase).length;
      const whole = () => complete.filter(({ evidence, failed }) => failed.length === 0 && evidence.length === 2).length;
      const why = () => JSON.stringify(complete.find(({ failed }) => failed.length > 0)?.failed ?? `${complete.length} complete`);
      await until('all has arrived', () => has('end') === alarms && complete.length === alarms, ARRIVES_MS).catch(() => undefined);
      if (has('new') !== alarms || has('end') !== alarms || whole() !== alarms)
        wrong.push(`of ${alarms} incidents ${has('new')} began, ${has('end')} ended and ${whole()} came with all their evidence: ${why()}`);
      return [...wrong, ...orderFaults(events)];
    },
    async dispose() {
      over.abort();
      await alarming;
      await client.endAsync(true);
      await agent.dispose();
    },
  };
}

const leastFps = (boxes) => ['named', 'plain'].map((id) => Math.min(...boxes.map(({ fps }) => fps[id])).toFixed(2)).join(', ');
