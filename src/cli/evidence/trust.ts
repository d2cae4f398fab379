import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import { fingerprintOf, PUBLIC_KEY_FILE, publicKeyFromPem } from '../../platform/proof/index.js';

/** Names under which the public key lies: in an agent's data folder, and in the folder of each agent at a receiver. */
const KEY_FILES = [PUBLIC_KEY_FILE, 'key.pem'];
/** How far above a file its key is looked for: `<site>/<agent>/<camera>/<event>/<file>`, `evidence/<date>/<event>/<file>`. */
const LEVELS_UP = 4;

/** Whose signatures are good. */
export interface Trust {
  readonly fingerprint: string;
  /** In words: where it was taken from. */
  readonly from: string;
}

/** Whose signatures count for what lies in a folder; `null` when there is no key to be found. @throws {AgentError} FILE_INVALID. */
export type FindTrust = (folder: string) => Promise<Trust | null>;

/**
 * Finds keys: the one that was given, for everything, else the one that lies with what is checked.
 *
 * @param given `--key`: a PEM file or a fingerprint; null when none was given.
 * @throws {AgentError} BAD_USAGE, FILE_INVALID.
 */
export async function createTrustFinder(given: string | null, cwd: string): Promise<FindTrust> {
  if (given !== null) {
    const trust = { fingerprint: await givenFingerprint(given, cwd), from: 'given with --key' };
    return async () => trust;
  }
  const found = new Map<string, Promise<Trust | null>>();
  return (folder) => {
    const known = found.get(folder) ?? lookAround(folder);
    found.set(folder, known);
    return known;
  };
}

async function lookAround(folder: string): Promise<Trust | null> {
  let at = folder;
  for (let level = 0; level <= LEVELS_UP; level++) {
    for (const name of KEY_FILES) {
      const path = join(at, name);
      const pem = await readFile(path, 'utf8').catch(nullIfMissing);
      if (pem !== null) return { fingerprint: fingerprintOfPem(path, pem), from: `found in ${path}` };
    }
    if (dirname(at) === at) return null;
    at = dirname(at);
  }
  return null;
}

async function givenFingerprint(given: string, cwd: string): Promise<string> {
  if (/^sha256:[0-9a-f]{64}$/i.test(given)) return given.toLowerCase();
  const pem = await readFile(resolve(cwd, given), 'utf8').catch(nullIfMissing);
  if (pem === null) {
    throw new AgentError(
      'BAD_USAGE',
      `--key ${given}: neither a file nor a fingerprint such as sha256:0123…; parapet evidence key prints it`,
    );
  }
  return fingerprintOfPem(given, pem);
}

function fingerprintOfPem(path: string, pem: string): string {
  try {
    return fingerprintOf(publicKeyFromPem(pem));
  } catch (error) {
    throw new AgentError('FILE_INVALID', `${path}: no public key in PEM (${errorMessage(error)})`, { cause: error });
  }
}
