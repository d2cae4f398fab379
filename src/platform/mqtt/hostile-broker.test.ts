import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostileBroker, publishPacket, startHostileBroker } from '../../testing/hostile-broker.js';
import { systemClock } from '../clock.js';
import { connectMqtt, type IncomingMessage, type MqttLink } from './index.js';

/** What a broker may do that has been broken into, or never was one. */
describe('a link to a hostile broker', () => {
  let broker: HostileBroker;
  let heard: string[];

  beforeEach(async () => {
    broker = await startHostileBroker(1);
    heard = [];
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  async function open(): Promise<{ readonly link: MqttLink; readonly closed: Promise<string> }> {
    const onMessage = ({ topic }: IncomingMessage): void => void heard.push(topic);
    const mqtt = { url: broker.url, clientId: 'victim', keepaliveMs: 0, maximumPacketBytes: 10_000 };
    const link = await connectMqtt({ mqtt, clock: systemClock, onMessage });
    const closed = link.closed.then(({ message }) => message);
    await link.subscribe(['all']);
    return { link, closed };
  }

  it('takes what is small enough', async () => {
    const { link } = await open();
    expect(await broker.send({ topic: Buffer.from('topic'), payload: Buffer.alloc(9_900) })).toBe('acknowledged');
    expect(heard).toEqual(['topic']);
    await link.end();
  });

  it('ends it at the announcement of a packet that is too large, before it has come', async () => {
    const { closed } = await open();
    const packet = publishPacket({ topic: Buffer.from('topic'), payload: Buffer.alloc(20_000_000) }, 1);
    expect(await broker.sendRaw(packet.subarray(0, 100))).toBe('hung up');
    expect(await closed).toBe(`it sent a packet of ${packet.length} bytes, at most 10000 are taken`);
    expect(heard).toEqual([]);
  });

  it('ends it at a message with QoS 2, which would be kept for ever', async () => {
    const { closed } = await open();
    void broker.send({ topic: Buffer.from('topic'), payload: Buffer.alloc(10), qos: 2 });
    expect(await closed).toBe('it sent a message with QoS 2, which nobody asked for');
  });

  it('lives through any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const { closed } = await open();
        await broker.sendLast(bytes);
        // It ends by what they were, or by their end, and has a reason for it.
        expect(await closed).not.toBe('');
      }),
      { numRuns: 60 },
    );
  });
});
