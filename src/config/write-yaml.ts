import { stringify } from 'yaml';
import { nodeAt, type OptionNode } from './option-tree.js';
import { type ConfigPath, isMap } from './path.js';

/** How a config is written out. */
export interface YamlStyle {
  /** The value of a leaf as it shall stand in the file. */
  leaf(node: OptionNode & { kind: 'leaf' }, value: unknown, path: ConfigPath): unknown;
  /** Lines of comment above a key, without `#`. */
  above(node: OptionNode, path: ConfigPath): readonly string[];
  /** Comment beside a value that stands on its key's line, without `#`; empty for none. */
  beside(path: ConfigPath): string;
}

/**
 * Writes a config as YAML, keys in the order of the schema. Lists that hold nothing but values or lists of values
 * (polygons, unit names) stand on one line.
 */
export function writeYaml(root: OptionNode, value: unknown, style: YamlStyle): string {
  const lines: string[] = [];
  writeMap(root, value, [], 0, style, lines);
  return `${lines.join('\n')}\n`;
}

function writeMap(node: OptionNode, value: unknown, path: ConfigPath, indent: number, style: YamlStyle, lines: string[]): void {
  const map = isMap(value) ? value : {};
  const chosen = nodeAt(node, map, []) ?? node;
  const keys = chosen.kind === 'map' ? [...chosen.keys.keys()].filter((key) => map[key] !== undefined) : Object.keys(map);
  for (const key of keys) {
    const child = chosen.kind === 'map' ? chosen.keys.get(key) : chosen.kind === 'named' ? chosen.item : undefined;
    if (child !== undefined) writeEntry(child, map[key], [...path, key], `${' '.repeat(indent)}${scalar(key)}:`, indent, style, lines);
  }
}

function writeEntry(
  node: OptionNode,
  value: unknown,
  path: ConfigPath,
  head: string,
  indent: number,
  style: YamlStyle,
  lines: string[],
): void {
  const blank = ' '.repeat(indent);
  const above = style.above(node, path);
  if (above.length > 0 && lines.at(-1) !== '' && lines.length > 0 && indent === 0) lines.push('');
  for (const line of above) lines.push(`${blank}# ${line}`);
  if (isBlock(value)) {
    lines.push(head);
    if (!Array.isArray(value)) writeMap(node, value, path, indent + 2, style, lines);
    else if (node.kind === 'list') {
      for (const [i, item] of value.entries()) writeItem(node.item, item, [...path, i], indent + 2, style, lines);
    }
    return;
  }
  lines.push(`${head} ${scalar(leaves(node, value, path, style))}${comment(style.beside(path))}`);
}

/** An entry of a list of maps: the dash stands where the first key's indentation would. */
function writeItem(node: OptionNode, value: unknown, path: ConfigPath, indent: number, style: YamlStyle, lines: string[]): void {
  const blank = ' '.repeat(indent);
  if (!isMap(value)) {
    lines.push(`${blank}- ${scalar(leaves(node, value, path, style))}${comment(style.beside(path))}`);
    return;
  }
  const inner: string[] = [];
  writeMap(node, value, path, indent + 2, style, inner);
  const first = inner.findIndex((line) => !line.trimStart().startsWith('#'));
  lines.push(
    ...inner.slice(0, first).map((line) => line.slice(2)),
    ...inner.slice(first, first + 1).map((line) => `${blank}- ${line.trimStart()}`),
    ...inner.slice(first + 1),
  );
}

/** Maps with keys, and lists of maps, take a block; all else stands on one line. */
function isBlock(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isMap);
  return isMap(value) && Object.keys(value).length > 0;
}

function leaves(node: OptionNode, value: unknown, path: ConfigPath, style: YamlStyle): unknown {
  if (node.kind === 'leaf') return value === null ? null : style.leaf(node, value, path);
  if (node.kind === 'list' && Array.isArray(value)) return value.map((item, i) => leaves(node.item, item, [...path, i], style));
  return value;
}

function scalar(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}

const comment = (text: string): string => (text === '' ? '' : ` # ${text}`);
