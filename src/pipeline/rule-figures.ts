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

/**
 * The figures of one camera over all its connections: what one has counted is added to what those before it had. What is measured holds as long as
 * the connection that measures it.
 */
export interface FigureTally {
  /** The figures of the connection, or pipeline, that runs. */
  take(figures: RuleFigures): void;
  /** It is over: what it counted stays, what it measured is not known any more. */
  close(): void;
  /** Forgets all rules but these. */
  retain(names: readonly string[]): void;
  /** Counters never go back as long as this lives. */
  now(): RuleFigures;
}

const keyOf = ({ name, of }: Figure): string => JSON.stringify([name, ...Object.entries(of).sort()]);

/** Figures of one rule at most that are added up: names, lines, directions and labels are few. Beyond, new ones are not counted on. */
const MAX_FIGURES = 500;

export function createFigureTally(): FigureTally {
  /** Counters of what is over, by rule and figure. */
  const past = new Map<string, Map<string, Figure>>();
  let running: RuleFigures = {};

  const counted = (rule: string, figure: Figure): Figure => {
    const before = figure.kind === 'counter' ? past.get(rule)?.get(keyOf(figure)) : undefined;
    return before === undefined ? figure : { ...figure, value: before.value + figure.value };
  };

  function now(): RuleFigures {
    const figures: Record<string, readonly Figure[]> = {};
    for (const rule of new Set([...Object.keys(running), ...past.keys()])) {
      const own = running[rule] ?? [];
      const known = new Set(own.map(keyOf));
      const others = [...(past.get(rule) ?? [])].flatMap(([key, figure]) => (known.has(key) ? [] : [figure]));
      const all = [...own.map((figure) => counted(rule, figure)), ...others];
      if (all.length > 0) figures[rule] = all;
    }
    return figures;
  }

  return {
    take(figures) {
      running = figures;
    },
    close() {
      for (const [rule, figures] of Object.entries(now())) {
        const counters = figures.filter(({ kind }) => kind === 'counter').slice(0, MAX_FIGURES);
        past.set(rule, new Map(counters.map((figure) => [keyOf(figure), figure])));
      }
      running = {};
    },
    retain(names) {
      for (const rule of past.keys()) if (!names.includes(rule)) past.delete(rule);
      running = Object.fromEntries(Object.entries(running).filter(([rule]) => names.includes(rule)));
    },
    now,
  };
}
