import { writeFile } from 'node:fs/promises';
import { connect, type MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ReplyMessage } from './domain/wire/command.js';
import { type EventMessage, eventSchema } from './domain/wire/event.js';
import { activeSchema, type CameraStateMessage, cameraStateSchema, type FiguresMessage, figuresSchema } from './domain/wire/status.js';
import { type CliProcess, runCli, startCli } from './testing/cli-process.js';
import { ffmpeg } from './testing/clips.js';
import { type ContractWitness, startContractWitness } from './testing/contract-witness.js';
import { makeTestFolder, type TestFolder, until } from './testing/delivery-fixtures.js';
import { freePort, type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { fixedOnnxModel } from './testing/onnx-model.js';
import { type RtspServer, rtspServerInstalled, startRtspServer } from './testing/rtsp-server.js';
import { endAfterSuite } from './testing/suite-teardown.js';

const base = 'parapet/estate/box-01';

/** Sees a car at one place in whatever picture: YOLOX's outputs for 64 × 32 and two labels, with one thing in place 33. */
function parkedCarModel(): Uint8Array {
  const data = new Float32Array(42 * 7);
  data.set([0, 1, 0, 0, 0.9, 0.1, 0.8], 33 * 7);
  return fixedOnnxModel({ name: 'images', dims: [1, 3, 32, 64] }, [{ name: 'output', dims: [1, 42, 7], data }]);
}

/** A whole agent with three live cameras: one whose model works, one whose model is cut off, one without any. */
describe.skipIf(!rtspServerInstalled() || !mosquittoInstalled())('an agent in the street', () => {
  const { keep, defer } = endAfterSuite();
  let folder: TestFolder;
  let camera: RtspServer;
  let broker: Mosquitto;
  let witness: ContractWitness;
  let city: MqttClient;
  let agent: CliProcess;
  let consolePort = 0;
  const log: string[] = [];
  const events: EventMessage[] = [];
  const states = new Map<string, CameraStateMessage>();
  const active = new Map<string, number>();
  const figures: FiguresMessage[] = [];
  const replies: ReplyMessage[] = [];

  const of = (id: string, rule: string) => events.filter((event) => event.camera === id && event.rule === rule);
  const phases = (id: string, rule: string) =>
    of(id, rule)
      .map(({ phase }) => phase)
      .join(' ');
  const crossings = (): number => figures.at(-1)?.figures.find(({ name }) => name === 'crossings')?.value ?? 0;
  const scrape = async (path: string): Promise<string> => await (await fetch(`http://127.0.0.1:${consolePort}${path}`)).text();
  const config = () => folder.of('parapet.yaml');

  function start(): void {
    states.clear();
    agent = keep(startCli(['run', '-c', config(), '--log-level', 'info']));
    for (const output of [agent.child.stdout, agent.child.stderr]) output?.on('data', (text: string) => log.push(text));
  }
  const online = (): Promise<void> =>
    until('all cameras are online', () => ['east', 'west', 'plain'].every((id) => states.get(id)?.state === 'online'));
  async function command(name: string, payload: object): Promise<ReplyMessage> {
    const before = replies.length;
    await city.publishAsync(`${base}/cmd/${name}`, JSON.stringify(payload), { qos: 1 });
    await until(`the reply to ${name}`, () => replies.length > before);
    return replies.at(-1) as ReplyMessage;
  }

  beforeAll(async () => {
    folder = keep(await makeTestFolder());
    // A still pattern, through which somebody walks from left to right every six seconds.
    const street = folder.of('street.mp4');
    const still = 'testsrc2=s=320x240:r=10,trim=end_frame=1,loop=loop=-1:size=1,setpts=N/10/TB[street]';
    const walker = 'color=c=black:s=24x80:r=10[walker];[street][walker]overlay=x=-30+70*mod(t\\,6):y=120:shortest=1,trim=duration=6';
    await ffmpeg(
      ...['-filter_complex', `${still};${walker},format=yuv420p[out]`, '-map', '[out]', '-t', '6'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', street],
    );
    camera = keep(await startRtspServer({ path: street, lengthS: 600 }));
    broker = keep(await startMosquitto());
    witness = keep(await startContractWitness(broker.url, () => false));
    city = connect(broker.url, { protocolVersion: 5, clientId: 'city' });
    defer(() => city.endAsync(true));
    city.on('message', (topic, payload) => {
      const json: unknown = JSON.parse(payload.toString());
      if (topic.includes('/events/')) events.push(eventSchema.parse(json));
      else if (topic.endsWith('/state')) {
        const state = cameraStateSchema.parse(json);
        states.set(state.camera, state);
      } else if (topic.includes('/incidents/')) {
        const told = activeSchema.parse(json);
        active.set(`${told.camera}/${told.type}`, told.active);
      } else if (topic.includes('/figures/')) figures.push(figuresSchema.parse(json));
      else replies.push(json as ReplyMessage);
    });
    await city.subscribeAsync(
      ['events/#', 'cameras/+/state', 'incidents/#', 'figures/plain/#', 'reply'].map((below) => `${base}/${below}`),
      { qos: 1 },
    );
    const model = parkedCarModel();
    await writeFile(folder.of('good.onnx'), model);
    await writeFile(folder.of('cut.onnx'), model.subarray(0, model.length / 2));
    const entry = (name: string) => `  - { name: ${name}, file: ${name}.onnx, licence: Apache-2.0, family: yolox, labels: [person, car] }`;
    await writeFile(folder.of('registry.yaml'), `models:\n${entry('good')}\n${entry('cut')}\n`);
    consolePort = await freePort();
    const source = `source: { url: "${camera.url}" }, evidence: { pre_capture: 1 s, post_capture: 1 s }`;
    await writeFile(
      config(),
      `site: estate
agent: box-01
data_dir: ${folder.of('data')}
mqtt: { url: "${broker.url}", commands: { allow: [set, reload] } }
console: { port: ${consolePort} }
inference: { folder: ${folder.path}, registry: ${folder.of('registry.yaml')} }
cameras:
  - { id: east, ${source}, detector: { model: good }, rules: [{ type: illegal_parking, after: 5 s }] }
  - { id: west, ${source}, detector: { model: cut }, rules: [{ type: intrusion, labels: [car] }] }
  - { id: plain, ${source}, lines: { kerb: { from: [0.5, 1], to: [0.5, 0] } }, rules: [{ type: line_crossing, line: kerb }] }
`,
    );
  });

  test('is told by validate which model is broken, and who would do without it', async () => {
    const { code, stderr } = await runCli(['validate', '-c', config()]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^parapet: cut: \S+cut\.onnx is no ONNX model that can run: .*\(west would see no names\)\n$/);
  });

  test('goes on with the others where a model is broken, and says so everywhere', async () => {
    start();
    await online();
    await until('the car that stands in the east', () => phases('east', 'illegal_parking') === 'new');
    expect(of('east', 'illegal_parking')[0]).toMatchObject({ verdict: 'confirmed', labels: ['car'] });
    await until('somebody who walks on, where there is no model', () => of('plain', 'line_crossing').length > 0);
    // Nobody names what moves there, so it is only suspected; the model is missed and nothing else.
    await until('somebody who walks in the west', () => of('west', 'intrusion').length > 0);
    expect(of('west', 'intrusion')[0]?.labels).toEqual(['object']);

    await until('the state says why', () => states.get('west')?.reason !== null);
    const reason = states.get('west')?.reason ?? '';
    expect(reason).toMatch(/^cut: \S/);
    expect(states.get('east')?.reason).toBeNull();
    expect(log.join('')).toMatch(/model-(failed|unusable)/);
    const metrics = await scrape('/metrics');
    expect(metrics).toMatch(/^parapet_model_ok\{camera="west"\} 0$/m);
    expect(metrics).toMatch(/^parapet_model_ok\{camera="east"\} 1$/m);
    expect(metrics).not.toMatch(/^parapet_model_ok\{camera="plain"\}/m);
    expect(await scrape('/')).toContain('cut: ');
  });

  test('takes the model up when it is mended and the config is read again, without a break in the stream', async () => {
    await writeFile(folder.of('cut.onnx'), parkedCarModel());
    const begun = events.length;
    const reply = await command('reload', {});
    expect(reply).toMatchObject({ ok: true, result: { reconnected: [] } });
    await until('the model is used', () => states.get('west')?.reason === null);
    await until('the car is named', () => events.slice(begun).some((e) => e.camera === 'west' && e.labels.includes('car')));
    expect(await scrape('/metrics')).toMatch(/^parapet_model_ok\{camera="west"\} 1$/m);
    expect(phases('east', 'illegal_parking')).toBe('new');
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('goes on with what is open, and with what it has counted, after %s', async (signal) => {
    await until('a count', () => crossings() > 0);
    agent.child.kill(signal);
    await agent.ended;
    const [before, since, seen] = [crossings(), figures.at(-1)?.since, figures.length];
    expect(since).toBeDefined();
    start();
    await online();
    await until('figures of the new process', () => figures.length > seen && crossings() > before);
    // By then somebody has walked by, and the car has stood for longer than `after` again.
    for (const told of figures.slice(seen)) expect(told.since).toBe(since);
    expect(
      Math.min(...figures.slice(seen).map(({ figures: [first] }) => (first?.name === 'crossings' ? first.value : before))),
    ).toBeGreaterThanOrEqual(before);
    expect(figures.at(-1)?.figures.find(({ name }) => name === 'crossings')?.today).toBe(crossings());
    expect(phases('east', 'illegal_parking')).toBe('new');
    expect(active.get('east/illegal_parking')).toBe(1);
  });

  test('ends it under the same id when nobody looks for it any more', async () => {
    expect(await command('set', { camera: 'east', rule: 'illegal_parking', enabled: false })).toMatchObject({ ok: true });
    await until('its end', () => phases('east', 'illegal_parking') === 'new end');
    const [begun, ended] = of('east', 'illegal_parking');
    expect(ended).toMatchObject({ id: begun?.id, started_at: begun?.started_at });
    expect(Date.parse(ended?.ended_at ?? '')).toBeGreaterThan(Date.parse(begun?.started_at ?? ''));
    await until('nothing is open', () => active.get('east/illegal_parking') === 0);
    // Numbers of a camera's events have no gap, over three lives.
    for (const id of ['east', 'west', 'plain']) {
      const seqs = [...new Set(events.filter((event) => event.camera === id).map(({ seq }) => seq))].sort((a, b) => a - b);
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    }
    expect(witness.problems()).toEqual([]);
  });
});
