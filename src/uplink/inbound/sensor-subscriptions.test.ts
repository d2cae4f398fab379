import { connect, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import type { MqttLink } from '../../platform/mqtt/index.js';
import { openStore, type Store } from '../../store/index.js';
import { makeTestFolder, recordingLogger, type TestFolder, until } from '../../testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../../testing/mosquitto.js';
import { createUplink, type Uplink } from '../index.js';
import { createSensorSubscriptions } from './sensor-subscriptions.js';

it('keeps the topics of an agent that ends: what is said until it is back waits for it', () => {
  const left: string[] = [];
  const link = {
    subscribe: async () => undefined,
    unsubscribe: async (filters: readonly string[]) => void left.push(...filters),
  } as unknown as MqttLink;
  let topics: readonly string[] = ['city/a'];
  const subscriptions = createSensorSubscriptions({ base: 'parapet/estate/box', topics: () => topics, logger: recordingLogger().logger });
  subscriptions.follow(link);
  topics = [];
  for (const topic of ['city/a', 'city/b', 'city/b']) subscriptions.stray(topic);
  expect(left).toEqual(['city/b']);
});

describe.skipIf(!mosquittoInstalled())('topics of sensors, in a session that the broker keeps', () => {
  let folder: TestFolder;
  let broker: Mosquitto;
  let store: Store;
  let city: MqttClient;
  let uplink: Uplink;
  let topics: readonly string[];
  let heard: string[];
  /** Words that only tell how far the broker is; it may take several, and the later ones come when nobody waits for them any more. */
  let barriers: string[];
  let log: ReturnType<typeof recordingLogger>;

  const say = (topic: string, text: string, retain = false) => city.publishAsync(topic, text, { qos: 1, retain });
  const unsubscribed = (): number => broker.log().split('Received UNSUBSCRIBE').length - 1;

  /** An agent's uplink, after a restart too: its session is the same. */
  async function start(...listenTo: readonly string[]): Promise<void> {
    topics = listenTo;
    heard = [];
    barriers = [];
    const note = (topic: string, payload: Uint8Array, retained: boolean) => {
      const text = Buffer.from(payload).toString();
      if (topic === 'own barrier') barriers.push(text);
      else heard.push(`${topic} ${text}${retained ? ' retained' : ''}`);
      return topic.startsWith('own ') || topics.includes(topic) ? ('taken' as const) : ('unknown' as const);
    };
    uplink = createUplink({
      mqtt: { url: broker.url },
      identity: { site: 'estate', agent: 'box', version: '1.2.3', prefix: 'parapet' },
      outbox: store.outbox,
      delivery: 'broker',
      chunkBytes: 128 * 1024,
      maxInFlight: 20,
      flushMs: 500,
      sensors: { topics: () => topics, hear: (name, ...rest) => note(`own ${name}`, ...rest), hearTopic: note },
      backoff: { minMs: 50, spreadMs: 200 },
      clock: systemClock,
      logger: log.logger,
    });
    uplink.start();
    // Asked for last, so that all before it is granted.
    await settled();
  }

  /** All that was asked of the broker before is done: what it sends now comes by what stands. */
  async function settled(): Promise<void> {
    const word = `settled-${Math.random()}`;
    await until('the link stands', async () => {
      await say('parapet/estate/box/sensors/barrier', word);
      return barriers.includes(word);
    });
  }

  beforeEach(async () => {
    log = recordingLogger();
    folder = await makeTestFolder();
    broker = await startMosquitto();
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger: log.logger });
    city = connect(broker.url, { protocolVersion: 5, clientId: 'city' });
    await until('the city is connected', () => city.connected);
  });
  afterEach(async () => {
    await uplink[Symbol.asyncDispose]();
    await city.endAsync(true);
    store.close();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('are left when no rule names them any more; what the broker has kept of the others comes once more', async () => {
    await say('city/b', 'ALARM', true);
    await start('city/a', 'city/b');
    await say('city/a', '1');
    await until('both', () => heard.length >= 2);
    expect([...heard].sort()).toEqual(['city/a 1', 'city/b ALARM retained']);
    topics = ['city/b', 'city/c'];
    heard = [];
    uplink.listen();
    await settled();
    // What the broker writes down comes a moment after what it does.
    await until('one is left', () => unsubscribed() > 0);
    expect(unsubscribed()).toBe(1);
    for (const topic of ['city/a', 'city/b', 'city/c']) await say(topic, '2');
    await until('the last', () => heard.includes('city/c 2'));
    expect(heard).toEqual(['city/b ALARM retained', 'city/b 2', 'city/c 2']);
  });

  it('are left at their first message when only the config of an earlier run named them', async () => {
    await start('city/a', 'city/b');
    await uplink[Symbol.asyncDispose]();
    await say('city/a', 'meanwhile');
    await start('city/b');
    await until('it is left', () => unsubscribed() === 1);
    await settled();
    await say('city/a', 'later');
    await say('city/b', 'barrier');
    await until('the barrier', () => heard.includes('city/b barrier'));
    expect(heard.filter((line) => !line.includes('meanwhile'))).toEqual(['city/b barrier']);
    expect(log.lines().filter(({ event }) => event === 'sensors-left')).toMatchObject([{ filter: 'city/a' }]);
  });

  it('are asked for anew when they are named again', async () => {
    await start('city/a');
    topics = [];
    uplink.listen();
    topics = ['city/a'];
    uplink.listen();
    await settled();
    await say('city/a', '1');
    await until('it is heard', () => heard.includes('city/a 1'));
  });
});
