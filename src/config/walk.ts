import { childOf, nodeAt, type OptionNode } from './option-tree.js';
import { type ConfigPath, isMap } from './path.js';

export type LeafNode = OptionNode & { kind: 'leaf' };

/** Visits every single value that stands in `value`, with what the schema says of it. Keys that the schema lacks are passed over. */
export function walkLeaves(root: OptionNode, value: unknown, visit: (path: ConfigPath, leaf: LeafNode, value: unknown) => void): void {
  const step = (node: OptionNode, at: unknown, path: ConfigPath): void => {
    if (node.kind === 'leaf') visit(path, node, at);
    else if (Array.isArray(at) && node.kind === 'list') for (const [i, item] of at.entries()) step(node.item, item, [...path, i]);
    else if (isMap(at)) {
      const chosen = nodeAt(node, at, []);
      for (const [key, item] of Object.entries(at)) {
        const child = chosen === null ? null : childOf(chosen, at, key);
        if (child !== null) step(child, item, [...path, key]);
      }
    }
  };
  step(root, value, []);
}

/** Puts another value where one stands already. */
export function replaceAt(root: unknown, path: ConfigPath, value: unknown): void {
  let container = root as Record<string | number, unknown>;
  for (const part of path.slice(0, -1)) container = container[part] as Record<string | number, unknown>;
  container[path.at(-1) as string] = value;
}
