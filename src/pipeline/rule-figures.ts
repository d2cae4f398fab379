import type { Figure } from '../domain/figure.js';
import type { Rule } from '../rules/contract.js';

/** What the rules of one camera have counted and measured, by their names. */
export type RuleFigures = Readonly<Record<string, readonly Figure[]>>;

interface Counting {
  readonly config: { readonly name: string };
  readonly rule: Pick<Rule<never>, 'figures'>;
}

/** What rules count and measure now; those that do neither are left out. */
export function figuresOf(rules: readonly Counting[]): RuleFigures {
  const figures: Record<string, readonly Figure[]> = {};
  for (const { config, rule } of rules) if (rule.figures !== undefined) figures[config.name] = rule.figures();
  return figures;
}
