import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { sha256OfFiles } from '../../platform/disk/file-hash.js';
import { nullIfMissing } from '../../platform/disk/missing-file.js';
import { type CheckedRecord, checkRecord, fingerprintOf, MANIFEST_SUFFIX } from '../../platform/proof/index.js';
import type { Trust } from './trust.js';

/** What was found wrong, one line each. */
export interface Findings {
  /** Something is not what was signed, or is not there. */
  problem(line: string): void;
  /** Something that proves nothing either way. */
  note(line: string): void;
}

/** Reads a JSON text. @returns what it holds, or in one line what is wrong. */
export function readRecord(text: string, trust: Trust | null): CheckedRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return 'it is not JSON';
  }
  const checked = checkRecord(value);
  return typeof checked === 'string' ? checked : (keyProblem(checked.key, trust) ?? checked);
}

/** Why a good signature counts for nothing; `null` when it counts. */
export function keyProblem(key: string, trust: Trust | null): string | null {
  const fingerprint = fingerprintOf(key);
  if (trust === null) return `it is signed with ${fingerprint}, and there is no key to compare that with; give the agent's with --key`;
  return fingerprint === trust.fingerprint ? null : `it is signed with another key, ${fingerprint}, not with ${trust.fingerprint}`;
}

/**
 * A file and its manifest.
 *
 * @returns the record when it is good, whatever the file is; `null` when it is not.
 */
export async function verifyFile(path: string, shown: string, trust: Trust | null, findings: Findings): Promise<CheckedRecord | null> {
  const text = await readFile(path + MANIFEST_SUFFIX, 'utf8').catch(nullIfMissing);
  if (text === null) {
    findings.problem(`${shown}: there is no manifest beside it (${basename(path)}${MANIFEST_SUFFIX})`);
    return null;
  }
  const read = readRecord(text, trust);
  if (typeof read === 'string') {
    findings.problem(`${shown}${MANIFEST_SUFFIX}: the manifest is altered or not the agent's: ${read}`);
    return null;
  }
  const { record } = read;
  if (record.file === null) {
    findings.problem(`${shown}${MANIFEST_SUFFIX}: this is no manifest but the record of something ${record.what}`);
    return null;
  }
  const facts = await stat(path).catch(nullIfMissing);
  if (facts === null) findings.problem(`${shown}: the file is missing, its manifest is here`);
  else if (facts.size !== record.file.bytes)
    findings.problem(`${shown}: the file has ${facts.size} bytes, ${record.file.bytes} were signed`);
  else {
    const sha256 = await sha256OfFiles(path);
    if (sha256 !== record.sha256) findings.problem(`${shown}: the file is altered: its SHA-256 is ${sha256}, signed was ${record.sha256}`);
  }
  return read;
}
