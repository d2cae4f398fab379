import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` never returns on a file system that takes no folders
 * (`/proc`): it makes the parent, which is there, and tries again, for ever.
 *
 * Cost: one look when the folder is there.
 *
 * @param mode of the folders that are made, less the process's mask.
 * @returns the topmost folder that was made; `null` when there was nothing to make.
 * @throws what the file system says, or an Error where it takes no folders.
 */
export function makeFolder(path: string, mode = 0o777): string | null {
  const missing: string[] = [];
  for (let folder = resolve(path); !isFolder(folder); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) makeOne(folder, mode);
  return missing[0] ?? null;
}

/** A file of that name counts as missing: making the folder says what is wrong. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    // Another process was quicker.
    if (isFolder(folder)) return;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isFolder(dirname(folder))) throw new Error(`no folder can be made in ${dirname(folder)}`, { cause: error });
    throw error;
  }
}
