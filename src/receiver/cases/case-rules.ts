import type { CategoryTable } from '../categories/category-table.js';
import type { CaseRules } from './case-store.js';
import { type CaseView, createCaseView } from './case-view.js';

export interface CaseRulesOptions {
  /** Which events open a case: confirmed ones alone, or suspected ones too. */
  readonly open: 'confirmed' | 'all';
  readonly categories: CategoryTable | null;
  readonly view: CaseView;
  /** URLs of the webhooks. */
  readonly webhooks: readonly string[];
}

/** An event opens its case with whatever phase comes first, and as soon as it is confirmed: the order of messages must not decide. */
export function createCaseRules({ open, categories, view, webhooks }: CaseRulesOptions): CaseRules {
  return {
    opens: ({ verdict }) => open === 'all' || verdict === 'confirmed',
    category: (event) => categories?.codeOf(event) ?? null,
    webhooks,
    notice: (record, change) => view.notice(record, change),
  };
}

/** Where nothing is configured: confirmed events become cases without codes, and nobody else is told. */
export function createPlainCaseRules(): CaseRules {
  return createCaseRules({ open: 'confirmed', categories: null, view: createCaseView(null, () => null), webhooks: [] });
}
