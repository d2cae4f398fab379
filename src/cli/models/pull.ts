import { createWriteStream } from 'node:fs';
import { copyFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ModelEntry } from '../../detectors/model-entry.js';
import { isGraphFile, readModelJson, weightNamesOf } from '../../detectors/model-files.js';
import { writeDurably } from '../../platform/disk/durable-file.js';
import { sha256OfFiles } from '../../platform/disk/file-hash.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { AgentError, errorMessage } from '../../platform/errors.js';

/** Largest model that is fetched, bytes: detectors for the edge have 1 to 120 MB. More is no model, or fills the disk. */
const MAX_BYTES = 1_000_000_000;

/**
 * Brings a model into the folder: from a file or folder, or by HTTPS; of a TensorFlow.js model its weights too. It is whole and its hash is right, or it is not
 * there, and what was there before still is.
 *
 * @param from a folder, a file or an https URL; `null`: the entry's own URL.
 * @throws {AgentError} MODEL_MISSING when it cannot be fetched, MODEL_INVALID when it is not the one that the registry means.
 */
export async function pullModel(entry: ModelEntry, folder: string, from: string | null, signal: AbortSignal): Promise<string> {
  const source = from === null || isUrl(from) ? (from ?? entry.url) : await fileIn(from, entry);
  if (source === null)
    throw new AgentError('MODEL_MISSING', `the registry knows no address of ${entry.name}; give a file or a folder with --from`);
  const path = join(folder, entry.file);
  await bring(entry, path, source, signal, async (part) => {
    const weights = isGraphFile(path) ? weightNamesOf(source, await readModelJson(part)) : [];
    await bringWeights(weights, [part]);
  });
  return path;

  /** One inside the other, so that nothing gets its name before everything is here and the hash is right. */
  async function bringWeights([name, ...rest]: readonly string[], parts: readonly string[]): Promise<void> {
    if (name === undefined) return await check(parts);
    const beside = isUrl(source as string) ? new URL(name, source as string).href : join(dirname(source as string), name);
    await bring(entry, join(dirname(path), name), beside, signal, async (part) => await bringWeights(rest, [...parts, part]));
  }

  async function check(parts: readonly string[]): Promise<void> {
    const hash = await sha256OfFiles(...parts);
    if (entry.sha256 === null || hash === entry.sha256) return;
    const mend =
      'it is another model, or was damaged on its way; if it is the one you want, list it in a registry of your own (--registry)';
    throw new AgentError('MODEL_INVALID', `${source}: its SHA-256 is ${hash}, and the registry says ${entry.sha256}: ${mend}`);
  }
}

/** @param then what is to be done before the file gets its name. */
async function bring(
  entry: ModelEntry,
  path: string,
  source: string,
  signal: AbortSignal,
  then: (part: string) => Promise<void>,
): Promise<void> {
  await writeDurably(path, async (part) => {
    await (isUrl(source) ? download(entry, source, part, signal) : copy(source, part));
    await then(part);
  });
}

const isUrl = (source: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(source);

/** A file, or that of an entry in a folder. */
async function fileIn(place: string, entry: ModelEntry): Promise<string> {
  const found = await stat(place).catch(nullIfMissing);
  if (found === null) throw new AgentError('MODEL_MISSING', `${place} is not there`);
  return found.isDirectory() ? join(place, entry.file) : place;
}

async function copy(file: string, part: string): Promise<void> {
  await copyFile(file, part).catch((error: unknown) => {
    throw new AgentError('MODEL_MISSING', `${file} cannot be read: ${errorMessage(error)}`, { cause: error });
  });
}

async function download(entry: ModelEntry, url: string, part: string, signal: AbortSignal): Promise<void> {
  if (!url.startsWith('https://')) throw new AgentError('BAD_USAGE', `${url}: models are fetched by https alone`);
  const mend = `fetch it elsewhere, and give its folder: parapet models pull ${entry.name} --from FOLDER`;
  try {
    const answer = await fetch(url, { signal });
    if (!answer.ok || answer.body === null) throw new Error(`the server answers ${answer.status}`);
    let bytes = 0;
    await pipeline(
      Readable.fromWeb(answer.body),
      async function* counted(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
          yield chunk;
        }
      },
      createWriteStream(part),
      { signal },
    );
  } catch (error) {
    await rm(part, { force: true });
    signal.throwIfAborted();
    throw new AgentError('MODEL_MISSING', `${url} cannot be fetched (${causeOf(error)}); ${mend}`, { cause: error });
  }
}

/** What `fetch` says itself is "fetch failed"; why stands in its cause. */
const causeOf = (error: unknown): string => errorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error);
