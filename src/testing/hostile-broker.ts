import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createPacketSplitter, packetIdOf, pubackFor } from './mqtt-packets.js';

/** A message as a broker that is not bound by the standard may write it. */
export interface HostileMessage {
  /** Bytes, since a topic need not be UTF-8. */
  readonly topic: Uint8Array;
  readonly payload: Uint8Array;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
  /** MQTT 5 properties, ready made; see {@link property}. */
  readonly properties?: Uint8Array;
}

/** Speaks just enough MQTT 5 to be believed, and sends what no real broker would pass on. */
export interface HostileBroker extends AsyncDisposable {
  readonly url: string;
  /** Resolves when a client has subscribed to as much as it is told to wait for. */
  ready(): Promise<void>;
  /** Resolves with what came of it: the client acknowledged it, or ended the link. */
  send(message: HostileMessage): Promise<'acknowledged' | 'hung up'>;
  /** Bytes that need be no packet at all; resolves as `send`, at the client's next answer to a ping of the broker's own. */
  sendRaw(bytes: Uint8Array): Promise<'acknowledged' | 'hung up'>;
  /** Bytes that need be no packet at all, and then nothing more: the connection is ended. */
  sendLast(bytes: Uint8Array): Promise<void>;
  /** How often the client has published to a topic. */
  publishedTo(topic: string): number;
  connects(): number;
}

const types = { connect: 1, publish: 3, puback: 4, pubrec: 5, subscribe: 8, pingreq: 12 } as const;
const CONNACK = Buffer.from([0x20, 3, 0, 0, 0]);
const PINGRESP = Buffer.from([0xd0, 0]);

/** @param subscriptions packets of SUBSCRIBE after which the client counts as ready. */
export async function startHostileBroker(subscriptions: number): Promise<HostileBroker> {
  let client: Socket | null = null;
  let subscribed = 0;
  let connects = 0;
  let nextId = 1;
  const published = new Map<string, number>();
  const waiting = new Map<number, (what: 'acknowledged' | 'hung up') => void>();
  let wakeReady: () => void = () => undefined;

  function hungUp(): void {
    for (const [id, done] of waiting) {
      waiting.delete(id);
      done('hung up');
    }
  }

  const server = createServer((socket) => {
    // A client may be back before its last end was noticed.
    hungUp();
    client = socket;
    subscribed = 0;
    socket.setNoDelay(true);
    // Its `close` follows.
    socket.on('error', () => undefined);
    socket.on(
      'data',
      createPacketSplitter((packet) => answer(socket, packet)),
    );
    socket.on('close', () => {
      if (client !== socket) return;
      client = null;
      hungUp();
    });
  });

  function answer(socket: Socket, packet: Buffer): void {
    const type = (packet[0] ?? 0) >> 4;
    const body = bodyOf(packet);
    if (type === types.connect) {
      connects++;
      socket.write(CONNACK);
    } else if (type === types.subscribe) {
      socket.write(subackFor(body));
      subscribed++;
      if (subscribed >= subscriptions) wakeReady();
    } else if (type === types.pingreq) socket.write(PINGRESP);
    else if (type === types.publish) {
      const topic = body.subarray(2, 2 + body.readUInt16BE(0)).toString('utf8');
      published.set(topic, (published.get(topic) ?? 0) + 1);
      const id = packetIdOf(packet);
      if (id !== null) socket.write(pubackFor(id));
    } else if (type === types.puback || type === types.pubrec) {
      const id = body.readUInt16BE(0);
      const done = waiting.get(id);
      waiting.delete(id);
      done?.('acknowledged');
    }
  }

  async function ready(): Promise<void> {
    while (client === null || subscribed < subscriptions) {
      await new Promise<void>((resolve) => {
        wakeReady = resolve;
      });
    }
  }

  function expectAnswer(write: (id: number) => Uint8Array): Promise<'acknowledged' | 'hung up'> {
    const id = nextId;
    nextId = (nextId % 65_535) + 1;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      if (client === null) resolve('hung up');
      else client.write(write(id));
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has no port');
  /** Harmless, with QoS 1: its acknowledgement says that all before it has been dealt with. */
  const mark = { topic: Buffer.from('mark'), payload: Buffer.alloc(0), qos: 1 } as const;
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    ready,
    async send(message) {
      await ready();
      if (message.qos !== 0) return await expectAnswer((id) => publishPacket(message, id));
      return await expectAnswer((id) => Buffer.concat([publishPacket(message, id), publishPacket(mark, id)]));
    },
    async sendRaw(bytes) {
      await ready();
      return await expectAnswer((id) => Buffer.concat([bytes, publishPacket(mark, id)]));
    },
    async sendLast(bytes) {
      await ready();
      client?.end(bytes);
    },
    publishedTo: (topic) => published.get(topic) ?? 0,
    connects: () => connects,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      client?.destroy();
      await closed;
    },
  };
}

/** Of a PUBLISH; what is too long for a field is written with a length that lies. */
export function publishPacket(
  { topic, payload, qos = 1, retain = false, properties = Buffer.alloc(0) }: HostileMessage,
  id: number,
): Buffer {
  const packetId = qos === 0 ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 0xff]);
  const body = Buffer.concat([sized(topic), packetId, varint(properties.length), properties, payload]);
  return Buffer.concat([Buffer.from([(types.publish << 4) | (qos << 1) | (retain ? 1 : 0)]), varint(body.length), body]);
}

/** One MQTT 5 property (2.2.2.2) of bytes or text, with its length before it. */
export function property(id: number, ...values: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([id]), ...values.map(sized)]);
}

/** One MQTT 5 property whose value is a number of so many bytes. */
export function numberProperty(id: number, value: number, bytes: 1 | 2 | 4): Buffer {
  const number = Buffer.alloc(bytes);
  number.writeUIntBE(value % 256 ** bytes, 0, bytes);
  return Buffer.concat([Buffer.from([id]), number]);
}

function sized(bytes: Uint8Array): Buffer {
  const length = bytes.length & 0xffff;
  return Buffer.concat([Buffer.from([length >> 8, length & 0xff]), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + (rest >= 128 ? 0x80 : 0));
  return Buffer.from(bytes);
}

function bodyOf(packet: Buffer): Buffer {
  let start = 1;
  while (((packet[start] ?? 0) & 0x80) !== 0) start++;
  return packet.subarray(start + 1);
}

/** Grants every filter of a SUBSCRIBE. */
function subackFor(body: Buffer): Buffer {
  const propertiesBytes = body[2] ?? 0;
  let filters = 0;
  for (let at = 3 + propertiesBytes; at < body.length; at += 2 + body.readUInt16BE(at) + 1) filters++;
  return Buffer.from([0x90, 3 + filters, body[0] ?? 0, body[1] ?? 0, 0, ...Array(filters).fill(1)]);
}
