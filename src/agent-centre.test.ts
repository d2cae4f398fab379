import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderDemoScene } from './cli/demo/scene-cache.js';
import { channels } from './domain/contract/channels.js';
import { type InspectionMessage, inspectionSchema } from './domain/wire/case.js';
import { type ReplyMessage, replySchema } from './domain/wire/command.js';
import { type EventMessage, eventSchema } from './domain/wire/event.js';
import { probe } from './media/probe.js';
import { systemClock } from './platform/clock.js';
import { createReceiver, type ReceivedEvidence, type Receiver } from './receiver/index.js';
import { type CliProcess, startCli } from './testing/cli-process.js';
import { type ContractWitness, startContractWitness } from './testing/contract-witness.js';
import { makeTestFolder, type TestFolder, until } from './testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { type RtspServer, rtspServerInstalled, startRtspServer } from './testing/rtsp-server.js';
import { endAfterSuite } from './testing/suite-teardown.js';

const base = 'parapet/demo/box-01';

/** The paths of all keys of a JSON value, those of a list's first entry for all. */
function keysWithin(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 || typeof value[0] !== 'object' ? [] : keysWithin(value[0], `${at}[]`);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [`${at}.${key}`, ...keysWithin(child, `${at}.${key}`)]);
}

interface Result {
  readonly event: string;
  readonly verdict?: string;
  readonly complete?: boolean;
  readonly missing?: readonly { readonly from: string; readonly to: string }[];
  readonly evidence: readonly {
    readonly id: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly from: string;
    readonly to: string;
  }[];
}

/** The centre: hears everything, commands, and puts files together. */
async function createCentre(url: string) {
  const client: MqttClient = connect(url, { protocolVersion: 5, clientId: 'centre' });
  const events: EventMessage[] = [];
  const inspections: InspectionMessage[] = [];
  const replies = new Map<string, ReplyMessage>();
  const chunks = new Map<string, Map<number, Buffer>>();
  const whole = new Set<string>();
  /** The last payload of each topic that has one. */
  const retained = new Map<string, Buffer>();
  let asked = 0;
  client.on('message', (topic, payload, packet) => {
    if (payload.length === 0) retained.delete(topic);
    else retained.set(topic, payload);
    const parts = topic.slice(base.length + 1).split('/');
    if (topic === 'centre/replies') {
      replies.set(packet.properties?.correlationData?.toString() ?? '', replySchema.parse(JSON.parse(payload.toString())));
    } else if (parts[0] === 'events') events.push(eventSchema.parse(JSON.parse(payload.toString())));
    else if (parts[0] === 'cases' && parts[2] === 'inspection' && payload.length > 0) {
      inspections.push(inspectionSchema.parse(JSON.parse(payload.toString())));
    } else if (parts[3] === 'chunk') {
      const file = chunks.get(parts[2] ?? '') ?? new Map<number, Buffer>();
      chunks.set(parts[2] ?? '', file.set(Number(parts[4]), payload));
    } else if (parts[0] === 'evidence' && parts[3] === 'complete') whole.add(parts[2] ?? '');
  });
  await client.subscribeAsync(['parapet/#', 'centre/replies', 'homeassistant/#', '+/onvif-ej/#'], { qos: 1 });
  return {
    events,
    retained,
    publish: (topic: string, payload: string) => client.publishAsync(topic, payload, { qos: 1 }),
    inspections,
    async ask(name: string, payload: object = {}, limitMs?: number): Promise<ReplyMessage> {
      const id = String(asked++);
      const properties = { responseTopic: 'centre/replies', correlationData: Buffer.from(id) };
      await client.publishAsync(`${base}/cmd/${name}`, JSON.stringify(payload), { qos: 1, properties });
      await until(`the reply to ${name}`, () => replies.has(id), limitMs);
      return replies.get(id) as ReplyMessage;
    },
    /** A file as it was delivered. */
    async file(id: string): Promise<Buffer> {
      await until(`the evidence ${id} has come`, () => whole.has(id));
      return Buffer.concat([...(chunks.get(id) ?? new Map<number, Buffer>())].sort(([a], [b]) => a - b).map(([, chunk]) => chunk));
    },
    end: () => client.endAsync(true),
  };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const resultOf = (reply: ReplyMessage): Result => {
  expect(reply).toMatchObject({ ok: true, code: null });
  return reply.result as unknown as Result;
};

describe.skipIf(!rtspServerInstalled() || !mosquittoInstalled())('an agent and its centre', () => {
  const { keep, defer } = endAfterSuite();
  let folder: TestFolder;
  let camera: RtspServer;
  let broker: Mosquitto;
  let centre: Awaited<ReturnType<typeof createCentre>>;
  let agent: CliProcess;
  let receiver: Receiver;
  let witness: ContractWitness;
  /** Takes what is put there. */
  const uploaded: Buffer[] = [];
  const store = createServer((request, response) => {
    void request.toArray().then((pieces: Buffer[]) => {
      uploaded.push(Buffer.concat(pieces));
      response.writeHead(201).end();
    });
  });
  const received: ReceivedEvidence[] = [];
  let configText: string;
  let onlineMs = 0;

  const start = (): void => {
    agent = keep(startCli(['run', '-c', folder.of('parapet.yaml')]));
  };
  const online = async (): Promise<void> => {
    await until('the camera is online', async () => {
      // No faster than the agent answers.
      await delay(1_100);
      const { cameras } = ((await centre.ask('status')).result ?? {}) as { cameras?: readonly { readonly ok: boolean }[] };
      return cameras?.[0]?.ok === true;
    });
  };

  const answers = async (): Promise<void> =>
    await until('the agent answers', async () => (await centre.ask('ping', {}, 1_000).catch(() => null))?.ok === true);

  beforeAll(async () => {
    folder = keep(await makeTestFolder());
    const scene = await renderDemoScene(process.env, () => undefined, new AbortController().signal);
    camera = keep(await startRtspServer({ path: scene.video, lengthS: 240 }));
    broker = keep(await startMosquitto());
    store.listen(0, '127.0.0.1');
    await once(store, 'listening');
    defer(() => store.close());
    const text = await readFile(scene.config, 'utf8');
    configText = `${text.replace(/url: [^ }]*/, `url: "${camera.url}"`)}
agent: box-01
data_dir: ${folder.of('data')}
console: { port: null }
mqtt:
  url: "${broker.url}"
  commands: { allow: [ping, status, snapshot, clip, verify, set, reload, fetch, upload] }
  evidence: { upload: { hosts: ["127.0.0.1:${portOf(store)}"], allow_http: true } }
  formats: [parapet, onvif]
  home_assistant: { enabled: true }
`;
    await writeFile(folder.of('parapet.yaml'), configText);
    witness = keep(await startContractWitness(broker.url, (topic) => topic.startsWith('centre/')));
    centre = await createCentre(broker.url);
    defer(() => centre.end());
    receiver = keep(
      createReceiver({
        mqtt: { url: broker.url },
        prefix: 'parapet',
        dataDir: folder.of('received'),
        clock: systemClock,
        logger: pino({ level: 'silent' }),
        onEvent: () => undefined,
        onEvidence: (file) => received.push(file),
        onComplete: () => undefined,
      }),
    );
    await receiver.start();
    start();
    await answers();
    await online();
    onlineMs = Date.now();
  });

  test('shows what a camera sees now, delivered whole', async () => {
    const before = Date.now();
    const { event, evidence } = resultOf(await centre.ask('snapshot', { camera: 'demo', case: 'complaint 17' }));
    expect(event).toMatch(/^[0-9A-Z]{26}$/);
    const [picture] = evidence;
    expect(sha256(await centre.file(picture?.id ?? ''))).toBe(picture?.sha256);
    expect(Math.abs(Date.parse(picture?.to ?? '') - before)).toBeLessThan(20_000);
    expect(await centre.ask('snapshot', { camera: 'elsewhere' })).toMatchObject({ ok: false, code: 'unknown_camera' });
  });

  test('sends a file again, over MQTT and to a URL', async () => {
    const { event, evidence } = resultOf(await centre.ask('snapshot', { camera: 'demo' }));
    const id = evidence[0]?.id ?? '';
    expect(await centre.ask('fetch', { event })).toMatchObject({ ok: true });
    const url = `http://127.0.0.1:${portOf(store)}/put?token=1`;
    expect(await centre.ask('upload', { event, evidence: id, url })).toMatchObject({ ok: true });
    await until('the file is there', () => uploaded.length > 0);
    expect(sha256(uploaded[0] as Buffer)).toBe(evidence[0]?.sha256);
    expect(await centre.ask('upload', { event, evidence: id, url: 'http://127.0.0.1:9/put' })).toMatchObject({ code: 'not_allowed' });
  });

  test('cuts footage of the past, under an id of the centre’s own, and says what is not held', async () => {
    // So much has been recorded since it came online.
    await until('there is a past', () => Date.now() - onlineMs > 7_000);
    const toMs = Date.now() - 1_000;
    const span = { camera: 'demo', from: new Date(toMs - 5_000).toISOString(), to: new Date(toMs).toISOString() };
    const event = '01KJM3QZ80T7V9C2M4N6P8R0S2';
    const clip = resultOf(await centre.ask('clip', { ...span, event, case: '12345-2026/7' }));
    expect(clip).toMatchObject({ event, case: '12345-2026/7', complete: true, missing: [] });
    const [file] = clip.evidence;
    const bytes = await centre.file(file?.id ?? '');
    expect(sha256(bytes)).toBe(file?.sha256);
    await until('the receiver has it too', () => received.some(({ evidence }) => evidence === file?.id));
    expect(received.find(({ evidence }) => evidence === file?.id)).toMatchObject({ event, camera: 'demo', sha256: file?.sha256 });
    await writeFile(folder.of('clip.mp4'), bytes);
    expect((await probe({ kind: 'file', path: folder.of('clip.mp4') })).durationS).toBeGreaterThan(5);
    expect(Date.parse(file?.from ?? '')).toBeLessThanOrEqual(Date.parse(span.from));
    expect(Date.parse(file?.to ?? '')).toBeGreaterThanOrEqual(Date.parse(span.to));

    const early = resultOf(await centre.ask('clip', { ...span, from: new Date(toMs - 500_000).toISOString() }));
    expect(early.complete).toBe(false);
    expect(Date.parse(early.missing?.[0]?.to ?? '') - Date.parse(early.missing?.[0]?.from ?? '')).toBeGreaterThan(60_000);
    const gone = await centre.ask('clip', { camera: 'demo', from: '2020-01-01T00:00:00Z', to: '2020-01-01T00:00:10Z' });
    expect(gone).toMatchObject({ ok: false, code: 'not_held', error: expect.stringContaining('it holds 20') });
  });

  test('looks again at an incident, for a command and for a solved case', async () => {
    await until('a throw is over', () => centre.events.some(({ phase }) => phase === 'end'));
    const { id } = centre.events.find(({ phase }) => phase === 'end') as EventMessage;
    const reply = await centre.ask('verify', { event: id });
    expect(reply).toMatchObject({ ok: true, result: { event: id, verdict: 'cannot_tell', reason: expect.stringContaining('landing') } });
    const { evidence } = reply.result as unknown as { evidence: Result['evidence'][number] };
    expect(sha256(await centre.file(evidence.id))).toBe(evidence.sha256);

    const { cases } = receiver.office;
    await until('the throw is a case', async () => (await cases.get(id)) !== null);
    for (const to of ['accepted', 'filed', 'dispatched', 'solved'] as const)
      await cases.move(id, to, { by: 'anna', note: null, atMs: Date.now() });
    await until('the case is inspected', () => centre.inspections.length > 0);
    const [inspection] = centre.inspections;
    expect(inspection).toMatchObject({ event: id, camera: 'demo', verdict: 'cannot_tell' });
    expect(sha256(await centre.file(inspection?.evidence?.id ?? ''))).toBe(inspection?.evidence?.sha256);
    expect(await centre.ask('status')).toMatchObject({ result: { cases: { solved: 1 } } });
    // One picture does not tell: a person must look.
    await until('the answer is in the history', async () => (await cases.history(id)).length === 6);
    expect((await cases.history(id)).at(-1)).toMatchObject({ from: 'solved', to: 'solved', evidence: inspection?.evidence?.id });
    expect(await cases.get(id)).toMatchObject({ state: 'solved' });
    expect(await centre.ask('verify', { event: '01KJM3QZ80T7V9C2M4N6P8R0SX' })).toMatchObject({ ok: false, code: 'unknown_event' });
  });

  test('takes over a changed config, refuses a bad one, and the stream goes on', async () => {
    await writeFile(folder.of('parapet.yaml'), configText.replace('facade:', 'facades:'));
    const refused = await centre.ask('reload');
    expect(refused).toMatchObject({ ok: false, code: 'config_invalid', error: expect.stringContaining("did you mean 'facade'?") });
    await writeFile(
      folder.of('parapet.yaml'),
      `${configText.replace(/^( *)facade:/m, '$1masks: { motion: [[[0, 0.9], [0.1, 0.9], [0.1, 1]]] }\n$1facade:')}\nretention: { days: 7 }\nlog: { level: debug }\n`,
    );
    expect(await centre.ask('reload')).toMatchObject({
      ok: true,
      result: { changed: ['demo'], added: [], removed: [], reconnected: [], needs_restart: ['log.level'] },
    });
    await online();
    // Still the first connection.
    expect(resultOf(await centre.ask('snapshot', { camera: 'demo' })).evidence).toHaveLength(1);
    expect((await centre.ask('reload')).result).toMatchObject({ changed: [] });
  });

  test('tells its status with the keys that docs/commands.md shows', async () => {
    const page = await readFile(new URL('../docs/commands.md', import.meta.url), 'utf8');
    const shown = [...page.matchAll(/```json\n(.*?)\n```/gs)].map(([, json]) => replySchema.parse(JSON.parse(json ?? '')));
    const documented = shown.find(({ command }) => command === 'status')?.result ?? {};
    const live = (await centre.ask('status')).result ?? {};
    expect(keysWithin(live)).toEqual(keysWithin({ ...documented, cases: live['cases'] }));
  });

  test('sets a rule, and remembers it after a restart', async () => {
    const rule = async () =>
      ((await centre.ask('status')).result as { cameras: readonly { rules: readonly object[] }[] }).cameras[0]?.rules[0];
    expect(await rule()).toMatchObject({ enabled: true, set: false });
    expect(await centre.ask('set', { camera: 'demo', enabled: false, sensitivity: 'low' })).toMatchObject({
      ok: true,
      result: { rule: 'thrown_object', enabled: false, sensitivity: 'low', config: { enabled: true, sensitivity: 'normal' } },
    });
    agent.child.kill('SIGTERM');
    expect(await agent.ended).toMatchObject({ code: 0 });
    const seen = centre.inspections.length;
    start();
    await answers();
    expect(await rule()).toMatchObject({ enabled: false, sensitivity: 'low', set: true });
    // What it answered on the solved case is said again.
    await until('the inspection is published anew', () => centre.inspections.length > seen);
    const id = centre.inspections.at(-1)?.event ?? '';
    for (const to of ['verified', 'closed'] as const)
      await receiver.office.cases.move(id, to, { by: 'anna', note: null, atMs: Date.now() });
    // It is said no more, and the evidence may go.
    await until('the agent knows that the case is closed', () => !centre.retained.has(`${base}/cases/${id}/inspection`));
    expect(await centre.ask('set', { camera: 'demo', enabled: null, sensitivity: null })).toMatchObject({ ok: true });
    expect(await rule()).toMatchObject({ enabled: true, sensitivity: 'normal', set: false });
  });

  const json = (topic: string): Readonly<Record<string, unknown>> => JSON.parse(centre.retained.get(topic)?.toString() ?? '{}');

  test('lets Home Assistant switch a rule, see the picture of the last fall, and forget what is gone', async () => {
    const announced = (): string[] => [...centre.retained.keys()].filter((topic) => topic.startsWith('homeassistant/'));
    const [topic] = announced().filter((one) => one.startsWith('homeassistant/switch/'));
    const { command_topic, payload_off, payload_on, state_topic } = json(topic ?? '') as Readonly<Record<string, string>>;
    for (const [payload, enabled] of [
      [payload_off, false],
      [payload_on, true],
    ] as const) {
      await centre.publish(command_topic ?? '', payload ?? '');
      await until('the switch has moved', () => json(state_topic ?? '')['enabled'] === enabled);
    }
    const image = announced().find((one) => one.startsWith('homeassistant/image/'));
    const picture = centre.retained.get(String(json(image ?? '')['image_topic']));
    expect(picture?.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));

    await writeFile(
      folder.of('parapet.yaml'),
      configText.replace(/^( *)facade:/m, '$1rules: [{ type: thrown_object, name: upper }]\n$1facade:'),
    );
    expect(await centre.ask('reload')).toMatchObject({ ok: true, result: { changed: ['demo'] } });
    const switches = (): string[] => announced().filter((one) => one.startsWith('homeassistant/switch/'));
    await until('the other rule has a switch', () => switches().join().includes('upper'));
    await until('the first has none', () => switches().length === 1);
    expect(centre.retained.has(`${base}/rules/demo/thrown_object/state`)).toBe(false);
  });

  test('tells in ONVIF’s words what falls, and whether the camera sends', () => {
    const thrown = [...centre.retained].filter(([topic]) => topic.includes('/onvif-ej/RuleEngine/parapet:ThrownObject/'));
    expect(thrown.map(([topic]) => topic)).toEqual([
      'parapet:demo:box-01/onvif-ej/RuleEngine/parapet:ThrownObject/&demo/parapet/thrown_object',
    ]);
    expect(json(thrown[0]?.[0] ?? '')).toMatchObject({ Data: { 'parapet:Phase': 'end', 'parapet:Floor': expect.stringMatching(/^\d+$/) } });
    expect(json('parapet:demo:box-01/onvif-ej/VideoSource/SignalLoss/&demo')).toMatchObject({ Data: { State: 'false' } });
  });

  /** Channels that need not be seen here, and why. */
  const excused: Readonly<Record<string, string>> = {
    doctor: 'only `parapet doctor` sends it, not an agent that runs',
    metrics: 'figures come after 60 s; src/pipeline/telling/state-publisher.test.ts holds them to their schema',
    gone: 'nothing is lost here; src/receiver/gaps.test.ts has the centre ask for it',
    need: 'nothing is lost here; src/receiver/evidence.test.ts has the centre ask',
    sensor: 'nobody speaks here; src/agent-sensors.test.ts has devices speak before the same witness',
    patrol: 'nobody is sent here; the same test has one walk',
  };

  test('sends and takes nothing but what docs/asyncapi.yaml says, and all of it', async () => {
    await centre.publish(`${base}/cmd/ping`, '');
    await until('the answer to nobody', () => witness.seen().has('reply'));
    agent.child.kill('SIGTERM');
    expect(await agent.ended).toMatchObject({ code: 0 });
    expect(witness.problems()).toEqual([]);
    const unseen = Object.keys(channels).filter((channel) => !witness.seen().has(channel));
    expect(unseen.filter((channel) => excused[channel] === undefined)).toEqual([]);
    // And it does look: a topic that is none, and a payload, QoS and retain flag that are not what the document says.
    await centre.publish(`${base}/weather`, '{}');
    await centre.publish(`${base}/status`, '{"status":"tired"}');
    await until('all is found', () => witness.problems().length === 3);
  });
});
