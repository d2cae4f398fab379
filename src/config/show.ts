import { redactUrls } from '../platform/redact.js';
import type { LoadedConfig } from './load.js';
import { describeSchema, type OptionNode, writtenValue } from './option-tree.js';
import { describeOrigin } from './origin.js';
import { formatPath } from './path.js';
import { configSchema } from './schema.js';
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
  const config = structuredClone(loaded.config);
  const origins: Record<string, string> = {};
  walkLeaves(describeSchema(configSchema), loaded.config, (path, node, value) => {
    origins[formatPath(path)] = describeOrigin(loaded.originOf(path));
    if (value !== null) replaceAt(config, path, shownLeaf(node, value));
  });
  return { config, origins, warnings: loaded.warnings };
}

function shownLeaf(node: OptionNode & { kind: 'leaf' }, value: unknown): unknown {
  if (node.leaf.secret === true) return '***';
  return typeof value === 'string' ? redactUrls(value) : writtenValue(node.leaf, value);
}
