import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConfigSources, type LoadedConfig, loadConfig } from './load.js';
import { describeOrigin } from './origin.js';
import type { ConfigPath } from './path.js';
import { showConfig, showConfigJson } from './show.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parapet-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** Loads a config with this text as its file, readable by its owner only. */
function load(yaml: string | null, more: Partial<ConfigSources> = {}): LoadedConfig {
  if (yaml !== null) writeFileSync(join(cwd, 'p.yaml'), yaml, { mode: 0o600 });
  return loadConfig({ file: yaml === null ? undefined : 'p.yaml', env: {}, cwd, ...more });
}
const set = (...settings: string[]) => settings.map((setting) => ({ flag: '--set', setting }));
const two = `site: estate
cameras:
  - id: tower-3
    source: { url: rtsp://10.0.0.8/main }
  - id: gate
    source: { url: rtsp://10.0.0.9/main, stall: 30 s }
`;

describe('layers', () => {
  test('flags beat environment beats file beats defaults', () => {
    const env = { PARAPET_MQTT__KEEPALIVE: '50 s', PARAPET_MQTT__PREFIX: 'from-env' };
    const { config, originOf } = load('mqtt: { keepalive: 40 s, prefix: from-file, chunk_size: 64 KiB }\n', {
      env,
      settings: set('mqtt.keepalive=60s'),
    });
    expect(config.mqtt).toMatchObject({ keepalive: 60_000, prefix: 'from-env', chunk_size: 65_536, max_in_flight: 20 });
    const from = (key: string): string => describeOrigin(originOf(['mqtt', key]));
    expect(['keepalive', 'prefix', 'chunk_size', 'max_in_flight'].map(from)).toEqual([
      'flag --set mqtt.keepalive',
      'environment PARAPET_MQTT__PREFIX',
      'p.yaml:1',
      'default',
    ]);
  });

  test.each<[string, string, ConfigPath, unknown]>([
    ['an index', 'cameras.1.source.stall=40s', ['cameras', 1, 'source', 'stall'], 40_000],
    ['brackets', 'cameras[1].source.stall=40s', ['cameras', 1, 'source', 'stall'], 40_000],
    ['an id', 'cameras.gate.source.stall=40s', ['cameras', 1, 'source', 'stall'], 40_000],
    [
      'a rule by type, of a camera that names none',
      'cameras.gate.rules.thrown_object.min_drop_floors=3',
      ['cameras', 1, 'rules', 0, 'min_drop_floors'],
      3,
    ],
    ['a new camera', 'cameras.2={ id: yard, source: { url: y.mp4 } }', ['cameras', 2, 'id'], 'yard'],
    ['a list', 'cameras.0.rules=[{ type: thrown_object, name: low, min_drop_floors: 1 }]', ['cameras', 0, 'rules', 0, 'name'], 'low'],
    ['null', 'cameras.gate.source.detect.fps=null', ['cameras', 1, 'source', 'detect', 'fps'], null],
    ['a switch', 'cameras.gate.rules.0.enabled=false', ['cameras', 1, 'rules', 0, 'enabled'], false],
    ['a text that looks like a number', 'mqtt.password=12345', ['mqtt', 'password'], '12345'],
    ['a text with =', 'mqtt.password=a=b', ['mqtt', 'password'], 'a=b'],
    ['a map entry', 'cameras.gate.zones.lane.polygon=[[0, 0], [1, 0], [1, 1]]', ['cameras', 1, 'zones', 'lane', 'polygon', 2], [1, 1]],
  ])('--set reaches %s', (_name, setting, path, expected) => {
    const { config } = load(two, { settings: set(setting) });
    const value = path.reduce<unknown>((at, part) => (at as Record<string | number, unknown>)[part], config);
    expect(value).toEqual(expected);
  });

  test.each<[string, string, ConfigPath, unknown]>([
    ['PARAPET_SITE', 'other', ['site'], 'other'],
    ['PARAPET_CAMERAS__1__SOURCE__STALL', '40 s', ['cameras', 1, 'source', 'stall'], 40_000],
    ['PARAPET_CAMERAS__TOWER_3__SOURCE__STALL', '40', ['cameras', 0, 'source', 'stall'], 40_000],
    [
      'PARAPET_CAMERAS__0__FACADE',
      '{corners: [[0,0],[1,0],[1,1],[0,1]], floors: {last: 9}}',
      ['cameras', 0, 'facade', 'floors', 'last'],
      9,
    ],
    ['PARAPET_DATA_DIR', '/srv', ['data_dir'], '/srv'],
    ['PARAPET_CONSOLE__PORT', 'false', ['console', 'port'], null],
    ['PARAPET_MQTT__PASSWORD', 'pa$${x}: #1', ['mqtt', 'password'], 'pa$${x}: #1'],
    ['PARAPET_SITE', '', ['site'], 'estate'],
  ])('environment %s=%s', (name, text, path, expected) => {
    const { config } = load(two, { env: { [name]: text } });
    const value = path.reduce<unknown>((at, part) => (at as Record<string | number, unknown>)[part], config);
    expect(value).toEqual(expected);
  });

  test('--camera adds cameras with names of their own', () => {
    const cameras = ['rtsp://a/x', 'b.mp4'];
    const yaml = 'cameras: [{ id: camera-1, source: { url: c.mp4 } }]\n';
    expect(load(null, { cameras }).config.cameras.map((c) => c.id)).toEqual(['camera-1', 'camera-2']);
    expect(load(yaml, { cameras }).config.cameras.map((c) => c.id)).toEqual(['camera-1', 'camera-2', 'camera-3']);
  });

  test('foreign variables warn, with the name that was probably meant', () => {
    const env = { PARAPET_PORT: 'tcp://10.0.0.1:80', PARAPET_MQTT_URL: 'mqtt://x', PARAPET_CONSLE__PORT: '1' };
    expect(load(null, { env }).warnings).toEqual([
      'environment PARAPET_CONSLE__PORT: no such key, passed over; did you mean PARAPET_CONSOLE__PORT?',
      'environment PARAPET_MQTT_URL: no such key, passed over; levels are parted by two underscores: PARAPET_MQTT__URL',
      'environment PARAPET_PORT: no such key, passed over',
    ]);
  });
});

describe('settings that cannot work together', () => {
  test.each([
    ['{ evidence: { hold: always } }', /nobody may ask.*add fetch/],
    ['{ evidence: { hold: always }, commands: { allow: [fetch] } }', null],
    ['{ evidence: { hold: schedule, free_hours: ["23:00-06:00"] } }', null],
    ['{ commands: { allow: [upload] } }', /upload\.hosts names no host/],
    ['{ commands: { allow: [upload] }, evidence: { upload: { hosts: [media.example] } } }', null],
  ])('mqtt: %s', (mqtt, expected) => {
    const { warnings } = load(`mqtt: ${mqtt}\n`);
    if (expected === null) expect(warnings).toEqual([]);
    else expect(warnings).toEqual([expect.stringMatching(expected)]);
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the placeholders under test
describe('variables and secrets', () => {
  test('variables work in braces, in numbers and next to text', () => {
    const yaml = 'mqtt: { url: mqtt://b, username: box, password: ${PW} }\nagent: box-${N}\nconsole: { port: ${PORT} }\n';
    const { config } = load(yaml, { env: { PW: 'a: {b} #c', N: '7', PORT: '9000' } });
    expect(config).toMatchObject({ agent: 'box-7', console: { port: 9000 }, mqtt: { password: 'a: {b} #c' } });
  });

  test('a variable that the file refers to is no setting of its own', () => {
    expect(load('mqtt: { password: ${PARAPET_PW} }', { env: { PARAPET_PW: 'x' } }).warnings).toEqual([]);
  });

  test('a missing variable does not matter where a later layer sets the value', () => {
    expect(load('mqtt: { password: ${NOPE} }', { settings: set('mqtt.password=x') }).config.mqtt.password).toBe('x');
    expect(load('mqtt: { password: ${NOPE} }', { env: { PARAPET_MQTT__PASSWORD: 'y' } }).config.mqtt.password).toBe('y');
  });

  test.each(['file:secret', 'file:CWD/secret', 'file://CWD/secret'])('%s is read, without its line break', (value) => {
    writeFileSync(join(cwd, 'secret'), 'hunter2\n');
    expect(load(`mqtt: { password: "${value.replace('CWD', cwd)}" }`).config.mqtt.password).toBe('hunter2');
  });

  test('the url of a camera may be a file: URL', () => {
    expect(load('cameras: [{ id: a, source: { url: "file:/videos/x.mp4" } }]').config.cameras[0]?.source.url).toBe('file:/videos/x.mp4');
  });

  test('a literal password in a file that others can read earns a warning, and only that', () => {
    const yaml =
      'agent: a\nmqtt: { url: "mqtt://u:p@b", password: abc }\ncameras: [{ id: a, source: { url: "rtsp://h/x", password: ${PW} } }]\n';
    expect(load(yaml, { env: { PW: 'x' } }).warnings).toEqual([]);
    chmodSync(join(cwd, 'p.yaml'), 0o644);
    const { warnings } = loadConfig({ file: 'p.yaml', env: { PW: 'x' }, cwd });
    const warning = 'others on this machine can read this password; use ${NAME} or file:/path instead, or chmod 600 p.yaml';
    expect(warnings).toEqual([`p.yaml:2:14 mqtt.url: ${warning}`, `p.yaml:2:40 mqtt.password: ${warning}`]);
  });

  test('a read-only file in a read-only folder is enough', () => {
    writeFileSync(join(cwd, 'p.yaml'), two);
    chmodSync(join(cwd, 'p.yaml'), 0o400);
    chmodSync(cwd, 0o500);
    expect(loadConfig({ file: 'p.yaml', env: {}, cwd }).config.site).toBe('estate');
    chmodSync(cwd, 0o700);
  });

  test('nothing that is shown holds a secret', () => {
    const yaml = `mqtt: { url: "mqtts://bob:hush1@broker/", username: bob, password: \${PW} }
cameras: [{ id: a, source: { url: "rtsp://u:hush2@h/x", username: carol, password: hush3 } }]
`;
    const loaded = load(yaml, { env: { PW: 'hush4', PARAPET_CAMERAS__0__SOURCE__PASSWORD: 'hush5' } });
    const shown = showConfig(loaded) + JSON.stringify(showConfigJson(loaded));
    expect(shown).not.toMatch(/hush|bob|carol/);
    expect(shown).toContain('url: mqtts://***@broker/ # from p.yaml:1');
    expect(shown).toContain('password: "***" # from p.yaml:1 with $PW');
    expect(shown).toContain('password: "***" # from environment PARAPET_CAMERAS__0__SOURCE__PASSWORD');
  });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: end of the placeholders

test('what validate shows is a config that resolves to the same', () => {
  const first = load(
    `${two}    facade: { corners: [[0,0],[1,0],[1,1],[0,1]], floors: { last: 9, height: 2.85 m }, units: ["01", "null", "1e3"] }\n`,
  );
  expect(load(showConfig(first)).config).toEqual(first.config);
});

test('anchors are understood and keep the line of their use', () => {
  const { config, originOf } = load('retention: &r { days: 3 }\nmqtt: {}\ncameras: []\nconsole: {}\nlog: { level: &l debug }\n');
  expect([config.retention.days, config.log.level, describeOrigin(originOf(['log', 'level']))]).toEqual([3, 'debug', 'p.yaml:5']);
});
