import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { ruleTypes } from '../rules/registry.js';
import { generateFiles } from './generate.js';
import { loadConfig } from './load.js';
import { describeSchema } from './option-tree.js';
import { configSchema } from './schema.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('generated files', () => {
  test.each(Object.entries(generateFiles()))('%s is fresh (npm run build:ts && node scripts/generate.mjs)', (path, content) => {
    expect(read(path)).toBe(content);
  });
});

describe('every incident type', () => {
  test.each(Object.entries(ruleTypes))(
    '%s is in the table, the options, the schema for editors and the complete example',
    (type, { title }) => {
      expect(read('docs/rules.md')).toContain(`| [\`${type}\`](../src/rules/${type.replaceAll('_', '-')}/README.md) | ${title} |`);
      expect(read('docs/configuration.md')).toContain(`### Rule \`${type}\`: ${title}\n`);
      expect(read('config/parapet.schema.json')).toContain(`"const": "${type}"`);
      expect(read('config/parapet.example.yaml')).toContain(`- type: ${type}\n`);
    },
  );
});

describe('the options’ page', () => {
  const sections = read('docs/configuration.md').split('\n### ').slice(1);
  const keysOf = (section: string): string[] => [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key ?? '');

  test('no section names a key twice: whose it would be nobody could tell', () => {
    const repeated = sections.flatMap((section) => keysOf(section).filter((key, i, keys) => keys.indexOf(key) !== i));
    expect(repeated).toEqual([]);
  });

  test('has a section for each part of the config and for each rule, and no other', () => {
    const parts = describeTop().map((key) => `\`${key}\``);
    const rules = Object.entries(ruleTypes).map(([type, { title }]) => `Rule \`${type}\`: ${title}`);
    expect(sections.map((section) => section.slice(0, section.indexOf('\n'))).toSorted()).toEqual(
      ['Top level', ...parts, ...rules].toSorted(),
    );
  });

  test('what a rule takes stands with the rule: where, whom, when and how severe', () => {
    const intrusion = sections.find((section) => section.startsWith('Rule `intrusion`')) ?? '';
    expect(keysOf(intrusion)).toEqual(expect.arrayContaining(['zone', 'labels', 'schedule[].from', 'severity.confirmed']));
  });

  test('a list says what may stand in it, and a name of a place which places it may be of', () => {
    const page = read('docs/configuration.md');
    expect(page).toContain('| `mqtt.commands.allow` | a list; each: one of ping, status, snapshot,');
    expect(page).toContain('| `landing_zones` | a list; each: the name of one of the camera’s `zones` |');
    expect(page).toContain('| `line` | the name of one of the camera’s `lines` | *required* |');
  });
});

/** The config's own keys that hold maps or lists. */
function describeTop(): readonly string[] {
  const top = describeSchema(configSchema);
  return top.kind === 'map' ? [...top.keys].filter(([, { kind }]) => kind === 'map' || kind === 'list').map(([key]) => key) : [];
}

describe('configs in config/', () => {
  const token = 'sixteen-letters-or-more';
  const env = {
    MQTT_PASSWORD: 'one',
    CAMERA_PASSWORD: 'two',
    DB_PASSWORD: 'three',
    CENTRE_TOKEN: token,
    DISPATCH_TOKEN: token,
    WEBHOOK_SECRET: token,
  };
  test.each(['config/tower.yaml', 'config/street.yaml'])('%s is valid and names the schema for editors', (path) => {
    expect(() => loadConfig({ file: path, env, cwd: root.pathname })).not.toThrow();
    expect(read(path)).toMatch(/^# yaml-language-server: \$schema=\.\/parapet\.schema\.json\n/);
  });

  test('the complete example is valid', () => {
    // Its one secret file is not on this machine.
    const settings = [{ flag: '--set', setting: 'cameras.0.source.password=x' }];
    const { config } = loadConfig({ file: 'config/parapet.example.yaml', env, cwd: root.pathname, settings });
    expect(config.cameras[0]?.facade?.floors).toEqual({ first: 1, last: 33, height: 2.9 });
  });

  test('the complete example holds every key', () => {
    const example: unknown = parseDocument(read('config/parapet.example.yaml')).toJS();
    const lacking: string[] = [];
    const visit = (node: ReturnType<typeof describeSchema>, value: unknown, path: string): void => {
      if (value === undefined) lacking.push(path);
      if (value === undefined || value === null) return;
      const at = value as Record<string, unknown>;
      if (node.kind === 'map') for (const [key, child] of node.keys) visit(child, at[key], `${path}.${key}`);
      const variants = node.kind === 'list' && node.item.kind === 'choice' ? node.item.variants : [];
      for (const [type, variant] of variants) {
        const one = (value as { readonly type: string }[]).find((rule) => rule.type === type);
        visit(variant, one, `${path}[${type}]`);
      }
      if (node.kind === 'named' || (node.kind === 'list' && node.item.kind !== 'choice'))
        visit(node.item, Object.values(at)[0] ?? null, `${path}[]`);
    };
    visit(describeSchema(configSchema), example, '');
    expect(lacking).toEqual([]);
  });
});
