import type { Figure } from '../../domain/figure.js';
import type { Rule } from '../../rules/contract.js';

/** What the rules of one camera have counted and measured, by their names. */
export type RuleFigures = Readonly<Record<string, readonly Figure[]>>;

/** What tells a figure from others of its rule. */
export const keyOf = ({ name, of }: Pick<Figure, 'name' | 'of'>): string => JSON.stringify([name, ...Object.entries(of).sort()]);

interface Counting {
  readonly config: { readonly name: string };
  readonly rule: Pick<Rule<never>, 'figures'>;
  /** What it had counted when its figures were last closed. */
  counted: readonly Figure[];
}

/**
 * What rules count and measure now; those that do neither are left out.
 *
 * @param last their figures are closed: from now on counters count from 0.
 */
export function figuresOf(rules: readonly Counting[], last: boolean): RuleFigures {
  const figures: Record<string, readonly Figure[]> = {};
  for (const one of rules) {
    if (one.rule.figures === undefined) continue;
    const now = one.rule.figures();
    const before = new Map(one.counted.map((figure) => [keyOf(figure), figure.value]));
    figures[one.config.name] = now.map((figure) =>
      figure.kind === 'counter' ? { ...figure, value: figure.value - (before.get(keyOf(figure)) ?? 0) } : figure,
    );
    if (last) one.counted = now.filter(({ kind }) => kind === 'counter');
  }
  return figures;
}
