import { readFileSync, statSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { interpolate, shieldVariables, unshieldVariables } from './interpolate.js';
import type { Layers, Origin } from './origin.js';
import { type ConfigPath, formatPath } from './path.js';
import type { Problem } from './problem.js';

/** Largest config that is read, bytes: 256 cameras with finely drawn masks stay below a tenth of it. */
const MAX_BYTES = 4_000_000;
/** Deepest nesting and most values: anchors can make a small file huge. A real config has 7 levels and some thousand values. */
const MAX_DEPTH = 40;
const MAX_VALUES = 200_000;

export interface YamlFile {
  readonly layers: Layers;
  readonly problems: readonly Problem[];
  /** Texts that came out of environment variables: they may have to be read as numbers or switches. */
  readonly interpolated: readonly ConfigPath[];
  /** Values whose variable is missing, by path: a problem unless a later layer replaces the value. */
  readonly unresolved: ReadonlyMap<string, Problem>;
  /** Names of all variables that the file refers to. */
  readonly variables: ReadonlySet<string>;
  /** Whether others on this machine may read the file. */
  readonly readableByOthers: boolean;
}

/** What messages call a file that is read. */
export interface YamlFileKind {
  /** @example 'Parapet config' */
  readonly name: string;
  /** Where its path was given. @example 'with -c' */
  readonly given: string;
  /** @example "keys and values, such as 'cameras: [ … ]'" */
  readonly expected: string;
}

const config: YamlFileKind = {
  name: 'Parapet config',
  given: 'with -c',
  expected: "keys and values, such as 'cameras: [{ id: gate, source: { url: rtsp://… } }]'",
};

/**
 * Reads a config file, without writing anything beside it. Every value keeps its line and column.
 *
 * @param file the path as messages shall name it.
 */
export function readYamlFile(
  path: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  kind: YamlFileKind = config,
): YamlFile {
  const read = readText(path, file, kind);
  if (read.problem !== null) return emptyFile([read.problem], read.readableByOthers);
  const lines = new LineCounter();
  const document = parseDocument(shieldVariables(read.text), { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const at = (offset: number): string => `${file}:${position(offset).line}:${position(offset).column}`;
  const syntax = (offset: number, text: string): Problem => ({
    code: 'CONFIG_SYNTAX',
    text: `${at(offset)} ${text}`,
    at: position(offset),
  });

  // One mistake often makes several errors; the first of each line tells most.
  const errors = [...document.errors, ...document.warnings].filter(
    (error, i, all) => all.findIndex((other) => position(other.pos[0]).line === position(error.pos[0]).line) === i,
  );
  const broken = errors.map((error) =>
    syntax(error.pos[0], `not valid YAML: ${unshieldVariables(error.message)}; look at the indentation, colons and quotes there`),
  );
  if (broken.length > 0) return emptyFile(broken, read.readableByOthers);
  if (document.contents !== null && !isMap(document.contents) && !(isScalar(document.contents) && document.contents.value === null)) {
    const problem = syntax(0, `not a ${kind.name}: expected ${kind.expected}`);
    return emptyFile([problem], read.readableByOthers);
  }

  const problems: Problem[] = [];
  const origins = new Map<string, Origin>();
  const interpolated: ConfigPath[] = [];
  const unresolved = new Map<string, Problem>();
  const variables = new Set<string>();
  let values = 0;

  const convert = (node: Node | null, path: ConfigPath, keyOffset: number): unknown => {
    values++;
    if (path.length > MAX_DEPTH || values > MAX_VALUES) {
      if (problems.length === 0)
        problems.push(syntax(keyOffset, 'the config nests too deeply or is far too large; look for anchors that contain themselves'));
      return null;
    }
    const target = isAlias(node) ? (node.resolve(document) ?? null) : node;
    const offset = (isAlias(node) ? node : target)?.range?.[0] ?? keyOffset;
    if (isAlias(node) && target === null) problems.push(syntax(offset, `there is no anchor &${node.source} before this *${node.source}`));
    const origin = { kind: 'file', file, ...position(offset), key: position(keyOffset), variables: [] as readonly string[] } as const;
    origins.set(formatPath(path), origin);
    if (isMap(target)) {
      const map: Record<string, unknown> = {};
      for (const { key, value } of target.items) {
        const name = unshieldVariables(isScalar(key) ? String(key.value) : String(key));
        const keyAt = (key as Node).range?.[0] ?? offset;
        setOwn(map, name, convert(value as Node | null, [...path, name], keyAt));
      }
      return map;
    }
    if (isSeq(target))
      return target.items.map((item, i) => convert(item as Node | null, [...path, i], (item as Node | null)?.range?.[0] ?? offset));
    if (!isScalar(target)) return null;
    if (typeof target.value !== 'string') return target.value;
    const result = interpolate(target.value, env);
    if (result.variables.length === 0) return result.text;
    for (const name of result.variables) variables.add(name);
    interpolated.push(path);
    origins.set(formatPath(path), { ...origin, variables: result.variables });
    if (result.missing.length > 0) {
      const names = result.missing.map((name) => `\${${name}}`).join(', ');
      const text = `${at(offset)} ${formatPath(path)}: the environment has no ${names}, or it is empty; set it before starting, or write $\${ for a plain \${`;
      unresolved.set(formatPath(path), { code: 'CONFIG_SECRET_MISSING', text, at: position(offset) });
    }
    return result.text;
  };
  const value = convert(document.contents, [], document.contents?.range?.[0] ?? 0);
  const layers = { value: (value ?? {}) as Record<string, unknown>, origins };
  return { layers, problems, interpolated, unresolved, variables, readableByOthers: read.readableByOthers };
}

type ReadText = { readonly text: string; readonly problem: Problem | null; readonly readableByOthers: boolean };

function readText(path: string, file: string, { name, given }: YamlFileKind): ReadText {
  const failed = (code: Problem['code'], text: string): ReadText => ({ text: '', problem: { code, text }, readableByOthers: false });
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return failed('CONFIG_NOT_FOUND', `${file}: this is a folder; give the file itself ${given}`);
    if (stat.size > MAX_BYTES) return failed('CONFIG_SYNTAX', `${file}: not a ${name}: it is larger than ${MAX_BYTES / 1e6} MB`);
    const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    if (text.includes('\0')) return failed('CONFIG_SYNTAX', `${file}: not a text file; a ${name} is YAML text in UTF-8`);
    return { text, problem: null, readableByOthers: (stat.mode & 0o044) !== 0 };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return failed('CONFIG_NOT_FOUND', `${file}: no such file; check the path given ${given}`);
    if (code === 'EACCES') return failed('CONFIG_NOT_FOUND', `${file}: this user may not read it; change its owner or mode`);
    throw error;
  }
}

function emptyFile(problems: readonly Problem[], readableByOthers: boolean): YamlFile {
  const layers = { value: {}, origins: new Map<string, Origin>() };
  return { layers, problems, interpolated: [], unresolved: new Map(), variables: new Set(), readableByOthers };
}

/** Sets a key as the map's own, even one called `__proto__`. */
function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}
