import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CASE_SCHEMA, type CentreState, caseNoticeSchema, caseSchema, centreStates } from '../../domain/wire/case-file.js';
import { caseMoves } from './case-moves.js';

describe('docs/cases.md', () => {
  const text = readFileSync(new URL('../../../docs/cases.md', import.meta.url), 'utf8');

  it('shows every state and the moves from it', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, from, to]) => [
      from,
      [...(to ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
    ]);
    expect(rows).toEqual(centreStates.map((state: CentreState) => [state, [...caseMoves[state]]]).sort(byDocument));
    function byDocument(a: readonly unknown[], b: readonly unknown[]): number {
      const order = rows.map(([from]) => from);
      return order.indexOf(a[0] as string) - order.indexOf(b[0] as string);
    }
  });

  it('shows a case and a notice that are valid, with no field that the code does not know', () => {
    const payloads = [...text.matchAll(/```json\n(.*?)\n```/gs)].map(([, json]) => JSON.parse(json ?? '') as { schema?: string });
    expect(payloads).toHaveLength(2);
    for (const payload of payloads)
      expect((payload.schema === CASE_SCHEMA ? caseSchema : caseNoticeSchema).parse(payload)).toEqual(payload);
  });
});
