import { type CheckedRecord, follows, latestCheckpoint } from '../../platform/proof/index.js';
import type { Line } from './lines.js';
import type { Trust } from './trust.js';
import { type Findings, readRecord } from './verify.js';

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
  const checkpoint = latestCheckpoint(records);
  const closed = records.filter(({ record }) => record.number <= (checkpoint?.closes.through ?? 0));
  // Where all of them are here still, as at a centre, they are checked like any others, and against what the checkpoint says of the last.
  if (checkpoint === null || closed.length === checkpoint.closes.through) {
    verifyRun(records, null, shown, findings);
    for (const { record } of records) {
      const last = record.checkpoint === undefined ? undefined : records.find((one) => one.record.number === record.checkpoint?.through);
      if (last !== undefined && last.hash !== record.sha256)
        findings.problem(`${shown}: checkpoint ${record.number} closes another record ${last.record.number} than the one that is here`);
    }
    return;
  }
  const { closes, sha256 } = checkpoint;
  const here = new Map(closed.map(({ record, hash }) => [record.number, hash]));
  const kept = new Map(closes.kept.map((one) => [one.number, one.sha256]));
  for (const [number, hash] of here)
    if (kept.get(number) !== hash)
      findings.problem(`${shown}: record ${number} is not one that the checkpoint of records 1 to ${closes.through} keeps`);
  for (const number of kept.keys())
    if (!here.has(number)) findings.problem(`${shown}: record ${number} is missing, which the checkpoint keeps`);
  findings.note(
    `${shown}: records 1 to ${closes.through} are closed by a signed checkpoint: ${closes.evidence} files made, ${closes.removed} removed, ${closes.lost} lost, ${closes.dropped} events dropped`,
  );
  verifyRun(records.slice(closed.length), { number: closes.through, hash: sha256 }, shown, findings);
}

/** Records that must follow one upon the other. @param from what the first must follow; `null`: it is the chain's first. */
function verifyRun(
  records: readonly CheckedRecord[],
  from: { readonly number: number; readonly hash: string } | null,
  shown: string,
  findings: Findings,
): void {
  if (from !== null && records[0]?.record.number === from.number + 1 && records[0].record.previous !== from.hash)
    findings.problem(`${shown}: record ${from.number + 1} does not hold the hash of record ${from.number} that the checkpoint closes`);
  let before: CheckedRecord | null = null;
  for (const next of records) {
    const { number } = next.record;
    const expected: number = before === null ? (from?.number ?? 0) + 1 : before.record.number + 1;
    if (number > expected) {
      const missing = number - 1 === expected ? `record ${expected} is` : `records ${expected} to ${number - 1} are`;
      findings.problem(`${shown}: ${missing} missing from the chain`);
    } else if (before !== null && !follows(before, next.record)) {
      findings.problem(`${shown}: record ${number} does not hold the hash of record ${number - 1}: one of them was replaced`);
    }
    before = next;
  }
}
