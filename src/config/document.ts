import { resolve } from 'node:path';
import type { z } from 'zod';
import { schemaProblems } from './check.js';
import { shortName } from './load.js';
import { describeSchema } from './option-tree.js';
import { locate, nearestOrigin } from './origin.js';
import type { ConfigPath } from './path.js';
import { configError } from './problem.js';
import { readYamlFile, type YamlFileKind } from './yaml-file.js';

/** A file beside the config, such as a city's table of codes, checked with the same care. */
export interface LoadedDocument<T> {
  readonly value: T;
  /** Where a value stands, as messages begin: `codes.yaml:12:5 `. */
  locate(path: ConfigPath): string;
}

/**
 * Reads a YAML file against a schema made of this project's option makers. No environment variables stand in it.
 *
 * @throws {AgentError} CONFIG_NOT_FOUND, CONFIG_SYNTAX or CONFIG_INVALID: every problem found, one line each, with file, line and the nearest key.
 */
export function loadDocument<T>(schema: z.ZodType<T>, file: string, cwd: string, kind: YamlFileKind): LoadedDocument<T> {
  const { layers, problems, unresolved } = readYamlFile(resolve(cwd, file), shortName(cwd, file), {}, kind);
  if (problems.length > 0 || unresolved.size > 0) throw configError([...problems, ...unresolved.values()]);
  const parsed = schema.safeParse(layers.value);
  if (!parsed.success) throw configError(schemaProblems(describeSchema(schema), layers, parsed.error.issues, new Set()));
  return { value: parsed.data, locate: (path) => locate(nearestOrigin(layers, path), 'value') };
}
