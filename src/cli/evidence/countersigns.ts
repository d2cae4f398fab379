import { type CountersignMessage, countersignSchema } from '../../domain/wire/proof.js';
import { checkSignature, fingerprintOf } from '../../platform/proof/index.js';
import type { Chain } from './chain.js';
import type { Line } from './lines.js';
import type { Findings } from './verify.js';

/** Compares a chain with what the centre has countersigned of it: what was changed or cut off since then contradicts it. */
export async function verifyCountersigns(lines: AsyncIterable<Line>, shown: string, chain: Chain, findings: Findings): Promise<void> {
  const own = new Map(chain.records.map(({ record, hash }) => [`${record.chain}/${record.number}`, hash]));
  let latest: CountersignMessage | null = null;
  for await (const { number: line, text, whole } of lines) {
    const read = whole ? readCountersign(text) : 'it was cut off';
    if (typeof read === 'string') {
      findings.problem(`${shown}:${line}: the countersignature is altered: ${read}`);
      continue;
    }
    const { number, sha256 } = read;
    if (latest !== null && latest.signature.key !== read.signature.key)
      findings.problem(`${shown}:${line}: it is by another key than those before it`);
    const hash = own.get(`${read.chain}/${number}`);
    const head = chain.head?.record;
    if (hash !== undefined && hash !== sha256)
      findings.problem(`${shown}:${line}: the centre has countersigned another record ${number} than is here`);
    else if (hash === undefined && (head === undefined || (head.chain === read.chain && number > head.number)))
      findings.problem(
        `${shown}:${line}: the centre has countersigned record ${number}; the chain here ends at ${head?.number ?? 0}: its end was cut off`,
      );
    latest = read;
  }
  if (latest !== null)
    findings.note(
      `${shown}: countersigned up to record ${latest.number} on ${latest.at.slice(0, 10)} by ${fingerprintOf(latest.signature.key)}`,
    );
}

function readCountersign(text: string): CountersignMessage | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return 'it is not JSON';
  }
  const parsed = countersignSchema.safeParse(value);
  if (!parsed.success) return 'it is no countersignature of version 1';
  const checked = checkSignature(value);
  return checked.state === 'good' ? parsed.data : checked.state === 'bad' ? checked.why : 'it is not signed';
}
