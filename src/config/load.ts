import { relative, resolve } from 'node:path';
import { nearest } from '../domain/option/nearest.js';
import { assign, readAs } from './assign.js';
import { nameProblems, schemaProblems } from './check.js';
import { withInherited } from './inherit.js';
import { childOf, describeSchema, nodeAt, type OptionNode } from './option-tree.js';
import { type Layers, type Origin, originOf, recordOrigin } from './origin.js';
import { type ConfigPath, formatPath, isMap, parsePath, valueAt } from './path.js';
import { configError, type Problem } from './problem.js';
import { configSchema, type ResolvedConfig } from './schema.js';
import { literalSecretWarnings, readSecretFiles } from './secrets.js';
import { replaceAt } from './walk.js';
import { readYamlFile } from './yaml-file.js';

/** What a config is made from; later ones win: defaults, file, environment, flags. */
export interface ConfigSources {
  /** The YAML file (`-c`); without it the defaults. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** URLs of cameras to add (`--camera`); they are called camera-1, camera-2, … */
  readonly cameras?: readonly string[] | undefined;
  /** `key=value` as given to `--set`, and what other flags set in the same form with their own name. */
  readonly settings?: readonly { readonly flag: string; readonly setting: string }[] | undefined;
}

export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** Where the value at a path came from. */
  originOf(path: ConfigPath): Origin;
  /** One line each: what works but should not stay so. */
  readonly warnings: readonly string[];
}

const ENVIRONMENT_PREFIX = 'PARAPET_';

/**
 * Reads and checks a config. Never writes anything.
 *
 * @throws {AgentError} CONFIG_NOT_FOUND, CONFIG_SYNTAX, CONFIG_INVALID or CONFIG_SECRET_MISSING: every problem found, one line each.
 * @example loadConfig({ file: 'parapet.yaml', env: process.env, cwd: process.cwd() }).config.cameras[0]?.id // 'gate'
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const root = describeSchema(configSchema);
  const { file, env, cwd } = sources;
  const read = file === undefined ? null : readYamlFile(resolve(cwd, file), shortName(cwd, file), env);
  if (read !== null && read.problems.length > 0) throw configError(read.problems);
  const layers: Layers = read?.layers ?? { value: {}, origins: new Map() };
  const missing = new Map(read?.unresolved);
  for (const path of read?.interpolated ?? []) {
    if (!missing.has(formatPath(path))) rereadInterpolated(root, layers, path);
  }
  const warnings: string[] = [];
  const problems = [...applyEnvironment(root, layers, env, read?.variables ?? new Set(), warnings), ...applyFlags(root, layers, sources)];
  for (const at of missing.keys()) if (layers.origins.get(at)?.kind !== 'file') missing.delete(at);
  const secrets = readSecretFiles(root, layers, cwd);
  problems.push(...missing.values(), ...secrets.problems, ...nameProblems(root, layers));

  const parsed = configSchema.safeParse(layers.value);
  if (!parsed.success) {
    const known = new Set([...missing.keys(), ...secrets.unresolved]);
    problems.push(...schemaProblems(root, layers, parsed.error.issues, known));
  }
  if (problems.length > 0 || !parsed.success) throw configError(problems);

  if (read?.readableByOthers === true) warnings.push(...literalSecretWarnings(root, layers, secrets.fromFiles));
  if (parsed.data.mqtt.url !== null && originOf(layers, ['agent']).kind === 'default') {
    warnings.push("agent: set a name; two machines called 'agent' at one site would push each other off the broker");
  }
  const { evidence, commands } = parsed.data.mqtt;
  if (evidence.hold === 'always' && !commands.allow.includes('fetch') && !commands.allow.includes('upload')) {
    warnings.push('mqtt.evidence.hold: always, and nobody may ask for what is held; add fetch to mqtt.commands.allow');
  }
  if (commands.allow.includes('upload') && evidence.upload.hosts.length === 0) {
    warnings.push('mqtt.commands.allow has upload, and mqtt.evidence.upload.hosts names no host that it may go to');
  }
  return { config: withInherited(parsed.data), originOf: (path) => originOf(layers, path), warnings };
}

/** The path as messages name it: from the working directory when the file lies below it. */
export function shortName(cwd: string, file: string): string {
  const below = relative(cwd, resolve(cwd, file));
  return below === '' || below.startsWith('..') ? file : below;
}

/** `port: ${PORT}` is text to YAML; what stands in the variable counts. */
function rereadInterpolated(root: OptionNode, layers: Layers, path: ConfigPath): void {
  const node = nodeAt(root, layers.value, path);
  const text = valueAt(layers.value, path);
  if (node?.kind !== 'leaf' || typeof text !== 'string') return;
  const read = readAs(node, text);
  if (read.reason === null) replaceAt(layers.value, path, read.value);
}

/**
 * `PARAPET_MQTT__URL` sets `mqtt.url`: upper case, levels parted by two underscores. Empty variables are passed over, so
 * are those that the file itself refers to; a name that begins with no key of ours may belong to somebody else
 * (Kubernetes makes some) and earns a warning only.
 */
function applyEnvironment(
  root: OptionNode,
  layers: Layers,
  env: ConfigSources['env'],
  referred: ReadonlySet<string>,
  warnings: string[],
): Problem[] {
  const problems: Problem[] = [];
  const topKeys = root.kind === 'map' ? [...root.keys.keys()] : [];
  for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || text === undefined || text === '' || referred.has(name)) continue;
    const rest = name.slice(ENVIRONMENT_PREFIX.length);
    const parts = rest.split('__');
    if (!topKeys.includes((parts[0] ?? '').toLowerCase())) {
      warnings.push(`environment ${name}: no such key, passed over${environmentHint(rest, topKeys)}`);
      continue;
    }
    const failure = assign(root, layers, parts, text, { kind: 'environment', name }, 'environment');
    if (failure !== null) {
      const at = formatPath(failure.path);
      problems.push({ code: 'CONFIG_INVALID', text: `environment ${name}: ${at === '' ? '' : `${at}: `}${failure.reason}` });
    }
  }
  return problems;
}

function environmentHint(rest: string, topKeys: readonly string[]): string {
  const lower = rest.toLowerCase();
  const top = topKeys.find((key) => lower.startsWith(`${key}_`));
  if (top !== undefined) {
    return `; levels are parted by two underscores: ${ENVIRONMENT_PREFIX}${top.toUpperCase()}__${rest.slice(top.length).replace(/^_+/, '')}`;
  }
  const [first = '', ...others] = rest.split('__');
  const guess = nearest(first, topKeys);
  return guess === null ? '' : `; did you mean ${[`${ENVIRONMENT_PREFIX}${guess.toUpperCase()}`, ...others].join('__')}?`;
}

function applyFlags(root: OptionNode, layers: Layers, { cameras = [], settings = [] }: ConfigSources): Problem[] {
  for (const url of cameras) addCamera(layers, url);
  return settings.flatMap(({ flag, setting }): Problem[] => {
    const equals = setting.indexOf('=');
    const key = setting.slice(0, Math.max(equals, 0)).trim();
    if (key === '') return [{ code: 'CONFIG_INVALID', text: `flag ${flag} ${setting}: expected key=value, such as mqtt.keepalive=60s` }];
    const origin: Origin = { kind: 'flag', flag: flag === '--set' ? `--set ${key}` : flag };
    const parts = parsePath(key);
    const failure = assign(root, layers, parts, setting.slice(equals + 1), origin, 'exact');
    if (failure === null) return [];
    const at = formatPath(failure.path);
    const reason =
      at === '' && isCameraKey(root, parts)
        ? `this belongs to a camera; write cameras.<id>.${key}=${setting.slice(equals + 1)}`
        : failure.reason;
    return [{ code: 'CONFIG_INVALID', text: `flag ${origin.flag}: ${at === '' ? '' : `${at}: `}${reason}` }];
  });
}

/** Whether a path names a key of a camera. */
function isCameraKey(root: OptionNode, parts: readonly string[]): boolean {
  const start = childOf(root, {}, 'cameras');
  let node = start === null ? null : childOf(start, [], 0);
  for (const part of parts) node = node === null ? null : childOf(node, {}, part);
  return node !== null;
}

function addCamera(layers: Layers, url: string): void {
  const written = layers.value['cameras'];
  const cameras: unknown[] = Array.isArray(written) ? written : [];
  const taken = new Set(cameras.map((camera) => (isMap(camera) ? camera['id'] : undefined)));
  let number = 1;
  while (taken.has(`camera-${number}`)) number++;
  cameras.push({ id: `camera-${number}`, source: { url } });
  layers.value['cameras'] = cameras;
  recordOrigin(layers, ['cameras', cameras.length - 1], { kind: 'flag', flag: '--camera' });
}
