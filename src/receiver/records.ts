import { join } from 'node:path';
import { ACK_SCHEMA, ackKeys } from '../domain/wire/delivery.js';
import { keySchema } from '../domain/wire/proof.js';
import { type CheckedRecord, checkRecord, createRecordJournal, RECORD_JOURNAL_FILE, type RecordJournal } from '../platform/proof/index.js';
import { agentFolder } from './agent-folder.js';
import { expectSame, parseJson, parsePayload, type ReceiverContext, Rejected, sha256Of } from './context.js';
import type { ChainHead } from './countersign.js';
import type { CentreSql } from './database/index.js';
import { type Refusable, Refused } from './refused.js';
import type { ReceivedTopic } from './topics.js';

/** Largest record or key that is taken, bytes; real ones have 1 KB. */
const MAX_RECORD_BYTES = 16 * 1024;

/** The agents' chains: a row and a line in `<site>/<agent>/records.jsonl` each. */
export interface RecordSink {
  /** A record that came by itself. @throws {Rejected} */
  take(topic: Extract<ReceivedTopic, { kind: 'record' }>, payload: Uint8Array): Promise<void>;
  /** The public key that an agent says it signs with. @throws {Rejected} */
  takeKey(topic: Extract<ReceivedTopic, { kind: 'key' }>, payload: Uint8Array): Promise<void>;
  /**
   * Takes a record in, whatever brought it, if its signature and its place in the chain are right. A repeat does no harm.
   *
   * @param value as it came, unknown fields included.
   * @throws {Refused}
   */
  add(of: Refusable, value: unknown): Promise<CheckedRecord>;
  /** How far each agent's latest chain is here without a gap. */
  heads(): Promise<readonly ChainHead[]>;
  /** Canonical JSON of the record of a file; `null` where its agent does not sign. */
  manifestOf(site: string, agent: string, evidence: string): Promise<string | null>;
}

interface RecordRow {
  readonly number: number;
  readonly hash: string;
  readonly previous: string | null;
}

interface Latest {
  readonly chain: string;
  readonly number: number;
}

export function createRecordSink(context: ReceiverContext): RecordSink {
  const { database, counters, logger } = context;
  const journals = new Map<string, RecordJournal>();

  function journalOf(site: string, agent: string): RecordJournal {
    const path = join(agentFolder(context.dataDir, site, agent), RECORD_JOURNAL_FILE);
    const journal = journals.get(path) ?? createRecordJournal(path);
    journals.set(path, journal);
    return journal;
  }

  const find = (sql: CentreSql, site: string, agent: string, chain: string, number: number): Promise<RecordRow | undefined> =>
    sql.get<RecordRow>(
      'SELECT number, hash, previous FROM record WHERE site = ? AND agent = ? AND chain = ? AND number = ?',
      site,
      agent,
      chain,
      number,
    );

  /** A record fits between those that are here; the order in which they come does not matter. */
  async function expectPlace(sql: CentreSql, of: Refusable, { record, hash }: CheckedRecord): Promise<'new' | 'repeat'> {
    const { site, agent, chain, number } = record;
    const same = await find(sql, site, agent, chain, number);
    if (same !== undefined && same.hash !== hash)
      throw new Refused(of, `record ${number} of its chain is here already, with other content`);
    if (same !== undefined) return 'repeat';
    const before = await find(sql, site, agent, chain, number - 1);
    if (before !== undefined && before.hash !== record.previous)
      throw new Refused(of, `record ${number} does not hold the hash of record ${number - 1}`);
    const after = await find(sql, site, agent, chain, number + 1);
    if (after !== undefined && after.previous !== hash)
      throw new Refused(of, `record ${number + 1}, which is here, holds another hash than its`);
    return 'new';
  }

  function noteGap({ record }: CheckedRecord, latest: Latest | undefined): void {
    const { site, agent, chain, number } = record;
    if (latest === undefined) return;
    if (latest.chain !== chain) {
      counters.chainsRestarted++;
      const message = `${site}/${agent} has begun a second chain of records: it has lost its data, or somebody wants it to look so`;
      logger.error({ event: 'chain-restarted', site, agent, chain, before: latest.chain }, message);
    } else if (number > latest.number + 1) {
      const skipped = number - latest.number - 1;
      counters.recordGaps += skipped;
      logger.warn(
        { event: 'record-gap', site, agent, number, skipped },
        `${site}/${agent}: ${skipped} records before number ${number} have not come yet`,
      );
    }
  }

  async function add(of: Refusable, value: unknown): Promise<CheckedRecord> {
    const checked = checkRecord(value);
    if (typeof checked === 'string') throw new Refused(of, checked);
    const { record, key } = checked;
    const { site, agent } = record;
    if (site !== of.site || agent !== of.agent) throw new Refused(of, `its record is of ${site}/${agent}, not of ${of.site}/${of.agent}`);
    await context.keyring.expectKey(of, key);
    const added = await database.write(async (sql) => {
      // Chain and journal have one writer at a time, whichever receiver it is.
      await sql.lock('agent', site, agent);
      return (await expectPlace(sql, of, checked)) === 'repeat' ? null : insert(sql, checked);
    });
    if (added === null) return checked;
    counters.records++;
    noteGap(checked, added.latest);
    return checked;
  }

  async function insert(sql: CentreSql, { record, text, hash }: CheckedRecord): Promise<{ readonly latest: Latest | undefined }> {
    const { site, agent, chain, number } = record;
    const latest = await sql.get<Latest>(
      'SELECT chain, number FROM record WHERE site = ? AND agent = ? ORDER BY CASE WHEN chain = ? THEN 0 ELSE 1 END, number DESC LIMIT 1',
      site,
      agent,
      chain,
    );
    // First the line: a crash in between leaves it twice, which does no harm, and never a row without a line.
    journalOf(site, agent).append([text]);
    await sql.run(
      'INSERT INTO record (site, agent, chain, number, hash, previous, what, evidence, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      site,
      agent,
      chain,
      number,
      hash,
      record.previous,
      record.what,
      record.evidence,
      text,
    );
    return { latest };
  }

  return {
    add,
    async take({ site, agent }, payload) {
      if (payload.length > MAX_RECORD_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_RECORD_BYTES}`);
      const sha256 = sha256Of(payload);
      const value = parseJson(payload);
      const { record } = await add({ site, agent, ackKey: ackKeyOf(value), sha256 }, value);
      context.tell(site, agent, 'ack', { schema: ACK_SCHEMA, key: ackKeys.record(record.chain, record.number), sha256 });
    },
    async takeKey({ site, agent }, payload) {
      // A retained message that has been cleared.
      if (payload.length === 0) return;
      if (payload.length > MAX_RECORD_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_RECORD_BYTES}`);
      const message = parsePayload(keySchema, payload);
      expectSame('key', message.signature.key, message.key);
      await context.keyring.expectSigned({ site, agent, ackKey: null, sha256: sha256Of(payload) }, parseJson(payload));
    },
    heads: () =>
      database.read((sql) =>
        sql.all<ChainHead>(
          `SELECT r.site, r.agent, r.chain, r.number, r.hash AS "sha256" FROM record r JOIN (
             SELECT e.site, e.agent, e.chain, min(e.number) AS "number" FROM record e
             WHERE NOT EXISTS (SELECT 1 FROM record n WHERE n.site = e.site AND n.agent = e.agent AND n.chain = e.chain AND n.number = e.number + 1)
             GROUP BY e.site, e.agent, e.chain
           ) head ON head.site = r.site AND head.agent = r.agent AND head.chain = r.chain AND head.number = r.number`,
        ),
      ),
    async manifestOf(site, agent, evidence) {
      const row = await database.read((sql) =>
        sql.get<{ text: string }>(
          `SELECT text FROM record WHERE site = ? AND agent = ? AND evidence = ? AND what = 'evidence' ORDER BY number LIMIT 1`,
          site,
          agent,
          evidence,
        ),
      );
      return row?.text ?? null;
    },
  };
}

/** What a record that may be anything would be acknowledged by; `null` when that cannot be told. */
function ackKeyOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('chain' in value && 'number' in value)) return null;
  const { chain, number } = value;
  return typeof chain === 'string' && chain.length <= 64 && typeof number === 'number' ? ackKeys.record(chain, number) : null;
}
