import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCaseStates } from '../../domain/wire/case.js';
import { type CentreState, centreStates } from '../../domain/wire/case-file.js';
import { caseMoves, isOpen, moveProblem } from './case-moves.js';

describe('the moves of a case', () => {
  const usual: readonly CentreState[] = ['new', 'accepted', 'filed', 'dispatched', 'solved', 'verified', 'closed'];

  test.each(usual.slice(1).map((to, i) => [usual[i] as CentreState, to] as const))('goes from %s to %s', (from, to) => {
    expect(moveProblem('1', from, to)).toBeNull();
  });

  test.each<[CentreState, CentreState]>([
    ['solved', 'reopened'],
    ['verified', 'reopened'],
    ['reopened', 'dispatched'],
    ['reopened', 'solved'],
    ['false_alarm', 'accepted'],
  ])('goes from %s to %s', (from, to) => {
    expect(moveProblem('1', from, to)).toBeNull();
  });

  test.each<[CentreState, CentreState, string]>([
    ['new', 'closed', 'case 1 is new and cannot become closed; it can become accepted or false_alarm'],
    ['closed', 'reopened', 'case 1 is closed: that is its end'],
    ['false_alarm', 'closed', 'case 1 is false_alarm and cannot become closed; it can become accepted'],
    ['dispatched', 'verified', 'case 1 is dispatched and cannot become verified; it can become solved or false_alarm'],
  ])('does not go from %s to %s', (from, to, why) => {
    expect(moveProblem('1', from, to)).toBe(why);
  });

  test('whatever is done, a false alarm can be called while the case is open, and nothing ever becomes new', () => {
    const anyWalk = fc.array(fc.nat(1_000), { maxLength: 30 });
    fc.assert(
      fc.property(anyWalk, (choices) => {
        let state: CentreState = 'new';
        for (const choice of choices) {
          expect(caseMoves[state].includes('false_alarm')).toBe(isOpen(state));
          expect(caseMoves[state]).not.toContain(state);
          expect(caseMoves[state]).not.toContain('new');
          const moves: readonly CentreState[] = caseMoves[state];
          if (moves.length === 0) break;
          state = moves[choice % moves.length] as CentreState;
        }
      }),
    );
  });

  test('from every state but the last one the case can be brought to its end', () => {
    const reach = (from: CentreState, seen = new Set<CentreState>()): ReadonlySet<CentreState> => {
      for (const to of caseMoves[from]) if (!seen.has(to)) reach(to, seen.add(to));
      return seen;
    };
    for (const state of centreStates) expect(reach(state).has('closed')).toBe(state !== 'closed');
  });

  test('what is open here keeps its evidence on the agent, once the agent has heard of it', () => {
    expect([...openCaseStates].sort()).toEqual(centreStates.filter((state) => isOpen(state) && state !== 'new').sort());
  });
});
