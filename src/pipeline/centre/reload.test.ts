import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { configSchema, type ResolvedConfig } from '../../config/index.js';
import { AgentError } from '../../platform/errors.js';
import { makeTestFolder } from '../../testing/delivery-fixtures.js';
import { reloadConfig } from './reload.js';
import { withRuleSettings } from './rule-settings.js';

const cameras = [{ id: 'tower', source: { url: 'a.mp4' } }];
const config = (differ: object = {}): ResolvedConfig => configSchema.parse({ cameras, ...differ });

test('goes on with cameras, retention, who may command and how evidence goes; of all else it says that a restart is needed', () => {
  const running = config();
  const next = config({
    cameras: [{ ...cameras[0], rules: [{ type: 'thrown_object', sensitivity: 'high' }] }],
    retention: { days: 3 },
    mqtt: {
      evidence: { bandwidth: '2 Mbit/s', hold: 'always' },
      keepalive: '60 s',
      commands: { allow: ['reload'] },
      tls: { servername: 'broker' },
    },
    data_dir: '/elsewhere',
  });
  const reloaded = reloadConfig(() => next, running);
  expect(reloaded.needsRestart).toEqual(['data_dir', 'mqtt.keepalive', 'mqtt.tls.servername']);
  expect(reloaded.policy).toEqual({ allow: ['reload'], key: null });
  expect(reloaded.config).toEqual({
    ...running,
    cameras: next.cameras,
    retention: next.retention,
    mqtt: { ...running.mqtt, commands: next.mqtt.commands, evidence: next.mqtt.evidence },
  });
  expect(reloadConfig(() => running, running).needsRestart).toEqual([]);
});

test.each<[string, () => ResolvedConfig, string]>([
  [
    'is not valid',
    () => {
      throw new AgentError('CONFIG_INVALID', 'parapet.yaml:3:1 unknown key\nparapet.yaml:4:1 another');
    },
    'parapet.yaml:3:1 unknown key; parapet.yaml:4:1 another',
  ],
  ['names no camera', () => config({ cameras: [] }), 'names none'],
  ['names a key that is not there', () => config({ mqtt: { commands: { key: '/nowhere.pem' } } }), '/nowhere.pem cannot be used'],
])('a config that %s is refused with the reason', (_what, read, why) => {
  expect(() => reloadConfig(read, config())).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(why) }),
  );
});

test('the centre’s key is read from its PEM file', async () => {
  await using folder = await makeTestFolder();
  const { publicKey } = generateKeyPairSync('ed25519');
  await writeFile(folder.of('centre.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const { policy } = reloadConfig(() => config({ mqtt: { commands: { key: folder.of('centre.pem') } } }), config());
  expect(policy.key).toBe(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64'));
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  await writeFile(folder.of('centre.pem'), other.export({ type: 'spki', format: 'pem' }));
  expect(() => reloadConfig(() => config({ mqtt: { commands: { key: folder.of('centre.pem') } } }), config())).toThrow('not Ed25519');
});

test('what is set counts for the rule that it names, and no other', () => {
  const two = config({
    cameras: [{ ...cameras[0], rules: [{ type: 'thrown_object' }, { type: 'thrown_object', name: 'second' }] }],
  }).cameras;
  const set = withRuleSettings(two, [
    { cameraId: 'tower', rule: 'second', enabled: false, sensitivity: null },
    { cameraId: 'gone', rule: 'thrown_object', enabled: false, sensitivity: 'low' },
    { cameraId: 'tower', rule: 'gone', enabled: false, sensitivity: 'low' },
  ]);
  expect(set[0]?.rules.map(({ name, enabled, sensitivity }) => [name, enabled, sensitivity])).toEqual([
    ['thrown_object', true, 'normal'],
    ['second', false, 'normal'],
  ]);
});
