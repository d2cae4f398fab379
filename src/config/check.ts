import type { z } from 'zod';
import { nearest } from '../domain/option/nearest.js';
import type { LeafMeta, NamedInCamera } from '../domain/option/schema.js';
import { redactUrls } from '../platform/redact.js';
import { knownKeys, unknownKey } from './assign.js';
import { expectedValue, nodeAt, type OptionNode } from './option-tree.js';
import { type Layers, locate, nearestOrigin, positionOf } from './origin.js';
import { type ConfigPath, formatPath, isMap, valueAt } from './path.js';
import { type Problem, shownValue } from './problem.js';
import { walkLeaves } from './walk.js';

/** What one line of an error says, and at which path. */
interface Finding {
  readonly path: ConfigPath;
  readonly text: string;
  /** Whether the key is wrong or its value. */
  readonly of: 'key' | 'value';
}

/** Everything that the schema found wrong, in words. */
export function schemaProblems(
  root: OptionNode,
  layers: Layers,
  issues: readonly z.core.$ZodIssue[],
  unresolved: ReadonlySet<string>,
): Problem[] {
  const flat = new Map<string, Finding>();
  const rest = issues.filter((issue) => {
    const finding = flatPolygon(root, layers, plainPath(issue));
    if (finding !== null) flat.set(formatPath(finding.path), finding);
    return finding === null;
  });
  return [...flat.values(), ...rest.flatMap((issue) => findings(root, layers, issue))]
    .filter((finding) => !unresolved.has(formatPath(finding.path)))
    .map((finding) => toProblem(layers, finding));
}

/** Names that must be unique or must exist, checked on what was written so that all problems show at once. */
export function nameProblems(root: OptionNode, layers: Layers): Problem[] {
  const found: Finding[] = [];
  const cameras = layers.value['cameras'];
  if (!Array.isArray(cameras)) return [];
  found.push(...repeated(cameras, ['cameras'], 'id', (camera) => (isMap(camera) ? camera['id'] : undefined), true));
  cameras.forEach((camera: unknown, i) => {
    if (!isMap(camera)) return;
    if (Array.isArray(camera['rules'])) {
      const nameOf = (rule: unknown): unknown => (isMap(rule) ? (rule['name'] ?? rule['type']) : undefined);
      found.push(...repeated(camera['rules'], ['cameras', i, 'rules'], 'name', nameOf, false));
    }
    const namesOf = (places: NamedInCamera): string[] => (isMap(camera[places]) ? Object.keys(camera[places]) : []);
    const node = nodeAt(root, layers.value, ['cameras', i]);
    if (node === null) return;
    walkLeaves(node, camera, (path, { leaf }, value) => {
      const { refersTo } = leaf;
      if (refersTo === undefined || typeof value !== 'string') return;
      const names = namesOf(refersTo);
      if (names.includes(value)) return;
      const guess = nearest(value, names);
      const known = names.length === 0 ? `it has none: draw it under '${refersTo}'` : `its ${refersTo} are ${names.join(', ')}`;
      const text = `this camera has no ${refersTo.slice(0, -1)} ${shownValue(value)}; ${guess === null ? known : `did you mean '${guess}'?`}`;
      found.push({ path: ['cameras', i, ...path], text, of: 'value' });
    });
  });
  return found.map((finding) => toProblem(layers, finding));
}

function repeated(
  entries: readonly unknown[],
  path: ConfigPath,
  key: string,
  nameOf: (entry: unknown) => unknown,
  ignoreCase: boolean,
): Finding[] {
  const first = new Map<string, number>();
  return entries.flatMap((entry, i) => {
    const name = nameOf(entry);
    if (typeof name !== 'string') return [];
    const comparable = ignoreCase ? name.toLowerCase() : name;
    const before = first.get(comparable);
    if (before === undefined) {
      first.set(comparable, i);
      return [];
    }
    const text = `${formatPath([...path, before])} is already called ${shownValue(name)}; give this one another ${key}`;
    return [{ path: [...path, i, key], text, of: 'value' } as const];
  });
}

function toProblem(layers: Layers, { path, text, of }: Finding): Problem {
  const origin = nearestOrigin(layers, path);
  const key = path.length === 0 ? 'config' : formatPath(path);
  return { code: 'CONFIG_INVALID', text: `${locate(origin, of)}${key}: ${text}`, at: positionOf(origin, of) };
}

const plainPath = (issue: z.core.$ZodIssue): ConfigPath => issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));

/**
 * One polygon where a list of them belongs (`masks.privacy: [[0.1, 0.2], …]`): said once, in the place of what is wrong with each of its numbers.
 */
function flatPolygon(root: OptionNode, layers: Layers, path: ConfigPath): Finding | null {
  for (let length = 1; length <= path.length; length++) {
    const at = path.slice(0, length);
    const node = nodeAt(root, layers.value, at);
    const value = valueAt(layers.value, at);
    if (node?.kind !== 'list' || node.item.kind !== 'list' || !isPoint(node.item.item) || !Array.isArray(value)) continue;
    const isOne = value.every((entry) => Array.isArray(entry) && entry.length === 2 && entry.every((number) => typeof number === 'number'));
    const text = `expected a list of polygons, got the points of one; put them in brackets of their own, as [${exampleOf(node.item)}]`;
    if (value.length > 0 && isOne) return { path: at, text, of: 'value' };
  }
  return null;
}

const isPoint = (node: OptionNode): boolean => node.kind === 'list' && node.fixedLength === 2;

function findings(root: OptionNode, layers: Layers, issue: z.core.$ZodIssue): Finding[] {
  const path = plainPath(issue);
  const value = valueAt(layers.value, path);
  if (issue.code === 'unrecognized_keys') {
    const container = nodeAt(root, layers.value, path);
    const known = container === null ? [] : knownKeys(container, value);
    return issue.keys.map((key) => ({ path: [...path, key], text: unknownKey(key, known).replace(` '${key}'`, ''), of: 'key' }));
  }
  if (issue.code === 'custom' && issue.params?.['say'] === true) return [{ path, text: issue.message, of: 'value' }];
  const node = nodeAt(root, layers.value, path) ?? nodeAt(root, layers.value, path.slice(0, -1));
  if (
    (issue.code === 'too_small' || issue.code === 'too_big') &&
    Array.isArray(value) &&
    node?.kind === 'list' &&
    node.fixedLength === null
  ) {
    const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
    const what = isPoint(node.item) ? ` points, such as ${exampleOf(node.item)}` : '';
    return [{ path, text: `expected a list of ${limit}${what}, got ${shownValue(value)}`, of: 'value' }];
  }
  if (issue.code === 'invalid_key') {
    const named = nodeAt(root, layers.value, path.slice(0, -1));
    const expected = named?.kind === 'named' && named.key.kind === 'leaf' ? expectedValue(named.key) : 'another name';
    return [{ path, text: `not a fit name; expected ${expected}`, of: 'key' }];
  }
  if (node === null) return [{ path, text: issue.message, of: 'value' }];
  return [{ path, text: unfitValue(node, value, path, layers), of: value === undefined ? 'key' : 'value' }];
}

/** `expected …, got …`, and what was probably meant. */
function unfitValue(node: OptionNode, value: unknown, path: ConfigPath, layers: Layers): string {
  if (node.kind === 'choice') {
    const chosen = valueAt(layers.value, path);
    const type = isMap(chosen) ? chosen[node.by] : chosen;
    const known = [...node.variants.keys()];
    if (type === undefined || isMap(type)) return `missing '${node.by}'; expected one of ${known.join(', ')}`;
    if (typeof chosen === 'string' && path.at(-1) !== node.by) {
      return `expected keys (${node.by}, …), got ${shownValue(chosen)}; write { ${node.by}: ${nearest(chosen, known) ?? known[0]} }`;
    }
    return `expected one of ${known.join(', ')}, got ${shownValue(type)}${meant(type, known)}`;
  }
  const expected = expectedOf(node);
  if (value === undefined) return `missing; expected ${expected}`;
  if (node.kind !== 'leaf') return `expected ${expected}, got ${shownValue(value)}${inItsKey(node, value)}`;
  const origin = nearestOrigin(layers, path);
  const hidden = node.leaf.secret === true || (origin.kind === 'file' && origin.variables.length > 0);
  const got = hidden && typeof value === 'string' ? 'something else' : shownValue(value);
  const quotes = node.leaf.kind === 'text' && (typeof value === 'number' || typeof value === 'boolean') ? '; put it in quotes' : '';
  return `expected ${expected}, got ${got}${quotes}${meant(value, node.leaf.values ?? [])}${mended(node.leaf, value, hidden)}`;
}

/** What belongs into the only key of a map and stands in the map's place: a zone's points without `polygon`. */
function inItsKey(node: OptionNode, value: unknown): string {
  const [only, ...others] = node.kind === 'map' ? node.keys : [];
  return only === undefined || others.length > 0 || only[1].kind !== 'list' || !Array.isArray(value) ? '' : `; write { ${only[0]}: […] }`;
}

/** How a value was probably meant, where its kind alone can tell. */
function mended(leaf: LeafMeta, value: unknown, hidden: boolean): string {
  if (typeof value === 'number' && value > Number(leaf.max) && leaf.unit?.startsWith('fraction of the ')) {
    return '; give it in fractions of the picture, not pixels';
  }
  const mend = typeof value === 'string' && !hidden ? (leaf.mend?.(value) ?? null) : null;
  return mend === null ? '' : `; ${redactUrls(mend)}`;
}

function expectedOf(node: OptionNode): string {
  if (node.kind === 'leaf') return expectedValue(node);
  const orNull = node.nullable ? ', or null' : '';
  if (node.kind === 'literal') return `'${node.value}'`;
  if (node.kind === 'list') {
    const count = node.fixedLength === null ? 'a list' : `a list of ${node.fixedLength}`;
    if (node.item.kind !== 'list') return `${count}${orNull}`;
    const what = isPoint(node.item) ? 'points' : 'polygons';
    return `${count}${node.fixedLength === null ? ' of' : ''} ${what}, such as ${exampleOf(node.item)}${orNull}`;
  }
  const keys = node.kind === 'map' ? ` (${[...node.keys.keys()].join(', ')})` : '';
  return `keys${keys}${orNull}`;
}

function exampleOf(point: OptionNode): string {
  return point.kind === 'list' && point.fixedLength === 2 ? '[0.31, 0.02]' : '[[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]';
}

function meant(value: unknown, known: readonly string[]): string {
  if (typeof value !== 'string') return '';
  // What goes on after a known word is a longer form of it: monday, warning.
  const guess = nearest(value, known) ?? known.find((word) => word.length >= 3 && value.toLowerCase().startsWith(word)) ?? null;
  return guess === null ? '' : `; did you mean '${guess}'?`;
}
