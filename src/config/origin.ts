import { type ConfigPath, formatPath, valueAt } from './path.js';

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'default' }
  | {
      readonly kind: 'file';
      readonly file: string;
      /** Line and column of the value, from 1. */
      readonly line: number;
      readonly column: number;
      /** Line and column of its key, from 1. */
      readonly key: { readonly line: number; readonly column: number };
      /** Names of the environment variables that stand in it. */
      readonly variables: readonly string[];
    }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'flag'; readonly flag: string };

/**
 * What was written, layer over layer, and where each part of it came from. Later layers replace earlier ones.
 */
export interface Layers {
  value: Record<string, unknown>;
  /** By {@link formatPath}. A value without an entry of its own shares that of what contains it. */
  readonly origins: Map<string, Origin>;
}

/** Records that the value at a path, with all that it contains, came from `origin`. */
export function recordOrigin(layers: Layers, path: ConfigPath, origin: Origin): void {
  const at = formatPath(path);
  for (const key of layers.origins.keys()) {
    if (key.startsWith(at) && /^[.[]/.test(key.slice(at.length))) layers.origins.delete(key);
  }
  layers.origins.set(at, origin);
}

/** The origin of the value at a path; what nobody wrote is a default. */
export function originOf(layers: Layers, path: ConfigPath): Origin {
  return valueAt(layers.value, path) === undefined ? { kind: 'default' } : nearestOrigin(layers, path);
}

/** The origin of the value at a path or, where nothing was written there, of what should have contained it. */
export function nearestOrigin(layers: Layers, path: ConfigPath): Origin {
  for (let length = path.length; length > 0; length--) {
    const origin = layers.origins.get(formatPath(path.slice(0, length)));
    if (origin !== undefined) return origin;
  }
  return layers.origins.get('') ?? { kind: 'default' };
}

/** For the comments of `validate`: `tower.yaml:12`, `environment PARAPET_SITE`, `flag --set site`, `default`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file': {
      const variables = origin.variables.map((name) => `$${name}`).join(', ');
      return `${origin.file}:${origin.line}${variables === '' ? '' : ` with ${variables}`}`;
    }
    case 'environment':
      return `environment ${origin.name}`;
    case 'flag':
      return `flag ${origin.flag}`;
  }
}

/** Line and column of a value from the file, or of its key. */
export function positionOf(origin: Origin, of: 'key' | 'value'): { readonly line: number; readonly column: number } | undefined {
  if (origin.kind !== 'file') return undefined;
  return of === 'key' ? origin.key : { line: origin.line, column: origin.column };
}

/** For the start of an error line: `tower.yaml:12:5 `, `environment PARAPET_SITE: `; empty for a default. */
export function locate(origin: Origin, of: 'key' | 'value'): string {
  const at = positionOf(origin, of);
  if (origin.kind === 'file') return `${origin.file}:${at?.line}:${at?.column} `;
  return origin.kind === 'default' ? '' : `${describeOrigin(origin)}: `;
}
