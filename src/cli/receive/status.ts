import type { CentreStatus } from '../../receiver/index.js';

/**
 * What a centre has and lacks, for people.
 *
 * @returns lines without their breaks.
 */
export function describeStatus({
  cameras,
  missed,
  missing,
  filled,
  lost,
  gaps,
  lostEvents,
  evidenceUnderWay,
}: CentreStatus): readonly string[] {
  const nameOf = ({ site, agent, camera }: { site: string; agent: string; camera: string }): string => `${site}/${agent}/${camera}`;
  return [
    `cameras    ${cameras}`,
    `missing    ${missing} of ${missed} events that were skipped; ${filled} came later, ${lost} are lost`,
    ...gaps.map((gap) => `  ${nameOf(gap)}: ${numbers(gap)}, since ${iso(gap.openedAtMs)}, ${asked(gap.asks)}`),
    ...(lostEvents.length === 0 ? [] : ['lost']),
    ...lostEvents.map((one) => `  ${nameOf(one)}: ${numbers(one)}, ${iso(one.atMs)}: ${one.reason}`),
    `evidence   ${evidenceUnderWay} files under way`,
  ];
}

const numbers = ({ firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }): string =>
  firstSeq === lastSeq ? `number ${firstSeq}` : `numbers ${firstSeq} to ${lastSeq}`;
const asked = (asks: number): string => (asks === 0 ? 'not asked for yet' : asks === 1 ? 'asked for once' : `asked for ${asks} times`);
const iso = (ms: number): string => new Date(ms).toISOString();
