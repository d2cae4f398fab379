import { createHash } from 'node:crypto';
import { type ChainRecord, type Checkpoint, recordSchema } from '../../domain/wire/proof.js';
import { canonicalJson } from './canonical-json.js';
import { checkSignature } from './signature.js';

/** What the record of a file is called: the file's name and this. */
export const MANIFEST_SUFFIX = '.manifest.json';

/** A record as it came, checked alone: its place in the chain is another matter. */
export interface CheckedRecord {
  readonly record: ChainRecord;
  /** Its canonical JSON, unknown fields and signature included. */
  readonly text: string;
  /** SHA-256 of that: what the next record calls `previous`. */
  readonly hash: string;
  /** Raw public key that signed it. */
  readonly key: string;
}

/** @returns the record, or in one line what is wrong with it. */
export function checkRecord(value: unknown): CheckedRecord | string {
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `it is no record of version 1 (${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'unknown'})`;
  }
  const checked = checkSignature(value);
  if (checked.state === 'unsigned') return 'it is not signed';
  if (checked.state === 'bad') return checked.why;
  const record = parsed.data;
  if ((record.what === 'evidence') === (record.file === null)) return `a record of what is ${record.what} must not look like this`;
  if ((record.what === 'checkpoint') !== (record.checkpoint !== undefined))
    return `a record of what is ${record.what} must not look like this`;
  if ((record.number === 1) !== (record.previous === null))
    return `record ${record.number} ${record.previous === null ? 'lacks' : 'has'} a record before it`;
  return { record, ...recordText(value as object), key: checked.key };
}

/** The text of a signed record, and its hash. */
export function recordText(record: object): { readonly text: string; readonly hash: string } {
  const text = canonicalJson(record);
  return { text, hash: createHash('sha256').update(text).digest('hex') };
}

/** The latest checkpoint of a chain, given in order; `null` before the first. */
export function latestCheckpoint(records: readonly CheckedRecord[]): { readonly closes: Checkpoint; readonly sha256: string } | null {
  const latest = records.findLast(({ record }) => record.checkpoint !== undefined)?.record;
  return latest?.checkpoint === undefined ? null : { closes: latest.checkpoint, sha256: latest.sha256 };
}

/** Whether `next` may stand after `before`: the same chain, the next number, and its hash. */
export function follows(before: Pick<CheckedRecord, 'record' | 'hash'>, next: ChainRecord): boolean {
  return next.chain === before.record.chain && next.number === before.record.number + 1 && next.previous === before.hash;
}
