import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentError } from '../platform/errors.js';
import { ruleTypes } from '../rules/registry.js';
import { type ConfigSources, loadConfig } from './load.js';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parapet-config-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function errorOf(yaml: string | Buffer, more: Partial<ConfigSources> = {}): AgentError {
  writeFileSync(join(cwd, 'p.yaml'), yaml, { mode: 0o600 });
  try {
    loadConfig({ file: 'p.yaml', env: {}, cwd, ...more });
  } catch (error) {
    if (error instanceof AgentError) return error;
    throw error;
  }
  throw new Error('the config was taken');
}
const set = (...settings: string[]) => ({ settings: settings.map((setting) => ({ flag: '--set', setting })) });
const camera = (rest: string): string => `cameras:\n  - id: a\n    source: { url: x.mp4 }\n    ${rest}\n`;
const corners = 'corners: [[0.3,0],[0.7,0],[0.8,1],[0.2,1]]';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the placeholders under test
test.each<[string, string, string, string]>([
  [
    'unknown key',
    camera(`facade: { ${corners}, floors: { last: 9, hieght: 3 m } }`),
    'CONFIG_INVALID',
    "p.yaml:4:78 cameras[0].facade.floors.hieght: unknown key; did you mean 'height'?",
  ],
  [
    'speeds without metres',
    camera('rules: [{ type: speeding }]'),
    'CONFIG_INVALID',
    "p.yaml:4:21 cameras[0].rules[0].type: speeding needs metres: give the camera's `ground`",
  ],
  ['unknown top key', 'siet: x\n', 'CONFIG_INVALID', "p.yaml:1:1 siet: unknown key; did you mean 'site'?"],
  ['unknown key, nothing near', 'log: { colour: red }', 'CONFIG_INVALID', 'p.yaml:1:8 log.colour: unknown key; known here: level'],
  [
    'number too high',
    'console: { port: 99999 }',
    'CONFIG_INVALID',
    'p.yaml:1:18 console.port: expected a whole number from 0 to 65535 (port), or null, got the number 99999',
  ],
  [
    'number in words',
    camera('rules: [{ type: thrown_object, min_drop: a lot }]'),
    'CONFIG_INVALID',
    "p.yaml:4:46 cameras[0].rules[0].min_drop: expected a number from 0.02 to 1 (fraction), got 'a lot'",
  ],
  [
    'duration out of bounds',
    'mqtt: { keepalive: 1 s }',
    'CONFIG_INVALID',
    "p.yaml:1:20 mqtt.keepalive: expected a duration from 5 s to 10 min (units: ms, s, min, h, d), got '1 s'",
  ],
  [
    'duration without sense',
    camera('evidence: { pre_capture: 5 seconds }'),
    'CONFIG_INVALID',
    "p.yaml:4:30 cameras[0].evidence.pre_capture: expected a duration from 0 s to 60 s (units: ms, s, min, h, d), got '5 seconds'",
  ],
  [
    'not a number',
    'retention: { days: .nan }',
    'CONFIG_INVALID',
    'p.yaml:1:20 retention.days: expected a number from 0 to 3650 (days), got the number NaN',
  ],
  [
    'one of',
    'log: { level: warning }',
    'CONFIG_INVALID',
    "p.yaml:1:15 log.level: expected one of trace, debug, info, warn, error, fatal, silent, got 'warning'; did you mean 'warn'?",
  ],
  [
    'one of, nearly',
    camera('rules: [{ type: thrown_object, sensitivity: hihg }]'),
    'CONFIG_INVALID',
    "p.yaml:4:49 cameras[0].rules[0].sensitivity: expected one of low, normal, high, got 'hihg'; did you mean 'high'?",
  ],
  [
    'a number for text',
    camera(`facade: { ${corners}, floors: { last: 9 }, units: [01] }`),
    'CONFIG_INVALID',
    'p.yaml:4:88 cameras[0].facade.units[0]: expected text of 1 to 32 characters, got the number 1; put it in quotes',
  ],
  [
    'unknown rule',
    camera('rules: [{ type: thrown_objct }]'),
    'CONFIG_INVALID',
    `p.yaml:4:21 cameras[0].rules[0].type: expected one of ${Object.keys(ruleTypes).join(', ')}, got 'thrown_objct'; did you mean 'thrown_object'?`,
  ],
  [
    'rule without type',
    camera('rules: [{ min_drop: 1 }]'),
    'CONFIG_INVALID',
    "p.yaml:4:13 cameras[0].rules[0].type: missing 'type'; expected one of thrown_object",
  ],
  [
    'a rule by its type alone',
    camera('rules: [intrusion]'),
    'CONFIG_INVALID',
    "p.yaml:4:13 cameras[0].rules[0]: expected keys (type, …), got 'intrusion'; write { type: intrusion }",
  ],
  [
    'a polygon of two points',
    camera('zones: { gate: { polygon: [[0.4, 0.6], [1, 0.6]] } }'),
    'CONFIG_INVALID',
    'p.yaml:4:31 cameras[0].zones.gate.polygon: expected a list of at least 3 points, such as [0.31, 0.02], got a list of 2',
  ],
  [
    'one polygon where several may stand',
    camera('masks: { privacy: [[0.8, 0.3], [0.95, 0.3], [0.95, 0.45]] }'),
    'CONFIG_INVALID',
    'p.yaml:4:23 cameras[0].masks.privacy: expected a list of polygons, got the points of one; put them in brackets of their own, as [[[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]]',
  ],
  [
    'a zone without the key of its polygon',
    camera('zones: { gate: [[0.4, 0.6], [1, 0.6], [1, 1]] }'),
    'CONFIG_INVALID',
    'p.yaml:4:20 cameras[0].zones.gate: expected keys (polygon), got a list of 3; write { polygon: […] }',
  ],
  [
    'a day in full',
    camera('rules: [{ type: intrusion, schedule: [{ days: [monday] }] }]'),
    'CONFIG_INVALID',
    "p.yaml:4:52 cameras[0].rules[0].schedule[0].days[0]: expected one of mon, tue, wed, thu, fri, sat, sun, got 'monday'; did you mean 'mon'?",
  ],
  [
    'metres of the ground in another order',
    camera('ground: { picture: [[0.1, 0.5], [0.9, 0.5], [1, 1], [0, 1]], metres: [[0, 0], [10, 10], [10, 0], [0, 10]] }'),
    'CONFIG_INVALID',
    'p.yaml:4:74 cameras[0].ground.metres: no camera sees four places of the ground like that; give the metres in the same order as the places in `picture`',
  ],
  ['no rules', camera('rules: []'), 'CONFIG_INVALID', 'p.yaml:4:12 cameras[0].rules: expected a list of at least 1, got a list of 0'],
  [
    'missing key',
    'cameras: [{ id: a, source: {} }]',
    'CONFIG_INVALID',
    'p.yaml:1:20 cameras[0].source.url: missing; expected text of 1 to 2000 characters',
  ],
  ['a map for a list', 'cameras: { id: a }', 'CONFIG_INVALID', 'p.yaml:1:10 cameras: expected a list, got a map of keys'],
  [
    'an id with a slash',
    'cameras: [{ id: a/b, source: { url: x } }]',
    'CONFIG_INVALID',
    "p.yaml:1:17 cameras[0].id: expected letters, digits, '-' and '_', beginning with a letter or digit, got 'a/b'",
  ],
  [
    'an id that climbs',
    'site: ..',
    'CONFIG_INVALID',
    "p.yaml:1:7 site: expected letters, digits, '-' and '_', beginning with a letter or digit, got '..'",
  ],
  [
    'a zone name with a wildcard',
    camera('zones: { "a#": { polygon: [[0,0],[1,0],[1,1]] } }'),
    'CONFIG_INVALID',
    "p.yaml:4:14 cameras[0].zones.a#: not a fit name; expected letters, digits, '-' and '_', beginning with a letter or digit",
  ],
  [
    'the same id twice',
    'cameras:\n  - { id: a, source: { url: x } }\n  - { id: A, source: { url: y } }\n',
    'CONFIG_INVALID',
    "p.yaml:3:11 cameras[1].id: cameras[0] is already called 'A'; give this one another id",
  ],
  [
    'the same rule twice',
    camera('rules: [{ type: thrown_object }, { type: thrown_object }]'),
    'CONFIG_INVALID',
    "p.yaml:4:38 cameras[0].rules[1].name: cameras[0].rules[0] is already called 'thrown_object'; give this one another name",
  ],
  [
    'a zone that is not there',
    camera('zones: { gate: { polygon: [[0,0],[1,0],[1,1]] } }\n    rules: [{ type: thrown_object, landing_zones: [gaet] }]'),
    'CONFIG_INVALID',
    "p.yaml:5:52 cameras[0].rules[0].landing_zones[0]: this camera has no zone 'gaet'; did you mean 'gate'?",
  ],
  [
    'crossed corners',
    camera('facade: { corners: [[0.3,0],[0.7,0],[0.2,1],[0.8,1]], floors: { last: 9 } }'),
    'CONFIG_INVALID',
    'p.yaml:4:24 cameras[0].facade.corners: the sides of the facade cross; give them as top-left, top-right, bottom-right, bottom-left',
  ],
  [
    'three corners',
    camera('facade: { corners: [[0.3,0],[0.7,0],[0.2,1]], floors: { last: 9 } }'),
    'CONFIG_INVALID',
    'p.yaml:4:24 cameras[0].facade.corners: expected a list of 4 points, such as [0.31, 0.02], got a list of 3',
  ],
  [
    'pixels for fractions',
    camera('masks: { motion: [[[0,0],[640,0],[1,1]]] }'),
    'CONFIG_INVALID',
    'p.yaml:4:31 cameras[0].masks.motion[0][1][0]: expected a number from -20 to 20 (fraction of the width), got the number 640',
  ],
  [
    'floors upside down',
    camera(`facade: { ${corners}, floors: { first: 9, last: 1 } }`),
    'CONFIG_INVALID',
    'p.yaml:4:85 cameras[0].facade.floors.last: the highest floor (last: 1) lies below the lowest (first: 9)',
  ],
  [
    'half a certificate',
    'mqtt: { tls: { cert: a.pem } }',
    'CONFIG_INVALID',
    'p.yaml:1:14 mqtt.tls.key: a client certificate needs both `cert` and `key`',
  ],
  [
    'broker without scheme',
    'mqtt: { url: broker:1883 }',
    'CONFIG_INVALID',
    "p.yaml:1:14 mqtt.url: expected a URL such as mqtts://broker.example:8883, or null, got 'broker:1883'; it must begin with mqtt:// or mqtts://; did you mean mqtt://broker:1883?",
  ],
  [
    'broker as a web page',
    'mqtt: { url: "http://10.0.0.2:80/" }',
    'CONFIG_INVALID',
    "got 'http://10.0.0.2:80/'; it must begin with mqtt:// or mqtts://; did you mean mqtt://10.0.0.2:1883?",
  ],
  [
    'corners in pixels',
    'cameras: [{ id: a, source: { url: rtsp://h/x }, facade: { corners: [[397, 0], [0.7, 0], [0.8, 1], [0.2, 1]], floors: { last: 3 } } }]',
    'CONFIG_INVALID',
    'got the number 397; give it in fractions of the picture, not pixels',
  ],
  [
    'a camera without its scheme',
    'cameras: [{ id: a, source: { url: "u:hush@10.0.0.8:554/main" } }]',
    'CONFIG_INVALID',
    'p.yaml:1:35 cameras[0].source.url: this is no file and lacks a scheme; did you mean rtsp://***@10.0.0.8:554/main?',
  ],
  [
    'raw # in a password',
    'cameras: [{ id: a, source: { url: "rtsp://u:hush#1@h/x" } }]',
    'CONFIG_INVALID',
    'p.yaml:1:35 cameras[0].source.url: not a URL with a host; percent-encode special characters in a user name or password (@ is %40, # is %23), or give them as source.username and source.password',
  ],
  [
    'missing variable',
    'mqtt: { password: ${NOPE} }',
    'CONFIG_SECRET_MISSING',
    'p.yaml:1:19 mqtt.password: the environment has no ${NOPE}, or it is empty; set it before starting, or write $${ for a plain ${',
  ],
  [
    'missing secret file',
    'mqtt: { password: "file:/no/such" }',
    'CONFIG_SECRET_MISSING',
    'p.yaml:1:19 mqtt.password: the secret file /no/such is not there; make it, or mount the secret',
  ],
  [
    'plain text',
    'Dear diary',
    'CONFIG_SYNTAX',
    "p.yaml:1:1 not a Parapet config: expected keys and values, such as 'cameras: [{ id: gate, source: { url: rtsp://… } }]'",
  ],
  ['open bracket', 'cameras: [{ id: a }\nsite: x\n', 'CONFIG_SYNTAX', 'p.yaml:2:1 not valid YAML: '],
  ['the same key twice', 'site: a\nsite: b\n', 'CONFIG_SYNTAX', 'p.yaml:2:1 not valid YAML: Map keys must be unique'],
  ['an anchor that is not there', 'site: *x\n', 'CONFIG_SYNTAX', 'p.yaml:1:7 there is no anchor &x before this *x'],
  ['an anchor in itself', 'cameras: &c\n  - *c\n', 'CONFIG_SYNTAX', 'p.yaml:2:5 the config nests too deeply'],
])('%s', (_name, yaml, code, text) => {
  const error = errorOf(yaml);
  expect(error.message.split('\n')[0]).toContain(text);
  expect(error.message.split('\n')).toHaveLength(1);
  expect({ code: error.code, exit: error.exitCode }).toEqual({ code, exit: 2 });
});

describe('files', () => {
  const load = (file: string) => () => loadConfig({ file, env: {}, cwd });
  test('none there', () => expect(load('nope.yaml')).toThrow('nope.yaml: no such file; check the path given with -c'));
  test('a folder', () => expect(load('.')).toThrow('.: this is a folder; give the file itself with -c'));
  test('not text', () => expect(errorOf(Buffer.from([0x7f, 0x45, 0, 1])).code).toBe('CONFIG_SYNTAX'));
});

test.each([
  ['mqtt.ulr=x', "flag --set mqtt.ulr: mqtt: unknown key 'ulr'; did you mean 'url'?"],
  ['cameras.b.id=x', "flag --set cameras.b.id: cameras: has no entry 'b'; did you mean 'a'?"],
  ['cameras.7.id=x', 'flag --set cameras.7.id: cameras: there is no entry 7; the next one is 1 (they count from 0)'],
  ['site.name=x', "flag --set site.name: site: holds a single value; there is no 'name' in it"],
  ['evidence.pre_capture=10s', 'flag --set evidence.pre_capture: this belongs to a camera; write cameras.<id>.evidence.pre_capture=10s'],
  ['evidence.nothing=10', "flag --set evidence.nothing: unknown key 'evidence'"],
  ['site', 'flag --set site: expected key=value, such as mqtt.keepalive=60s'],
  [
    'console.port=70000',
    'flag --set console.port: console.port: expected a whole number from 0 to 65535 (port), or null, got the number 70000',
  ],
  ['__proto__.x=1', "flag --set __proto__.x: unknown key '__proto__'; known here: site"],
  ['cameras.0.rules=[', 'flag --set cameras.0.rules: cameras[0].rules: not valid YAML'],
])('--set %s', (setting, text) => {
  const error = errorOf(camera(''), set(setting));
  expect(error.message).toContain(text);
  expect(error.message.split('\n')).toHaveLength(1);
});

test('all problems are listed, those of the file in its order', () => {
  const error = errorOf('sight: x\nlog: { level: loud }\nmqtt: { password: ${NOPE}, keepalive: 1 s }\n', {
    env: { PARAPET_CONSOLE__PORT: 'x' },
    ...set('retention.days=-1'),
  });
  expect(error.message.split('\n').map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
    'p.yaml:1',
    'p.yaml:2',
    'p.yaml:3',
    'p.yaml:3',
    expect.stringMatching(/environment PARAPET_CONSOLE__PORT|flag --set retention.days/),
    expect.stringMatching(/environment PARAPET_CONSOLE__PORT|flag --set retention.days/),
  ]);
});

test('no message repeats a secret', () => {
  const long = 'hush'.repeat(500);
  const yaml = `site: \${PW}\nmqtt: { url: "http://u:hush@b", password: ${long}, username: [hush] }\n`;
  expect(errorOf(yaml, { env: { PW: 'hush hush' } }).message).not.toContain('hush');
});

test('whatever is in the file, the answer is a config or an AgentError of a few kinds', () => {
  const word = fc.constantFrom(
    'cameras',
    'mqtt',
    'id',
    'source',
    'url',
    'rules',
    'type',
    'thrown_object',
    'facade',
    'zones',
    '[',
    ']',
    '{',
    '}',
    ': ',
    '\n',
    '\n  ',
    '- ',
    '${X}',
    '&a',
    '*a',
    '!!x',
    '1',
    'null',
    '"',
    '#',
    '\t',
    '__proto__',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      writeFileSync(join(cwd, 'fuzz.yaml'), words.join(''));
      try {
        loadConfig({ file: 'fuzz.yaml', env: {}, cwd });
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        expect(error.message).toMatch(/^fuzz\.yaml/);
      }
    }),
    { numRuns: 400 },
  );
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: end of the placeholders
