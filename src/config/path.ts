/** Where a value stands in the config: keys of maps and indices of lists, from the top. */
export type ConfigPath = readonly (string | number)[];

/**
 * Writes a path as people read it.
 *
 * @example formatPath(['cameras', 0, 'source', 'url']) // 'cameras[0].source.url'
 */
export function formatPath(path: ConfigPath): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

/**
 * Splits what stands left of the `=` of `--set`; both `cameras.0.id` and `cameras[0].id` are understood.
 *
 * @example parsePath('cameras[0].source.url') // ['cameras', '0', 'source', 'url']
 */
export function parsePath(text: string): readonly string[] {
  return text
    .replace(/\[([^\]]*)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '');
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path; `undefined` where there is none. */
export function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root;
  for (const part of path) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isMap(value) && Object.hasOwn(value, part)) value = value[part];
    else return undefined;
  }
  return value;
}
