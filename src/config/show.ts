import { canonicalSha256 } from '../platform/proof/index.js';
import { redactUrls } from '../platform/redact.js';
import type { LoadedConfig } from './load.js';
import { describeSchema, type OptionNode, writtenValue } from './option-tree.js';
import { describeOrigin } from './origin.js';
import { formatPath } from './path.js';
import { configSchema, type ResolvedConfig } from './schema.js';
import { replaceAt, walkLeaves } from './walk.js';
import { writeYaml } from './write-yaml.js';

/** What `validate` prints: the resolved config as YAML, secrets hidden, each value with where it came from. */
export function showConfig(loaded: LoadedConfig): string {
  return writeYaml(describeSchema(configSchema), loaded.config, {
    leaf: shownLeaf,
    above: () => [],
    beside: (path) => {
      const origin = describeOrigin(loaded.originOf(path));
      return origin === 'default' ? origin : `from ${origin}`;
    },
  });
}

/** The same for programs: `config` with secrets hidden, and `origins` by path of every value. */
export function showConfigJson(loaded: LoadedConfig): { config: unknown; origins: Record<string, string>; warnings: readonly string[] } {
  const origins: Record<string, string> = {};
  walkLeaves(describeSchema(configSchema), loaded.config, (path) => {
    origins[formatPath(path)] = describeOrigin(loaded.originOf(path));
  });
  return { config: withoutSecrets(loaded.config), origins, warnings: loaded.warnings };
}

/**
 * SHA-256 of the canonical JSON of a resolved config: says which settings were in force. Secrets are left out, so that nobody can find
 * one by trying. \`parapet validate --json\` prints what it is made of, as \`config\`.
 */
export function configSha256(config: ResolvedConfig): string {
  return canonicalSha256(withoutSecrets(config));
}

function withoutSecrets(config: ResolvedConfig): unknown {
  const shown = structuredClone(config);
  walkLeaves(describeSchema(configSchema), config, (path, node, value) => {
    if (value !== null) replaceAt(shown, path, shownLeaf(node, value));
  });
  return shown;
}

function shownLeaf(node: OptionNode & { kind: 'leaf' }, value: unknown): unknown {
  if (node.leaf.secret === true) return '***';
  return typeof value === 'string' ? redactUrls(value) : writtenValue(node.leaf, value);
}
