import { writeFile } from 'node:fs/promises';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaseStateMessage } from '../domain/wire/case.js';
import { replySchema } from '../domain/wire/command.js';
import { statusSchema } from '../domain/wire/status.js';
import { systemClock } from '../platform/clock.js';
import { openStore, type Store } from '../store/index.js';
import {
  ended,
  makeEvidence,
  makeIncident,
  makeTestFolder,
  recordingLogger,
  type TestFolder,
  until,
} from '../testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import { createCommandDesk, createUplink, PLAIN_EVIDENCE, type Uplink, type UplinkOptions } from './index.js';

const nothing = (): Record<string, unknown> => ({});
const noCommands = {
  ...{ ping: nothing, status: nothing, snapshot: nothing, clip: nothing, verify: nothing },
  ...{ set: nothing, reload: nothing, fetch: nothing, upload: nothing },
};

interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly packet: IPublishPacket;
}

describe.skipIf(!mosquittoInstalled())('the uplink at a real broker', () => {
  let folder: TestFolder;
  let broker: Mosquitto;
  let store: Store;
  let uplink: Uplink | null = null;
  let centre: MqttClient;
  let heard: Heard[];
  const log = recordingLogger();

  async function setUp(config?: readonly string[], files?: Record<string, string>): Promise<void> {
    folder = await makeTestFolder();
    broker = await startMosquitto({ ...(config === undefined ? {} : { config }), ...(files === undefined ? {} : { files }) });
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger: log.logger });
    heard = [];
    centre = connect(broker.url, { protocolVersion: 5, username: 'centre', reconnectPeriod: 100 });
    centre.on('message', (topic, payload, packet) => heard.push({ topic, text: payload.toString('utf8'), packet }));
    centre.on('connect', () => centre.subscribe(['parapet/#', 'answers/#'], { qos: 1 }));
    await until('the centre is connected', () => centre.connected);
    await until('the centre has subscribed', () => broker.log().includes('answers/#'));
  }
  afterEach(async () => {
    await uplink?.[Symbol.asyncDispose]();
    uplink = null;
    await centre.endAsync(true);
    store.close();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  function start(differ: Partial<UplinkOptions> = {}): Uplink {
    uplink = createUplink({
      mqtt: { url: broker.url, username: 'box' },
      identity: { site: 'estate', agent: 'box', version: '1.2.3', prefix: 'parapet' },
      outbox: store.outbox,
      delivery: 'broker',
      chunkBytes: 128 * 1024,
      maxInFlight: 20,
      backoff: { minMs: 50, spreadMs: 200 },
      flushMs: 500,
      createCommands: (base, counters) =>
        createCommandDesk({
          handlers: { ...noCommands, ping: () => ({ version: '1.2.3' }) },
          policy: { allow: ['ping'], key: null },
          base,
          nonces: { take: () => true },
          counters,
          clock: systemClock,
          logger: log.logger,
        }),
      clock: systemClock,
      logger: log.logger,
      ...differ,
    });
    uplink.start();
    return uplink;
  }
  const on = (topic: string): Heard[] => heard.filter((one) => one.topic === topic);

  describe('with everything allowed', () => {
    beforeEach(() => setUp());

    it('says online and offline, retained; a broken link makes the broker say offline', async () => {
      const started = start();
      const states = (): string[] => on('parapet/estate/box/status').map((one) => statusSchema.parse(JSON.parse(one.text)).status);
      await until('online', () => states().at(-1) === 'online');
      expect(JSON.parse(on('parapet/estate/box/status')[0]?.text ?? '')).toMatchObject({ version: '1.2.3' });
      await started[Symbol.asyncDispose]();
      await until('offline', () => states().at(-1) === 'offline');
      uplink = null;
      const again = start();
      await until('online again', () => states().at(-1) === 'online');
      // A second client with the agent's id throws it out: its last will is published.
      const thief = connect(broker.url, { protocolVersion: 5, clientId: 'parapet:estate:box', reconnectPeriod: 0 });
      await until('offline by the last will', () => states().includes('offline', 3));
      await thief.endAsync(true);
      await until('and back', () => again.state().connected && states().at(-1) === 'online');
      expect(again.state().connects).toBe(2);
      expect(log.lines().some((line) => String(line['msg']).includes('every box its own `agent` name'))).toBe(true);
    });

    it('publishes a file as it is, retained, also one that was there before the link; of two the latest', async () => {
      const picture = Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x80]);
      await writeFile(folder.of('old.jpg'), 'old');
      await writeFile(folder.of('new.jpg'), picture);
      await writeFile(folder.of('large.jpg'), Buffer.alloc(1024 * 1024 + 1));
      const started = start({ mqtt: { url: 'mqtt://127.0.0.1:1', username: 'box' } });
      started.publishFile('cameras/gate/trail', folder.of('old.jpg'));
      await started[Symbol.asyncDispose]();
      const again = start();
      again.publishFile('cameras/gone/trail', folder.of('gone.jpg'));
      again.publishFile('cameras/large/trail', folder.of('large.jpg'));
      again.publishFile('cameras/gate/trail', folder.of('old.jpg'));
      again.publishFile('cameras/gate/trail', folder.of('new.jpg'));
      await until('the picture', () => on('parapet/estate/box/cameras/gate/trail').length > 0);
      expect(on('parapet/estate/box/cameras/gate/trail').map(({ packet }) => packet.payload)).toEqual([picture]);
      again.setEvidence({ ...PLAIN_EVIDENCE, hold: { hold: 'always', freeHours: [], holdOverBytes: 4 } });
      again.publishFile('cameras/held/trail', folder.of('new.jpg'));
      await until('it is left out', () => log.lines().some(({ event }) => event === 'picture-held'));
      const unsent = log.lines().filter(({ event }) => event === 'picture-unsent');
      expect(unsent.map(({ topic }) => topic)).toEqual(['cameras/gone/trail', 'cameras/large/trail']);
      const late = connect(broker.url, { protocolVersion: 5 });
      const kept = new Promise<IPublishPacket>((resolve) => late.on('message', (_topic, _payload, packet) => resolve(packet)));
      await late.subscribeAsync('parapet/estate/box/cameras/#');
      expect(await kept).toMatchObject({ retain: true, payload: picture });
      await late.endAsync(true);
    });

    it('sends messages outside its own topics, retained where they are states, and takes the broker’s word for them', async () => {
      store.queue('other', [
        { topic: '/parapet/other/state', payload: '{"is":true}', retain: true },
        { topic: '/parapet/other/happened', payload: '{}', retain: false },
      ]);
      start({ delivery: 'centre' });
      await until('both', () => on('parapet/other/happened').length === 1 && on('parapet/other/state').length === 1);
      await until('they have left', () => store.outbox.depth().messages === 0);
      const late = connect(broker.url, { protocolVersion: 5 });
      const kept: string[] = [];
      late.on('message', (topic) => kept.push(topic));
      await late.subscribeAsync('parapet/other/#');
      await until('the state is kept', () => kept.length > 0);
      expect(kept).toEqual(['parapet/other/state']);
      await late.endAsync(true);
    });

    it('sends its own states, then events, then what others are told of it', async () => {
      const started = start({ maxInFlight: 1 });
      started.publishRetained('/parapet/other/config', { entity: 1 });
      started.publishRetained('key', { key: 1 });
      store.recordIncident(makeIncident());
      started.wake();
      await until('all three', () => ['parapet/other/config', 'parapet/estate/box/key'].every((topic) => on(topic).length > 0));
      expect(heard.map(({ topic }) => topic)).toEqual([
        'parapet/estate/box/key',
        'parapet/estate/box/status',
        'parapet/estate/box/events/tower/thrown_object',
        'parapet/other/config',
      ]);
    });

    it('has the broker forget a retained state', async () => {
      const started = start();
      started.publishRetained('cameras/gone/state', { state: 'online' });
      await until('it is there', () => on('parapet/estate/box/cameras/gone/state').length === 1);
      started.clearRetained('cameras/gone/state');
      await until('it is gone', () => on('parapet/estate/box/cameras/gone/state').at(-1)?.text === '');
    });

    it('publishes the latest retained state after every connection, and figures only once', async () => {
      const started = start();
      started.publishRetained('cameras/tower/state', { state: 'connecting' });
      started.publishRetained('cameras/tower/state', { state: 'online' });
      await until('connected', () => started.state().connected);
      started.publishTransient('metrics', { n: 1 });
      await until('figures', () => on('parapet/estate/box/metrics').length === 1);
      expect(on('parapet/estate/box/cameras/tower/state').at(-1)?.text).toBe('{"state":"online"}');
      const before = on('parapet/estate/box/cameras/tower/state').length;
      await broker.kill();
      await broker.start();
      await until('state again', () => on('parapet/estate/box/cameras/tower/state').length > before);
      expect(on('parapet/estate/box/metrics')).toHaveLength(1);
    });

    it.each([
      ['the response topic of the request', 'answers/42', 'answers/42'],
      ['reply, when none is named', undefined, 'parapet/estate/box/reply'],
    ])('answers ping on %s', async (_name, responseTopic, expected) => {
      await until('connected', () => start().state().connected || true);
      await until('subscribed', () => broker.log().includes('parapet/estate/box/cmd/+ (QoS 1)'));
      const properties = { correlationData: Buffer.from('q7'), ...(responseTopic === undefined ? {} : { responseTopic }) };
      await centre.publishAsync('parapet/estate/box/cmd/ping', '', { qos: 1, properties });
      await until('an answer', () => on(expected).length > 0);
      const answer = on(expected)[0] as Heard;
      expect(replySchema.parse(JSON.parse(answer.text))).toMatchObject({ command: 'ping', ok: true, result: { version: '1.2.3' } });
      expect(answer.packet.properties?.correlationData?.toString()).toBe('q7');
    });

    it('sends events while a command takes its time', async () => {
      const finish: (() => void)[] = [];
      const started = start({
        createCommands: (base, counters) =>
          createCommandDesk({
            handlers: { ...noCommands, clip: () => new Promise((resolve) => finish.push(() => resolve({ done: true }))) },
            policy: { allow: ['clip'], key: null },
            base,
            nonces: { take: () => true },
            counters,
            clock: systemClock,
            logger: log.logger,
          }),
      });
      await until('subscribed', () => broker.log().includes('parapet/estate/box/cmd/+ (QoS 1)'));
      const span = { camera: 'tower', from: '2026-03-01T07:41:00Z', to: '2026-03-01T07:41:10Z' };
      await centre.publishAsync('parapet/estate/box/cmd/clip', JSON.stringify(span), { qos: 1 });
      await until('it is under way', () => finish.length === 1);
      store.recordIncident(makeIncident());
      started.wake();
      await until('the event is out', () => heard.some((one) => one.topic.includes('/events/')));
      expect(on('parapet/estate/box/reply')).toEqual([]);
      finish[0]?.();
      await until('the answer', () => on('parapet/estate/box/reply').length === 1);
    });

    it('answers what it refuses: unknown, not allowed, kept by the broker', async () => {
      await centre.publishAsync('parapet/estate/box/cmd/ping', '{}', { qos: 1, retain: true });
      const started = start();
      await until('subscribed', () => broker.log().includes('parapet/estate/box/cmd/+ (QoS 1)'));
      for (const name of ['Explode', 'reload']) await centre.publishAsync(`parapet/estate/box/cmd/${name}`, '{}', { qos: 1 });
      await until('three answers', () => on('parapet/estate/box/reply').length === 3);
      const replies = on('parapet/estate/box/reply').map(({ text }) => replySchema.parse(JSON.parse(text)));
      expect(replies.map(({ command, code }) => `${command} ${code}`).sort()).toEqual([
        'Explode unknown_command',
        'ping retained',
        'reload not_allowed',
      ]);
      expect(started.counters).toMatchObject({ commands: 3, commandsRefused: 3, badInbound: 0 });
    });

    it('counts and drops what it does not understand, in one line, and goes on', async () => {
      const started = start({ delivery: 'centre' });
      await until('subscribed', () => broker.log().includes('parapet/estate/box/cmd/+ (QoS 1)'));
      const bad: [string, string | Buffer][] = [
        ['ack', 'not json'],
        ['ack', '{"schema":"parapet/ack/v1","key":"event/x","sha256":"short"}'],
        ['ack', Buffer.from([0xff, 0xfe, 0x00])],
        ['need', '{"schema":"parapet/need/v1","event":"e","evidence":"v","chunks":[-1]}'],
        ['need', Buffer.alloc(65_000, 0x31)],
        ['cmd/ping', ''],
      ];
      for (const [topic, payload] of bad) {
        const properties = topic === 'cmd/ping' ? { responseTopic: '$SYS/evil' } : {};
        await centre.publishAsync(`parapet/estate/box/${topic}`, payload, { qos: 1, properties });
      }
      await until('all were read', () => started.counters.badInbound === bad.length);
      expect(log.lines().filter((line) => line['event'] === 'bad-inbound').length).toBe(1);
      store.recordIncident(makeIncident());
      started.wake();
      await until('it goes on', () => heard.some((one) => one.topic.includes('/events/')));
      expect(started.state().connects).toBe(1);
    });

    it('hands over what the centre says of cases, and nothing that speaks of another event', async () => {
      const said: CaseStateMessage[] = [];
      const started = start({ onCase: (state) => said.push(state) });
      await until('subscribed', () => broker.log().includes('parapet/estate/box/cases/+/state (QoS 1)'));
      const event = makeIncident().id;
      const state: CaseStateMessage = { schema: 'parapet/case-state/v1', event, state: 'false_alarm', at: '2026-03-01T09:12:40Z' };
      const bad: [string, object][] = [
        [makeIncident().id, state],
        [event, { ...state, state: 'perhaps' }],
        [event, { ...state, at: 'yesterday' }],
        ['x', { ...state, event: 'x' }],
      ];
      for (const [topic, payload] of [...bad, [event, state] as const]) {
        await centre.publishAsync(`parapet/estate/box/cases/${topic}/state`, JSON.stringify(payload), { qos: 1 });
      }
      await until('it was heard', () => started.counters.cases === 1 && started.counters.badInbound === bad.length);
      expect(said).toEqual([state]);
    });

    it('keeps a row although an acknowledgement with another hash names it', async () => {
      const started = start({ delivery: 'centre' });
      const { id } = store.recordIncident(makeIncident());
      started.wake();
      await until('it was sent', () => heard.some((one) => one.topic.includes('/events/')));
      const ack = { schema: 'parapet/ack/v1', key: `event/tower/${id}/1`, sha256: 'a'.repeat(64) };
      await centre.publishAsync('parapet/estate/box/ack', JSON.stringify(ack), { qos: 1 });
      await until('it was read', () => started.counters.badInbound === 1);
      expect(store.outbox.depth().messages).toBe(1);
    });
  });

  it('says where the broker does not let it answer', async () => {
    const acl = ['user box', 'topic readwrite parapet/estate/box/#', 'user centre', 'topic readwrite #', ''];
    await setUp(['allow_anonymous true', 'acl_file $FOLDER/acl'], { acl: acl.join('\n') });
    const started = start();
    await until('subscribed', () => broker.log().includes('parapet/estate/box/cmd/+ (QoS 1)'));
    for (const responseTopic of ['answers/1', 'parapet/estate/box/reply/1']) {
      await centre.publishAsync('parapet/estate/box/cmd/ping', '{}', { qos: 1, properties: { responseTopic } });
    }
    await until('the answer below its own topic', () => on('parapet/estate/box/reply/1').length === 1);
    await until('the other was refused', () => started.counters.refusals === 1);
    expect(log.lines().find((line) => line['event'] === 'reply-refused')?.['msg']).toContain('answers/1');
  });

  it('keeps what the broker refuses, and lets other cameras pass', async () => {
    const acl = ['user box', 'topic readwrite #', 'topic deny parapet/estate/box/events/secret/#', 'user centre', 'topic readwrite #', ''];
    await setUp(['allow_anonymous true', 'acl_file $FOLDER/acl'], { acl: acl.join('\n') });
    const started = start();
    store.recordIncident(makeIncident({ cameraId: 'secret' }));
    store.recordIncident(makeIncident({ cameraId: 'tower' }));
    store.recordIncident(makeIncident({ cameraId: 'secret' }));
    started.wake();
    await until('the others passed', () => heard.some((one) => one.topic.includes('/events/tower/')));
    await until('the refusal was counted', () => started.counters.refusals > 0);
    await until('only the others left', () => store.outbox.depth().messages === 2);
    expect(store.outbox.messages(0, 10).map((message) => JSON.parse(message.payload).seq)).toEqual([1, 2]);
    expect(log.lines().some((line) => line['event'] === 'message-refused' && String(line['msg']).includes('not authorised'))).toBe(true);
  });

  it('cuts chunks to the packet size that the broker takes, and holds a message that is too large', async () => {
    await setUp(['allow_anonymous true', 'max_packet_size 20000']);
    const started = start();
    const incident = makeIncident();
    const clip = await makeEvidence(incident, 'clip', folder.of('clip'), 100_000);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
    store.recordIncident(makeIncident({ cameraId: 'verbose', labels: Array.from({ length: 3_000 }, () => 'label') }));
    started.wake();
    await until('the clip is through', () => heard.some((one) => one.topic.endsWith(`${clip.id}/complete`)));
    const chunks = heard.filter((one) => one.topic.includes('/chunk/'));
    expect(chunks).toHaveLength(Math.ceil(100_000 / (20_000 - 1_024)));
    expect(Math.max(...chunks.map((one) => (one.packet.payload as Buffer).length))).toBe(20_000 - 1_024);
    await until('only the message that is too large is left', () => store.outbox.depth().messages === 1);
    expect(started.state().connects).toBe(1);
  });
});
