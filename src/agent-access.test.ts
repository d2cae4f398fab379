import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderDemoScene } from './cli/demo/scene-cache.js';
import { REPLY_SCHEMA } from './domain/wire/command.js';
import { systemClock } from './platform/clock.js';
import { BrokerRefusal, connectMqtt, type IncomingMessage, type MqttLink, type MqttOptions } from './platform/mqtt/index.js';
import { createReceiver, type ReceivedCompletion } from './receiver/index.js';
import { createCertificateWorkshop, opensslInstalled } from './testing/certificates.js';
import { startCli } from './testing/cli-process.js';
import { makeTestFolder, type TestFolder, until } from './testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { rtspServerInstalled, startRtspServer } from './testing/rtsp-server.js';

const example = (name: string): string => fileURLToPath(new URL(`../config/mosquitto/${name}`, import.meta.url));

/** Users of the example, and one agent more. */
const users = { agent: 'demo/box-01', neighbour: 'demo/box-02', centre: 'centre', home: 'home-assistant' } as const;
type User = keyof typeof users;

/** The example as it stands, with this machine's paths; the listener is the test's own. */
async function exampleConfig(folder: TestFolder, withPasswords: boolean): Promise<string[]> {
  const lines = (await readFile(example('mosquitto.conf'), 'utf8')).split('\n');
  const chosen = withPasswords
    ? lines.filter((line) => !/^(require_certificate|use_identity)/.test(line)).map((line) => line.replace(/^#(password_file)/, '$1'))
    : lines;
  return chosen
    .filter((line) => line !== '' && !line.startsWith('#') && !/^(listener|persistence)/.test(line))
    .map((line) =>
      line.replace('/etc/mosquitto/parapet/access-list', example('access-list')).replace('/etc/mosquitto/parapet/', `${folder.path}/`),
    );
}

/** Payload of a message that comes after all others. */
const LAST = 'the last';

/** What each may say (true) and not. */
const writing: readonly (readonly [User, string, boolean])[] = [
  ...(
    [
      ...['status', 'metrics', 'key', 'records', 'reply', 'doctor', 'events/tower/thrown_object', 'cameras/tower/state'],
      ...['incidents/tower/thrown_object/active', 'cases/01KJM3QZ80T7V9C2M4N6P8R0S2/inspection'],
      ...['manifest', 'chunk/0', 'complete'].map((rest) => `evidence/01KJM3QZ80T7V9C2M4N6P8R0S2/01KJM3R2M0A1B2C3D4E5F6G7H8/${rest}`),
    ] as const
  ).flatMap((topic): [User, string, boolean][] => [
    ['agent', `parapet/demo/box-01/${topic}`, true],
    ['neighbour', `parapet/demo/box-01/${topic}`, false],
    ['centre', `parapet/demo/box-01/${topic}`, false],
    ['home', `parapet/demo/box-01/${topic}`, false],
  ]),
  ...['ack', 'need', 'cmd/ping', 'cmd/set', 'cases/01KJM3QZ80T7V9C2M4N6P8R0S2/state'].flatMap((topic): [User, string, boolean][] => [
    ['centre', `parapet/demo/box-01/${topic}`, true],
    ['neighbour', `parapet/demo/box-01/${topic}`, false],
    ['home', `parapet/demo/box-01/${topic}`, false],
  ]),
  ['agent', 'parapet/demo/box-011/status', false],
  ['agent', 'parapet/demo', false],
  ['agent', 'parapet/elsewhere/box-01/status', false],
  ['agent', 'other/demo/box-01/status', false],
  ['agent', 'homeassistant/sensor/box/config', false],
  ['agent', '$SYS/broker/version', false],
  ['centre', 'parapet/demo/box-01', false],
  ['centre', 'parapet/demo/box-01/cmd/a/b', false],
  ['home', 'homeassistant/status', false],
];

/** What reaches each, whatever it subscribes to. */
const hearing: readonly (readonly [User, string, boolean])[] = [
  ...['ack', 'need', 'cmd/ping', 'cases/01KJM3QZ80T7V9C2M4N6P8R0S2/state'].flatMap((topic): [User, string, boolean][] => [
    ['agent', `parapet/demo/box-01/${topic}`, true],
    ['neighbour', `parapet/demo/box-01/${topic}`, false],
    ['home', `parapet/demo/box-01/${topic}`, true],
  ]),
  ...['status', 'events/tower/thrown_object', 'evidence/e/f/chunk/0', 'records', 'key'].flatMap((topic): [User, string, boolean][] => [
    ['agent', `parapet/demo/box-01/${topic}`, false],
    ['neighbour', `parapet/demo/box-01/${topic}`, false],
    ['centre', `parapet/demo/box-01/${topic}`, true],
    ['home', `parapet/demo/box-01/${topic}`, true],
  ]),
];

describe.skipIf(!mosquittoInstalled() || !opensslInstalled())('the example of a broker', () => {
  let folder: TestFolder;
  const fileOf = (user: User): string => users[user].replace('/', '-');

  beforeAll(async () => {
    folder = await makeTestFolder();
    const made = createCertificateWorkshop(folder.path);
    made.authority('ca');
    await made.certificate('broker', { altNames: 'DNS:localhost,IP:127.0.0.1' });
    for (const user of Object.keys(users) as User[]) await made.certificate(fileOf(user), { commonName: users[user] });
    for (const [index, name] of Object.values(users).entries()) {
      const { status, stderr } = spawnSync('mosquitto_passwd', [
        '-b',
        ...(index === 0 ? ['-c'] : []),
        folder.of('passwords'),
        name,
        `secret of ${name}`,
      ]);
      if (status !== 0) throw new Error(`mosquitto_passwd failed: ${String(stderr)}`);
    }
  });
  afterAll(() => folder?.[Symbol.asyncDispose]());

  const withCertificate = (broker: Mosquitto, user: User): Omit<MqttOptions, 'clientId'> => ({
    url: `mqtts://localhost:${broker.port}`,
    tls: { ca: folder.of('ca.pem'), cert: folder.of(`${fileOf(user)}.pem`), key: folder.of(`${fileOf(user)}.key`) },
  });
  const withPassword = (broker: Mosquitto, user: User): Omit<MqttOptions, 'clientId'> => ({
    url: `mqtts://localhost:${broker.port}`,
    username: users[user],
    password: `secret of ${users[user]}`,
    tls: { ca: folder.of('ca.pem') },
  });

  test.each([
    ['client certificates', false, withCertificate],
    ['passwords', true, withPassword],
  ] as const)('lets each with %s say and hear what is his, and nothing else', async (_name, withPasswords, way) => {
    await using broker = await startMosquitto({ config: await exampleConfig(folder, withPasswords) });
    const heard: Record<string, string[]> = { agent: [], neighbour: [], centre: [], home: [] };
    const links = {} as Record<User, MqttLink>;
    for (const user of Object.keys(users) as User[]) {
      const onMessage = ({ topic, payload }: IncomingMessage): void =>
        void heard[user]?.push(Buffer.from(payload).toString() === LAST ? LAST : topic);
      links[user] = await connectMqtt({ mqtt: { ...way(broker, user), clientId: user }, clock: systemClock, cleanStart: true, onMessage });
      // mosquitto grants any subscription, and hands out only what may be read.
      await links[user].subscribe(['parapet/#', 'homeassistant/#']);
    }
    const attempt = async (user: User, topic: string): Promise<boolean> =>
      await links[user].publish({ topic, payload: 'x' }).then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(BrokerRefusal);
          expect((error as BrokerRefusal).reasonCode).toBe(135);
          return false;
        },
      );
    const wrong: string[] = [];
    for (const [user, topic, allowed] of writing) if ((await attempt(user, topic)) !== allowed) wrong.push(`${user} writes ${topic}`);
    for (const list of Object.values(heard)) list.length = 0;
    for (const topic of new Set(hearing.map(([, one]) => one))) {
      const writer = writing.find(([user, one, allowed]) => one === topic && allowed && user !== 'home')?.[0] ?? 'agent';
      expect(await attempt(writer, topic)).toBe(true);
    }
    // The broker has taken all of it: what a link was to hear of it comes before what that link may hear and is said now.
    for (const topic of ['parapet/demo/box-01/ack', 'parapet/demo/box-02/ack', 'parapet/demo/box-01/cmd/ping'])
      await links.centre.publish({ topic, payload: LAST });
    await links.agent.publish({ topic: 'parapet/demo/box-01/status', payload: LAST });
    await until('the last has come to each', () => Object.values(heard).every((list) => list.includes(LAST)));
    for (const [user, topic, allowed] of hearing) if (heard[user]?.includes(topic) !== allowed) wrong.push(`${user} hears ${topic}`);
    expect(wrong).toEqual([]);
    for (const link of Object.values(links)) await link.end();
  });

  test.skipIf(!rtspServerInstalled())('lets a real agent and a real receiver do all of their work', async () => {
    const scene = await renderDemoScene(process.env, () => undefined, new AbortController().signal);
    await using camera = await startRtspServer({ path: scene.video, lengthS: 120 });
    await using broker = await startMosquitto({ config: await exampleConfig(folder, false) });
    const { url, tls } = withCertificate(broker, 'agent');
    const complete: ReceivedCompletion[] = [];
    await using receiver = createReceiver({
      mqtt: withCertificate(broker, 'centre'),
      prefix: 'parapet',
      dataDir: folder.of('received'),
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      onComplete: (message) => complete.push(message),
    });
    await receiver.start();
    const heard = new Map<string, string>();
    const onMessage = ({ topic, payload }: IncomingMessage): void => void heard.set(topic, Buffer.from(payload).toString());
    const centre = await connectMqtt({
      mqtt: { ...withCertificate(broker, 'centre'), clientId: 'desk' },
      clock: systemClock,
      cleanStart: true,
      onMessage,
    });
    await centre.subscribe(['parapet/#']);
    const settings = {
      ...{
        agent: 'box-01',
        data_dir: folder.of('agent'),
        'console.port': 'false',
        'cameras.demo.source.url': camera.url,
        'mqtt.delivery': 'centre',
      },
      ...{ 'mqtt.url': url, 'mqtt.tls.ca': tls?.ca, 'mqtt.tls.cert': tls?.cert, 'mqtt.tls.key': tls?.key },
    };
    const agent = startCli([
      'run',
      '-c',
      scene.config,
      ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ]);
    try {
      await until('an incident has come whole', () => complete.length > 0);
      expect(complete[0]?.message.failed).toEqual([]);
      const base = 'parapet/demo/box-01';
      await centre.publish({ topic: `${base}/cmd/ping`, payload: '' });
      await until('it answers', () => heard.get(`${base}/reply`)?.includes(REPLY_SCHEMA) === true);
      const state = { schema: 'parapet/case-state/v1', event: complete[0]?.message.event, state: 'accepted', at: new Date().toISOString() };
      await centre.publish({ topic: `${base}/cases/${complete[0]?.message.event}/state`, payload: JSON.stringify(state) });
      await until('the case has arrived', async () => {
        await delay(1_100);
        await centre.publish({ topic: `${base}/cmd/status`, payload: '' });
        return /"accepted":1/.test(heard.get(`${base}/reply`) ?? '');
      });
      for (const topic of ['status', 'key', 'cameras/demo/state']) expect(heard.has(`${base}/${topic}`)).toBe(true);
      agent.child.kill('SIGTERM');
      await until('it has said goodbye', () => heard.get(`${base}/status`)?.includes('offline') === true);
      const { code, stderr } = await agent.ended;
      // Nothing that it wanted was refused.
      expect(stderr).not.toMatch(/refused|unheard|not authorised|no right/);
      expect(code).toBe(0);
    } finally {
      agent.child.kill('SIGKILL');
      await centre.end();
    }
  });
});
