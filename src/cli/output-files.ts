import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { AgentError, errorMessage } from '../platform/errors.js';
import type { CommandContext } from './context.js';

/**
 * Makes the folder that results are to go into, before the work whose results they are.
 *
 * @throws {AgentError} FILE_INVALID.
 */
export function makeOutFolder(folder: string): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new AgentError('FILE_INVALID', `${folder} is a file; --out needs a folder`);
  }
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new AgentError('FILE_INVALID', `${folder} cannot be made (${errorMessage(error)}); choose another folder`, { cause: error });
  }
}

/** Says before the work, not after it, that its result cannot be written; leaves nothing behind. @throws {AgentError} FILE_INVALID. */
export function checkWritable(path: string): void {
  const isNew = !existsSync(path);
  orUnwritable(path, () => closeSync(openSync(path, 'a')));
  if (isNew) rmSync(path);
}

/** @throws {AgentError} FILE_INVALID. */
export function writeResult(path: string, content: string | Uint8Array): void {
  orUnwritable(path, () => writeFileSync(path, content));
}

function orUnwritable(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new AgentError('FILE_INVALID', `${path} cannot be written (${errorMessage(error)}); choose another file`, { cause: error });
  }
}

/** A path as the user would type it: relative below the working directory. */
export function shownPath({ cwd }: Pick<CommandContext, 'cwd'>, path: string): string {
  const below = relative(cwd, path);
  return below.startsWith('..') ? path : below;
}
