import { expect, test } from 'vitest';
import type { EventMessage } from '../../domain/wire/event.js';
import type { EvidenceCompleteMessage } from '../../domain/wire/evidence.js';
import { createProof, type Proof } from './proof.js';

const kinds = ['clip', 'trail'] as const;
const event = (changes: Partial<EventMessage>): EventMessage =>
  ({
    id: 'e',
    phase: 'end',
    verdict: 'confirmed',
    evidence: kinds.map((kind) => ({ id: kind, kind })),
    ...changes,
  }) as unknown as EventMessage;
const complete = (failed: EvidenceCompleteMessage['failed'] = []): EvidenceCompleteMessage => {
  return { schema: 'parapet/evidence-complete/v1', event: 'e', camera: 'c', evidence: [], failed };
};

const online = (proof: Proof): void => proof.cameraOnline();
const ended = (proof: Proof): void => proof.event(event({}));
const verified = (proof: Proof): void => kinds.forEach((kind) => void proof.verified('e', kind));

async function isProven(steps: readonly ((proof: Proof) => void)[]): Promise<string> {
  const proof = createProof();
  for (const step of steps) step(proof);
  return await Promise.race([proof.proven.then(() => 'proven'), Promise.resolve().then(() => proof.missing())]);
}

test.each<[string, ((proof: Proof) => void)[], string | RegExp]>([
  ['everything came', [online, ended, verified, (p) => p.complete(complete())], 'proven'],
  ['nothing came', [], /never came online/],
  ['no event came', [online], /no event/],
  ['only a suspected one came', [online, (p) => p.event(event({ verdict: 'suspected' }))], /no confirmed event/],
  ['it has not ended', [online, (p) => p.event(event({ phase: 'new' }))], /no confirmed event/],
  ['no evidence came', [online, ended], /did not arrive whole/],
  ['a file is lacking', [online, ended, (p) => p.verified('e', 'clip'), (p) => p.complete(complete())], /trail did not arrive/],
  [
    'a file could not be made',
    [online, ended, verified, (p) => p.complete(complete([{ id: 'clip', kind: 'clip', reason: 'no room' }]))],
    /clip could not be made: no room/,
  ],
  ['none was announced', [online, (p) => p.event(event({ evidence: [] })), (p) => p.complete(complete())], /announced no evidence/],
])('%s', async (_name, steps, expected) => {
  const result = await isProven(steps);
  if (typeof expected === 'string') expect(result).toBe(expected);
  else expect(result).toMatch(expected);
});
