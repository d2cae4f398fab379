import { expect, test } from 'vitest';
import { toFacade } from './facade.js';
import { describeSchema, type OptionNode } from './option-tree.js';
import { configSchema } from './schema.js';

test('every key says what it is for; every number has bounds and a unit; what is not required has a default', () => {
  const keys: string[] = [];
  const lacking: string[] = [];
  const visit = (node: OptionNode, path: string): void => {
    keys.push(path);
    if (node.about === '') lacking.push(`${path}: purpose`);
    if (!node.required && node.byDefault === undefined) lacking.push(`${path}: default`);
    if (node.kind === 'leaf') {
      const { kind, min, max, unit } = node.leaf;
      const measured = kind !== 'text' && kind !== 'flag' && kind !== 'one-of';
      if (measured && (min === undefined || max === undefined)) lacking.push(`${path}: bounds`);
      if ((kind === 'number' || kind === 'integer') && unit === undefined) lacking.push(`${path}: unit`);
    }
    if (node.kind === 'map') for (const [key, child] of node.keys) visit(child, `${path}.${key}`);
    if (node.kind === 'named' || node.kind === 'list') visit(node.item, `${path}[]`);
    if (node.kind === 'choice') for (const [type, variant] of node.variants) visit(variant, `${path}(${type})`);
  };
  for (const [key, child] of (describeSchema(configSchema) as OptionNode & { kind: 'map' }).keys) visit(child, key);
  // A rule's union itself has no purpose of its own: its variants have.
  expect(lacking).toEqual(['cameras[].rules[]: purpose']);
  expect(keys.length).toBeGreaterThan(60);
});

test('a camera with an id and a URL is a whole config', () => {
  const config = configSchema.parse({ cameras: [{ id: 'gate', source: { url: 'rtsp://10.0.0.8/main' } }] });
  expect(config.cameras[0]).toMatchObject({
    source: { transport: 'tcp', timeout: 10_000, stall: 20_000, hwaccel: 'none' },
    facade: null,
    rules: [{ type: 'thrown_object', name: 'thrown_object', min_drop_floors: 2, enabled: true }],
    evidence: { pre_capture: 5000, post_capture: 5000, ring: 1e9 },
  });
  expect(config.mqtt).toMatchObject({ url: null, delivery: 'broker', keepalive: 30_000, chunk_size: 131_072 });
});

test('two configs share no default: changing one leaves the other alone', () => {
  const input = { cameras: [{ id: 'gate', source: { url: 'a.mp4' } }] };
  const first = configSchema.parse(input).cameras[0];
  first?.rules.pop();
  first?.masks.motion.push([]);
  const second = configSchema.parse(input).cameras[0];
  expect(second?.rules).toHaveLength(1);
  expect(second?.masks.motion).toHaveLength(0);
});

test('a facade reaches the engine in metres', () => {
  const facade = {
    corners: [
      [0.31, 0.02],
      [0.69, 0.02],
      [0.8, 0.97],
      [0.2, 0.97],
    ],
    floors: { last: 33, height: '290 cm' },
    units: ['01', '02'],
    width: '24 m',
  };
  const camera = configSchema.parse({ cameras: [{ id: 'a', source: { url: 'a.mp4' }, facade }] }).cameras[0];
  expect(camera === undefined ? null : toFacade(camera)).toEqual({
    corners: [
      { x: 0.31, y: 0.02 },
      { x: 0.69, y: 0.02 },
      { x: 0.8, y: 0.97 },
      { x: 0.2, y: 0.97 },
    ],
    floors: { first: 1, last: 33, heightM: 2.9 },
    units: ['01', '02'],
    widthM: 24,
  });
  expect(toFacade({ facade: null })).toBeNull();
});
