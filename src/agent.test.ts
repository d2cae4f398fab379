import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderDemoScene } from './cli/demo/scene-cache.js';
import { cameraStateSchema, statusSchema } from './domain/wire/status.js';
import { systemClock } from './platform/clock.js';
import type { HealthReport } from './platform/health/health.js';
import { connectMqtt, type MqttLink } from './platform/mqtt/index.js';
import { createReceiver, type ReceivedCompletion, type ReceivedEvent, type ReceivedEvidence } from './receiver/index.js';
import { type CliProcess, startCli } from './testing/cli-process.js';
import { freePort, type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { type RtspServer, rtspServerInstalled, startRtspServer } from './testing/rtsp-server.js';

const logger = pino({ level: 'silent' });
const clock = systemClock;

/**
 * One agent with real parts, through the worst day: two cameras that see the same throw and one that is not there, no
 * broker while it happens, the agent killed before it could deliver.
 */
describe.skipIf(!rtspServerInstalled() || !mosquittoInstalled())('an agent', () => {
  let folder: string;
  let sceneConfig: string;
  let camera: RtspServer;
  let broker: Mosquitto;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-agent-'));
    const scene = await renderDemoScene(process.env, () => undefined, new AbortController().signal);
    sceneConfig = scene.config;
    camera = await startRtspServer({ path: scene.video, lengthS: 60 });
    broker = await startMosquitto();
  });

  afterAll(async () => {
    await camera?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test('loses nothing when the broker is away and it is killed itself', async () => {
    const port = await freePort();
    const args = [
      ...['run', '-c', sceneConfig, '--mqtt', broker.url],
      ...['--set', `cameras.demo.source.url=${camera.url}`],
      ...['--camera', camera.url, '--camera', 'rtsp://127.0.0.1:1/nobody'],
      ...Object.entries({ agent: 'box-01', data_dir: join(folder, 'agent'), 'console.port': port, 'mqtt.delivery': 'centre' }).flatMap(
        ([key, value]) => ['--set', `${key}=${value}`],
      ),
    ];
    await broker.stop();

    let agent: CliProcess = startCli(args);
    const health = await until(`the cameras are online`, async () => {
      const report = await askHealth(port);
      return report !== null && ['demo', 'camera-1'].every((id) => (report.cameras[id]?.fps ?? 0) > 20) ? report : null;
    });
    // One camera that is away touches no other, and is not passed over in silence.
    expect(health.ok).toBe(false);
    expect(health.cameras['camera-2']).toMatchObject({ ok: false, reason: expect.stringContaining('nothing listens there') });
    expect(health.broker).toMatchObject({ ok: false, state: 'disconnected' });
    // Both cameras see the throw: new and end each, and nowhere to send them.
    await until('the throw is in the outbox of both', async () => ((await askHealth(port))?.store.outbox_depth ?? 0) >= 4 || null);
    agent.child.kill('SIGKILL');
    expect((await agent.ended).signal).toBe('SIGKILL');

    await camera.kill();
    await broker.start();
    const events: ReceivedEvent[] = [];
    const files: ReceivedEvidence[] = [];
    const complete: ReceivedCompletion[] = [];
    await using receiver = createReceiver({
      mqtt: { url: broker.url },
      prefix: 'parapet',
      dataDir: join(folder, 'received'),
      clock,
      logger,
      onEvent: (event) => events.push(event),
      onEvidence: (file) => files.push(file),
      onComplete: (message) => complete.push(message),
    });
    await receiver.start();
    await using states = await watchStates(broker.url);

    agent = startCli(args);
    await until('events and evidence of both have arrived', async () => complete.length >= 2 || null);
    const ended = events.filter(({ event }) => event.phase === 'end').map(({ event }) => event);
    expect(ended.map(({ camera: id, verdict }) => `${id} ${verdict}`).sort()).toEqual(['camera-1 confirmed', 'demo confirmed']);
    expect(ended.find(({ camera: id }) => id === 'demo')?.throw?.origin).toMatchObject({ floor: 13, unit: '02' });
    // Without a facade no floor is named.
    expect(ended.find(({ camera: id }) => id === 'camera-1')?.throw?.origin.floor).toBeNull();
    expect(events.map(({ event }) => `${event.camera} ${event.id} ${event.seq}`)).toEqual([
      ...new Set(events.map(({ event }) => `${event.camera} ${event.id} ${event.seq}`)),
    ]);
    expect(receiver.counters.gaps).toBe(0);
    expect(complete.flatMap(({ message }) => message.failed)).toEqual([]);
    expect(files.map(({ kind }) => kind).sort()).toEqual(['clip', 'clip', 'snapshot', 'snapshot', 'track', 'track', 'trail', 'trail']);
    await until('the outbox is empty', async () => (await askHealth(port))?.store.outbox_depth === 0 || null);

    expect(statusSchema.parse(states.latest('status')).status).toBe('online');
    expect(cameraStateSchema.parse(states.latest('cameras/camera-2/state')).state).not.toBe('online');
    agent.child.kill('SIGTERM');
    expect(await agent.ended).toMatchObject({ code: 0, signal: null });
    await until('it has said goodbye', async () => statusSchema.parse(states.latest('status')).status === 'offline' || null);
  });
});

/** Asks until the answer is not `null`. @throws when it never is. */
async function until<T>(what: string, ask: () => Promise<T | null>, timeoutMs = 60_000): Promise<T> {
  const endMs = clock.monotonic() + timeoutMs;
  while (clock.monotonic() < endMs) {
    const answer = await ask();
    if (answer !== null) return answer;
    await clock.delay(200);
  }
  throw new Error(`waited in vain until ${what}`);
}

async function askHealth(port: number): Promise<HealthReport | null> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
  return response === null ? null : ((await response.json()) as HealthReport);
}

/** Keeps the latest message of each topic below the agent's base. */
async function watchStates(url: string): Promise<AsyncDisposable & { latest(topic: string): unknown }> {
  const latest = new Map<string, unknown>();
  const base = 'parapet/demo/box-01/';
  const link: MqttLink = await connectMqtt({
    mqtt: { url, clientId: 'watcher' },
    clock,
    cleanStart: true,
    onMessage: ({ topic, payload }) => void latest.set(topic.slice(base.length), JSON.parse(Buffer.from(payload).toString())),
  });
  await link.subscribe([`${base}status`, `${base}cameras/+/state`]);
  return { latest: (topic) => latest.get(topic), [Symbol.asyncDispose]: async () => await link.end() };
}
