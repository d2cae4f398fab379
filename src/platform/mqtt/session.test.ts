import { expect, it } from 'vitest';
import { recordingLogger, until } from '../../testing/delivery-fixtures.js';
import { mosquittoInstalled, startMosquitto } from '../../testing/mosquitto.js';
import { createTestClock } from '../../testing/test-clock.js';
import { startWrongBroker } from '../../testing/wrong-broker.js';
import { createMqttSession } from './index.js';

const KEEPALIVE_MS = 60_000;

it.skipIf(!mosquittoInstalled())(
  'a link on which nothing is acknowledged any more is given up within 1.5 keepalives, and no other',
  async () => {
    await using broker = await startMosquitto();
    await using wrong = await startWrongBroker(broker.port);
    const clock = createTestClock();
    const log = recordingLogger();
    let ups = 0;
    await using session = createMqttSession({
      mqtt: { url: wrong.url, clientId: 'box', keepaliveMs: KEEPALIVE_MS },
      subscriptions: [],
      onMessage: () => undefined,
      onUp: () => ups++,
      clock,
      logger: log.logger,
    });
    session.start();
    await until('it is up', () => ups === 1);
    const publish = async (): Promise<string> =>
      (await session
        .link()
        ?.publish({ topic: 'a', payload: 'x' })
        .then(
          () => 'acknowledged',
          () => 'lost',
        )) ?? 'no link';
    expect(await publish()).toBe('acknowledged');
    await clock.advance(5 * KEEPALIVE_MS);
    expect(session.state().connected).toBe(true);

    wrong.acknowledge({ how: 'never' });
    const published = publish();
    await clock.advance(1.4 * KEEPALIVE_MS);
    expect(session.state().connected).toBe(true);
    await clock.advance(0.1 * KEEPALIVE_MS);
    expect(await published).toBe('lost');
    // By its line, and not by its state: it may be connected anew already.
    const lost = (): readonly Record<string, unknown>[] => log.lines().filter(({ event }) => event === 'broker-lost');
    await until('it is given up', () => lost().length > 0);
    expect(lost()).toEqual([expect.objectContaining({ msg: expect.stringMatching(/acknowledged nothing for 8[45]\.\d s/) })]);
  },
);
