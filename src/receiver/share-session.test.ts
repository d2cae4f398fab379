import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.js';
import { makeTestFolder, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { createPacketSplitter } from '../testing/mqtt-packets.js';
import { createReceiver } from './index.js';

const DAY_MS = 86_400_000;

describe('the session that a receiver asks a broker to keep', () => {
  let folder: TestFolder;
  let server: Server;
  let url: string;
  let askedS: Promise<number>;

  /** Reads a CONNECT and says nothing. */
  beforeEach(async () => {
    folder = await makeTestFolder();
    server = createServer();
    askedS = new Promise((resolve) => {
      server.on('connection', (socket) => {
        socket.on('error', () => socket.destroy());
        socket.on(
          'data',
          createPacketSplitter((packet) => resolve(sessionExpiryS(packet))),
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('a TCP server has no port');
    url = `mqtt://127.0.0.1:${address.port}`;
  });
  afterEach(async () => {
    server.close();
    await folder[Symbol.asyncDispose]();
  });

  it.each([
    ['alone, as configured', undefined, DAY_MS, 86_400],
    ['in a group, a minute at most: its share is dealt out while it is away', 'centre', DAY_MS, 60],
    ['in a group, less where less is configured', 'centre', 5_000, 5],
    ['in a group, none where none is configured', 'centre', 0, 0],
  ])('%s', async (_, shareGroup, sessionExpiryMs, expected) => {
    await using receiver = createReceiver({
      mqtt: { url, sessionExpiryMs },
      prefix: 'parapet',
      dataDir: folder.path,
      ...(shareGroup === undefined ? {} : { shareGroup }),
      clock: systemClock,
      logger: silentLogger(),
    });
    await receiver.start();
    expect(await askedS).toBe(expected);
  });
});

/** Of an MQTT 5 CONNECT (section 3.1.2 of the standard): the property 0x11, seconds; 0 without it. */
function sessionExpiryS(packet: Buffer): number {
  let at = 1;
  while (((packet[at] ?? 0) & 0x80) !== 0) at++;
  // Rest of the length, "MQTT", version, flags, keepalive: then the properties, whose length is below 128 here.
  const properties = at + 1 + 6 + 1 + 1 + 2;
  const end = properties + 1 + (packet[properties] ?? 0);
  const sizes: Readonly<Record<number, number>> = { 17: 4, 33: 2, 39: 4 };
  for (let place = properties + 1; place < end; place += 1 + (sizes[packet[place] ?? 0] ?? 0)) {
    const id = packet[place] ?? 0;
    if (id === 17) return packet.readUInt32BE(place + 1);
    if (sizes[id] === undefined) throw new RangeError(`a property that this test does not know: ${id}`);
  }
  return 0;
}
