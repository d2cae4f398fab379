import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { asyncApiDocument } from '../domain/contract/asyncapi.js';
import { documentedExamples } from '../domain/contract/examples.js';
import { ruleTypes } from '../rules/registry.js';
import { configJsonSchema } from './json-schema.js';
import { describeSchema, expectedValue, nodeAt, type OptionNode } from './option-tree.js';
import { type ConfigPath, isMap } from './path.js';
import { configurationPage, exampleHead, exampleValues } from './prose.js';
import { rulesPage } from './rules-page.js';
import { configSchema } from './schema.js';
import { writeYaml } from './write-yaml.js';

/** Width of the example file's comments, characters: it is read in terminals and in side panes. */
const COMMENT_WIDTH = 100;

/** The files that are made from the schema, by their path in the repository. */
export function generateFiles(): Readonly<Record<string, string>> {
  return {
    'config/parapet.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    'config/parapet.example.yaml': exampleFile(),
    'docs/configuration.md': configurationPage(optionTables()),
    'docs/rules.md': rulesPage(),
    'docs/asyncapi.yaml': asyncApiFile(),
  };
}

/** The contract of all topics, with the payloads that the documentation shows. */
function asyncApiFile(): string {
  const root = new URL('../../', import.meta.url);
  const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  const examples = documentedExamples(read('docs/mqtt.md'), read('docs/commands.md'), read('docs/integrations.md'));
  const head = '# Generated from src/domain/contract by `node scripts/generate.mjs`: do not edit. docs/mqtt.md says the same in words.\n';
  return head + stringify(asyncApiDocument(version, examples), { lineWidth: COMMENT_WIDTH + 40, aliasDuplicateObjects: false });
}

/** A complete config: every key with purpose, bounds and default. */
function exampleFile(): string {
  const root = describeSchema(configSchema);
  const body = writeYaml(root, withDefaults(root, exampleValues), {
    leaf: (_node, value) => value,
    above: (node, path) => (isRepeated(path) ? [] : aboveKey(node)),
    beside: () => '',
  });
  return `${exampleHead}\n${body}`;
}

/** Of several entries of a list the first tells all; but each kind of rule has keys of its own. */
const isRepeated = (path: ConfigPath): boolean => path.some((part, i) => typeof part === 'number' && part > 0 && path[i - 1] !== 'rules');

function aboveKey(node: OptionNode): readonly string[] {
  const facts = [node.about, ...bounds(node), ...defaultText(node)];
  return wrap(facts.join(' '), COMMENT_WIDTH);
}

function bounds(node: OptionNode): readonly string[] {
  if (node.kind !== 'leaf') return [];
  if (node.leaf.kind === 'text' && node.leaf.form === undefined) return [];
  const text = withoutUnits(expectedValue(node));
  return [`${text.charAt(0).toUpperCase()}${text.slice(1)}.`];
}

function defaultText(node: OptionNode): readonly string[] {
  if (node.required) return node.kind === 'leaf' ? ['Required.'] : [];
  return isMap(node.byDefault) ? [] : [`Default: ${shownDefault(node.byDefault)}.`];
}

function shownDefault(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((item) => (isMap(item) ? String(item['type']) : String(item))).join(', ');
  return isMap(value) && Object.keys(value).length === 0 ? 'none' : String(value);
}

/** Adds the default of every key that is not there, also inside lists and named entries. */
function withDefaults(node: OptionNode, value: unknown): unknown {
  const at = value === undefined ? node.byDefault : value;
  if (Array.isArray(at) && node.kind === 'list') return at.map((item) => withDefaults(node.item, item));
  if (!isMap(at)) return at;
  const chosen = nodeAt(node, at, []);
  if (chosen?.kind === 'named') return Object.fromEntries(Object.entries(at).map(([key, item]) => [key, withDefaults(chosen.item, item)]));
  if (chosen?.kind !== 'map') return at;
  return Object.fromEntries(
    [...chosen.keys].map(([key, child]) => [key, child.kind === 'literal' ? child.value : withDefaults(child, at[key])]),
  );
}

/** One table a section: key, what it takes, default, purpose. */
function optionTables(): string {
  const root = describeSchema(configSchema);
  const sections = new Map<string, string[]>();
  const visit = (node: OptionNode, path: ConfigPath, section: string): void => {
    if (node.kind === 'map') {
      for (const [key, child] of node.keys) {
        // Only the config's own maps and lists have a section: those of a rule stand with the rule, or nobody could tell whose they are.
        const own = node === root && (child.kind === 'map' || child.kind === 'list') ? `\`${key}\`` : section;
        visit(child, [...path, key], own);
      }
      return;
    }
    if (node.kind === 'choice') {
      for (const [type, variant] of node.variants) {
        const title = ruleTypes[type as keyof typeof ruleTypes].title;
        visit(variant, [], `Rule \`${type}\`: ${title}`);
      }
      return;
    }
    const rows = sections.get(section) ?? [];
    sections.set(section, rows);
    rows.push(row(node, path));
    if (node.kind === 'named') visit(node.item, [...path, '<name>'], section);
    if (node.kind === 'list' && (node.item.kind === 'map' || node.item.kind === 'choice')) visit(node.item, [...path, '[]'], section);
  };
  visit(root, [], 'Top level');
  return [...sections]
    .map(([title, rows]) => [`### ${title}`, '', '| key | takes | default | purpose |', '|---|---|---|---|', ...rows].join('\n'))
    .join('\n\n');
}

function row(node: OptionNode, path: ConfigPath): string {
  const key = path.join('.').replaceAll('.[]', '[]');
  const byDefault = node.required ? '*required*' : `\`${shownDefault(node.byDefault)}\``;
  const cells = [`\`${key}\``, takes(node), byDefault, node.about];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function takes(node: OptionNode): string {
  if (node.kind === 'literal') return `\`${node.value}\``;
  if (node.kind === 'named') return 'entries by name';
  if (node.kind === 'list') return takesList(node);
  if (node.kind !== 'leaf') return 'keys';
  if (node.leaf.refersTo !== undefined)
    return `the name of one of the camera’s \`${node.leaf.refersTo}\`${node.nullable ? ', or null' : ''}`;
  return withoutUnits(expectedValue(node));
}

/** A list of values says what each may be; what is in a list of maps, or of points, stands in the rows below it or in its purpose. */
function takesList({ item, fixedLength }: OptionNode & { kind: 'list' }): string {
  const count = fixedLength === null ? 'a list' : `a list of ${fixedLength}`;
  return item.kind === 'leaf' && fixedLength === null ? `${count}; each: ${takes(item)}` : count;
}

/** The units stand at the head of both files; a column of them would only be noise. */
function withoutUnits(expected: string): string {
  return expected.replace(/ \(units: [^)]*\)/, '');
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
