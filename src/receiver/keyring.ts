import { join } from 'node:path';
import { writeFileDurably } from '../platform/disk/durable-file.js';
import type { Logger } from '../platform/logger.js';
import { checkSignature, fingerprintOf, publicKeyPem } from '../platform/proof/index.js';
import { agentFolder } from './agent-folder.js';
import type { CentreDatabase, CentreSql } from './database/index.js';
import { type Refusable, Refused } from './refused.js';

/** Name of the file in an agent's folder that holds its public key. */
const AGENT_KEY_FILE = 'key.pem';

export interface KeyringOptions {
  readonly dataDir: string;
  readonly database: CentreDatabase;
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

/** Keys kept in memory at most: those of a city's agents. */
const MAX_CACHED = 20_000;

export function createKeyring({ dataDir, database, pinned, now, logger }: KeyringOptions): Keyring {
  /** A key that is stored stays; who lets an agent have another one starts the receiver anew. */
  const cache = new Map<string, string>();

  async function read(sql: CentreSql, site: string, agent: string): Promise<string | null> {
    const row = await sql.get<{ key: string }>('SELECT key FROM agent_key WHERE site = ? AND agent = ?', site, agent);
    return row?.key ?? null;
  }

  async function known(site: string, agent: string): Promise<string | null> {
    const cached = cache.get(`${site}/${agent}`);
    if (cached !== undefined) return cached;
    const key = await database.read((sql) => read(sql, site, agent));
    if (key !== null) remember(site, agent, key);
    return key;
  }

  function remember(site: string, agent: string, key: string): void {
    const [oldest] = cache.keys();
    if (oldest !== undefined && cache.size >= MAX_CACHED) cache.delete(oldest);
    cache.set(`${site}/${agent}`, key);
  }

  const expected = (site: string, agent: string, stored: string | null): string | null =>
    pinned.get(`${site}/${agent}`) ?? (stored === null ? null : fingerprintOf(stored));

  /** Of two receivers that see an agent's first messages at once, one learns its key and the other goes by it. */
  async function learn(of: Refusable, key: string): Promise<void> {
    const { site, agent } = of;
    const fresh = await database.write(async (sql) => {
      await sql.lock('agent', site, agent);
      const stored = await read(sql, site, agent);
      expectSame(of, key, stored);
      if (stored !== null && fingerprintOf(stored) === fingerprintOf(key)) return false;
      await writeFileDurably(join(agentFolder(dataDir, site, agent), AGENT_KEY_FILE), publicKeyPem(key));
      await sql.run(
        `INSERT INTO agent_key (site, agent, key, first_seen_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (site, agent) DO UPDATE SET key = excluded.key, first_seen_ms = excluded.first_seen_ms`,
        site,
        agent,
        key,
        Math.round(now()),
      );
      return true;
    });
    remember(site, agent, key);
    if (!fresh) return;
    const fingerprint = fingerprintOf(key);
    const line = { event: 'key-trusted', site, agent, fingerprint };
    const what = `the key of ${site}/${agent} is ${fingerprint}`;
    if (pinned.has(`${site}/${agent}`)) logger.info(line, `${what}, as pinned`);
    else logger.warn(line, `${what}, trusted on first use; compare it with parapet evidence key on the agent, or name it in receiver.keys`);
  }

  function expectSame(of: Refusable, key: string, stored: string | null): void {
    const { site, agent } = of;
    const is = fingerprintOf(key);
    const must = expected(site, agent, stored);
    if (must !== null && must !== is) throw new Refused(of, `it is signed with the key ${is}, and that of ${site}/${agent} is ${must}`);
  }

  async function expectKey(of: Refusable, key: string): Promise<void> {
    const stored = await known(of.site, of.agent);
    expectSame(of, key, stored);
    if (stored === null || fingerprintOf(stored) !== fingerprintOf(key)) await learn(of, key);
  }

  return {
    expectKey,
    async expectSigned(of, message) {
      const checked = checkSignature(message);
      if (checked.state === 'bad') throw new Refused(of, checked.why);
      if (checked.state === 'good') return expectKey(of, checked.key);
      const must = expected(of.site, of.agent, await known(of.site, of.agent));
      if (must !== null) throw new Refused(of, `it is not signed, and ${of.site}/${of.agent} signs with the key ${must}`);
    },
  };
}
