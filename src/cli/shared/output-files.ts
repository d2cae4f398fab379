import { closeSync, existsSync, openSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { makeFolder } from '../../platform/disk/make-folder.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { CommandContext } from '../context.js';

/**
 * Says before the work, not after it, that its results would have no place; leaves nothing behind: {@link writeResult} makes the folder.
 *
 * @param check looks at what is to go into the folder, while it is there.
 * @throws {AgentError} FILE_INVALID, and what `check` throws.
 */
export function checkFolder(folder: string, check: () => void = () => undefined): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new AgentError('FILE_INVALID', `${folder} is a file; --out needs a folder`);
  }
  const made = orUnmakeable(folder);
  try {
    check();
  } finally {
    // What has come into it meanwhile stays.
    if (made !== null) for (let one = folder; one.startsWith(made) && isEmpty(one); one = dirname(one)) rmdirSync(one);
  }
}

/** @returns the topmost folder that was made, or `null`. @throws {AgentError} FILE_INVALID. */
function orUnmakeable(folder: string): string | null {
  try {
    return makeFolder(folder);
  } catch (error) {
    throw new AgentError('FILE_INVALID', `${folder} cannot be made (${errorMessage(error)}); choose another folder`, { cause: error });
  }
}

const isEmpty = (folder: string): boolean => readdirSync(folder).length === 0;

/** Says before the work, not after it, that its result cannot be written; leaves nothing behind. @throws {AgentError} FILE_INVALID. */
export function checkWritable(path: string): void {
  const isNew = !existsSync(path);
  orUnwritable(path, () => closeSync(openSync(path, 'a')));
  if (isNew) rmSync(path);
}

/** Writes a file; makes its folder when it is missing. @throws {AgentError} FILE_INVALID. */
export function writeResult(path: string, content: string | Uint8Array): void {
  orUnmakeable(dirname(path));
  orUnwritable(path, () => writeFileSync(path, content));
}

function orUnwritable(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const mend = existsSync(dirname(path))
      ? `(${errorMessage(error)}); choose another file`
      : `because there is no folder ${dirname(path)}; make it, or choose another file`;
    throw new AgentError('FILE_INVALID', `${path} cannot be written ${mend}`, { cause: error });
  }
}

/** A path as the user would type it: relative below the working directory. */
export function shownPath({ cwd }: Pick<CommandContext, 'cwd'>, path: string): string {
  const below = relative(cwd, path);
  return below.startsWith('..') ? path : below;
}
