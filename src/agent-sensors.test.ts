import { writeFile } from 'node:fs/promises';
import { connect, type MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ReplyMessage } from './domain/wire/command.js';
import { type EventMessage, eventSchema } from './domain/wire/event.js';
import { type EvidenceCompleteMessage, evidenceCompleteSchema } from './domain/wire/evidence.js';
import { type PatrolMessage, patrolSchema } from './domain/wire/patrol.js';
import { type CameraStateMessage, cameraStateSchema } from './domain/wire/status.js';
import { type CliProcess, startCli } from './testing/cli-process.js';
import { ffmpeg } from './testing/clips.js';
import { type ContractWitness, startContractWitness } from './testing/contract-witness.js';
import { makeTestFolder, type TestFolder, until } from './testing/delivery-fixtures.js';
import { freePort, type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { type RtspServer, rtspServerInstalled, startRtspServer } from './testing/rtsp-server.js';
import { endAfterSuite } from './testing/suite-teardown.js';

const base = 'parapet/estate/box-01';
const TOKEN = 'the-token-of-this-test';

/** Real devices' words, by a real broker and by HTTP, to a real agent with a live camera. */
describe.skipIf(!rtspServerInstalled() || !mosquittoInstalled())('sensors in the street', () => {
  const { keep, defer } = endAfterSuite();
  let folder: TestFolder;
  let camera: RtspServer;
  let broker: Mosquitto;
  let witness: ContractWitness;
  let city: MqttClient;
  let agent: CliProcess;
  let port: number;
  const events: EventMessage[] = [];
  const complete: EvidenceCompleteMessage[] = [];
  const replies: ReplyMessage[] = [];
  const rounds: PatrolMessage[] = [];
  const states: CameraStateMessage[] = [];

  const say = (topic: string, payload: string, retain = false) => city.publishAsync(topic, payload, { qos: 1, retain });
  const post = (name: string, body: string, token = TOKEN) =>
    fetch(`http://127.0.0.1:${port}/sensors/${name}`, { method: 'POST', body, headers: { authorization: `Bearer ${token}` } });
  const of = (rule: string) => events.filter((event) => event.rule === rule);
  const told = (rule: string, phases: string) =>
    until(
      `${rule}: ${phases}`,
      () =>
        of(rule)
          .map(({ phase }) => phase)
          .join(' ') === phases,
    );

  async function start(): Promise<void> {
    agent = keep(startCli(['run', '-c', folder.of('parapet.yaml')]));
    await until('the camera is online', async () => {
      const health = (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null)) as Response | null;
      const report = (await health?.json()) as { cameras: Record<string, { fps: number }> } | undefined;
      return (report?.cameras['gate']?.fps ?? 0) > 2;
    });
  }

  beforeAll(async () => {
    folder = keep(await makeTestFolder());
    const clip = folder.of('gate.mp4');
    // Somebody holds something before the lens for a while.
    const covered = 'drawbox=color=black:t=fill:enable=between(t\\,14\\,22)';
    const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-pix_fmt', 'yuv420p'];
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10:d=30', '-vf', covered, ...encoded, clip);
    camera = keep(await startRtspServer({ path: clip, lengthS: 180 }));
    broker = keep(await startMosquitto());
    witness = keep(await startContractWitness(broker.url, (topic) => topic.startsWith('city/')));
    city = connect(broker.url, { protocolVersion: 5, clientId: 'city' });
    defer(() => city.endAsync(true));
    city.on('message', (topic, payload) => {
      const json = (): unknown => JSON.parse(payload.toString());
      if (topic.startsWith(`${base}/events/`)) events.push(eventSchema.parse(json()));
      else if (topic === `${base}/cameras/gate/state`) states.push(cameraStateSchema.parse(json()));
      else if (topic === `${base}/patrols/gate/hourly`) rounds.push(patrolSchema.parse(json()));
      else if (topic === `${base}/reply`) replies.push(json() as ReplyMessage);
      else complete.push(evidenceCompleteSchema.parse(json()));
    });
    await city.subscribeAsync(
      [`${base}/events/#`, `${base}/evidence/+/complete`, `${base}/patrols/#`, `${base}/cameras/#`, `${base}/reply`],
      { qos: 1 },
    );
    // Heard by whoever comes later: a device tells its state as it is.
    await say('city/panels/12', 'ALARM', true);
    port = await freePort();
    await writeFile(
      folder.of('parapet.yaml'),
      `site: estate
agent: box-01
data_dir: ${folder.of('data')}
mqtt: { url: "${broker.url}", commands: { allow: [verify] } }
console: { port: ${port}, sensor_token: ${TOKEN} }
cameras:
  - id: gate
    source: { url: "${camera.url}" }
    zones: { cover: { polygon: [[0.2, 0.6], [0.4, 0.6], [0.4, 0.8], [0.2, 0.8]] } }
    evidence: { pre_capture: 1 s, post_capture: 1 s }
    patrol: [{ name: hourly }]
    rules:
      - { type: camera_tamper, after: 2 s }
      - { type: sensor_trigger, name: manhole, sensor: manhole-17, kind: manhole, when: { field: tilt.deg, above: 15 }, unit: "°", zone: cover, cool_down: 0 s }
      - { type: sensor_trigger, name: panel, sensor: panel-12, topic: city/panels/12, kind: fire_panel, when: { equals: alarm }, cool_down: 0 s }
      - { type: sensor_trigger, name: probe, sensor: probe-3, kind: water_quality, when: { field: o2, below: 4 }, end_after: 10 s }
`,
    );
    await start();
    // A round adds its picture to what is open: it is over before the tests open anything.
    await until('a round', () => rounds.length > 0);
  });

  test('a manhole’s tilt, by the agent’s own topic, becomes a case with clip and picture, and its end', async () => {
    await say(`${base}/sensors/manhole-17`, '{"tilt":{"deg":40},"battery":3.1}');
    await told('manhole', 'new');
    const [begun] = of('manhole') as [EventMessage];
    expect(begun).toMatchObject({
      type: 'sensor_trigger',
      verdict: 'confirmed',
      zone: 'cover',
      labels: ['manhole'],
      box: [0.2, 0.6, 0.4, 0.8],
    });
    expect(begun.reasons[0]).toEqual({ criterion: 'sensor_value', value: 40, threshold: 15, unit: '°' });
    expect(begun.evidence.map(({ kind, status }) => `${kind} ${status}`)).toEqual(['clip pending', 'snapshot pending']);
    await until('its clip and picture', () => complete.some(({ event }) => event === begun.id));
    const { evidence, failed } = complete.find(({ event }) => event === begun.id) as EvidenceCompleteMessage;
    expect(failed).toEqual([]);
    expect(evidence.map(({ kind }) => kind).sort()).toEqual(['clip', 'snapshot']);
    await say(`${base}/sensors/manhole-17`, '{"tilt":{"deg":2}}');
    await told('manhole', 'new end');
    expect(of('manhole')[1]).toMatchObject({
      id: begun.id,
      evidence: evidence.map(({ id }) => expect.objectContaining({ id, status: 'sent' })),
    });
  });

  test('a fire panel on a topic of the city’s, whose word was kept by the broker', async () => {
    await told('panel', 'new');
    expect(of('panel')[0]).toMatchObject({
      labels: ['fire_panel', 'ALARM'],
      reasons: [{ criterion: 'seconds_in_alarm' }, { criterion: 'sensor_messages' }],
    });
    await say('city/panels/12', 'quiet', true);
    await told('panel', 'new end');
  });

  test('a probe’s reading by HTTP, which nobody clears', async () => {
    expect((await post('probe-3', '{"o2": 2.5}', `${TOKEN}x`)).status).toBe(401);
    expect((await post('nothing', '{"o2": 2.5}')).status).toBe(404);
    expect((await post('probe-3', `{"o2": 2.5, "more": "${'x'.repeat(20_000)}"}`)).status).toBe(413);
    expect((await post('probe-3', '{"o2": ')).status).toBe(400);
    expect(of('probe')).toEqual([]);
    expect((await post('probe-3', '{"o2": "2.5"}')).status).toBe(202);
    await told('probe', 'new');
    expect(of('probe')[0]?.reasons[0]).toMatchObject({ criterion: 'sensor_value_low', value: 2.5, threshold: 4 });
    await told('probe', 'new end');
    const answers = await Promise.all(Array.from({ length: 40 }, () => post('probe-3', '{"o2": 9}')));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
  });

  test('is looked at again on command: only the sensor knows, and a picture goes with it', async () => {
    await say(`${base}/cmd/verify`, JSON.stringify({ event: of('manhole')[0]?.id }));
    await until('the reply', () => replies.length > 0);
    expect(replies[0]).toMatchObject({ ok: true, result: { verdict: 'cannot_tell', evidence: { kind: 'snapshot' } } });
  });

  test('is looked after by the camera’s patrol', () => {
    expect(rounds[0]).toMatchObject({ camera: 'gate', patrol: 'hourly' });
    // It began as the camera was being connected: without a picture it says why.
    expect(rounds[0]?.picture === null).toBe(typeof rounds[0]?.reason === 'string');
  });

  test('a camera whose lens is covered is tampered with until it is not, while its sensors speak on', async () => {
    const changes = () => states.filter(({ state }, i) => state !== states[i - 1]?.state && state !== 'connecting');
    await until('covered, and free again', () => changes().length >= 3 && of('camera_tamper').length >= 2);
    const [online, tampered, back] = changes() as [CameraStateMessage, CameraStateMessage, CameraStateMessage];
    expect([online.state, tampered.state, back.state]).toEqual(['online', 'tampered', 'online']);
    const [begun, ended] = of('camera_tamper') as [EventMessage, EventMessage];
    expect(tampered).toMatchObject({
      fps: expect.toSatisfy((fps: number) => fps > 0),
      reason: expect.stringContaining(begun.labels.join()),
    });
    expect(tampered.since).toBe(begun.started_at);
    expect(back.since).toBe(ended.ended_at);
  });

  test('an alarm that stands while the agent is killed is one case', async () => {
    await say('city/panels/12', 'ALARM', true);
    await told('panel', 'new end new');
    agent.child.kill('SIGKILL');
    await agent.ended;
    await start();
    await say('city/panels/12', 'quiet', true);
    await told('panel', 'new end new end');
    expect(of('panel')[3]).toMatchObject({ id: of('panel')[2]?.id, labels: ['fire_panel', 'ALARM'] });
  });

  test('is all as the contract has it', () => {
    expect(witness.problems()).toEqual([]);
    expect(witness.seen().get('sensor')).toBeGreaterThanOrEqual(2);
    expect(witness.seen().get('patrol')).toBeGreaterThanOrEqual(1);
  });
});
