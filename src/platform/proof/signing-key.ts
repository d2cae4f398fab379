import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { chmod, link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../disk/make-folder.js';
import { nullIfMissing } from '../disk/missing-file.js';
import { AgentError, errorMessage } from '../errors.js';
import type { Logger } from '../logger.js';
import { createSigner, publicKeyPem, type Signer } from './signature.js';

/** Names in the agent's data folder. */
const PRIVATE_KEY_FILE = 'agent.key';
export const PUBLIC_KEY_FILE = 'agent.pub';

/** What the two halves of a key are called. */
export interface KeyNames {
  readonly secret: string;
  readonly open: string;
}

const agentKeyNames: KeyNames = { secret: PRIVATE_KEY_FILE, open: PUBLIC_KEY_FILE };
/** The centre's own, which it countersigns with. */
export const centreKeyNames: KeyNames = { secret: 'centre.key', open: 'centre.pub' };

/** Nobody but the agent's user may read it. */
const PRIVATE_MODE = 0o600;

/**
 * The key that the agent signs with: made at its first start, kept in `<folder>/agent.key` (PKCS 8, PEM, mode 0600), its public half beside
 * it in `agent.pub`. A file that is there but cannot be used is an error, never replaced: a new key would be another agent.
 *
 * @throws {AgentError} KEY_INVALID when it is damaged or cannot be read, STORE_FAILED when it cannot be made.
 */
export async function openSigningKey(folder: string, logger: Logger, names: KeyNames = agentKeyNames): Promise<Signer> {
  const signer = (await readSigningKey(folder, names)) ?? (await makeKey(folder, logger, names));
  const path = join(folder, names.secret);
  if (((await stat(path)).mode & 0o077) !== 0) {
    await chmod(path, PRIVATE_MODE).catch(() => undefined);
    logger.warn({ event: 'key-exposed', path }, `${path} could be read by others: whoever did can sign in this agent's name`);
  }
  const publicPath = join(folder, names.open);
  const pem = publicKeyPem(signer.publicKey);
  if ((await readFile(publicPath, 'utf8').catch(nullIfMissing)) === pem) return signer;
  // By a name of its own: of two receivers that start in one folder at once each may write it. Lost, it is written again at the next start.
  const temporary = join(folder, `.part.${names.open}-${randomUUID()}`);
  await writeFile(temporary, pem);
  await rename(temporary, publicPath);
  return signer;
}

/** The key if there is one; makes none. @throws {AgentError} KEY_INVALID when it is damaged or cannot be read. */
export async function readSigningKey(folder: string, names: KeyNames = agentKeyNames): Promise<Signer | null> {
  const path = join(folder, names.secret);
  let pem: string | null;
  try {
    pem = await readFile(path, 'utf8').catch(nullIfMissing);
  } catch (error) {
    const message = `the signing key ${path} cannot be read (${errorMessage(error)}); see that this user owns it`;
    throw new AgentError('KEY_INVALID', message, { cause: error });
  }
  if (pem === null) return null;
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw damaged(path, 'it is no private key', error);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw damaged(path, `it is of type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`);
  return createSigner(key);
}

function damaged(path: string, why: string, cause?: unknown): AgentError {
  const mend = 'bring it back from a copy; or move it away, then a new one is made, which the centre must be told of';
  return new AgentError('KEY_INVALID', `the signing key ${path} is damaged (${why}); ${mend}`, { cause });
}

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

async function makeKey(folder: string, logger: Logger, names: KeyNames): Promise<Signer> {
  const path = join(folder, names.secret);
  const temporary = join(folder, `.part.${names.secret}-${randomUUID()}`);
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    makeFolder(folder);
    const file = await open(temporary, 'wx', PRIVATE_MODE);
    try {
      await file.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename it never replaces a key that another process has made meanwhile.
    await link(temporary, path);
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    const other = isThere(error) ? await readSigningKey(folder, names) : null;
    if (other !== null) return other;
    const message = `the signing key ${path} cannot be made (${errorMessage(error)}); see that this user may write there`;
    throw new AgentError('STORE_FAILED', message, { cause: error });
  } finally {
    await rm(temporary, { force: true });
  }
  const signer = createSigner(privateKey);
  logger.info({ event: 'key-made', path, fingerprint: signer.fingerprint }, 'made the key that events and evidence are signed with');
  return signer;
}
