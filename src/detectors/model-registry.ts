import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { nearest } from '../domain/option/nearest.js';
import { nullIfMissing } from '../platform/disk/missing-file.js';
import { AgentError, errorMessage } from '../platform/errors.js';
import { type ModelEntry, registrySchema } from './model-entry.js';
import { sha256OfModel } from './model-files.js';

/** The registry that comes with Parapet. */
export const ownRegistry = fileURLToPath(new URL('../../models/registry.yaml', import.meta.url));

/** @throws {AgentError} FILE_INVALID with what is wrong, and where. */
export async function readRegistry(path: string): Promise<readonly ModelEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AgentError('FILE_INVALID', `${path} cannot be read: ${errorMessage(error)}`, { cause: error });
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new AgentError('FILE_INVALID', `${path} is not YAML: ${errorMessage(error)}`, { cause: error });
  }
  const checked = registrySchema.safeParse(value);
  if (checked.success) return checked.data.models;
  const [issue] = checked.error.issues;
  throw new AgentError('FILE_INVALID', `${path}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not a registry of models'}`);
}

/** @throws {AgentError} BAD_USAGE with the nearest name when there is no such model. */
export function entryNamed(entries: readonly ModelEntry[], name: string): ModelEntry {
  const entry = entries.find((one) => one.name === name);
  if (entry !== undefined) return entry;
  const names = entries.map((one) => one.name);
  const close = nearest(name, names);
  const mend = close === null ? `there are ${names.join(', ')}` : `did you mean ${close}?`;
  throw new AgentError('BAD_USAGE', `no model is called ${name}; ${mend}`);
}

/**
 * The file of an entry in a folder of models.
 *
 * @throws {AgentError} MODEL_MISSING with how to bring it.
 */
export async function modelFile(entry: ModelEntry, folder: string): Promise<string> {
  const file = join(folder, entry.file);
  if ((await stateOf(entry, folder)) !== 'absent') return file;
  // Whole paths: a service has another working folder than whoever reads this.
  const mend = `parapet models pull ${entry.name} --dir ${resolve(folder)}`;
  throw new AgentError('MODEL_MISSING', `${resolve(file)} is not there; bring it with: ${mend}`);
}

/** Whether an entry's files lie in a folder, and are what its hash says: `differs` where they are not, `unchecked` where no hash is known. */
export type ModelState = 'installed' | 'unchecked' | 'differs' | 'absent';

export async function stateOf(entry: ModelEntry, folder: string): Promise<ModelState> {
  const hash = await sha256OfModel(join(folder, entry.file)).catch(nullIfMissing);
  if (hash === null) return 'absent';
  if (entry.sha256 === null) return 'unchecked';
  return hash === entry.sha256 ? 'installed' : 'differs';
}
