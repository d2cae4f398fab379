import { join } from 'node:path';
import { writeFileDurably } from '../platform/durable-file.js';
import type { Logger } from '../platform/logger.js';
import { checkSignature, fingerprintOf, publicKeyPem } from '../platform/proof/index.js';
import type { DurableDatabase } from '../platform/sqlite.js';
import { agentFolder } from './agent-folder.js';
import { type Refusable, Refused } from './refused.js';

/** Name of the file in an agent's folder that holds its public key. */
export const AGENT_KEY_FILE = 'key.pem';

export interface KeyringOptions {
  readonly dataDir: string;
  readonly database: DurableDatabase;
  /** Fingerprints by `<site>/<agent>`: of those no other key is taken, whatever was learnt before. */
  readonly pinned: ReadonlyMap<string, string>;
  /** UTC milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** The agents' public keys: pinned, or the first that was seen of each (trust on first use). */
export interface Keyring {
  /**
   * Sees that a message is signed by the key of its agent. An agent of which no key is known need not sign; once it has, it must.
   *
   * @param message as it came, unknown fields included.
   * @throws {Refused}
   */
  expectSigned(of: Refusable, message: unknown): Promise<void>;
  /** The same for a signature that has been found good. @throws {Refused} when it is another's key. */
  expectKey(of: Refusable, key: string): Promise<void>;
}

export function createKeyring({ dataDir, database, pinned, now, logger }: KeyringOptions): Keyring {
  function known(site: string, agent: string): string | null {
    const row = database.read((sql) => sql.get<{ key: string }>('SELECT key FROM agent_key WHERE site = ? AND agent = ?', site, agent));
    return row?.key ?? null;
  }

  function expected(site: string, agent: string): string | null {
    const key = known(site, agent);
    return pinned.get(`${site}/${agent}`) ?? (key === null ? null : fingerprintOf(key));
  }

  async function learn(site: string, agent: string, key: string): Promise<void> {
    await writeFileDurably(join(agentFolder(dataDir, site, agent), AGENT_KEY_FILE), publicKeyPem(key));
    database.write((sql) =>
      sql.run('INSERT OR REPLACE INTO agent_key (site, agent, key, first_seen_ms) VALUES (?, ?, ?, ?)', site, agent, key, now()),
    );
    const fingerprint = fingerprintOf(key);
    const line = { event: 'key-trusted', site, agent, fingerprint };
    const what = `the key of ${site}/${agent} is ${fingerprint}`;
    if (pinned.has(`${site}/${agent}`)) logger.info(line, `${what}, as pinned`);
    else logger.warn(line, `${what}, trusted on first use; compare it with parapet evidence key on the agent, or name it in receiver.keys`);
  }

  async function expectKey(of: Refusable, key: string): Promise<void> {
    const { site, agent } = of;
    const is = fingerprintOf(key);
    const must = expected(site, agent);
    if (must !== null && must !== is) throw new Refused(of, `it is signed with the key ${is}, and that of ${site}/${agent} is ${must}`);
    const stored = known(site, agent);
    if (stored === null || fingerprintOf(stored) !== is) await learn(site, agent, key);
  }

  return {
    expectKey,
    async expectSigned(of, message) {
      const checked = checkSignature(message);
      if (checked.state === 'bad') throw new Refused(of, checked.why);
      if (checked.state === 'good') return expectKey(of, checked.key);
      const must = expected(of.site, of.agent);
      if (must !== null) throw new Refused(of, `it is not signed, and ${of.site}/${of.agent} signs with the key ${must}`);
    },
  };
}
