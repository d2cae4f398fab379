import { type CheckedRecord, follows } from '../platform/proof/index.js';
import type { Line } from './evidence-lines.js';
import type { Trust } from './evidence-trust.js';
import { type Findings, readRecord } from './evidence-verify.js';

/** A journal of records, read and put in order. */
export interface Chain {
  /** Good records; of each chain by number. */
  readonly records: readonly CheckedRecord[];
  readonly head: CheckedRecord | null;
}

/**
 * Checks a journal: every record signed, none missing, none replaced. Lines may come twice and, at a receiver, in any order.
 *
 * @param ordered an agent writes its own journal in order: there a record in another place has been moved.
 */
export async function verifyChain(
  lines: AsyncIterable<Line>,
  shown: string,
  trust: Trust | null,
  ordered: boolean,
  findings: Findings,
): Promise<Chain> {
  const chains = new Map<string, Map<number, CheckedRecord>>();
  let latest = 0;
  for await (const { number: line, text, whole } of lines) {
    if (!whole) {
      findings.note(`${shown}: the last line was cut off; the agent or the receiver writes it again when it starts`);
      break;
    }
    const read = readRecord(text, trust);
    if (typeof read === 'string') {
      findings.problem(`${shown}:${line}: the record is altered or not the agent's: ${read}`);
      continue;
    }
    const { chain, number } = read.record;
    const records = chains.get(chain) ?? new Map<number, CheckedRecord>();
    chains.set(chain, records);
    const same = records.get(number);
    if (same !== undefined && same.hash !== read.hash)
      findings.problem(`${shown}:${line}: there are two different records with the number ${number}`);
    if (same !== undefined) continue;
    if (ordered && chains.size === 1 && number < latest)
      findings.problem(`${shown}:${line}: record ${number} stands after record ${latest}`);
    latest = number;
    records.set(number, read);
  }
  const all = [...chains.values()].map((records) => [...records.values()].sort((a, b) => a.record.number - b.record.number));
  for (const records of all) verifyLinks(records, shown, findings);
  if (all.length > 1) {
    const begins = all.map((records) => records[0]?.record.at ?? '').sort();
    findings.problem(
      `${shown}: there are ${all.length} chains, begun ${begins.join(', ')}: the agent lost its data, or somebody wants it to look so`,
    );
  }
  return { records: all.flat(), head: all.at(-1)?.at(-1) ?? null };
}

function verifyLinks(records: readonly CheckedRecord[], shown: string, findings: Findings): void {
  let before: CheckedRecord | null = null;
  for (const next of records) {
    const { number } = next.record;
    const expected: number = before === null ? 1 : before.record.number + 1;
    if (number > expected) {
      const missing = number - 1 === expected ? `record ${expected} is` : `records ${expected} to ${number - 1} are`;
      findings.problem(`${shown}: ${missing} missing from the chain`);
    } else if (before !== null && !follows(before, next.record)) {
      findings.problem(`${shown}: record ${number} does not hold the hash of record ${number - 1}: one of them was replaced`);
    }
    before = next;
  }
}
