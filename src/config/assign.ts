import { parseDocument } from 'yaml';
import { nearest } from '../domain/option/nearest.js';
import type { OptionNode } from './option-tree.js';
import { childOf, variantOf } from './option-tree.js';
import { type Layers, type Origin, recordOrigin } from './origin.js';
import { type ConfigPath, isMap } from './path.js';
import { shownValue } from './problem.js';

/** Why a text could not be put where it was meant to go, in words without its location. */
export interface AssignFailure {
  readonly path: ConfigPath;
  readonly reason: string;
}

/** How the parts of a name are compared with keys: exactly (`--set`), or as environment variables are written. */
export type KeyMatch = 'exact' | 'environment';

/**
 * Puts a text at a place in the config: finds the place, reads the text as what stands there, and records where it came from.
 * Lists are entered by index or by the `id`, `name` or `type` of an entry; the index after the last adds one.
 *
 * @returns `null`, or what is wrong.
 */
export function assign(
  root: OptionNode,
  layers: Layers,
  parts: readonly string[],
  text: string,
  origin: Origin,
  match: KeyMatch,
): AssignFailure | null {
  let node = root;
  let container: Record<string | number, unknown> | undefined;
  let value: unknown = layers.value;
  const path: (string | number)[] = [];
  for (const part of parts) {
    if (node.kind === 'leaf' || node.kind === 'literal') return { path, reason: `holds a single value; there is no '${part}' in it` };
    if (container !== undefined && (typeof value !== 'object' || value === null)) {
      value = emptyValue(node);
      container[path.at(-1) as string] = value;
      recordOrigin(layers, path, { kind: 'default' });
    }
    const step = stepInto(node, value, part, match);
    if ('reason' in step) return { path, reason: step.reason };
    path.push(step.key);
    container = value as Record<string | number, unknown>;
    node = step.node;
    value = Object.hasOwn(container, step.key) ? container[step.key] : undefined;
  }
  if (container === undefined) return { path, reason: 'the name of a key is missing' };
  const read = readAs(node, text);
  if (read.reason !== null) return { path, reason: read.reason };
  container[path.at(-1) as string] = read.value;
  recordOrigin(layers, path, origin);
  return null;
}

/** What a container holds before something is put into it: its default. */
function emptyValue(node: OptionNode): unknown {
  if (typeof node.byDefault === 'object' && node.byDefault !== null) return structuredClone(node.byDefault);
  return node.kind === 'list' ? [] : {};
}

type Step = { readonly key: string | number; readonly node: OptionNode } | { readonly reason: string };

function stepInto(node: OptionNode, value: unknown, part: string, match: KeyMatch): Step {
  if (node.kind === 'list' && Array.isArray(value)) return stepIntoList(node, value, part, match);
  if (node.kind === 'list' || !isMap(value)) return { reason: `holds ${shownValue(value)}; there is no '${part}' in it` };
  const known = node.kind === 'named' ? Object.keys(value) : knownKeys(node, value);
  const key =
    known.find((candidate) => candidate === part) ??
    known.find((candidate) => match === 'environment' && comparable(candidate) === comparable(part));
  if (key === undefined && node.kind !== 'named') return { reason: unknownKey(part, known) };
  const name = key ?? (match === 'environment' ? part.toLowerCase() : part);
  const child = childOf(node, value, name);
  return child === null ? { reason: unknownKey(part, known) } : { key: name, node: child };
}

function stepIntoList(node: OptionNode & { kind: 'list' }, list: readonly unknown[], part: string, match: KeyMatch): Step {
  const names = list.map(nameOf);
  const same = (name: string | null): boolean =>
    name !== null && (name === part || (match === 'environment' && comparable(name) === comparable(part)));
  const named = names.findIndex(same);
  if (named >= 0) return { key: named, node: node.item };
  if (/^\d{1,4}$/.test(part)) {
    const index = Number(part);
    if (index < list.length || (index === list.length && node.fixedLength === null)) return { key: index, node: node.item };
    return { reason: `there is no entry ${index}; the next one is ${list.length} (they count from 0)` };
  }
  const known = names.filter((name) => name !== null);
  const guess = nearest(part, known);
  if (guess !== null) return { reason: `has no entry '${part}'; did you mean '${guess}'?` };
  return { reason: `has no entry '${part}'; ${known.length > 0 ? `there are ${known.join(', ')}` : 'name one by its index, from 0'}` };
}

/** The keys that a map may have; of a choice, those of the chosen variant and the key that chooses. */
export function knownKeys(node: OptionNode, value: unknown): readonly string[] {
  if (node.kind === 'map') return [...node.keys.keys()];
  if (node.kind !== 'choice') return [];
  const variant = variantOf(node, value);
  return variant === null ? [node.by] : knownKeys(variant, value);
}

/** `unknown key; did you mean …?`, or what keys there are. */
export function unknownKey(key: string, known: readonly string[]): string {
  const guess = nearest(key, known);
  return `unknown key '${key}'; ${guess === null ? `known here: ${known.join(', ')}` : `did you mean '${guess}'?`}`;
}

function nameOf(entry: unknown): string | null {
  if (!isMap(entry)) return null;
  const name = entry['id'] ?? entry['name'] ?? entry['type'];
  return typeof name === 'string' ? name : null;
}

const comparable = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '_');

type ReadAs = { readonly value: unknown; readonly reason: string | null };

/** Reads a text as what a place takes: texts as they are, everything else as YAML (`[1, 2]`, `{a: 1}`, `true`, `null`). */
export function readAs(node: OptionNode, text: string): ReadAs {
  if (node.kind === 'literal') return { value: text, reason: null };
  if (node.nullable && text.trim() === 'null') return { value: null, reason: null };
  if (node.kind === 'leaf' && !['number', 'integer', 'flag'].includes(node.leaf.kind)) return { value: text, reason: null };
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return { value: undefined, reason: `not valid YAML: ${error.message}` };
  return { value: document.toJS({ maxAliasCount: 10 }), reason: null };
}
