import { z } from 'zod';
import { formatQuantity, isQuantityKind, parseQuantity, quantityUnits } from '../domain/option/quantity.js';
import type { LeafMeta } from '../domain/option/schema.js';

/** The schema as a plain tree: what error messages, generated files and the reading of texts are made from. */
export type OptionNode = OptionCommon &
  (
    | { readonly kind: 'leaf'; readonly leaf: LeafMeta }
    | { readonly kind: 'literal'; readonly value: string }
    | { readonly kind: 'map'; readonly keys: ReadonlyMap<string, OptionNode> }
    | { readonly kind: 'named'; readonly key: OptionNode; readonly item: OptionNode }
    | { readonly kind: 'list'; readonly item: OptionNode; readonly fixedLength: number | null }
    | { readonly kind: 'choice'; readonly by: string; readonly variants: ReadonlyMap<string, OptionNode> }
  );

interface OptionCommon {
  readonly about: string;
  readonly nullable: boolean;
  readonly required: boolean;
  /** As one would write it; `undefined` when required. */
  readonly byDefault: unknown;
}

/**
 * Reads a zod schema made of this project's option makers.
 *
 * @throws {TypeError} when it holds a schema of another kind, which nobody could document.
 */
export function describeSchema(schema: z.core.$ZodType): OptionNode {
  let inner: z.core.$ZodType = schema;
  let nullable = false;
  let required = true;
  let byDefault: unknown;
  let meta = z.globalRegistry.get(inner);
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodNullable) {
    if (inner instanceof z.ZodNullable) nullable = true;
    else {
      if (required) byDefault = inner.def.defaultValue;
      required = false;
    }
    inner = inner.def.innerType;
    meta = { ...z.globalRegistry.get(inner), ...meta };
  }
  const common = { about: meta?.description ?? '', nullable, required };
  if (meta?.leaf !== undefined) {
    return { ...common, byDefault: writtenValue(meta.leaf, byDefault), kind: 'leaf', leaf: meta.leaf };
  }
  return { ...common, byDefault, ...describeStructure(inner) };
}

type Structure = OptionNode extends infer Node ? (Node extends OptionNode ? Omit<Node, keyof OptionCommon> : never) : never;

function describeStructure(schema: z.core.$ZodType): Structure {
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, z.core.$ZodType> = schema.shape;
    return { kind: 'map', keys: new Map(Object.entries(shape).map(([key, value]) => [key, describeSchema(value)])) };
  }
  if (schema instanceof z.ZodRecord) {
    return { kind: 'named', key: describeSchema(schema.keyType), item: describeSchema(schema.valueType) };
  }
  if (schema instanceof z.ZodArray) return { kind: 'list', item: describeSchema(schema.element), fixedLength: null };
  if (schema instanceof z.ZodTuple) {
    const items: readonly z.core.$ZodType[] = schema.def.items;
    const [first] = items;
    if (first === undefined) throw new TypeError('an empty tuple cannot be documented');
    return { kind: 'list', item: describeSchema(first), fixedLength: items.length };
  }
  if (schema instanceof z.ZodLiteral) return { kind: 'literal', value: String([...schema.values][0]) };
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const by: string = schema.def.discriminator;
    const variants = (schema.options as readonly z.core.$ZodType[]).map((option) => {
      const node = describeSchema(option);
      const literal = node.kind === 'map' ? node.keys.get(by) : undefined;
      if (literal?.kind !== 'literal') throw new TypeError(`a variant lacks the literal key ${by}`);
      return [literal.value, node] as const;
    });
    return { kind: 'choice', by, variants: new Map(variants) };
  }
  throw new TypeError(`the config schema holds a ${schema._zod.def.type} without a description; use the makers of domain/option`);
}

/** A resolved value as one would write it: durations, lengths, sizes and rates with their unit. */
export function writtenValue(leaf: LeafMeta, value: unknown): unknown {
  if (!isQuantityKind(leaf.kind)) return value;
  const base = typeof value === 'number' ? value : typeof value === 'string' ? parseQuantity(leaf.kind, value) : null;
  return base === null ? value : formatQuantity(leaf.kind, base);
}

/**
 * What a leaf takes, in words.
 *
 * @example expectedValue(node) // 'a duration from 1 s to 2 min'
 */
export function expectedValue(node: OptionNode & { kind: 'leaf' }): string {
  const text = expectedLeaf(node.leaf);
  return node.nullable ? `${text}, or null` : text;
}

function expectedLeaf(leaf: LeafMeta): string {
  switch (leaf.kind) {
    case 'text':
      return leaf.form ?? `text of 1 to ${leaf.max} characters`;
    case 'number':
      return `a number from ${leaf.min} to ${leaf.max} (${leaf.unit})`;
    case 'integer':
      return `a whole number from ${leaf.min} to ${leaf.max} (${leaf.unit})`;
    case 'flag':
      return 'true or false';
    case 'one-of':
      return `one of ${leaf.values?.join(', ')}`;
    default:
      return `a ${leaf.kind} from ${leaf.min} to ${leaf.max} (units: ${quantityUnits(leaf.kind).join(', ')})`;
  }
}

/** The node of a path, choices taken by what `value` says; `null` where the schema has none. */
export function nodeAt(root: OptionNode, value: unknown, path: readonly (string | number)[]): OptionNode | null {
  let node: OptionNode | null = root;
  let at: unknown = value;
  for (const part of path) {
    if (node === null) return null;
    node = childOf(node, at, part);
    at = typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[part] : undefined;
  }
  return node !== null && node.kind === 'choice' ? (variantOf(node, at) ?? node) : node;
}

/** The node below `node` at a key or index; `null` where there is none. */
export function childOf(node: OptionNode, value: unknown, part: string | number): OptionNode | null {
  switch (node.kind) {
    case 'map':
      return node.keys.get(String(part)) ?? null;
    case 'named':
    case 'list':
      return node.item;
    case 'choice': {
      const variant = variantOf(node, value);
      return variant === null ? null : childOf(variant, value, part);
    }
    default:
      return null;
  }
}

/** The variant that a value chose; the only one when there is one. */
export function variantOf(node: OptionNode & { kind: 'choice' }, value: unknown): OptionNode | null {
  const chosen = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[node.by] : undefined;
  return typeof chosen === 'string' ? (node.variants.get(chosen) ?? null) : null;
}
