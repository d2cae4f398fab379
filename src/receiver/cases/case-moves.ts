import type { CentreState } from '../../domain/wire/case-file.js';

/**
 * The states that a case may go to from each. It goes its way step by step, so that the history shows who did what; from every open
 * state it may be called a false alarm. That alone can be taken back: it is one slip of the hand, and tells the agent to let its evidence go.
 */
export const caseMoves: Readonly<Record<CentreState, readonly CentreState[]>> = {
  new: ['accepted', 'false_alarm'],
  accepted: ['filed', 'false_alarm'],
  filed: ['dispatched', 'false_alarm'],
  dispatched: ['solved', 'false_alarm'],
  solved: ['verified', 'reopened', 'false_alarm'],
  verified: ['closed', 'reopened', 'false_alarm'],
  reopened: ['dispatched', 'solved', 'false_alarm'],
  closed: [],
  false_alarm: ['accepted'],
};

/** Whether somebody still has something to do. */
export function isOpen(state: CentreState): boolean {
  return state !== 'closed' && state !== 'false_alarm';
}

/** Why a case cannot be moved so, and where it can go, one line; `null` when it can. */
export function moveProblem(event: string, from: CentreState, to: CentreState): string | null {
  const moves = caseMoves[from];
  if (moves.includes(to)) return null;
  if (moves.length === 0) return `case ${event} is ${from}: that is its end`;
  return `case ${event} is ${from} and cannot become ${to}; it can become ${moves.join(' or ')}`;
}
