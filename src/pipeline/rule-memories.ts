import type { Clock } from '../platform/clock.js';
import { AgentError } from '../platform/errors.js';
import type { Logger } from '../platform/logger.js';
import { MAX_MEMORY_BYTES, type Rule } from '../rules/contract.js';
import type { Store } from '../store/index.js';

/** What the rules of one camera remember, by their names: JSON. */
export type RuleMemories = Readonly<Record<string, string>>;

/** What is older is of no use to any rule, milliseconds. */
const KEPT_MS = 30 * 86_400_000;

/** What rules remember over connections and restarts. */
export interface RuleMemoryDesk {
  of(cameraId: string): RuleMemories;
  /** Takes in what has changed, here and on the disk. */
  keep(cameraId: string, memories: RuleMemories): void;
}

export interface RuleMemoryDeskOptions {
  readonly store: Pick<Store, 'learnt'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createRuleMemoryDesk({ store, clock, logger }: RuleMemoryDeskOptions): RuleMemoryDesk {
  const known = new Map<string, RuleMemories>();
  for (const { cameraId, rule, keptAtMs, json } of store.learnt.ruleMemories()) {
    if (clock.now() - keptAtMs <= KEPT_MS) known.set(cameraId, { ...known.get(cameraId), [rule]: json });
  }
  /** It works from memory until the next start, when the disk does not take it. */
  function write(cameraId: string, memories: RuleMemories): void {
    try {
      store.learnt.keepRuleMemories(cameraId, memories, clock.now());
      store.learnt.forgetRuleMemories(clock.now() - KEPT_MS);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      logger.error(
        { event: 'rule-memory-unsaved', camera: cameraId, reason: error.message },
        'what the rules remember will not survive a restart',
      );
    }
  }
  return {
    of: (cameraId) => known.get(cameraId) ?? {},
    keep(cameraId, memories) {
      known.set(cameraId, { ...known.get(cameraId), ...memories });
      write(cameraId, memories);
    },
  };
}

interface Named {
  readonly config: { readonly name: string };
  readonly rule: Pick<Rule<never>, 'memory' | 'recall'>;
}

/** What rules remember now. What is too long for the disk is left out. */
export function memoriesOf(rules: readonly Named[]): RuleMemories {
  const memories: Record<string, string> = {};
  for (const { config, rule } of rules) {
    const memory = rule.memory?.();
    if (memory === undefined) continue;
    const json = JSON.stringify(memory);
    if (json !== undefined && json.length <= MAX_MEMORY_BYTES) memories[config.name] = json;
  }
  return memories;
}

/** Hands rules what earlier ones of their names remembered. A rule of another type now, or a damaged text, begins anew. */
export function recallBy(rules: readonly Named[], memories: RuleMemories): void {
  for (const { config, rule } of rules) {
    const json = memories[config.name];
    if (json === undefined || rule.recall === undefined) continue;
    const memory = parsed(json);
    if (memory !== undefined) rule.recall(memory);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Those that differ from what was known. */
export function changedMemories(before: RuleMemories, now: RuleMemories): RuleMemories {
  return Object.fromEntries(Object.entries(now).filter(([rule, json]) => before[rule] !== json));
}
