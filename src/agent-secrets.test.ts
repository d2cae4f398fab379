import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderDemoScene } from './cli/demo/scene-cache.js';
import { type CliResult, runCli, startCli } from './testing/cli-process.js';
import { makeTestFolder, type TestFolder, until } from './testing/delivery-fixtures.js';
import { freePort, type Mosquitto, mosquittoInstalled, startMosquitto } from './testing/mosquitto.js';
import { type RtspServer, rtspServerInstalled, startRtspServer } from './testing/rtsp-server.js';
import { endAfterSuite } from './testing/suite-teardown.js';

/** A password for each place where one can stand; each is found again in whatever form it might have slipped out. */
const secrets = {
  cameraInUrl: 'Un1que/in?url#1',
  cameraFromEnvironment: 'Un1que%from%env2',
  cameraFromFile: 'Un1que-from-file3',
  cameraWrong: 'Un1que-wrong-one4',
  brokerFromFile: 'Un1que+broker=5',
  brokerInUrl: 'Un1que-broker-url6',
  centreToken: 'Un1que-centre-token-7',
  database: 'Un1que-database8',
} as const;

/** As it is, in a URL, as JSON has it, as `Authorization: Basic` would carry it. */
const formsOf = (secret: string): string[] => [
  ...new Set([
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    // Base64 of a text within another depends on where it begins.
    ...[0, 1, 2].map((shift) =>
      Buffer.from('x'.repeat(shift) + secret)
        .toString('base64')
        .slice(shift === 0 ? 0 : 4)
        .slice(0, 12),
    ),
  ]),
];

function leaksIn(where: string, text: string): string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([name]) => `${name} in ${where}`);
}

describe.skipIf(!mosquittoInstalled() || !rtspServerInstalled())('what must stay secret', () => {
  const { keep } = endAfterSuite();
  let folder: TestFolder;
  let broker: Mosquitto;
  let camera: RtspServer;

  beforeAll(async () => {
    folder = keep(await makeTestFolder());
    spawnSync('mosquitto_passwd', ['-b', '-c', folder.of('passwords'), 'box', secrets.brokerFromFile]);
    spawnSync('mosquitto_passwd', ['-b', folder.of('passwords'), 'listener', 'open']);
    broker = keep(await startMosquitto({ config: ['allow_anonymous false', `password_file ${folder.of('passwords')}`] }));
    const scene = await renderDemoScene(process.env, () => undefined, new AbortController().signal);
    camera = keep(await startRtspServer({ path: scene.video, credentials: { username: 'viewer', password: secrets.cameraFromFile } }));
    writeFileSync(folder.of('camera-password'), `${secrets.cameraFromFile}\n`, { mode: 0o600 });
    writeFileSync(folder.of('broker-password'), `${secrets.brokerFromFile}\n`, { mode: 0o600 });
  });

  function writeConfig(name: string, lines: readonly string[], dataDir: string): string {
    const path = folder.of(name);
    writeFileSync(path, `${['site: estate', 'agent: box', `data_dir: ${folder.of(dataDir)}`, ...lines].join('\n')}\n`, { mode: 0o600 });
    return path;
  }
  const rule = 'rules: [{ type: thrown_object }]';
  const cameras = [
    'cameras:',
    `  - { id: works, source: { url: "${'$'}{CAMERA_URL}", username: viewer, password: "file:camera-password" }, ${rule} }`,
    `  - { id: wrong, source: { url: "${'$'}{CAMERA_URL}", username: viewer, password: "${secrets.cameraWrong}" }, ${rule} }`,
    `  - { id: away, source: { url: "rtsp://viewer:${encodeURIComponent(secrets.cameraInUrl)}@127.0.0.1:1/main" }, ${rule} }`,
    `  - { id: env, source: { url: "rtsp://127.0.0.1:1/main", username: viewer, password: "${'$'}{CAMERA_PASSWORD}" }, ${rule} }`,
  ];
  const env = (): NodeJS.ProcessEnv => ({ CAMERA_URL: camera.url, CAMERA_PASSWORD: secrets.cameraFromEnvironment });

  test('is in no log line, HTTP answer, MQTT message or file of a running agent', async () => {
    const port = await freePort();
    const commands = 'commands: { allow: [ping, status, snapshot, clip, verify, set, reload] }';
    const config = writeConfig(
      'agent.yaml',
      [
        'log: { level: trace }',
        `console: { port: ${port} }`,
        `mqtt: { url: "${broker.url}", username: box, password: "file:broker-password", home_assistant: { enabled: true }, ${commands} }`,
        ...cameras,
      ],
      'data',
    );
    const messages: string[] = [];
    const listener = connect(broker.url, { username: 'listener', password: 'open', protocolVersion: 5 });
    listener.on('message', (topic, payload) => messages.push(`${topic} ${payload.toString('latin1')}`));
    await listener.subscribeAsync('#', { qos: 1 });
    const agent = startCli(['run', '-c', config], { cwd: folder.path, env: env() });
    const pages: string[] = [];
    try {
      const ask = async (path: string): Promise<string> => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
        const text = response === null ? '' : `${JSON.stringify([...response.headers])}${await response.text()}`;
        pages.push(`${path} ${text}`);
        return text;
      };
      await until('the camera works and the others have failed', async () => {
        const health = await ask('/healthz');
        await delay(200);
        return (
          /"works":\{"ok":true/.test(health) &&
          /"wrong":\{[^}]*user name or password/.test(health) &&
          /"away":\{[^}]*nothing listens/.test(health)
        );
      });
      for (const path of ['/', '/metrics', '/evidence/none', `/${encodeURIComponent('../parapet.yaml')}`]) await ask(path);
      for (const [name, payload] of [
        ['ping', {}],
        ['status', {}],
        ['snapshot', { camera: 'works' }],
        ['snapshot', { camera: 'away' }],
        ['set', { camera: 'works', enabled: false }],
        ['reload', {}],
      ] as const) {
        const before = messages.filter((text) => text.startsWith('parapet/estate/box/reply')).length;
        await listener.publishAsync(`parapet/estate/box/cmd/${name}`, JSON.stringify(payload), { qos: 1 });
        await until(`the reply to ${name}`, () => messages.filter((text) => text.startsWith('parapet/estate/box/reply')).length > before);
      }
    } finally {
      agent.child.kill('SIGTERM');
      await listener.endAsync(true);
    }
    const { stdout, stderr } = await agent.ended;
    expect(stderr).toContain('wrong');
    expect(messages.length).toBeGreaterThan(10);
    const files = filesBelow(folder.of('data'));
    expect(files.length).toBeGreaterThan(3);
    expect([
      ...leaksIn('standard output', stdout),
      ...leaksIn('the log', stderr),
      ...messages.flatMap((text) => leaksIn(`the message ${text.slice(0, 60)}`, text)),
      ...pages.flatMap((text) => leaksIn(`the page ${text.slice(0, 20)}`, text)),
      ...files.flatMap((path) => leaksIn(path, readFileSync(path, 'latin1'))),
    ]).toEqual([]);
  });

  test('is not told by the commands that look at a config, also where it cannot be used', async () => {
    const good = writeConfig(
      'good.yaml',
      [
        `mqtt: { url: "mqtt://box:${secrets.brokerInUrl}@127.0.0.1:1" }`,
        `receiver: { http: { listen: "127.0.0.1:8788", token: "${secrets.centreToken}" }, store: { url: "postgres://centre:${secrets.database}@127.0.0.1:1/centre" } }`,
        ...cameras,
      ],
      'none',
    );
    const bad = writeConfig(
      'bad.yaml',
      [`mqtt: { url: "mqtt://box:${secrets.brokerInUrl}@127.0.0.1:1", pasword: "${secrets.brokerFromFile}" }`, ...cameras],
      'none',
    );
    const options = { cwd: folder.path, env: env() };
    const results: { readonly name: string; readonly text: string }[] = [];
    const keep = (args: readonly string[], { stdout, stderr }: CliResult): void =>
      void results.push({ name: args.join(' ').slice(0, 20), text: stdout + stderr });
    for (const args of [
      ['validate', '-c', good],
      ['validate', '-c', good, '--json'],
      ['validate', '-c', bad],
      ['doctor', '-c', good],
      ['probe', `rtsp://viewer:${secrets.cameraInUrl}@127.0.0.1:1/main`],
      ['analyze', `rtsp://viewer:${secrets.cameraInUrl}@127.0.0.1:1/main`],
    ])
      keep(args, await runCli(args, options));
    // This one need not end by itself while its broker and its database are away: they are spoken of, with their names, before.
    const receive = ['receive', '-c', good, '--data', folder.of('received')];
    const waiting = startCli(receive, options);
    let said = '';
    waiting.child.stderr?.on('data', (text: string) => {
      said += text;
    });
    await until('it has said what it waits for', () => /database postgres.* does not answer/.test(said) || waiting.child.exitCode !== null);
    waiting.child.kill('SIGTERM');
    keep(receive, await waiting.ended);
    expect(results.filter(({ text }) => text === '')).toEqual([]);
    expect(results.flatMap(({ name, text }) => leaksIn(name, text))).toEqual([]);
    // What was looked for can be found.
    expect(leaksIn('here', `rtsp://viewer:${encodeURIComponent(secrets.cameraInUrl)}@x`)).toEqual(['cameraInUrl in here']);
    expect((await runCli(['validate', '-c', good], options)).stdout).toContain('***');
  });
});

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
}
