import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './make-folder.js';

/**
 * Makes a file that is either whole or not there, whatever happens meanwhile: it is written under a temporary name in
 * the same folder, synced, renamed, and the folder synced. When the promise resolves, the file survives a power cut.
 * A file of that name is replaced. Missing folders are made.
 *
 * @param path of the finished file.
 * @param write fills the temporary file whose path it gets; it may create or overwrite it.
 * @throws what `write` or the file system throws; then nothing is left under the temporary name.
 */
export async function writeDurably(path: string, write: (temporaryPath: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  // The ending stays: ffmpeg takes the container from it.
  const temporaryPath = join(folder, `.part.${basename(path)}`);
  await makeFolderDurably(folder);
  try {
    await write(temporaryPath);
    await sync(temporaryPath);
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  }
  await sync(folder);
}

/** {@link writeDurably} for content that is at hand. */
export async function writeFileDurably(path: string, content: Uint8Array | string): Promise<void> {
  await writeDurably(path, async (temporaryPath) => {
    const file = await open(temporaryPath, 'w');
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  });
}

/** Makes a folder and those above it, and syncs the parents, so that the new names survive a power cut too. */
async function makeFolderDurably(folder: string): Promise<void> {
  const firstMade = makeFolder(folder);
  if (firstMade === null) return;
  for (let made = folder; ; made = dirname(made)) {
    await sync(dirname(made));
    if (made === firstMade || dirname(made) === made) return;
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
