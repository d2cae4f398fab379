import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import type { AgentError } from '../../platform/errors.js';
import type { MqttOptions } from '../../platform/mqtt/index.js';
import { makeTestFolder } from '../../testing/delivery-fixtures.js';
import { freePort, type Mosquitto, mosquittoInstalled, startMosquitto } from '../../testing/mosquitto.js';
import { checkBroker } from './check-broker.js';

const check = (mqtt: Partial<MqttOptions> & { url: string }) =>
  checkBroker({ clientId: 'check', connectTimeoutMs: 3_000, ...mqtt }, systemClock);

async function failure(mqtt: Partial<MqttOptions> & { url: string }): Promise<{ code: string; message: string }> {
  const error = (await check(mqtt).then(
    () => new Error('it connected'),
    (reason: unknown) => reason,
  )) as AgentError;
  expect(error.message).not.toMatch(/hunter2|\n/);
  return { code: error.code, message: error.message };
}

describe.skipIf(!mosquittoInstalled())('a broker with a password', () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    const folder = await makeTestFolder();
    spawnSync('mosquitto_passwd', ['-b', '-c', folder.of('pw'), 'box', 'hunter2']);
    // Made by hand where mosquitto_passwd is not there: the file is read by the broker alone.
    broker = await startMosquitto({ config: ['allow_anonymous false', `password_file ${folder.of('pw')}`] });
    await folder[Symbol.asyncDispose]();
  });
  afterAll(() => broker[Symbol.asyncDispose]());

  it('is found good with the right one, in the options or in the URL', async () => {
    expect(await check({ url: broker.url, username: 'box', password: 'hunter2' })).toMatchObject({ protocol: '5', retainAvailable: true });
    expect(await check({ url: `mqtt://box:hunter2@127.0.0.1:${broker.port}` })).toMatchObject({ protocol: '5' });
  });

  it('refuses the wrong one, in one line that names the mend', async () => {
    const expected = {
      code: 'BROKER_REFUSED',
      message: expect.stringMatching(/^MQTT broker mqtt:\/\/127.*check mqtt\.username/),
    };
    expect(await failure({ url: broker.url, username: 'box', password: 'wrong hunter2' })).toEqual(expected);
    expect(await failure({ url: `mqtt://box:hunter2x@127.0.0.1:${broker.port}` })).toEqual(expected);
  });
});

describe('what is no broker', () => {
  let server: Server | null = null;
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    server?.close();
    server = null;
  });
  async function listen(serve: (socket: Socket, version: number) => void): Promise<string> {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      // Byte 8 of a CONNECT with a one-byte length is the protocol version; the length here may take two.
      socket.once('data', (data) => serve(socket, data[data.indexOf('MQTT') + 4] ?? 0));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  it.each([
    ['a closed port', async () => `mqtt://127.0.0.1:${await freePort()}`, 'BROKER_UNREACHABLE', /nothing listens there/],
    ['an unknown host', async () => 'mqtt://broker.invalid:1883', 'BROKER_UNREACHABLE', /DNS|name server/],
    ['a port that hangs up', () => listen((socket) => socket.end()), 'BROKER_UNREACHABLE', /mqtts:\/\/|closed the connection/],
    [
      'a port that says nothing',
      () => listen(() => undefined),
      'BROKER_UNREACHABLE',
      /does not answer: something takes the connection and says nothing/,
    ],
    [
      'a web server',
      () => listen((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
      'BROKER_UNREACHABLE',
      /does not answer: what listens there does not speak MQTT/,
    ],
    ['another protocol', async () => 'http://127.0.0.1', 'CONFIG_INVALID', /mqtt:\/\/host:1883/],
    ['a password without a name', async () => 'mqtt://:hunter2@127.0.0.1', 'CONFIG_INVALID', /mqtt\.username is not/],
    ['no URL', async () => 'broker', 'CONFIG_INVALID', /is not a URL/],
  ])('%s: one line that names the mend', async (name, url, code, message) => {
    expect(
      await failure({
        url: await url(),
        connectTimeoutMs: 500,
        ...(name.startsWith('a password') ? {} : { username: 'box', password: 'hunter2' }),
      }),
    ).toEqual({
      code,
      message: expect.stringMatching(message),
    });
  });

  const connack311 = (code: number): Buffer => Buffer.from([0x20, 2, 0, code]);
  it.each([
    ['answers with code 1', (socket: Socket, version: number) => (version === 5 ? socket.end(connack311(1)) : socket.write(connack311(0)))],
    ['hangs up', (socket: Socket, version: number) => (version === 5 ? socket.end() : socket.write(connack311(0)))],
  ])('a broker that %s to MQTT 5 is spoken to in 3.1.1', async (_name, serve) => {
    expect(await check({ url: await listen(serve) })).toMatchObject({ protocol: '3.1.1' });
  });
});
