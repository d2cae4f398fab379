import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { boundWords } from '../../domain/incident-words.js';
import { FEEDBACK_CRITERION } from '../../domain/lesson.js';
import { whileHeld } from './held-verdicts.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Criteria as a source file asks them: name, unit, and how the limit is meant where the source says so. */
function askedIn(path: string): { readonly criterion: string; readonly unit: string; readonly bound: string | null }[] {
  const calls = read(path).matchAll(/\b(atLeast|atMost|reason)\('(\w+)',.*?'([^']+)'\)/gs);
  return [...calls].map(([, call, criterion, unit]) => ({
    ...{ criterion: criterion as string, unit: unit as string },
    bound: call === 'atLeast' ? 'at least' : call === 'atMost' ? 'at most' : null,
  }));
}

interface Row {
  readonly criterion: string;
  readonly unit: string;
  readonly mustBe: string;
}

/** The rows of the table below a heading of the page. */
function rowsOf(heading: string): Row[] {
  const [section = ''] = (read('../../../docs/reasons.md').split(`\n## ${heading}\n`)[1] ?? '').split('\n## ');
  return [...section.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| .+ \|$/gm)].map(([, criterion, unit, mustBe]) => ({
    ...{ criterion: criterion as string, unit: unit as string, mustBe: mustBe as string },
  }));
}

const parts = [
  ['On a camera with a facade', './judge-on-facade.ts', 20],
  ['On a camera without a facade', './judge-in-picture.ts', 14],
  ['Near the lens', './near-drop.ts', 7],
] as const;

describe('docs/reasons.md', () => {
  it.each(parts)('explains every criterion, with its unit: %s', (heading, path, atLeastSo) => {
    const asked = askedIn(path);
    expect(asked.length).toBeGreaterThanOrEqual(atLeastSo);
    const key = ({ criterion, unit }: { criterion: string; unit: string }): string => `${criterion} in ${unit}`;
    expect(rowsOf(heading).map(key).sort()).toEqual(asked.map(key).sort());
  });

  it.each(parts)('says how each limit is meant, as the code and the console do: %s', (heading, path) => {
    const documented = new Map(rowsOf(heading).map(({ criterion, mustBe }) => [criterion, mustBe.replace(', *doubt*', '')]));
    for (const { criterion, bound } of askedIn(path)) {
      const words = boundWords(criterion);
      expect([criterion, documented.get(criterion), bound ?? words]).toEqual([criterion, words, words]);
    }
  });

  it('marks as doubts what may fail on a facade and leave a suspicion', () => {
    const [, listed = ''] = read('./judge-on-facade.ts').match(/const DOUBTS: readonly string\[\] = \[(.*?)\];/s) ?? [];
    const doubts = [...listed.matchAll(/'(\w+)'/g)].map(([, criterion]) => criterion);
    expect(doubts.length).toBeGreaterThan(0);
    const marked = rowsOf('On a camera with a facade').filter(({ mustBe }) => mustBe.endsWith('*doubt*'));
    expect(marked.map(({ criterion }) => criterion).sort()).toEqual(doubts.sort());
  });

  it('knows the reasons that feedback and held verdicts add', () => {
    const others = rowsOf('Others');
    expect(others.map(({ criterion }) => criterion)).toContain(FEEDBACK_CRITERION);
    const [held] = whileHeld({ verdict: 'confirmed', confidence: 0.8, model: 'drag', reasons: [], failed: [], fit: null }).reasons;
    expect(others).toContainEqual({ criterion: held?.criterion, unit: held?.unit, mustBe: boundWords(held?.criterion ?? '') });
  });
});
